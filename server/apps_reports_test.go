package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelles/accounts"
	"passerelles/moderation"
	"passerelles/posts"
)

// TestReportsInApps: OA-08. Who keeps order reads and settles reports in an app, of what is theirs;
// the right of a token gives it to nobody else.
func TestReportsInApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lens := newApp(t, s.Server)
	chief, err := s.Accounts.Create(t.Context(), accounts.New{Name: "boss", Email: "boss@town.example", Password: "correct horse battery", Admin: true})
	must(t, err)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	must(t, err)
	eve, mia := s.comes(t, "eve"), s.comes(t, "mia")
	makers, err := s.Communities.ByName(t.Context(), "makers")
	must(t, err)
	post, err := s.Posts.Publish(t.Context(), mia.ID, posts.Draft{Community: makers.Actor.ID, Title: "Réclame", Text: "Achetez."})
	must(t, err)
	inside, err := s.Moderation.Report(t.Context(), moderation.Complaint{By: eve.ID, Post: post.ID, Words: "De la publicité.", Animators: true})
	must(t, err)
	about, err := s.Moderation.Report(t.Context(), moderation.Complaint{By: eve.ID, Person: ana.ID, Words: "Elle crie."})
	must(t, err)
	at := func(r moderation.Report, act string) string {
		return fmt.Sprintf("/api/v1/admin/reports/%d%s", r.ID, act)
	}
	evens, anas, bosses := lens.hand(s, eve), lens.hand(s, ana), lens.hand(s, chief)

	evens.asks(http.MethodGet, "/api/v1/admin/reports", nil, 403)
	for _, r := range []moderation.Report{inside, about} {
		evens.asks(http.MethodGet, at(r, ""), nil, 404)
		evens.asks(http.MethodPost, at(r, "/resolve"), url.Values{}, 403)
	}
	list := anas.get("/api/v1/admin/reports")
	if !strings.Contains(list, "De la publicité.") || !strings.Contains(list, "Achetez.") || strings.Contains(list, "Elle crie.") || strings.Contains(list, `"eve"`) {
		t.Errorf("who animates reads %s", list)
	}
	anas.asks(http.MethodGet, at(about, ""), nil, 404)
	anas.asks(http.MethodPost, at(about, "/resolve"), url.Values{}, 404)
	list = bosses.get("/api/v1/admin/reports")
	if !strings.Contains(list, "Elle crie.") || !strings.Contains(list, `"username":"eve"`) || strings.Contains(list, "@town.example") {
		t.Errorf("who administers reads %s", list)
	}
	anas.asks(http.MethodPost, at(inside, "/resolve"), url.Values{"comment": {"Je lui ai écrit."}}, 200)
	if list := anas.get("/api/v1/admin/reports"); list != "[]\n" {
		t.Errorf("then there waits %s", list)
	}
	if list := anas.get("/api/v1/admin/reports?resolved=true"); !strings.Contains(list, `"action_taken":true`) {
		t.Errorf("settled are %s", list)
	}
	if mine, err := s.Moderation.ReportsBy(t.Context(), eve.ID); err != nil || len(mine) != 2 || mine[0].Answer+mine[1].Answer != "Je lui ai écrit." {
		t.Errorf("Eve reads %+v, %v", mine, err)
	}
}
