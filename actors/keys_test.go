package actors_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// wantKey checks that a key is the i-th of theirs.
func wantKey(t *testing.T, k actors.Key, i int) {
	t.Helper()
	if !theirKeys()[i].PublicKey.Equal(k.Public) {
		t.Errorf("key %s is another one than number %d", k.ID, i)
	}
}

func TestKeyByID(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)

	// Each form in which servers lay out a key (wire.md §1.1).
	forms := map[string]func(name string) (keyID string){
		"a fragment of the actor": func(name string) string { return p.actor("Person", name) + "#main-key" },
		"any other fragment, among several keys": func(name string) string {
			iri := iri0(p, name)
			return p.actor("Person", name, map[string]any{"publicKey": []any{
				map[string]any{"id": iri + "#main-key", "owner": iri, "publicKeyPem": publicPEM(1)},
				map[string]any{"id": iri + "#ed", "owner": iri, "publicKeyPem": publicPEM(0)},
			}}) + "#ed"
		},
		"a stub of the actor at the key's address": func(name string) string {
			iri := iri0(p, name)
			key := map[string]any{"id": iri + "/main-key", "owner": iri, "publicKeyPem": publicPEM(0)}
			p.actor("Person", name, map[string]any{"publicKey": key})
			p.lay("/users/"+name+"/main-key", map[string]any{
				"id": iri, "type": "Person", "preferredUsername": name, "publicKey": key,
			})
			return iri + "/main-key"
		},
		"the key alone at its address": func(name string) string {
			iri := iri0(p, name)
			key := map[string]any{"id": iri + "/key", "owner": iri, "publicKeyPem": publicPEM(0)}
			p.actor("Person", name, map[string]any{"publicKey": key})
			alone := map[string]any{"@context": "https://w3id.org/security/v1", "type": "Key"}
			maps.Copy(alone, key)
			p.lay("/users/"+name+"/key", alone)
			return iri + "/key"
		},
		"the whole actor at the key's address": func(name string) string {
			iri := iri0(p, name)
			p.actor("Person", name, map[string]any{
				"publicKey": map[string]any{"id": iri + "/k", "owner": iri, "publicKeyPem": publicPEM(0)},
			})
			p.set("/users/"+name+"/k", p.answers["/users/"+name])
			return iri + "/k"
		},
	}
	n := 0
	for form, lay := range forms {
		n++
		name := fmt.Sprintf("u%d", n)
		keyID := lay(name)
		k, err := tw.KeyByID(t.Context(), keyID)
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		wantKey(t, k, 0)
		if k.ID != keyID || k.Owner.IRI != iri0(p, name) || k.Owner.Inbox == "" {
			t.Errorf("%s: %+v, want the whole owner %s", form, k, name)
		}
		before := p.asked("/users/" + name)
		if again, err := tw.KeyByID(t.Context(), keyID); err != nil || again.Owner != k.Owner {
			t.Errorf("%s, again: %+v, %v", form, again, err)
		}
		if again, err := tw.directory(secret, "https://town.example").KeyByID(t.Context(), keyID); err != nil || again.Owner != k.Owner {
			t.Errorf("%s, from the database: %+v, %v", form, again, err)
		}
		if p.asked("/users/"+name) != before {
			t.Errorf("%s: its server was asked again for what is known", form)
		}
	}
}

func TestKeysThatAreNotTheirOwners(t *testing.T) {
	t.Parallel()
	p, victim := newPeer(t), newPeer(t)
	tw := newTown(t, p, victim)
	vera := victim.actor("Person", "vera")
	first := tw.resolve(t, vera)

	lie := func(name string, key map[string]any) string {
		p.actor("Person", name)
		p.lay("/keys/"+name, key)
		return p.URL + "/keys/" + name
	}
	for what, keyID := range map[string]string{
		"a key that its owner does not list": lie("a", map[string]any{
			"id": p.URL + "/keys/a", "owner": iri0(p, "a"), "publicKeyPem": publicPEM(1),
		}),
		"a key of somebody on another server": lie("b", map[string]any{
			"id": p.URL + "/keys/b", "owner": vera, "publicKeyPem": publicPEM(1),
		}),
		"an unlisted fragment":    p.actor("Person", "c") + "#other",
		"the address of nothing":  p.URL + "/users/none#main-key",
		"no address at all":       "acct:vera@" + victim.host(),
		"a key of ours":           "https://town.example/actors/1#main-key",
		"our origin in disguise":  "https://TOWN.example:443/actors/1#main-key",
		"a key of another's list": p.actor("Person", "d", map[string]any{"publicKey": map[string]any{"id": vera + "#main-key", "owner": iri0(p, "d"), "publicKeyPem": publicPEM(1)}}) + "#main-key",
	} {
		k, err := tw.KeyByID(t.Context(), keyID)
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %+v, %v, want it unauthenticated", what, k, err)
		}
	}
	k, err := tw.KeyByID(t.Context(), vera+"#main-key")
	if err != nil || k.Owner != first {
		t.Fatalf("vera's key after all that: %+v, %v", k, err)
	}
	wantKey(t, k, 0)
}

func TestNeighboursCannotTakeAKey(t *testing.T) {
	t.Parallel()
	for _, dan := range []string{"first", "second"} {
		t.Run("the thief comes "+dan, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			tw := newTown(t, p)
			vera := p.actor("Person", "vera")
			thief := p.actor("Person", "dan", map[string]any{
				"publicKey": map[string]any{"id": vera + "#main-key", "owner": iri0(p, "dan"), "publicKeyPem": publicPEM(1)},
			})
			if dan == "second" {
				tw.resolve(t, vera)
			}
			tw.resolve(t, thief)
			k, err := tw.KeyByID(t.Context(), vera+"#main-key")
			if err != nil || k.Owner.IRI != vera {
				// The thief's own key does not verify what she signs: then it is asked for again.
				tw.clock.pass(11 * time.Minute)
				k, err = tw.RefetchKey(t.Context(), vera+"#main-key")
			}
			if err != nil || k.Owner.IRI != vera {
				t.Fatalf("the key is %+v, %v, want vera's", k, err)
			}
			wantKey(t, k, 0)
			if dan == "second" {
				return
			}
			tw.clock.pass(25 * time.Hour)
			tw.resolve(t, thief)
			if k, err = tw.KeyByID(t.Context(), vera+"#main-key"); err != nil || k.Owner.IRI != vera {
				t.Errorf("after the thief came again: %+v, %v, want vera's", k, err)
			}
		})
	}
}

// TestNewKeysWithoutEnd has somebody change ten keys for ten others again and again.
func TestNewKeysWithoutEnd(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	una := iri0(p, "una")
	var last []any
	for round := range 6 {
		last = nil
		for i := range 10 {
			last = append(last, map[string]any{"id": fmt.Sprintf("%s#%d-%d", una, round, i), "owner": una, "publicKeyPem": publicPEM(i % 2)})
		}
		p.actor("Person", "una", map[string]any{"publicKey": last})
		tw.clock.pass(25 * time.Hour)
		tw.resolve(t, una)
	}
	for i := range 10 {
		k, err := tw.KeyByID(t.Context(), fmt.Sprintf("%s#5-%d", una, i))
		if err != nil || k.Owner.IRI != una {
			t.Fatalf("a key that is listed: %+v, %v", k, err)
		}
		wantKey(t, k, i%2)
	}
	var kept int
	if err := tw.db.QueryRow(t.Context(), `SELECT count(*) FROM keys WHERE private IS NULL`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept > 20 {
		t.Errorf("%d keys are kept, want the ten, and ten of those before", kept)
	}
}

func TestMissedKeys(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)

	t.Run("one that is not there is not asked for again in ten minutes", func(t *testing.T) {
		keyID := p.URL + "/users/late#main-key"
		for i := range 3 {
			_, err := tw.KeyByID(t.Context(), keyID)
			wantKind(t, err, fault.Unauthenticated)
			if asked := actors.AskedInVain(err); asked != (i == 0) {
				t.Errorf("time %d: asked in vain = %v, want only the first: nobody was asked later", i, asked)
			}
		}
		if n := p.asked("/users/late"); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		p.actor("Person", "late")
		tw.clock.pass(11 * time.Minute)
		if _, err := tw.KeyByID(t.Context(), keyID); err != nil {
			t.Errorf("after ten minutes: %v", err)
		}
	})

	t.Run("one whose server fails is asked for again in a minute", func(t *testing.T) {
		p.status("/users/ill", 500)
		keyID := p.URL + "/users/ill#main-key"
		for i := range 3 {
			_, err := tw.KeyByID(t.Context(), keyID)
			wantKind(t, err, fault.Unavailable)
			if asked := actors.AskedInVain(err); asked != (i == 0) {
				t.Errorf("time %d: asked in vain = %v, want only the first", i, asked)
			}
			if fault.After(err) != 30*time.Second {
				t.Errorf("come back after %v, want 30 s", fault.After(err))
			}
		}
		if n := p.asked("/users/ill"); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		p.actor("Person", "ill")
		tw.clock.pass(2 * time.Minute)
		if _, err := tw.KeyByID(t.Context(), keyID); err != nil {
			t.Errorf("after two minutes: %v", err)
		}
	})

	t.Run("the table of misses forgets", func(t *testing.T) {
		tw.clock.pass(time.Hour)
		_, err := tw.KeyByID(t.Context(), p.URL+"/users/last#main-key")
		wantKind(t, err, fault.Unauthenticated)
		var rows int
		if err := tw.db.QueryRow(t.Context(), `SELECT count(*) FROM key_misses`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows (%v), want only the last", rows, err)
		}
	})
}

// TestKeyThatWeCannotWrite has a database of ours that stops while a key is learnt: its
// owner is not to blame, and need not wait when the database is back.
func TestKeyThatWeCannotWrite(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	keyID := p.actor("Person", "new") + "#main-key"
	err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
		if _, err := tx.Exec(t.Context(), `LOCK TABLE actors IN EXCLUSIVE MODE`); err != nil { // others still read
			return err
		}
		_, err := tw.KeyByID(t.Context(), keyID)
		wantKind(t, err, fault.Unavailable)
		if actors.AskedInVain(err) {
			t.Errorf("its owner is to answer for %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.KeyByID(t.Context(), keyID); err != nil {
		t.Errorf("when the database is back: %v", err)
	}
}

func TestKeysAskedAtOnce(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	release, started := make(chan struct{}), make(chan struct{}, 100)
	hold := func(name string) string {
		iri := p.actor("Person", name)
		p.mu.Lock()
		defer p.mu.Unlock()
		a := p.answers["/users/"+name]
		a.hold, a.started = release, started
		p.answers["/users/"+name] = a
		return iri + "#main-key"
	}
	ids := make([]string, 11)
	for i := range ids {
		ids[i] = hold(fmt.Sprintf("u%d", i))
	}
	var wg sync.WaitGroup
	for _, id := range ids[:10] {
		for range 2 { // the second shares the question of the first
			wg.Go(func() {
				if _, err := tw.KeyByID(t.Context(), id); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
	}
	for range 10 {
		<-started
	}
	_, err := tw.KeyByID(t.Context(), ids[10])
	wantKind(t, err, fault.Unavailable)
	if fault.After(err) != 30*time.Second {
		t.Errorf("the eleventh may come back after %v, want 30 s", fault.After(err))
	}
	close(release)
	wg.Wait()
	if _, err := tw.KeyByID(t.Context(), ids[10]); err != nil {
		t.Errorf("the eleventh, when there is room: %v", err)
	}
	for i := range ids {
		if n := p.asked(fmt.Sprintf("/users/u%d", i)); n != 1 {
			t.Errorf("key %d was asked for %d times, want once", i, n)
		}
	}
}

// TestQuestionsInVain: a hundred at once about keys that are not to be had, over all
// hosts; those that bring a key cost nothing.
func TestQuestionsInVain(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t), newPeer(t)
	tw := newTown(t, p, q)
	asked := 0
	vain := func() error {
		asked++
		_, err := tw.KeyByID(t.Context(), fmt.Sprintf("%s/users/none%d#main-key", []*peer{p, q}[asked%2].URL, asked))
		return err
	}
	good := func(name string) error {
		_, err := tw.KeyByID(t.Context(), p.actor("Person", name)+"#main-key")
		return err
	}
	for range 99 {
		wantKind(t, vain(), fault.Unauthenticated)
	}
	for _, name := range []string{"ana", "bea", "cleo"} {
		if err := good(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantKind(t, vain(), fault.Unauthenticated)
	wantKind(t, vain(), fault.Unavailable)
	wantKind(t, good("dan"), fault.Unavailable)
	if _, err := tw.KeyByID(t.Context(), p.URL+"/users/ana#main-key"); err != nil {
		t.Errorf("a key that is known: %v", err)
	}
	tw.clock.pass(time.Second)
	if err := good("dan"); err != nil {
		t.Errorf("later: %v", err)
	}
}

func TestSlowKeyServer(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	iri := p.actor("Person", "slow")
	p.mu.Lock()
	a := p.answers["/users/slow"]
	a.hold = make(chan struct{})
	p.answers["/users/slow"] = a
	p.mu.Unlock()

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := tw.KeyByID(short, iri+"#main-key"); short.Err() == nil || err == nil {
		t.Errorf("who goes away gets %v, want to be let go", err)
	}
	start := time.Now()
	_, err := tw.KeyByID(t.Context(), iri+"#main-key")
	wantKind(t, err, fault.Unavailable)
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("it took %v, want five seconds", took)
	}
	_, err = tw.KeyByID(t.Context(), iri+"#main-key")
	wantKind(t, err, fault.Unavailable)
	if n := p.asked("/users/slow"); n != 1 {
		t.Errorf("asked %d times, want once: the miss is remembered", n)
	}
}

func TestRefetchKey(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	other := tw.directory(secret, "https://town.example") // another process
	iri := p.actor("Person", "ana")
	keyID := iri + "#main-key"
	for _, d := range []*actors.Directory{tw.Directory, other} {
		if _, err := d.KeyByID(t.Context(), keyID); err != nil {
			t.Fatal(err)
		}
	}
	rotated := map[string]any{"publicKey": map[string]any{"id": keyID, "owner": iri, "publicKeyPem": publicPEM(1)}}
	p.actor("Person", "ana", rotated)

	_, err := tw.RefetchKey(t.Context(), keyID)
	wantKind(t, err, fault.Unauthenticated) // asked for less than ten minutes ago
	tw.clock.pass(11 * time.Minute)
	k, err := tw.RefetchKey(t.Context(), keyID)
	if err != nil {
		t.Fatal(err)
	}
	wantKey(t, k, 1)
	if k, err = other.RefetchKey(t.Context(), keyID); err != nil {
		t.Fatalf("the other process: %v, want what the first one fetched", err)
	}
	wantKey(t, k, 1)
	if n := p.asked("/users/ana"); n != 2 {
		t.Errorf("asked %d times, want twice", n)
	}
	for _, d := range []*actors.Directory{tw.Directory, other} {
		_, err = d.RefetchKey(t.Context(), keyID)
		wantKind(t, err, fault.Unauthenticated)
	}

	t.Run("a key that is not listed any more is dead", func(t *testing.T) {
		tw.clock.pass(11 * time.Minute)
		p.actor("Person", "ana", map[string]any{
			"publicKey": map[string]any{"id": iri + "#new", "owner": iri, "publicKeyPem": publicPEM(1)},
		})
		if _, err := tw.KeyByID(t.Context(), iri+"#new"); err != nil {
			t.Fatal(err)
		}
		_, err := tw.KeyByID(t.Context(), keyID)
		wantKind(t, err, fault.Unauthenticated)
	})

	t.Run("the keys of who is gone are dead", func(t *testing.T) {
		a := tw.resolve(t, iri)
		tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, a.ID) })
		p.status("/users/ana", 410)
		_, err := tw.KeyByID(t.Context(), iri+"#new")
		wantKind(t, err, fault.Unauthenticated)
	})
}
