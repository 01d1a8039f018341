package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/posts"
)

// hand is an app that acts for somebody.
type hand struct {
	t     *testing.T
	s     *site
	token string
}

func (a *app) hand(s *site, who accounts.Member) *hand {
	return &hand{a.t, s, a.token(who, "read", "write", "follow", "push", "admin:read", "admin:write")}
}

// asks gives the answer, which must have this status.
func (h *hand) asks(method, path string, form url.Values, want int) string {
	h.t.Helper()
	status, _, body := h.s.ask(h.t, method, path, strings.NewReader(form.Encode()), with(h.token), func(r *http.Request) {
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	})
	if status != want {
		h.t.Errorf("%s %s: %d %s, want %d", method, path, status, body, want)
	}
	return body
}

func (h *hand) get(path string) string { h.t.Helper(); return h.asks(http.MethodGet, path, nil, 200) }

func (h *hand) post(path string) string {
	h.t.Helper()
	return h.asks(http.MethodPost, path, nil, 200)
}

func read[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return v
}

type ties struct {
	Following, Requested bool
	Note                 string
}

func (s *site) comes(t *testing.T, name string) accounts.Member {
	t.Helper()
	m, err := s.Accounts.Create(t.Context(), accounts.New{Name: name, Email: name + "@town.example", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCommunitiesInApps: to follow a community for its members is to ask, and who animates it
// answers in an app too.
func TestCommunitiesInApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lens := newApp(t, s.Server)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	must(t, err)
	eve, mia := s.comes(t, "eve"), s.comes(t, "mia")
	c, err := s.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Cercle", Animator: ana.ID, Access: actors.ForMembers})
	must(t, err)
	hidden, err := s.Communities.Create(t.Context(), communities.New{Name: "secret", Title: "Secret", Animator: ana.ID, Access: actors.Confidential})
	must(t, err)
	inside, err := s.Posts.Publish(t.Context(), ana.ID, posts.Draft{Community: c.Actor.ID, Title: "Entre nous", Text: "Le mot."})
	must(t, err)
	group := fmt.Sprintf("/api/v1/accounts/%d", c.Actor.ID)
	eves, anas, mias := lens.hand(s, eve), lens.hand(s, ana), lens.hand(s, mia)

	if got := read[ties](t, eves.post(group+"/follow")); got.Following || !got.Requested {
		t.Errorf("asked, she is %+v", got)
	}
	eves.asks(http.MethodGet, fmt.Sprintf("/api/v1/statuses/%d", inside.ID), nil, 404)
	eves.asks(http.MethodPost, fmt.Sprintf("/api/v1/accounts/%d/follow", hidden.Actor.ID), nil, 404)
	if got := mias.get("/api/v1/follow_requests"); got != "[]\n" {
		t.Errorf("Mia is asked %s", got)
	}
	mias.asks(http.MethodPost, fmt.Sprintf("/api/v1/follow_requests/%d/authorize", eve.ID), nil, 404)
	if got := anas.get("/api/v1/follow_requests"); !strings.Contains(got, `"acct":"eve"`) {
		t.Errorf("Ana is asked %s", got)
	}
	must(t, s.Jobs.DoDue(t.Context()))
	if got := anas.get("/api/v1/notifications?types[]=follow_request"); !strings.Contains(got, `"acct":"eve"`) {
		t.Errorf("Ana is told %s", got)
	}
	anas.post(fmt.Sprintf("/api/v1/follow_requests/%d/authorize", eve.ID))
	if got := read[[]ties](t, eves.get(fmt.Sprintf("/api/v1/accounts/relationships?id[]=%d", c.Actor.ID))); len(got) != 1 || !got[0].Following || got[0].Requested {
		t.Errorf("let in, she is %+v", got)
	}
	if got := eves.get("/api/v1/timelines/home"); !strings.Contains(got, "Le mot.") || !strings.Contains(got, `"visibility":"private"`) {
		t.Errorf("at home she reads %s", got)
	}
	if got := eves.get(group); !strings.Contains(got, `"name":"Accès","value":"réservée à ses membres"`) || !strings.Contains(got, `"statuses_count":0`) {
		t.Errorf("it shows as %s", got)
	}
	if got := read[ties](t, eves.post(group+"/unfollow")); got.Following || got.Requested {
		t.Errorf("gone, she is %+v", got)
	}
	eves.asks(http.MethodGet, fmt.Sprintf("/api/v1/statuses/%d", inside.ID), nil, 404)
	eves.post(group + "/follow")
	anas.post(fmt.Sprintf("/api/v1/follow_requests/%d/reject", eve.ID))
	if got := read[[]ties](t, eves.get(fmt.Sprintf("/api/v1/accounts/relationships?id[]=%d", c.Actor.ID))); len(got) != 1 || got[0].Following || got[0].Requested {
		t.Errorf("declined, she is %+v", got)
	}
}

// TestWhomOneDoesNotHear: who is blocked or muted, or whose server is, stands in no thread either.
func TestWhomOneDoesNotHear(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lens := newApp(t, s.Server)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	must(t, err)
	eve, mia := s.comes(t, "eve"), s.comes(t, "mia")
	root, err := s.Posts.Publish(t.Context(), ana.ID, posts.Draft{Text: "Qui vient?"})
	must(t, err)
	for _, m := range []accounts.Member{eve, mia} {
		_, err := s.Posts.Publish(t.Context(), m.ID, posts.Draft{InReplyTo: root.ID, Text: "moi, " + m.Name})
		must(t, err)
	}
	anas := lens.hand(s, ana)
	context := func() string { return anas.get(fmt.Sprintf("/api/v1/statuses/%d/context", root.ID)) }
	if got := context(); !strings.Contains(got, "moi, eve") || !strings.Contains(got, "moi, mia") {
		t.Errorf("the thread is %s", got)
	}
	for _, act := range []string{"mute", "block"} {
		anas.post(fmt.Sprintf("/api/v1/accounts/%d/%s", eve.ID, act))
		if got := context(); strings.Contains(got, "moi, eve") || !strings.Contains(got, "moi, mia") {
			t.Errorf("after %s it is %s", act, got)
		}
		anas.post(fmt.Sprintf("/api/v1/accounts/%d/un%s", eve.ID, act))
	}
	if got := context(); !strings.Contains(got, "moi, eve") {
		t.Errorf("at last it is %s", got)
	}
	for _, wrong := range []string{"", "nonsense", "a b.example", "https://nowhere.example/", strings.TrimPrefix(s.url, "http://")} {
		anas.asks(http.MethodPost, "/api/v1/domain_blocks", url.Values{"domain": {wrong}}, 422)
	}
	anas.asks(http.MethodPost, "/api/v1/domain_blocks", url.Values{"domain": {"Nowhère.example"}}, 200)
	anas.asks(http.MethodPost, "/api/v1/domain_blocks", url.Values{"domain": {"nowhère.example"}}, 200)
	if got := anas.get("/api/v1/domain_blocks"); got != `["xn--nowhre-6ua.example"]`+"\n" {
		t.Errorf("the servers are %s", got)
	}
	anas.asks(http.MethodDelete, "/api/v1/domain_blocks", url.Values{"domain": {"nowhère.example"}}, 200)
	if got := anas.get("/api/v1/domain_blocks"); got != "[]\n" {
		t.Errorf("taken back, the servers are %s", got)
	}
}

// TestCallsAreCounted: RL-21, of strangers and of apps.
func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, func(c *config.Config) { c.AppCalls = 10 })
	lens := newApp(t, s.Server)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	must(t, err)
	token := lens.token(ana, "read")
	calls := func(most int, path string, as ...func(*http.Request)) {
		t.Helper()
		for i := range most + 1 {
			status, head, _ := s.ask(t, http.MethodGet, path, nil, as...)
			if left := fmt.Sprint(max(most-1-i, 0)); head.Get("X-RateLimit-Remaining") != left || head.Get("X-RateLimit-Limit") != fmt.Sprint(most) {
				t.Errorf("call %d: %s of %s are left, want %s of %d", i, head.Get("X-RateLimit-Remaining"), head.Get("X-RateLimit-Limit"), left, most)
			}
			if limited := status == http.StatusTooManyRequests; limited != (i == most) || limited != (head.Get("Retry-After") != "") {
				t.Errorf("call %d: %d, to come back in %q", i, status, head.Get("Retry-After"))
			}
		}
	}
	calls(10, "/api/v1/timelines/home", with(token))
	calls(10, "/api/v1/timelines/home", with(lens.token(ana, "read")))
	calls(2, "/api/v2/search?q=scie")
	if status, _, _ := s.ask(t, http.MethodGet, "/api/v1/timelines/home", nil, with("made up")); status != http.StatusTooManyRequests {
		t.Errorf("with a token that is made up: %d, want it counted for the address", status)
	}
	if status, _, _ := s.ask(t, http.MethodGet, "/about", nil); status != http.StatusOK {
		t.Errorf("a page: %d", status)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
