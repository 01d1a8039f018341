package server

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/moderation"
	"passerelles/outbox"
	"passerelles/storage"
)

// deed is something that an administrator does by a door, which a second time changes nothing.
type deed struct {
	path  string // "": that of the door
	form  url.Values
	kind  acts.Kind
	about string   // "": not looked at
	wrong string   // a field to be left out for the second time, where doing it twice is to do two things
	bare  []string // what may stand nowhere in its row
}

// deeds are what is done by each door of administrators that changes something: one without
// its line fails the test.
var deeds = map[string]func(*testing.T, *site) []deed{
	"POST /admin/communities": func(t *testing.T, s *site) []deed {
		solo := s.settles(t, "solo")
		alone, err := s.Communities.Create(t.Context(), communities.New{Name: "solitude", Title: "Solitude", Animator: solo.ID})
		if err != nil {
			t.Fatal(err)
		}
		heir := s.settles(t, "heir")
		if _, err := s.Communities.Ask(t.Context(), alone.Actor.ID, heir.ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Accounts.Suspend(t.Context(), acts.By{}, solo.ID, ""); err != nil {
			t.Fatal(err)
		}
		return []deed{{form: fields("community", alone.Actor.ID, "who", heir.ID), kind: acts.AppointOwner, about: "@heir"}}
	},
	"POST /admin/accounts/{name}/suspend": func(t *testing.T, s *site) []deed {
		s.settles(t, "dora")
		return []deed{{path: "/admin/accounts/dora/suspend", form: fields("reason", "pourriel"), kind: acts.SuspendAccount, about: "@dora"}}
	},
	"POST /admin/accounts/{name}/restore": func(t *testing.T, s *site) []deed {
		dave := s.settles(t, "dave")
		if err := s.Accounts.Suspend(t.Context(), acts.By{}, dave.ID, ""); err != nil {
			t.Fatal(err)
		}
		return []deed{{path: "/admin/accounts/dave/restore", kind: acts.RestoreAccount, about: "@dave"}}
	},
	"POST /admin/deliveries/retry": func(t *testing.T, s *site) []deed {
		s.givesUp(t, "tired.example")
		return []deed{{form: fields("host", "tired.example"), kind: acts.RetryLetters, about: "tired.example"}}
	},
	"POST /admin/deliveries/drop": func(t *testing.T, s *site) []deed {
		s.givesUp(t, "dead.example")
		return []deed{{form: fields("host", "dead.example"), kind: acts.DropLetters, about: "dead.example"}}
	},
	"POST /admin/deliveries/resume": func(t *testing.T, s *site) []deed {
		if err := s.DB.Write(t.Context(), func(tx storage.Tx) error {
			return outbox.Hold(t.Context(), tx, acts.By{}, "by hand", s.now())
		}); err != nil {
			t.Fatal(err)
		}
		return []deed{{kind: acts.Resume}}
	},
	"POST /admin/servers": func(*testing.T, *site) []deed {
		decide := func(host, decision string, kind acts.Kind) deed {
			return deed{form: fields("host", host, "decision", decision, "reason", "pourriel"), kind: kind, about: host}
		}
		return []deed{
			decide("a.example", "silence", acts.SilenceServer), decide("b.example", "suspend", acts.SuspendServer),
			decide("c.example", "media", acts.RejectMedia), decide("d.example", "allow", acts.AllowServer),
			decide("a.example", "restore", acts.RestoreServer), decide("d.example", "disallow", acts.DisallowServer),
		}
	},
	"POST /admin/servers/mode": func(*testing.T, *site) []deed {
		return []deed{{form: fields("mode", "list"), kind: acts.ChangeMode}, {form: fields("mode", "open"), kind: acts.ChangeMode}}
	},
	"POST /admin/servers/import": func(*testing.T, *site) []deed {
		return []deed{{form: fields("list", "#domain,#severity\nz.example,suspend\n"), kind: acts.SuspendServer, about: "z.example"}}
	},
	"POST /admin/sign-ups": func(t *testing.T, s *site) []deed {
		yes, no := s.waits(t, "yvonne"), s.waits(t, "nadia")
		return []deed{
			{form: fields("id", yes, "answer", "yes"), kind: acts.AcceptSignUp, about: "@yvonne", bare: []string{"yvonne@example.org", "secret"}},
			{form: fields("id", no, "answer", "no", "word", "nadia, non"), kind: acts.DeclineSignUp, about: strconv.FormatInt(no, 10), bare: []string{"nadia", "secret"}},
		}
	},
	"POST /admin/invitations": func(*testing.T, *site) []deed {
		return []deed{{form: fields("label", "eve@example.org", "most", 3, "days", 2), kind: acts.MakeInvitation, wrong: "most", bare: []string{"eve", "@"}}}
	},
	"POST /admin/invitations/end": func(t *testing.T, s *site) []deed {
		i, err := s.Accounts.Invite(t.Context(), acts.By{}, "", 1, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return []deed{{form: fields("id", i.ID), kind: acts.EndInvitation, about: strconv.FormatInt(i.ID, 10)}}
	},
	"POST /admin/settings": func(*testing.T, *site) []deed {
		return []deed{{form: fields("mode", "open", "founders", "administrators", "name", "Rita", "reach", "rita@example.org"),
			kind: acts.ChangeSettings, bare: []string{"Rita", "@"}}}
	},
	"POST /reports/{id:[0-9]+}": func(t *testing.T, s *site) []deed {
		ana, err := s.Accounts.ByName(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		mean := s.settles(t, "mean")
		r, err := s.Moderation.Report(t.Context(), moderation.Complaint{By: ana.ID, Person: mean.ID, Words: "mean"})
		if err != nil {
			t.Fatal(err)
		}
		id := strconv.FormatInt(r.ID, 10)
		return []deed{{path: "/reports/" + id, form: fields("words", "it is settled"), kind: acts.SettleReport, about: id, bare: []string{"settled"}}}
	},
}

func fields(pairs ...any) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		value := ""
		switch v := pairs[i+1].(type) {
		case string:
			value = v
		case int:
			value = strconv.Itoa(v)
		case int64:
			value = strconv.FormatInt(v, 10)
		case actors.ID:
			value = strconv.FormatInt(int64(v), 10)
		}
		form.Set(pairs[i].(string), value)
	}
	return form
}

func (s *site) settles(t *testing.T, name string) accounts.Member {
	t.Helper()
	m, err := s.Accounts.Create(t.Context(), accounts.New{Name: name, Email: name + "@example.org", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// waits has somebody wait for an account.
func (s *site) waits(t *testing.T, name string) int64 {
	t.Helper()
	id := storage.NewID(s.now())
	s.exec(t, `
		INSERT INTO sign_ups (id, name, email, title, language, password, words, created_at, confirmed_at)
		VALUES ($1, $2, $2 || '@example.org', '', 'fr', 'x', 'secret', $3, $3)`, id, name, s.now())
	return id
}

// givesUp has a delivery to a host given up.
func (s *site) givesUp(t *testing.T, host string) {
	t.Helper()
	s.exec(t, `
		WITH h AS (INSERT INTO hosts (name) VALUES ($1) RETURNING id),
		i AS (INSERT INTO inboxes (host, url, shared) SELECT id, 'https://' || $1 || '/inbox', true FROM h RETURNING id, host)
		INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at)
		SELECT i.host, (SELECT max(id) FROM activities), i.id, 0, 9, 'r', $2 FROM i`, host, s.now())
}

func (s *site) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func (s *site) latest(t *testing.T) acts.Act {
	t.Helper()
	all, err := acts.List(t.Context(), s.DB, acts.Wanted{Limit: 1})
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all[0]
}

// since gives what was noted after an act.
func (s *site) since(t *testing.T, last acts.Act) (all []acts.Act) {
	t.Helper()
	list, err := acts.List(t.Context(), s.DB, acts.Wanted{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.ID > last.ID {
			all = append(all, a)
		}
	}
	return all
}

// TestAdministratorsLeaveARow has one do all that they may on the site. What cannot be noted is
// not done; what is done is noted once; what fails, or changes nothing, is not noted.
func TestAdministratorsLeaveARow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, d := range doors {
		if _, found := deeds[name]; d.who == admin && strings.HasPrefix(name, "POST ") && !found {
			t.Errorf("%s lets administrators change something, and no deed tells what it leaves", name)
		}
	}
	for name, make := range deeds {
		for i, d := range make(t, s) {
			t.Run(name+" "+strconv.Itoa(i), func(t *testing.T) {
				if d.path == "" {
					d.path = s.samples.Replace(strings.TrimPrefix(name, "POST "))
				}
				s.tries(t, d)
			})
		}
	}
}

func (s *site) tries(t *testing.T, d deed) {
	t.Helper()
	do := func(form url.Values) int {
		status, _, _ := s.ask(t, http.MethodPost, d.path, strings.NewReader(form.Encode()), s.asChef)
		return status
	}
	last := s.latest(t)
	s.exec(t, `ALTER TABLE acts ADD CONSTRAINT full_up CHECK (false) NOT VALID`)
	if got := do(d.form); got != http.StatusInternalServerError {
		t.Errorf("while nothing can be noted: %d", got)
	}
	s.exec(t, `ALTER TABLE acts DROP CONSTRAINT full_up`)
	if got := do(d.form); got != http.StatusSeeOther {
		t.Fatalf("answered %d", got)
	}
	all := s.since(t, last)
	if len(all) != 1 {
		t.Fatalf("noted %+v, want one row", all)
	}
	a := all[0]
	if a.Kind != d.kind || a.Name != "chef" || a.By.Line || d.about != "" && a.About != d.about {
		t.Errorf("noted %+v", a)
	}
	for _, bare := range d.bare {
		if strings.Contains(a.About, bare) && a.About != d.about || strings.Contains(a.Words, bare) {
			t.Errorf("%q stands in %+v", bare, a)
		}
	}
	if d.wrong != "" {
		d.form.Del(d.wrong)
	}
	do(d.form)
	if again := s.since(t, a); len(again) != 0 {
		t.Errorf("the second time it is noted %+v", again)
	}
}

// TestActsAreShown has an administrator read what was done, page by page.
func TestActsAreShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mean := s.settles(t, "mean")
	if err := s.Accounts.Suspend(t.Context(), acts.By{Line: true}, mean.ID, "a <b>reason</b>"); err != nil {
		t.Fatal(err)
	}
	s.exec(t, `INSERT INTO acts (at, kind, by_line, about) SELECT $1, 'server.silence', true, 'host' || n || '.example' FROM generate_series(1, 60) n`, s.now())
	_, _, first := s.ask(t, http.MethodGet, "/admin/acts?kind=server.silence", nil, s.asChef)
	if n := strings.Count(first, "<li class=\"row\">"); n != 50 || !strings.Contains(first, "host60.example") || strings.Contains(first, "host10.example") {
		t.Errorf("%d rows: %s", n, first)
	}
	from := strings.Index(first, "/admin/acts?before=")
	more := strings.ReplaceAll(first[from:from+strings.IndexByte(first[from:], '"')], "&amp;", "&")
	_, _, next := s.ask(t, http.MethodGet, more, nil, s.asChef)
	if n := strings.Count(next, "<li class=\"row\">"); n != 10 || !strings.Contains(next, "host1.example") {
		t.Errorf("%d rows on %s", n, more)
	}
	_, _, page := s.ask(t, http.MethodGet, "/admin/acts?kind=account.suspend", nil, s.asChef)
	for _, want := range []string{"@mean", "a &lt;b&gt;reason&lt;/b&gt;", "ligne de commande"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if status, _, _ := s.ask(t, http.MethodGet, "/admin/acts?kind=x", nil, s.asChef); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		t.Errorf("of no kind: %d", status)
	}
	if got := slices.Collect(func(yield func(string) bool) {
		for _, path := range []string{"/admin/servers", "/admin/sign-ups", "/admin/settings", "/admin/deliveries", "/admin/reports", "/admin/communities"} {
			if _, _, page := s.ask(t, http.MethodGet, path, nil, s.asChef); !strings.Contains(page, `href="/admin/acts"`) && !yield(path) {
				return
			}
		}
	}); len(got) > 0 {
		t.Errorf("no link on %v", got)
	}
}
