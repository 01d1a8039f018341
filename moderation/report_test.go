package moderation_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/moderation"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// town has Ana, who owns Makers and animates it with Leo, Bob, and Zoe of another server.
type town struct {
	*moderation.Service
	t             *testing.T
	people        *accounts.Service
	now           time.Time
	ana, leo, bob actors.ID
	zoe           actors.Actor
	makers        actors.Actor
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, now: noon}
	clock := func() time.Time { w.now = w.now.Add(time.Second); return w.now }
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	dir := actors.New(actors.Options{DB: db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: clock})
	groups := communities.NewService(communities.Options{DB: db, Directory: dir, IRIs: iris, Now: clock})
	said := posts.NewService(posts.Options{DB: db, Directory: dir, Communities: groups, IRIs: iris, Now: clock})
	w.Service = moderation.NewService(moderation.Options{DB: db, Directory: dir, Hosts: access.NewHosts(db, clock),
		Communities: groups, Posts: said, IRIs: iris, Now: clock})
	_, err := dir.EnsureServer(t.Context())
	w.check(err)
	w.people = accounts.NewService(accounts.Options{DB: db, Directory: dir, IRIs: iris, Now: clock})
	person := func(name string) actors.ID {
		m, err := w.people.Create(t.Context(), accounts.New{Name: name, Email: name + "@town.example", Password: "correct horse battery"})
		w.check(err)
		return m.ID
	}
	w.ana, w.leo, w.bob = person("ana"), person("leo"), person("bob")
	c, err := groups.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: w.ana})
	w.check(err)
	w.makers = c.Actor
	w.exec(`INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, c.Actor.ID, w.leo)
	w.zoe, err = dir.Learn(t.Context(), vocab.Actor{ID: "https://far.example/zoe", Type: "Person", PreferredUsername: "zoe",
		Inbox: "https://far.example/zoe/inbox", Raw: []byte(`{}`)})
	w.check(err)
	return w
}

func (w *town) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.DB.Exec(w.t.Context(), sql, args...)
	w.check(err)
}

func (w *town) says(by actors.ID, text string) posts.Post {
	w.t.Helper()
	p, err := w.Posts.Publish(w.t.Context(), by, posts.Draft{Community: w.makers.ID, Title: text, Text: text})
	w.check(err)
	return p
}

func (w *town) reports(c moderation.Complaint) moderation.Report {
	w.t.Helper()
	r, err := w.Report(w.t.Context(), c)
	w.check(err)
	return r
}

// seats says what each judge is to a report.
func (w *town) seats(r moderation.Report) (all []string) {
	w.t.Helper()
	for _, j := range []struct {
		name string
		moderation.Judge
	}{{"ana", moderation.Judge{ID: w.ana}}, {"leo", moderation.Judge{ID: w.leo}}, {"bob", moderation.Judge{ID: w.bob}},
		{"admin", moderation.Judge{Admin: true}}, {"nobody", moderation.Judge{}}} {
		_, seat, err := w.ReportFor(w.t.Context(), j.Judge, r.ID)
		if err == nil {
			all = append(all, j.name+" "+string(seat))
		} else if !fault.Is(err, fault.NotFound) {
			w.t.Error(err)
		}
	}
	return all
}

func (w *town) wantSeats(r moderation.Report, want ...string) {
	w.t.Helper()
	if got := w.seats(r); !slices.Equal(got, want) {
		w.t.Errorf("seats %q, want %q", got, want)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, p := t.Context(), w.says(w.ana, "rude")
	mild := w.says(w.bob, "mild")

	t.Run("of what Bob wrote, by Leo, to the animators", func(t *testing.T) {
		r := w.reports(moderation.Complaint{By: w.leo, Post: mild.ID, Words: "bruit", Animators: true, Forwarding: true})
		w.wantSeats(r, "ana animator", "leo animator")
		if r.Forwarded {
			t.Error("it was forwarded to nobody")
		}
		if _, err := w.Report(ctx, moderation.Complaint{By: w.leo, Post: mild.ID, Words: "again", Animators: true}); !fault.Is(err, fault.Conflict) {
			t.Errorf("reported twice: %v", err)
		}
	})
	r := w.reports(moderation.Complaint{By: w.bob, Post: p.ID, Words: "  impoli  ", Animators: true})
	t.Run("about who animates goes to the administrators too, and not to them", func(t *testing.T) {
		w.wantSeats(r, "leo animator", "bob complainant", "admin administrator")
		queue, err := w.Queue(ctx, moderation.Judge{ID: w.ana}, w.makers.ID)
		if err != nil || len(queue) != 1 || queue[0].Person != w.bob {
			t.Errorf("ana's queue %+v, %v", queue, err)
		}
		if _, err := w.Queue(ctx, moderation.Judge{ID: w.bob}, w.makers.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("bob's queue: %v", err)
		}
		if _, err := w.Queue(ctx, moderation.Judge{ID: w.ana}, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("the server's queue for ana: %v", err)
		}
	})
	t.Run("keeps what was said, until it is deleted", func(t *testing.T) {
		_, err := w.Posts.Edit(ctx, w.ana, p.ID, posts.Draft{Title: "kind", Text: "kind"})
		w.check(err)
		words, err := w.Words(ctx, r, moderation.Animator)
		if err != nil || len(words) != 1 || words[0].Title != "rude" || !strings.Contains(words[0].Content, "rude") || !words[0].Changed {
			t.Errorf("words %+v, %v", words, err)
		}
		if words, err := w.Words(ctx, r, moderation.Complainant); err != nil || words != nil {
			t.Errorf("who reported reads %+v, %v", words, err)
		}
		w.check(w.Posts.Delete(ctx, w.ana, p.ID))
		words, err = w.Words(ctx, r, moderation.Animator)
		if err != nil || len(words) != 1 || words[0].Title+words[0].Content+words[0].Summary != "" || !words[0].Deleted {
			t.Errorf("words of what is deleted %+v, %v", words, err)
		}
	})
	t.Run("is settled once, by who is asked", func(t *testing.T) {
		for j, want := range map[moderation.Judge]fault.Kind{{ID: w.ana}: fault.NotFound, {ID: w.bob}: fault.Forbidden, {}: fault.NotFound} {
			if err := w.Settle(ctx, j, r.ID, "non"); !fault.Is(err, want) {
				t.Errorf("%+v settles: %v, want %v", j, err, want)
			}
		}
		if err := w.Settle(ctx, moderation.Judge{ID: w.leo}, r.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a word: %v", err)
		}
		w.check(w.Settle(ctx, moderation.Judge{ID: w.leo}, r.ID, "parlé avec Ana"))
		if err := w.Settle(ctx, moderation.Judge{Admin: true}, r.ID, "encore"); !fault.Is(err, fault.Conflict) {
			t.Errorf("settled twice: %v", err)
		}
		mine, err := w.ReportsBy(ctx, w.bob)
		if err != nil || len(mine) != 1 || mine[0].Answer != "parlé avec Ana" || mine[0].SettledBy != w.leo {
			t.Errorf("bob is told %+v, %v", mine, err)
		}
	})
	t.Run("needs words, somebody else, and something that is seen", func(t *testing.T) {
		hidden := w.says(w.bob, "hidden")
		w.exec(`UPDATE posts SET scope = 'animators' WHERE id = $1`, hidden.ID)
		other, err := w.Posts.Publish(ctx, w.ana, posts.Draft{Text: "psst @leo", Scope: posts.Direct})
		w.check(err)
		for name, c := range map[string]struct {
			moderation.Complaint
			kind fault.Kind
		}{
			"no words":        {moderation.Complaint{By: w.bob, Post: mild.ID}, fault.Invalid},
			"oneself":         {moderation.Complaint{By: w.bob, Post: mild.ID, Words: "x"}, fault.Invalid},
			"what is not his": {moderation.Complaint{By: w.bob, Post: other.ID, Words: "x"}, fault.NotFound},
			"nothing":         {moderation.Complaint{By: w.bob, Post: 17, Words: "x"}, fault.NotFound},
			"too much":        {moderation.Complaint{By: w.bob, Person: w.ana, Words: strings.Repeat("x", 5001)}, fault.TooLarge},
		} {
			if _, err := w.Report(ctx, c.Complaint); !fault.Is(err, c.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestForwardedReports(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.reports(moderation.Complaint{By: w.bob, Person: w.zoe.ID, Words: "elle insiste", Forwarding: true})
	var body []byte
	var n int
	w.check(w.DB.QueryRow(t.Context(), `
		SELECT a.body, (SELECT count(*) FROM deliveries d WHERE d.activity = a.id)
		FROM activities a WHERE a.iri = $1`, r.IRI).Scan(&body, &n))
	flag, err := vocab.ReadActivity(body)
	w.check(err)
	if flag.Type != "Flag" || flag.Actor != "https://town.example/actor" || flag.Content != "elle insiste" ||
		flag.Object.ID != w.zoe.IRI || n != 1 || strings.Contains(string(body), "bob") || bytes.Contains(body, []byte(w.IRIs.Actor(int64(w.bob)))) {
		t.Errorf("%d deliveries of %s", n, body)
	}
	w.wantSeats(r, "bob complainant", "admin administrator")

	// What is not to be forwarded, or is about who lives here, stays here.
	w.reports(moderation.Complaint{By: w.leo, Person: w.zoe.ID, Words: "elle insiste"})
	w.reports(moderation.Complaint{By: w.leo, Person: w.bob, Words: "il crie", Forwarding: true})
	w.check(w.DB.QueryRow(t.Context(), `SELECT count(*) FROM activities WHERE type = 'Flag'`).Scan(&n))
	if n != 1 {
		t.Errorf("%d reports were forwarded, want the one that was to be", n)
	}
}

// TestManyReports is DF-04: neither a member nor a server fills the queue.
func TestManyReports(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.bob, "one")
	for i := range 20 {
		r := moderation.Report{IRI: "https://far.example/f", By: w.ana, At: w.now, About: []string{p.IRI, string(rune('a' + i))}}
		r.IRI += string(rune('a' + i))
		w.check(w.DB.Write(t.Context(), func(tx storage.Tx) error { return w.ReceiveReport(t.Context(), tx, r) }))
	}
	if _, err := w.Report(t.Context(), moderation.Complaint{By: w.ana, Post: p.ID, Words: "x"}); !fault.Is(err, fault.TooMany) {
		t.Errorf("the twenty-first of a day: %v", err)
	}
	w.exec(`
		INSERT INTO reports (iri, by, about, at)
		SELECT n::text, $1, ARRAY['x'], now() FROM generate_series(1, 1000) n`, w.zoe.ID)
	one := moderation.Report{IRI: "https://far.example/late", By: w.zoe.ID, At: w.now, About: []string{p.IRI}}
	w.check(w.DB.Write(t.Context(), func(tx storage.Tx) error { return w.ReceiveReport(t.Context(), tx, one) }))
	var n int
	w.check(w.DB.QueryRow(t.Context(), `SELECT count(*) FROM reports WHERE by = $1`, w.zoe.ID).Scan(&n))
	if n != 1000 {
		t.Errorf("%d reports of another server wait, want 1000", n)
	}
}

// TestReportsFromElsewhere reach the animators of the community, who read no word of another.
func TestReportsFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	alone, err := w.Posts.Publish(t.Context(), w.bob, posts.Draft{Text: "elsewhere"})
	w.check(err)
	p := w.says(w.bob, "here")
	r := moderation.Report{IRI: "https://far.example/f", By: w.zoe.ID, At: w.now.Add(time.Minute), About: []string{alone.IRI, p.IRI}, Reason: "spam"}
	w.check(w.DB.Write(t.Context(), func(tx storage.Tx) error { return w.ReceiveReport(t.Context(), tx, r) }))
	queue, err := w.Queue(t.Context(), moderation.Judge{ID: w.ana}, w.makers.ID)
	w.check(err)
	if len(queue) != 1 {
		t.Fatalf("queue %+v", queue)
	}
	w.wantSeats(queue[0], "ana animator", "leo animator", "admin administrator")
	for seat, want := range map[moderation.Seat]int{moderation.Animator: 1, moderation.Admin: 2} {
		if words, err := w.Words(t.Context(), queue[0], seat); err != nil || len(words) != want {
			t.Errorf("an %s reads %+v, %v", seat, words, err)
		}
	}
}
