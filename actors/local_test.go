package actors_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

func TestCreateLocal(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	found := func(kind actors.Kind, name string) (a actors.Actor, err error) {
		err = tw.db.Write(t.Context(), func(tx storage.Tx) error {
			a, err = tw.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: kind, Name: name, Title: " Les  Makers ", Source: "*hi*", Discoverable: true})
			return err
		})
		return a, err
	}
	a, err := found(actors.Group, "makers")
	if err != nil {
		t.Fatal(err)
	}
	iri := federation.IRIs{Origin: "https://town.example"}.Actor(int64(a.ID))
	want := actors.Actor{
		ID: a.ID, IRI: iri, Kind: actors.Group, Name: "makers", Title: "Les Makers", Source: "*hi*",
		URL: "https://town.example/c/makers", Inbox: iri + "/inbox", SharedInbox: "https://town.example/inbox",
		Outbox: iri + "/outbox", Followers: iri + "/followers", Following: iri + "/following",
		Featured: iri + "/featured", Moderators: iri + "/moderators", Members: iri + "/members", Discoverable: true,
		Published: tw.clock.Now(), RefreshedAt: tw.clock.Now(),
	}
	if a != want {
		t.Errorf("created\n%+v, want\n%+v", a, want)
	}
	for what, look := range map[string]func() (actors.Actor, error){
		"ByIRI":         func() (actors.Actor, error) { return tw.ByIRI(t.Context(), a.IRI) },
		"ByID":          func() (actors.Actor, error) { return tw.ByID(t.Context(), a.ID) },
		"ByName":        func() (actors.Actor, error) { return tw.ByName(t.Context(), "makers") },
		"ByHandleKnown": func() (actors.Actor, error) { return tw.ByHandleKnown(t.Context(), "@Makers") },
		"ByName again":  func() (actors.Actor, error) { return tw.ByName(t.Context(), "makers") },
		"another process": func() (actors.Actor, error) {
			return tw.directory(secret, "https://town.example").ByID(t.Context(), a.ID)
		},
	} {
		if got, err := look(); err != nil || got != a {
			t.Errorf("%s = %+v, %v, want %+v", what, got, err, a)
		}
	}
	if !a.Local() || a.Handle() != "@makers" {
		t.Errorf("local %v, handle %s", a.Local(), a.Handle())
	}
	_, err = tw.ByIRI(t.Context(), strings.Replace(a.IRI, "/actors/", "/actors/0", 1))
	wantKind(t, err, fault.NotFound)

	for name, kind := range map[string]fault.Kind{
		"ab": fault.Invalid, "Makers": fault.Invalid, "été": fault.Invalid, "a-b": fault.Invalid, strings.Repeat("a", 31): fault.Invalid,
		"admin": fault.Conflict, "makers": fault.Conflict, "town.example": fault.Invalid,
	} {
		if _, err := found(actors.Person, name); !fault.Is(err, kind) {
			t.Errorf("the name %q: %v, want a fault of kind %v", name, err, kind)
		}
	}

	t.Run("a name is never given twice", func(t *testing.T) {
		ana, err := found(actors.Person, "ana")
		if err != nil {
			t.Fatal(err)
		}
		tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, ana.ID) })
		_, err = found(actors.Person, "ana")
		wantKind(t, err, fault.Conflict)
		got, err := tw.ByName(t.Context(), "ana")
		wantKind(t, err, fault.Gone)
		if got.IRI != ana.IRI || got.Title != "" {
			t.Errorf("what is left of ana: %+v", got)
		}
	})

	t.Run("what was not committed was never there", func(t *testing.T) {
		var ghost actors.Actor
		stop := errors.New("stop")
		err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
			var err error
			if ghost, err = tw.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Person, Name: "ghost"}); err != nil {
				return err
			}
			if _, err = tw.UpdateLocal(t.Context(), tx, ghost.ID, actors.Profile{Title: "Boo"}); err != nil {
				return err
			}
			_, err = tw.UpdateLocal(t.Context(), tx, a.ID, actors.Profile{Title: "Never"})
			return errors.Join(err, stop)
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		_, err = tw.ByID(t.Context(), ghost.ID)
		wantKind(t, err, fault.NotFound)
		if got, err := tw.ByID(t.Context(), a.ID); err != nil || got != a {
			t.Errorf("the other is %+v, %v, want it unchanged", got, err)
		}
	})
}

func TestUpdateLocal(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ana := tw.create(t, actors.Person, "ana")
	if _, err := tw.ByID(t.Context(), ana.ID); err != nil { // remembered
		t.Fatal(err)
	}
	tw.clock.pass(time.Hour)
	want := ana
	want.Title, want.Summary, want.Source, want.Discoverable, want.RefreshedAt = "Ana", "<p>x</p>", "x", true, tw.clock.Now()
	tw.write(t, func(tx storage.Tx) error {
		got, err := tw.UpdateLocal(t.Context(), tx, ana.ID, actors.Profile{
			Title: "Ana", Summary: "<p>x</p>", Source: "x", Discoverable: true,
		})
		if got != want {
			t.Errorf("updated\n%+v, want\n%+v", got, want)
		}
		// Whoever looks before the commit must not make the old one stay.
		if before, err := tw.ByID(t.Context(), ana.ID); err != nil || before != ana {
			t.Errorf("before the commit others see %+v, %v", before, err)
		}
		return err
	})
	if got, err := tw.ByID(t.Context(), ana.ID); err != nil || got != want {
		t.Errorf("after the commit: %+v, %v, want %+v", got, err, want)
	}
	err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tw.UpdateLocal(t.Context(), tx, 5, actors.Profile{})
		return err
	})
	wantKind(t, err, fault.NotFound)
}

func TestByIDs(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ana, bea := tw.create(t, actors.Person, "ana"), tw.create(t, actors.Person, "bea")
	tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, bea.ID) })
	for range 2 { // read, then remembered
		got, err := tw.ByIDs(t.Context(), []actors.ID{ana.ID, bea.ID, 7})
		if err != nil || len(got) != 2 || got[ana.ID] != ana || !got[bea.ID].Gone {
			t.Errorf("got %+v, %v, want ana, and bea who is gone", got, err)
		}
	}
	if got, err := tw.ByIDs(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("of nobody: %v, %v", got, err)
	}
}

func TestEnsureServerBlamesTheSecretForNothingElse(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	if _, err := tw.db.Exec(t.Context(), `ALTER TABLE keys RENAME TO lost`); err != nil {
		t.Fatal(err)
	}
	_, err := tw.directory(secret, "https://town.example").EnsureServer(t.Context())
	if err == nil || fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want what the database said", err)
	}
}

func TestEnsureServer(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	app, err := tw.Application(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if app.IRI != "https://town.example/actor" || app.Kind != actors.Application || app.Name != "town.example" || app.Inbox != "https://town.example/inbox" {
		t.Errorf("the server's actor is %+v", app)
	}
	again, err := tw.directory(secret, "https://town.example").EnsureServer(t.Context())
	if err != nil || again != app {
		t.Errorf("the second start: %+v, %v, want the same actor", again, err)
	}
	_, err = tw.directory(secret, "https://city.example").EnsureServer(t.Context())
	wantKind(t, err, fault.Conflict)
	if !strings.Contains(fault.Message(err), "https://town.example") {
		t.Errorf("it says %q, want the first origin in it", fault.Message(err))
	}
	_, err = tw.directory(bytes.Repeat([]byte{8}, 32), "https://town.example").EnsureServer(t.Context())
	wantKind(t, err, fault.Forbidden)
	if _, err = tw.directory(nil, "https://town.example").EnsureServer(t.Context()); err == nil {
		t.Error("it starts without a secret")
	}

	before := tw.clock.Now()
	tw.clock.pass(time.Hour)
	err = tw.db.Write(t.Context(), func(tx storage.Tx) error {
		last, err := tw.Touch(t.Context(), tx)
		if !last.Equal(before) {
			t.Errorf("the last sign of life was at %v, want %v", last, before)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := tw.SeenAt(t.Context()); err != nil || !seen.Equal(tw.clock.Now()) {
		t.Errorf("seen at %v, %v, want %v", seen, err, tw.clock.Now())
	}

	t.Run("two processes that start at once", func(t *testing.T) {
		two := &town{db: storagetest.New(t), clock: tw.clock}
		var wg sync.WaitGroup
		var apps [2]actors.Actor
		for i := range apps {
			wg.Go(func() {
				a, err := two.directory(secret, "http://localhost:8080").EnsureServer(t.Context())
				if err != nil {
					t.Error(err)
				}
				apps[i] = a
			})
		}
		wg.Wait()
		if apps[0] != apps[1] || apps[0].Name != "localhost" {
			t.Errorf("they have %+v and %+v, want one actor", apps[0], apps[1])
		}
	})
}
