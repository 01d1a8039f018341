package inbox

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// prover gives somebody an Ed25519 key, shown as its changes say.
func (r *remote) prover(t *testing.T, changes ...object) federation.PrivateKey {
	t.Helper()
	key, err := federation.NewEd25519Key()
	if err != nil {
		t.Fatal(err)
	}
	id := r.IRI + "#ed25519-key"
	multikey := object{"id": id, "type": "Multikey", "controller": r.IRI, "publicKeyMultibase": federation.Multikey(key.Public().(ed25519.PublicKey))}
	for _, change := range changes {
		for k, v := range change {
			multikey[k] = v
		}
	}
	r.doc["assertionMethod"] = []any{multikey}
	return federation.PrivateKey{ID: id, Signer: key}
}

// proves writes what somebody does with a proof in it.
func (w *town) proves(t *testing.T, key federation.PrivateKey, activity object) []byte {
	t.Helper()
	body, err := federation.Prove(must(activity), key, w.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestForwarded lets somebody bring what others did and proved.
func TestForwarded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	home, elsewhere := newPeer(t), newPeer(t)
	bob, carl, eve := home.person("bob"), home.person("carl"), elsewhere.person("eve")
	stray, mute := home.person("stray"), newPeer(t).person("mute")
	bobs, carls, eves := bob.prover(t), carl.prover(t), eve.prover(t)
	strays, mutes := stray.prover(t, object{"controller": bob.IRI}), mute.prover(t)
	mute.shows("/u/mute", http.StatusServiceUnavailable)
	w.follower(bob)
	old := bob.note("to delete")
	bob.tells(w, bob.does("Create", old))

	create := func(by *remote, change ...object) (object, string) {
		note := by.note("said by "+by.IRI, change...)
		home.shows(strings.TrimPrefix(note["id"].(string), home.URL), http.StatusNotFound) // what is believed is the proof
		return by.does("Create", note), note["id"].(string)
	}
	made, note := create(bob)
	for _, tc := range []struct {
		name     string
		activity func() []byte
		status   int
		outcome  string
	}{
		{"proved by who wrote it", func() []byte { return w.proves(t, bobs, made) }, 202, "applied"},
		{"tampered with", func() []byte {
			a, _ := create(bob)
			return bytes.Replace(w.proves(t, bobs, a), []byte("said by"), []byte("sold by"), 1)
		}, 202, "ignored"},
		{"proved by a neighbour", func() []byte { a, _ := create(bob); return w.proves(t, carls, a) }, 202, "ignored"},
		{"proved by who brings it", func() []byte { a, _ := create(bob); return w.proves(t, eves, a) }, 202, "ignored"},
		{"proved in the name of another's key", func() []byte {
			a, _ := create(bob)
			return w.proves(t, federation.PrivateKey{ID: bobs.ID, Signer: eves.Signer}, a)
		}, 202, "ignored"},
		{"proved by a key that says it is another's", func() []byte { a, _ := create(stray); return w.proves(t, strays, a) }, 202, "ignored"},
		{"with words of a neighbour", func() []byte {
			a, _ := create(bob, object{"attributedTo": carl.IRI})
			return w.proves(t, bobs, a)
		}, 202, "ignored"},
		{"of a suite that we do not know", func() []byte {
			a, _ := create(bob)
			return bytes.Replace(w.proves(t, bobs, a), []byte("eddsa-jcs-2022"), []byte("eddsa-rdfc-2022"), 1)
		}, 202, "ignored"},
		{"a Like, which may come again after it was undone", func() []byte {
			return w.proves(t, bobs, bob.does("Like", old["id"]))
		}, 202, "ignored"},
		{"an Update of itself, whose keys may be old", func() []byte {
			return w.proves(t, bobs, bob.does("Update", bob.doc))
		}, 202, "ignored"},
		{"a Delete by a neighbour", func() []byte { return w.proves(t, carls, carl.does("Delete", old["id"])) }, 202, "ignored"},
		{"a Delete by its author", func() []byte { return w.proves(t, bobs, bob.does("Delete", old["id"])) }, 202, "applied"},
		{"proved by a key that cannot be had now", func() []byte { a, _ := create(mute); return w.proves(t, mutes, a) }, 503, ""},
		{"with a property twice", func() []byte {
			a, _ := create(bob)
			return bytes.Replace(w.proves(t, bobs, a), []byte(`"type":"Create"`), []byte(`"type":"Create","type":"Create"`), 1)
		}, 400, ""},
		{"not proved at all", func() []byte { a, _ := create(bob); return must(a) }, 403, ""},
	} {
		body := tc.activity()
		if got := eve.posts(w, body); got != tc.status {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.status)
			continue
		}
		if tc.outcome == "" {
			continue
		}
		w.drain()
		var a struct{ ID string }
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatal(err)
		}
		if got, reason := w.outcome(a.ID); got != tc.outcome {
			t.Errorf("%s: %s (%s), want %s", tc.name, got, reason, tc.outcome)
		}
	}
	if p, err := w.post(note); err != nil || !strings.Contains(p.Content, "said by "+bob.IRI) {
		t.Errorf("what was proved is %q, %v", p.Content, err)
	}
	if n := home.asked(strings.TrimPrefix(note, home.URL)); n != 0 {
		t.Errorf("its server was asked %d times for what was proved", n)
	}
}

// TestAnnouncedWithProof believes what a community passes on, byte for byte, if its
// author proved it, and else asks.
func TestAnnouncedWithProof(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	groupServer, authorServer := newPeer(t), newPeer(t)
	group := groupServer.group("garden")
	bob := authorServer.person("bob")
	bobs := bob.prover(t)
	w.follower(group)
	inGarden := object{"audience": group.IRI, "to": []string{group.IRI, vocab.Public}}
	tell := func(inner []byte) {
		group.tells(w, group.does("Announce", json.RawMessage(inner)))
	}
	path := func(o object) string { return strings.TrimPrefix(o["id"].(string), authorServer.URL) }

	note := bob.note("proved", inGarden)
	tell(w.proves(t, bobs, bob.does("Create", note)))
	if p, err := w.post(note["id"]); err != nil || !strings.Contains(p.Content, "proved") {
		t.Errorf("what was proved is %q, %v", p.Content, err)
	}
	if n := authorServer.asked(path(note)); n != 0 {
		t.Errorf("its server was asked %d times", n)
	}

	broken := bob.note("true words", inGarden)
	tell(bytes.Replace(w.proves(t, bobs, bob.does("Create", broken)), []byte("true words"), []byte("sold words"), 1))
	if p, err := w.post(broken["id"]); err != nil || !strings.Contains(p.Content, "true words") {
		t.Errorf("with a broken proof it is %q, %v", p.Content, err)
	}
	if n := authorServer.asked(path(broken)); n != 1 {
		t.Errorf("its server was asked %d times, want once", n)
	}

	deletion := w.proves(t, bobs, bob.does("Delete", note["id"])) // and its server would still show it
	tell(bytes.Replace(deletion, []byte(`"type":"Delete"`), []byte(`"type":"Delete","x":1`), 1))
	if _, err := w.post(note["id"]); err != nil {
		t.Errorf("a broken proof deleted it: %v", err)
	}
	tell(deletion)
	if p, err := w.post(note["id"]); err == nil && p.Content != "" {
		t.Errorf("what its author deleted is %q", p.Content)
	}
}
