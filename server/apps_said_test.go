package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// TestWhatSomebodySays: an app asks for a part of it, and pages are full of that.
func TestWhatSomebodySays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	said := map[string]string{}
	says := func(p phone, name string, form url.Values) {
		said[p.does(http.MethodPost, "/api/v1/statuses", form)["id"].(string)] = name
	}
	says(eve, "first", url.Values{"status": {"Premier"}})
	says(eve, "drawing", url.Values{"status": {"Un dessin #Scie"}, "media_ids[]": {eve.keeps("a.png", drawing(t))}})
	first := ""
	for id, name := range said {
		if name == "first" {
			first = id
		}
	}
	says(eve, "answer", url.Values{"status": {"Et encore #scie"}, "in_reply_to_id": {first}})
	group, err := s.Directory.ByName(t.Context(), "makers")
	must(t, err)
	says(eve, "thread", url.Values{"status": {"@makers Voici"}, "media_ids[]": {eve.keeps("b.png", drawing(t))}})
	says(ana, "shared", url.Values{"status": {"De Ana #scie"}})
	who, err := s.Accounts.ByName(t.Context(), "eve")
	must(t, err)
	for id, name := range said {
		if name == "shared" {
			eve.does(http.MethodPost, "/api/v1/statuses/"+id+"/reblog", nil)
		}
	}
	h := &hand{t, s, ana.token}
	shown := func(id int64, query string) (names []string) {
		for _, one := range read[[]thing](t, h.get(fmt.Sprintf("/api/v1/accounts/%d/statuses?limit=3&%s", id, query))) {
			if inner, ok := one["reblog"].(thing); ok {
				one = inner
			}
			if name, ok := said[one["id"].(string)]; ok {
				names = append(names, name)
			}
		}
		return names
	}
	for query, want := range map[string][]string{
		"":                     {"shared", "thread", "answer"},
		"exclude_reblogs=true": {"thread", "answer", "drawing"},
		"exclude_reblogs=true&exclude_replies=true": {"thread", "drawing", "first"},
		"only_media=true":          {"thread", "drawing"},
		"tagged=SCIE":              {"answer", "drawing"},
		"tagged=scie&only_media=1": {"drawing"},
		"tagged=gouge":             nil,
	} {
		if got := shown(int64(who.ID), query); !slices.Equal(got, want) {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
	}
	if got := shown(int64(group.ID), "only_media=true"); !slices.Contains(got, "thread") || slices.Contains(got, "drawing") {
		t.Errorf("the files of the community: %q", got)
	}
}
