package web

import (
	"strconv"
	"strings"
	"testing"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/moderation"
)

// named makes somebody elsewhere whose handle and name are such.
func (w *town) named(id actors.ID, name, title string) {
	w.t.Helper()
	w.exec(`
		WITH host AS (
			INSERT INTO hosts (name) VALUES ('evil.example')
			ON CONFLICT (name) DO UPDATE SET name = excluded.name
			RETURNING id
		)
		INSERT INTO actors (id, iri, kind, host, name, title, published, refreshed_at)
		SELECT $1::bigint, 'https://evil.example/u/' || $1::bigint, 'person', id, $2, $3, $4, $4 FROM host`, id, name, title, w.now())
}

func (w *town) exec(statement string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.Exec(w.t.Context(), statement, args...); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
}

const warns = "Nom semblable."

// TestNamesLikeThoseWhoDecide warns those who animate, and administrators, of names like theirs.
func TestNamesLikeThoseWhoDecide(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	club := w.club(actors.ForMembers)
	host := strings.SplitN(w.server.URL, "://", 2)[1]
	people := []struct {
		name, title string
		like        bool
	}{
		{"аna", "Quelqu’un", true},          // a Cyrillic а
		{"mia", "Ana\u200b Tremblay", true}, // a space of no width
		{"max", "Ａｎａ Ｔｒｅｍｂｌａｙ", true},       // full width
		{"joe", "ANA TREMBLAY", true},       // capitals
		{"anne", "Anne Tremblay", false},    // an ordinary name
		{"anna", "Anna Tremblay", false},    // likewise
		{"tremblay", "Ana T.", false},       // likewise
		{"zoe", "\U0001f642", false},        // no letter at all
		{"rita2", "Rita", false},            // who administers, and does not animate
	}
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Title: "Rita", Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range people {
		w.named(actors.ID(i+1000), p.name, p.title)
		w.exec(`INSERT INTO join_requests (community, who, asked_at) VALUES ($1, $2, $3)`, club.Actor.ID, i+1000, w.now())
	}
	ana, bob := w.as(w.ana), w.as(w.bob)
	rows := func(page answer) (all []string) {
		all = strings.Split(page.body, `<p class="byline">`)[1:]
		return all
	}
	warned := func(where string, all []string) {
		t.Helper()
		for _, p := range people {
			for _, row := range all {
				if !strings.Contains(row, "/@"+p.name+"@evil.example\"") && !strings.Contains(row, "@"+p.name+"@evil.example</bdi>") {
					continue
				}
				told := strings.Contains(row, warns) && strings.Contains(row, "<bdi>@"+p.name+"@evil.example</bdi>") && strings.Contains(row, "<bdi>@ana@"+host+"</bdi>")
				if told != p.like || strings.Contains(row, warns) != p.like {
					t.Errorf("%s: of %s (%q) is said: %s", where, p.name, p.title, row)
				}
			}
		}
		if n := strings.Count(strings.Join(all, ""), warns); n != 4 {
			t.Errorf("%s: %d warnings, want 4", where, n)
		}
	}
	warned("who asks", rows(ana.get("/c/cercle/requests").shows(t, 200)))

	w.exec(`INSERT INTO memberships (community, who, role, since) SELECT community, who, 'member', asked_at FROM join_requests`)
	w.exec(`INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', $3)`, club.Actor.ID, w.bob.ID, w.now())
	warned("who belongs to it", rows(ana.get("/c/cercle/members").shows(t, 200, "Bob Roy"))) // Ana is not taken for herself
	bob.get("/c/cercle/members").shows(t, 200, "Ana").lacks(t, warns)

	w.named(2000, "ritа", "R") // with a Cyrillic а
	for who, like := range map[actors.ID]bool{2000: true, 1000: false} {
		r, err := w.Moderation.Report(t.Context(), moderation.Complaint{By: w.bob.ID, Person: who, Words: "x"})
		if err != nil {
			t.Fatal(err)
		}
		page := w.as(rita).get("/reports/"+strconv.FormatInt(r.ID, 10)).shows(t, 200)
		if told := strings.Contains(page.body, warns) && strings.Contains(page.body, "<bdi>@rita@"+host+"</bdi>"); told != like {
			t.Errorf("of %d is said: %s", who, page.body)
		}
		bob.get("/reports/"+strconv.FormatInt(r.ID, 10)).shows(t, 200).lacks(t, warns)
	}

	w.exec(`
		INSERT INTO reports (id, iri, by, person, community, about, reason, to_server, at) OVERRIDING SYSTEM VALUE
		SELECT 900 + n, 'https://here.example/reports/' || n, $1::bigint, 1000 + 4 * n, $2::bigint, ARRAY['https://evil.example/u/1'], 'x', false, $3
		FROM generate_series(0, 1) n`, w.bob.ID, club.Actor.ID, w.now())
	ana.get("/reports/900").shows(t, 200, warns, "<bdi>@аna@evil.example</bdi>", "<bdi>@ana@"+host+"</bdi>")
	ana.get("/reports/901").shows(t, 200, "Anne Tremblay").lacks(t, warns)

	for i, title := range []string{"Rіta", "Marguerite"} { // the first with a Cyrillic і
		w.exec(`
			INSERT INTO sign_ups (id, name, email, title, language, password, words, created_at, confirmed_at)
			VALUES ($1, $2, $2 || '@elsewhere.example', $3, 'fr', 'x', '', $4, $4)`, i+1, "asks"+strconv.Itoa(i), title, w.now())
	}
	page := w.as(rita).get("/admin/sign-ups").shows(t, 200, "Marguerite", "<bdi>@asks0@"+host+"</bdi>", "<bdi>@rita@"+host+"</bdi>")
	if n := strings.Count(page.body, warns); n != 1 {
		t.Errorf("who wants an account: %d warnings, want 1: %s", n, page.body)
	}
}
