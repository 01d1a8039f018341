package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPollsOfApps are asked, shown, answered once, and stand.
func TestPollsOfApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	form := url.Values{"status": {"Quelle scie?"}, "poll[options][]": {"Rouge", "Bleue"}, "poll[expires_in]": {"3600"}, "poll[multiple]": {"false"}}
	post := ana.does(http.MethodPost, "/api/v1/statuses", form)
	at := "/api/v1/polls/" + post["poll"].(thing)["id"].(string)
	read := func(p phone, voted bool, votes ...any) {
		t.Helper()
		poll := p.does(http.MethodGet, at, nil)
		counted := []any{}
		for _, o := range poll["options"].([]any) {
			counted = append(counted, o.(thing)["votes_count"])
		}
		if poll["voted"] != voted || !cmp.Equal(counted, votes) || poll["expired"] != false || poll["expires_at"] == nil {
			t.Errorf("it reads %v, want %v %v", poll, voted, votes)
		}
	}
	read(ana, true, 0.0, 0.0)
	read(eve, false, 0.0, 0.0)
	if status, _, text := s.ask(t, http.MethodGet, at, nil); status != http.StatusOK || !strings.Contains(text, "Rouge") {
		t.Errorf("nobody reads %d %s", status, text)
	}
	for name, wrong := range map[string]url.Values{"none": {}, "no such": {"choices[]": {"2"}}, "no number": {"choices[]": {"x"}}, "two": {"choices[]": {"0", "1"}}} {
		if status, answer := eve.sends(http.MethodPost, at+"/votes", wrong); status != 422 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	if voted := eve.does(http.MethodPost, at+"/votes", nil, asJSON(t, thing{"choices": []int{1}})); !cmp.Equal(voted["own_votes"], any([]any{1.0})) {
		t.Errorf("she chose %v", voted)
	}
	if status, answer := eve.sends(http.MethodPost, at+"/votes", url.Values{"choices[]": {"0"}}); status != 422 {
		t.Errorf("twice: %d %v", status, answer)
	}
	read(eve, true, 0.0, 1.0)
	same := url.Values{"status": {"Quelle scie, donc?"}, "poll[options][]": {"Rouge", "Bleue"}, "poll[expires_in]": {"7200"}}
	if p := ana.does(http.MethodPut, "/api/v1/statuses/"+post["id"].(string), same); p["poll"].(thing)["votes_count"] != 1.0 {
		t.Errorf("an edit makes of it %v", p["poll"])
	}
	same["poll[options][]"] = []string{"Rouge", "Verte"}
	if status, answer := ana.sends(http.MethodPut, "/api/v1/statuses/"+post["id"].(string), same); status != 422 {
		t.Errorf("another poll in its place: %d %v", status, answer)
	}
	form["poll[hide_totals]"] = []string{"true"}
	hidden := ana.does(http.MethodPost, "/api/v1/statuses", form)["poll"].(thing)
	if hidden["options"].([]any)[0].(thing)["votes_count"] != nil {
		t.Errorf("what is hidden is shown: %v", hidden)
	}
	form["poll[expires_in]"] = []string{"10"}
	if status, answer := ana.sends(http.MethodPost, "/api/v1/statuses", form); status != 422 {
		t.Errorf("ten seconds: %d %v", status, answer)
	}
	if status, _ := eve.sends(http.MethodGet, "/api/v1/polls/"+unknownID, nil); status != http.StatusNotFound {
		t.Errorf("none: %d", status)
	}
}
