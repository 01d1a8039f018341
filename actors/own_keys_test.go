package actors_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// shown gives the keys in an actor's document, by their ids.
func (tw *town) shown(t *testing.T, id actors.ID) (ids []string, keys map[string]crypto.PublicKey) {
	t.Helper()
	all, err := tw.PublicKeys(t.Context(), tw.db, id)
	if err != nil {
		t.Fatal(err)
	}
	keys = map[string]crypto.PublicKey{}
	for _, k := range all {
		if keys[k.ID], err = federation.ParseKey(k); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, k.ID)
	}
	return ids, keys
}

// wantSigns checks that what a key signs, the shown one of its id verifies.
func wantSigns(t *testing.T, key federation.PrivateKey, shown map[string]crypto.PublicKey) {
	t.Helper()
	sum := sha256.Sum256([]byte("word"))
	hash := crypto.SHA256
	if _, ed := key.Signer.(ed25519.PrivateKey); ed {
		hash = 0
	}
	signature, err := key.Signer.Sign(rand.Reader, sum[:], hash)
	if err != nil {
		t.Fatal(err)
	}
	switch public := shown[key.ID].(type) {
	case *rsa.PublicKey:
		err = rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature)
	case ed25519.PublicKey:
		if !ed25519.Verify(public, sum[:], signature) {
			err = errors.New("it does not verify")
		}
	default:
		err = errors.New("it is not shown")
	}
	if err != nil {
		t.Errorf("%s: %v", key.ID, err)
	}
}

func TestOurKeys(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	app, err := tw.Application(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ana, makers := tw.create(t, actors.Person, "ana"), tw.create(t, actors.Group, "makers")
	for _, a := range []actors.Actor{app, ana, makers} {
		ids, shown := tw.shown(t, a.ID)
		if want := []string{a.IRI + "#main-key", a.IRI + "#ed25519-key"}; !slices.Equal(ids, want) {
			t.Fatalf("%s shows %q, want %q", a.Name, ids, want)
		}
		for range 2 { // read, then remembered
			main, err := tw.Key(t.Context(), a.ID)
			if err != nil {
				t.Fatal(err)
			}
			wantSigns(t, main, shown)
			proving, err := tw.ProofKey(t.Context(), tw.db, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			wantSigns(t, proving, shown)
			tw.clock.pass(time.Hour)
		}
	}
	k, err := tw.KeyByID(t.Context(), ana.IRI+"#main-key")
	if err != nil || k.Owner != ana {
		t.Errorf("by its id: %+v, %v", k, err)
	}
	_, err = tw.Key(t.Context(), 12)
	wantKind(t, err, fault.NotFound)
	_, err = tw.ProofKey(t.Context(), tw.db, 12)
	wantKind(t, err, fault.NotFound)
	other := tw.directory(bytes.Repeat([]byte{8}, 32), "https://town.example")
	if _, err := other.Key(t.Context(), ana.ID); err == nil {
		t.Error("another secret opens the key")
	}
	if _, err := other.ProofKey(t.Context(), tw.db, ana.ID); err == nil {
		t.Error("another secret opens the Ed25519 key")
	}
	tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, ana.ID) })
	if _, err := tw.directory(secret, "https://town.example").Key(t.Context(), ana.ID); err != nil {
		t.Errorf("who is deleted cannot sign that: %v", err)
	}
}

// TestProofKeyOfBefore makes the key of an actor that came before there were any.
func TestProofKeyOfBefore(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ana := tw.create(t, actors.Person, "ana")
	tw.clock.pass(time.Hour)
	if _, err := tw.db.Exec(t.Context(), `DELETE FROM ed25519_keys`); err != nil {
		t.Fatal(err)
	}
	// What a transaction made and took back is not believed afterwards.
	var lost federation.PrivateKey
	back := errors.New("back")
	err := tw.db.Write(t.Context(), func(tx storage.Tx) (err error) {
		if lost, err = tw.ProofKey(t.Context(), tx, ana.ID); err != nil {
			return err
		}
		return back
	})
	if !errors.Is(err, back) {
		t.Fatal(err)
	}
	found := make(chan federation.PrivateKey, 8)
	for range cap(found) {
		go func() {
			key, err := tw.directory(secret, "https://town.example").ProofKey(t.Context(), tw.db, ana.ID)
			if err != nil {
				t.Error(err)
			}
			found <- key
		}()
	}
	_, shown := tw.shown(t, ana.ID)
	for range cap(found) {
		wantSigns(t, <-found, shown)
	}
	if lost.Signer.Public().(ed25519.PublicKey).Equal(shown[lost.ID]) {
		t.Error("the key that was taken back is shown")
	}
}

func TestRotateKeys(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ana := tw.create(t, actors.Person, "ana")
	tw.clock.pass(time.Hour)
	before, old := tw.shown(t, ana.ID)
	oldMain, err := tw.Key(t.Context(), ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	tw.write(t, func(tx storage.Tx) error {
		a, err := tw.RotateKeys(t.Context(), tx, ana.ID)
		if err == nil && !a.RefreshedAt.Equal(tw.clock.Now()) {
			t.Errorf("its document is of %v", a.RefreshedAt)
		}
		return err
	})
	ids, shown := tw.shown(t, ana.ID)
	if len(ids) != 4 || !slices.Equal([]string{ids[1], ids[3]}, before) {
		t.Fatalf("shown are %q, with those of before in second and fourth place: %q", ids, before)
	}
	main, err := tw.Key(t.Context(), ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	proving, err := tw.ProofKey(t.Context(), tw.db, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	if main.ID != ids[0] || proving.ID != ids[2] || !strings.HasPrefix(main.ID, ana.IRI+"#") {
		t.Errorf("it signs with %s and %s", main.ID, proving.ID)
	}
	wantSigns(t, main, shown)
	wantSigns(t, proving, shown)
	wantSigns(t, oldMain, shown) // what is on its way
	if !old[before[0]].(*rsa.PublicKey).Equal(shown[before[0]]) {
		t.Error("the old key is shown as another")
	}
	var kept int
	err = tw.db.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM keys WHERE retired_at IS NOT NULL AND private <> '')
			+ (SELECT count(*) FROM ed25519_keys WHERE retired_at IS NOT NULL AND private <> '')`).Scan(&kept)
	if err != nil || kept > 0 {
		t.Errorf("%d retired keys keep their private half, %v", kept, err)
	}
	tw.clock.pass(25 * time.Hour)
	if ids, _ := tw.shown(t, ana.ID); !slices.Equal(ids, []string{main.ID, proving.ID}) {
		t.Errorf("a day later it shows %q", ids)
	}

	tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, ana.ID) })
	err = tw.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tw.RotateKeys(t.Context(), tx, ana.ID)
		return err
	})
	wantKind(t, err, fault.Gone)
}

// TestMultikeys learns the Ed25519 keys of others in the forms of FEP-521a.
func TestMultikeys(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	const text = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2" // of the test cases of FEP-521a
	public, err := federation.ParseKey(vocab.PublicKey{Multibase: text})
	if err != nil {
		t.Fatal(err)
	}
	multikey := func(id, controller string) map[string]any {
		return map[string]any{"id": id, "type": "Multikey", "controller": controller, "publicKeyMultibase": text}
	}
	for form, lay := range map[string]func(name, iri string) (keyID string, believed bool){
		"in an array": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{"assertionMethod": []any{multikey(iri+"#ed", iri)}})
			return iri + "#ed", true
		},
		"as an object": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{"assertionMethod": multikey(iri+"#ed", iri)})
			return iri + "#ed", true
		},
		"named only, its document beside": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{"assertionMethod": []any{iri + "/ed"}})
			p.lay("/users/"+name+"/ed", multikey(iri+"/ed", iri))
			return iri + "/ed", true
		},
		"not named, its document beside": func(name, iri string) (string, bool) {
			p.actor("Person", name)
			p.lay("/users/"+name+"/ed", multikey(iri+"/ed", iri))
			return iri + "/ed", false
		},
		"of another controller": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{"assertionMethod": []any{multikey(iri+"#ed", iri+"x")}})
			return iri + "#ed", false
		},
		"of no controller": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{"assertionMethod": []any{multikey(iri+"#ed", "")}})
			return iri + "#ed", false
		},
		"twice, and the first counts": func(name, iri string) (string, bool) {
			p.actor("Person", name, map[string]any{
				"publicKey":       map[string]any{"id": iri + "#ed", "owner": iri, "publicKeyPem": publicPEM(0)},
				"assertionMethod": []any{multikey(iri+"#ed", iri)},
			})
			return iri + "#ed", false
		},
	} {
		name := "u" + strings.ToLower(rand.Text()[:8])
		keyID, believed := lay(name, p.URL+"/users/"+name)
		k, err := tw.KeyByID(t.Context(), keyID)
		is := err == nil && public.(ed25519.PublicKey).Equal(k.Public)
		if is != believed {
			t.Errorf("%s: it is believed %v (%v), want %v", form, is, err, believed)
		}
		if !believed {
			continue
		}
		tw.clock.pass(25 * time.Hour)
		tw.resolve(t, p.URL+"/users/"+name)
		if _, err := tw.KeyByID(t.Context(), keyID); err != nil {
			t.Errorf("%s, once its actor was read again: %v", form, err)
		}
	}
}
