package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestOthersThings: what is a member's own has a number. Under each address of the API that takes one, somebody
// else finds what is found under a number that nothing has, and changes nothing.
func TestOthersThings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve, mia := s.phone(t, "ana"), s.phone(t, "eve"), s.phone(t, "mia")
	made := func(path string, form url.Values) string { return ana.does(http.MethodPost, path, form)["id"].(string) }
	filter := ana.does(http.MethodPost, "/api/v2/filters", url.Values{"title": {"Sans"}, "context[]": {"home"}, "keywords_attributes[0][keyword]": {"clou"}})
	word := filter["keywords"].([]any)[0].(thing)["id"].(string)
	post := made("/api/v1/statuses", url.Values{"status": {"À voir"}})
	said := mia.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"@ana entre nous"}, "visibility": {"direct"}})["id"].(string)
	must(t, s.Jobs.DoDue(t.Context()))
	h := &hand{t, s, ana.token}
	notice := read[[]thing](t, h.get("/api/v1/notifications"))[0]["id"].(string)
	owned := map[string]string{
		"/api/v1/lists/{id:[0-9]+}":              made("/api/v1/lists", url.Values{"title": {"Ateliers"}}),
		"/api/v2/filters/{id:[0-9]+}":            filter["id"].(string),
		"/api/v2/filters/keywords/{id:[0-9]+}":   word,
		"/api/v1/filters/{id:[0-9]+}":            word,
		"/api/v2/filters/statuses/{id:[0-9]+}":   made("/api/v2/filters/"+filter["id"].(string)+"/statuses", url.Values{"status_id": {post}}),
		"/api/v1/media/{id:[0-9]+}":              ana.keeps("a.png", drawing(t)),
		"/api/v1/scheduled_statuses/{id:[0-9]+}": made("/api/v1/statuses", url.Values{"status": {"Plus tard"}, "scheduled_at": {time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}}),
		"/api/v1/notifications/{id:[0-9]+}":      notice,
		"/api/v2/notifications/{key}":            "ungrouped-" + notice,
		"/api/v1/conversations/{id:[0-9]+}":      said,
		"/api/v1/timelines/list/{id:[0-9]+}":     "",
		"/api/v1/polls/{id:[0-9]+}":              said, // there is none, and nothing to tell that there is a post
		"/api/v1/statuses/{id:[0-9]+}":           said,
	}
	owned["/api/v1/timelines/list/{id:[0-9]+}"] = owned["/api/v1/lists/{id:[0-9]+}"]
	tried := map[string]int{}
	for _, r := range rights(t) {
		method, path, _ := strings.Cut(r.route, " ")
		for pattern, own := range owned {
			rest, ok := strings.CutPrefix(path, pattern)
			if !ok {
				continue
			}
			tried[pattern]++
			place := strings.NewReplacer("{id:[0-9]+}", "@", "{key}", "@").Replace(pattern) + rest
			none := unknownID
			if strings.HasSuffix(pattern, "{key}") {
				none = "ungrouped-" + none
			}
			form := url.Values{"title": {"Mien"}, "keyword": {"mien"}, "phrase": {"mien"}, "context[]": {"home"}, "description": {"mien"}, "status": {"mien"},
				"status_id": {post}, "account_ids[]": {unknownID}, "choices[]": {"0"}, "scheduled_at": {time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)}}
			theirs, answer := eve.sends(method, strings.Replace(place, "@", own, 1), form)
			nobodys, nothing := eve.sends(method, strings.Replace(place, "@", none, 1), form)
			if dismissed := strings.HasSuffix(rest, "/dismiss") && theirs == http.StatusOK; theirs != http.StatusNotFound && !dismissed || nobodys != theirs || answer["error"] != nothing["error"] {
				t.Errorf("%s: Ana's is %d %v to Eve, nobody's %d %v", r.route, theirs, answer, nobodys, nothing)
			}
		}
	}
	for pattern, own := range owned {
		place, readable := strings.NewReplacer("{id:[0-9]+}", own, "{key}", own).Replace(pattern), !strings.Contains(pattern, "polls") && !strings.Contains(pattern, "conversations")
		if got, _, text := s.ask(t, http.MethodGet, place, nil, with(ana.token)); readable && (got != http.StatusOK || strings.Contains(text, "mien")) {
			t.Errorf("then %s is to Ana %d %s", place, got, text)
		}
	}
	for pattern := range owned {
		if tried[pattern] == 0 {
			t.Errorf("nothing was tried under %s", pattern)
		}
	}
}
