package actors_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)

	t.Run("an unknown actor is fetched, signed, and kept", func(t *testing.T) {
		iri := p.actor("Person", "ana", map[string]any{
			"name": "Ana\u202e  of\nTown", "summary": `<p onclick="x()">Hello <script>bad()</script></p>`,
			"attachment": []any{map[string]any{"type": "PropertyValue", "name": "Site\u202e <b>web</b>", "value": `<a href="https://ana.example" rel="me" onclick="x()">ana</a><script>bad()</script>`},
				map[string]any{"type": "PropertyValue", "name": "", "value": "x"}, map[string]any{"type": "PropertyValue", "name": "long", "value": strings.Repeat("x", 10_001)}},
			"url": p.URL + "/@ana", "published": "2020-01-02T03:04:05Z", "manuallyApprovesFollowers": true,
		})
		got := tw.resolve(t, iri)
		want := actors.Actor{
			ID: got.ID, IRI: iri, Kind: actors.Person, Host: p.host(), HostID: got.HostID,
			Name: "ana", Title: "Ana of Town", Summary: got.Summary, URL: p.URL + "/@ana",
			Inbox: iri + "/inbox", SharedInbox: p.URL + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers",
			Delivery: got.Delivery, Approves: true, Fields: got.Fields,
			Published: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), RefreshedAt: tw.clock.Now(),
		}
		if got != want {
			t.Errorf("resolved\n%+v, want\n%+v", got, want)
		}
		if got.ID == 0 || got.HostID == 0 || got.Delivery == 0 {
			t.Errorf("ids are missing in %+v", got)
		}
		if strings.Contains(got.Summary, "onclick") || strings.Contains(got.Summary, "script") || !strings.Contains(got.Summary, "Hello") {
			t.Errorf("summary = %q, want it made safe", got.Summary)
		}
		if lines := got.Lines(); len(lines) != 1 || lines[0] != (actors.Field{Name: "Site web", Value: `<a href="https://ana.example" rel="nofollow noopener noreferrer ugc">ana</a>`}) {
			t.Errorf("lines = %q, want one, made safe", lines)
		}
		if got.Handle() != "@ana@"+p.host() {
			t.Errorf("handle = %s", got.Handle())
		}
		tw.resolve(t, iri)
		again, err := tw.directory(secret, "https://town.example").Resolve(t.Context(), iri)
		if err != nil || again != got {
			t.Errorf("another process reads %+v, %v, want the same", again, err)
		}
		if n := p.asked("/users/ana"); n != 1 {
			t.Errorf("its server was asked %d times, want once", n)
		}
		if len(p.unsigned) > 0 {
			t.Errorf("asked without a signature: %v", p.unsigned)
		}
	})

	t.Run("after a day it is asked again, and what is known serves meanwhile", func(t *testing.T) {
		iri := p.actor("Person", "bea")
		first := tw.resolve(t, iri)
		tw.clock.pass(25 * time.Hour)
		p.status("/users/bea", 500)
		if got := tw.resolve(t, iri); got != first {
			t.Errorf("while its server fails: %+v, want %+v", got, first)
		}
		p.actor("Person", "bea", map[string]any{"name": "Beatrice"})
		if got := tw.resolve(t, iri); got.Title != first.Title {
			t.Errorf("asked again at once after a failure: %q", got.Title)
		}
		tw.clock.pass(6 * time.Minute)
		if got := tw.resolve(t, iri); got.Title != "Beatrice" || got.ID != first.ID {
			t.Errorf("after the pause: %+v, want the new title on the same id", got)
		}
	})

	t.Run("a deleted actor is gone for ever", func(t *testing.T) {
		iri := p.actor("Person", "cleo")
		a := tw.resolve(t, iri)
		tw.clock.pass(25 * time.Hour)
		p.status("/users/cleo", 410)
		_, err := tw.Resolve(t.Context(), iri)
		wantKind(t, err, fault.Gone)
		p.actor("Person", "cleo")
		tw.clock.pass(25 * time.Hour)
		_, err = tw.Resolve(t.Context(), iri)
		wantKind(t, err, fault.Gone)
		got, err := tw.ByID(t.Context(), a.ID)
		wantKind(t, err, fault.Gone)
		if got.IRI != iri || !got.Gone || got.Title != "" {
			t.Errorf("what is left is %+v, want its address and no title", got)
		}
	})

	t.Run("a tombstone says the same as 410", func(t *testing.T) {
		iri := p.actor("Person", "dora")
		tw.resolve(t, iri)
		tw.clock.pass(25 * time.Hour)
		p.lay("/users/dora", map[string]any{"id": iri, "type": "Tombstone", "formerType": "Person"})
		_, err := tw.Resolve(t.Context(), iri)
		wantKind(t, err, fault.Gone)
		_, err = tw.ByIRI(t.Context(), iri)
		wantKind(t, err, fault.Gone)
	})

	t.Run("an unknown actor that is not there is not found", func(t *testing.T) {
		_, err := tw.Resolve(t.Context(), p.URL+"/users/nobody")
		wantKind(t, err, fault.NotFound)
		_, err = tw.ByIRI(t.Context(), p.URL+"/users/nobody")
		wantKind(t, err, fault.NotFound)
	})

	t.Run("a person may become a robot, not a community", func(t *testing.T) {
		iri := p.actor("Person", "eve")
		first := tw.resolve(t, iri)
		tw.clock.pass(25 * time.Hour)
		p.actor("Group", "eve", map[string]any{"name": "Club"})
		if got := tw.resolve(t, iri); got != first {
			t.Errorf("as a Group: %+v, want it left as it was: %+v", got, first)
		}
		tw.clock.pass(10 * time.Minute)
		p.actor("Service", "eve", map[string]any{"name": "Robot"})
		if got := tw.resolve(t, iri); got.Kind != actors.Service || got.Title != "Robot" {
			t.Errorf("as a Service: %+v, want the change", got)
		}
	})

	t.Run("twenty who ask at once make one question", func(t *testing.T) {
		iri := p.actor("Group", "fair")
		release, started := make(chan struct{}), make(chan struct{}, 30)
		p.mu.Lock()
		a := p.answers["/users/fair"]
		a.hold, a.started = release, started
		p.answers["/users/fair"] = a
		p.mu.Unlock()
		var wg sync.WaitGroup
		ids := make([]actors.ID, 20)
		for i := range ids {
			wg.Go(func() {
				a, err := tw.Resolve(t.Context(), iri)
				if err != nil {
					t.Error(err)
				}
				ids[i] = a.ID
			})
		}
		<-started
		close(release)
		wg.Wait()
		if n := p.asked("/users/fair"); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		for _, id := range ids {
			if id != ids[0] || id == 0 {
				t.Fatalf("ids = %v, want the same for all", ids)
			}
		}
	})
}

func TestResolveBelievesAServerAboutItselfOnly(t *testing.T) {
	t.Parallel()
	p, victim := newPeer(t), newPeer(t)
	tw := newTown(t, p, victim)
	their := victim.actor("Person", "vera")

	refused := map[string]map[string]any{
		"an inbox elsewhere":      {"inbox": their + "/inbox"},
		"no inbox":                {"inbox": nil},
		"an inbox over http":      {"inbox": strings.Replace(p.URL, "https:", "http:", 1) + "/inbox"},
		"a type that is no actor": {"type": "Note"},
		"an id that is not its":   {"id": victim.URL + "/users/nobody"},
	}
	n := 0
	for what, change := range refused {
		n++
		iri := p.actor("Person", fmt.Sprintf("mallory%d", n), change)
		if a, err := tw.Resolve(t.Context(), iri); err == nil {
			t.Errorf("with %s it is taken: %+v", what, a)
		}
	}

	t.Run("what else lies elsewhere is left out", func(t *testing.T) {
		iri := p.actor("Group", "eden", map[string]any{
			"endpoints": map[string]any{"sharedInbox": victim.URL + "/inbox"},
			"outbox":    their + "/outbox", "followers": their + "/followers", "following": their + "/following",
			"featured": their + "/featured", "attributedTo": their, "url": victim.URL + "/@vera",
			"icon": map[string]any{"type": "Image", "url": "javascript:alert(1)"},
			"publicKey": []any{
				map[string]any{"id": their + "#main-key", "owner": iri0(p, "eden"), "publicKeyPem": publicPEM(1)},
				map[string]any{"id": iri0(p, "eden") + "#k2", "owner": their, "publicKeyPem": publicPEM(1)},
			},
		})
		got := tw.resolve(t, iri)
		want := actors.Actor{
			ID: got.ID, IRI: iri, Kind: actors.Group, Host: p.host(), HostID: got.HostID, Name: "eden", Title: "The eden",
			Inbox: iri + "/inbox", Delivery: got.Delivery, Published: tw.clock.Now(), RefreshedAt: tw.clock.Now(),
		}
		if got != want {
			t.Errorf("resolved\n%+v, want\n%+v", got, want)
		}
		var keys int
		if err := tw.db.QueryRow(t.Context(), `SELECT count(*) FROM keys WHERE actor = $1`, got.ID).Scan(&keys); err != nil || keys != 0 {
			t.Errorf("%d keys are kept (%v), want none", keys, err)
		}
	})

	t.Run("nobody speaks for us", func(t *testing.T) {
		ana := tw.create(t, actors.Person, "ana")
		for _, iri := range []string{
			ana.IRI + "x", "https://TOWN.example/actors/1", "https://town.example:443/actors/1", "http://town.example/actors/1",
		} {
			_, err := tw.Resolve(t.Context(), iri)
			wantKind(t, err, fault.NotFound)
		}
		if got := tw.resolve(t, ana.IRI); got != ana {
			t.Errorf("our own is %+v, want %+v", got, ana)
		}
		_, err := tw.Learn(t.Context(), vocab.Actor{
			ID: ana.IRI, Type: "Person", PreferredUsername: "ana", Inbox: ana.IRI + "/inbox", Name: "Changed",
		})
		wantKind(t, err, fault.Invalid)
	})
}

func iri0(p *peer, name string) string { return p.URL + "/users/" + name }

func TestNamesThatWouldDeceive(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	n := 0
	for claimed, want := range map[string]string{
		"admin@town.example": "", "ann\u202e": "", "a b": "", "": "", "\u200b": "", "<b>": "", "..": "",
		"Ann.O_Neil-2": "Ann.O_Neil-2", "élodie": "élodie",
	} {
		n++
		name := fmt.Sprintf("u%d", n)
		if want == "" {
			want = name // the last part of its address
		}
		iri := p.actor("Person", name, map[string]any{"preferredUsername": claimed})
		if a := tw.resolve(t, iri); a.Name != want {
			t.Errorf("who claims %q is called %q, want %q", claimed, a.Name, want)
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	iri := p.actor("Person", "ana")
	tw.resolve(t, iri)
	p.actor("Person", "ana", map[string]any{"name": "New", "endpoints": nil})

	if a, err := tw.Refresh(t.Context(), iri); err != nil || a.Title != "The ana" {
		t.Errorf("within five minutes: %q, %v, want what is known", a.Title, err)
	}
	tw.clock.pass(6 * time.Minute)
	local := tw.create(t, actors.Group, "club")
	before, err := tw.ByIRI(t.Context(), iri)
	if err != nil {
		t.Fatal(err)
	}
	tw.write(t, func(tx storage.Tx) error {
		return tw.SetFollow(t.Context(), tx, actors.Follow{
			Followee: local.ID, Follower: before.ID, State: actors.Accepted, IRI: iri + "/follow",
		})
	})
	a, err := tw.Refresh(t.Context(), iri)
	if err != nil || a.Title != "New" || a.Delivery == before.Delivery {
		t.Errorf("after: %+v, %v, want the new title and inbox", a, err)
	}
	var delivery int64
	if err := tw.db.QueryRow(t.Context(), `SELECT delivery FROM follows WHERE follower = $1`, a.ID).Scan(&delivery); err != nil {
		t.Fatal(err)
	}
	if delivery != a.Delivery {
		t.Errorf("its follow delivers to %d, want to its new inbox %d", delivery, a.Delivery)
	}

	tw.clock.pass(6 * time.Minute)
	p.status("/users/ana", 503)
	a, err = tw.Refresh(t.Context(), iri)
	wantKind(t, err, fault.Unavailable)
	if a.Title != "New" {
		t.Errorf("with the error comes %q, want what was known", a.Title)
	}
	tw.clock.pass(6 * time.Minute)
	p.status("/users/ana", 410)
	_, err = tw.Refresh(t.Context(), iri)
	wantKind(t, err, fault.Gone)
}

func TestFind(t *testing.T) {
	t.Parallel()
	p, other := newPeer(t), newPeer(t)
	tw := newTown(t, p, other)
	club := tw.create(t, actors.Group, "club")

	t.Run("ours", func(t *testing.T) {
		for _, text := range []string{
			"club", "@club", " @Club ", "!club", "@club@town.example", "acct:club@town.example",
			club.IRI, "https://town.example/c/club", "https://town.example/@club",
		} {
			if a, err := tw.Find(t.Context(), text); err != nil || a != club {
				t.Errorf("%q finds %+v, %v, want %+v", text, a, err, club)
			}
		}
		for _, text := range []string{"", "@", "nobody", "https://town.example/nothing", "not a handle@@"} {
			_, err := tw.Find(t.Context(), text)
			wantKind(t, err, fault.NotFound)
		}
	})

	t.Run("by handle and by address elsewhere", func(t *testing.T) {
		iri := p.actor("Person", "ana")
		for _, text := range []string{"@ana@" + p.host(), "ana@" + p.host(), iri} {
			if a, err := tw.Find(t.Context(), text); err != nil || a.IRI != iri {
				t.Errorf("%q finds %+v, %v, want %s", text, a, err, iri)
			}
		}
		if a, err := tw.ByHandleKnown(t.Context(), "@Ana@"+p.host()); err != nil || a.IRI != iri {
			t.Errorf("known by handle: %+v, %v, want %s", a, err, iri)
		}
	})

	t.Run("by the page of a person, twice", func(t *testing.T) {
		iri := p.actor("Person", "abe")
		p.set("/@abe", p.answers["/users/abe"])
		for range 2 {
			if a, err := tw.Find(t.Context(), p.URL+"/@abe"); err != nil || a.IRI != iri {
				t.Errorf("the page finds %+v, %v, want %s", a, err, iri)
			}
		}
	})

	t.Run("a handle on another host than the actor, affirmed by both", func(t *testing.T) {
		iri := p.actor("Person", "bea")
		p.finger("bea@"+p.host(), iri, "bea@"+other.host())
		other.finger("bea@"+other.host(), iri, "")
		a, err := tw.Find(t.Context(), "@bea@"+other.host())
		if err != nil || a.IRI != iri || a.Handle() != "@bea@"+other.host() {
			t.Fatalf("finds %s %+v, %v, want %s", a.Handle(), a, err, iri)
		}
		if a, err := tw.ByHandleKnown(t.Context(), "@bea@"+other.host()); err != nil || a.IRI != iri {
			t.Errorf("known by handle: %+v, %v, want %s", a, err, iri)
		}
		_, err = tw.ByHandleKnown(t.Context(), "@bea@"+p.host())
		wantKind(t, err, fault.NotFound)
	})

	t.Run("a handle that its actor does not affirm", func(t *testing.T) {
		iri := p.actor("Person", "cleo")
		other.finger("boss@"+other.host(), iri, "")
		a, err := tw.Find(t.Context(), "@boss@"+other.host())
		wantKind(t, err, fault.NotFound)
		if a != (actors.Actor{}) {
			t.Errorf("it gives %+v", a)
		}
		if a := tw.resolve(t, iri); a.Handle() != "@cleo@"+p.host() {
			t.Errorf("it is called %s now", a.Handle())
		}
	})

	t.Run("a domain that did not agree to carry the name", func(t *testing.T) {
		iri := p.actor("Person", "dan", map[string]any{"webfinger": "dan@" + other.host()})
		p.finger("dan@"+p.host(), iri, "dan@"+other.host())
		if a := tw.resolve(t, iri); a.Handle() != "@dan@"+p.host() {
			t.Errorf("it is called %s, want it under its own host", a.Handle())
		}
	})

	t.Run("a server that is away still has those whom we know", func(t *testing.T) {
		iri := p.actor("Person", "eli")
		tw.resolve(t, iri)
		p.Close()
		if a, err := tw.Find(t.Context(), "@eli@"+p.host()); err != nil || a.IRI != iri {
			t.Errorf("finds %+v, %v, want %s", a, err, iri)
		}
	})
}

func TestSuspendedServer(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	known := tw.resolve(t, p.actor("Person", "ana"))
	bea := p.actor("Person", "bea")
	tw.barred.Store(p.host(), true)
	before := p.asked("/.well-known/nodeinfo")

	_, err := tw.Resolve(t.Context(), bea)
	wantKind(t, err, fault.Forbidden)
	_, err = tw.Find(t.Context(), "@bea@"+p.host())
	wantKind(t, err, fault.Forbidden)
	_, err = tw.KeyByID(t.Context(), bea+"#main-key")
	wantKind(t, err, fault.Forbidden)
	_, err = tw.Learn(t.Context(), vocab.Actor{ID: bea, Type: "Person", PreferredUsername: "bea", Inbox: bea + "/inbox"})
	wantKind(t, err, fault.Forbidden)
	if err := tw.LearnHost(t.Context(), p.host()); err != nil || p.asked("/.well-known/nodeinfo") != before {
		t.Errorf("it is asked what it runs (%v)", err)
	}
	if p.asked("/users/bea") != 0 {
		t.Error("it is asked about bea")
	}
	if got := tw.resolve(t, known.IRI); got != known {
		t.Errorf("whom we know is %+v, want %+v", got, known)
	}

	tw.barred.Clear()
	tw.clock.pass(time.Minute)
	if a := tw.resolve(t, bea); a.IRI != bea {
		t.Errorf("restored, it gives %+v", a)
	}
}

func TestManyNewActorsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	other := tw.directory(secret, "https://town.example") // another process
	iris := make([]string, 12)
	for i := range iris {
		iris[i] = p.actor("Person", fmt.Sprintf("u%d", i))
	}
	var wg sync.WaitGroup
	for _, d := range []*actors.Directory{tw.Directory, other} {
		for _, iri := range iris {
			wg.Go(func() {
				if _, err := d.Resolve(t.Context(), iri); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	var known, hosts, inboxes int
	err := tw.db.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM actors WHERE host IS NOT NULL), (SELECT count(*) FROM hosts), (SELECT count(*) FROM inboxes)`,
	).Scan(&known, &hosts, &inboxes)
	if err != nil || known != len(iris) || hosts != 1 || inboxes != 1 {
		t.Errorf("%d actors, %d hosts, %d inboxes (%v), want %d, 1, 1", known, hosts, inboxes, err, len(iris))
	}
}
