package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"passerelles/posts"
)

// TestQuotesOfApps are made, shown, told, and taken back.
func TestQuotesOfApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	write := func(p phone, form url.Values) thing {
		t.Helper()
		return p.does(http.MethodPost, "/api/v1/statuses", form)
	}
	at := func(post thing) string { return "/api/v1/statuses/" + post["id"].(string) }
	approval := func(post thing) string {
		a := post["quote_approval"].(thing)
		all := []string{a["current_user"].(string)}
		for _, who := range a["automatic"].([]any) {
			all = append(all, who.(string))
		}
		return strings.Join(all, " ")
	}
	saw := write(ana, url.Values{"status": {"Une scie."}})
	if got := approval(saw); got != "automatic public" {
		t.Errorf("who may quote it is %s", got)
	}
	look := write(eve, url.Values{"status": {"Voyez."}, "quoted_status_id": {saw["id"].(string)}})
	quote := look["quote"].(thing)
	if quote["state"] != "accepted" || quote["quoted_status"].(thing)["id"] != saw["id"] || !strings.Contains(look["content"].(string), "quote-inline") {
		t.Fatalf("it reads %v", look)
	}
	third := write(ana, url.Values{"status": {"Oui."}, "quoted_status_id": {look["id"].(string)}})
	inner := third["quote"].(thing)["quoted_status"].(thing)["quote"].(thing)
	if _, whole := inner["quoted_status"]; whole || inner["quoted_status_id"] != saw["id"] || inner["state"] != "accepted" {
		t.Errorf("within the quote it reads %v", inner)
	}
	if got := ana.does(http.MethodGet, at(saw), nil); got["quotes_count"] != 1.0 {
		t.Errorf("it is quoted %v times", got["quotes_count"])
	}
	told := ana.rows("/api/v1/notifications?types[]=quote")
	if len(told) != 1 || told[0].(thing)["status"].(thing)["id"] != look["id"] {
		t.Errorf("Ana is told %v", told)
	}
	ana.does(http.MethodPut, at(saw), url.Values{"status": {"Une belle scie."}})
	if told := eve.rows("/api/v1/notifications?types[]=quoted_update"); len(told) != 1 || told[0].(thing)["status"].(thing)["id"] != look["id"] {
		t.Errorf("Ève is told %v", told)
	}
	if list := eve.rows(at(saw) + "/quotes"); len(list) != 1 || list[0].(thing)["id"] != look["id"] {
		t.Errorf("what quotes it is %v", list)
	}

	boost := ana.does(http.MethodPost, at(saw)+"/reblog", nil)
	for name, wrong := range map[string]struct {
		by     phone
		form   url.Values
		status int
	}{
		"no such":   {eve, url.Values{"quoted_status_id": {unknownID}}, 404},
		"no policy": {eve, url.Values{"quote_approval_policy": {"friends"}}, 422},
	} {
		wrong.form.Set("status", "x")
		if status, answer := wrong.by.sends(http.MethodPost, "/api/v1/statuses", wrong.form); status != wrong.status {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	if got := approval(ana.does(http.MethodPut, at(saw)+"/interaction_policy", url.Values{"quote_approval_policy": {"nobody"}})); got != "automatic" {
		t.Errorf("closed, she may %s", got)
	}
	if status, answer := eve.sends(http.MethodPut, at(saw)+"/interaction_policy", url.Values{"quote_approval_policy": {"public"}}); status != 403 {
		t.Errorf("Ève opens it: %d %v", status, answer)
	}
	for name, of := range map[string]thing{"the post": saw, "a boost of it": boost} {
		if status, answer := eve.sends(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"x"}, "quoted_status_id": {of["id"].(string)}}); status != 403 {
			t.Errorf("closed, of %s: %d %v", name, status, answer)
		}
	}
	if got := approval(eve.does(http.MethodGet, at(saw), nil)); got != "denied" {
		t.Errorf("closed, Ève may %s", got)
	}
	boosted := eve.does(http.MethodPost, at(look)+"/reblog", nil)
	if got := write(eve, url.Values{"status": {"x"}, "quoted_status_id": {boosted["id"].(string)}}); got["quote"].(thing)["quoted_status"].(thing)["id"] != look["id"] {
		t.Errorf("of her own boost she quotes %v", got["quote"])
	}

	revoke := at(saw) + "/quotes/" + look["id"].(string) + "/revoke"
	if status, answer := eve.sends(http.MethodPost, revoke, nil); status != 403 {
		t.Errorf("Ève takes it back: %d %v", status, answer)
	}
	if got := ana.does(http.MethodPost, revoke, nil)["quote"].(thing); got["state"] != "revoked" || got["quoted_status"] != nil {
		t.Errorf("taken back, it reads %v", got)
	}
	if told := ana.rows("/api/v1/notifications?types[]=quote"); len(told) != 0 {
		t.Errorf("Ana is still told %v", told)
	}
}

// TestQuotesOfWhatIsWithin: what is for members is quoted by nobody, whoever asks and however.
func TestQuotesOfWhatIsWithin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.phone(t, "ana")
	inside := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Entre nous. @makers"}, "visibility": {"private"}, "quote_approval_policy": {"public"}})
	if inside["visibility"] != "private" {
		t.Fatalf("it is %v", inside["visibility"])
	}
	if a := inside["quote_approval"].(thing); len(a["automatic"].([]any)) != 0 || a["current_user"] != "denied" {
		t.Errorf("who may quote it is %v", a)
	}
	quoting := url.Values{"status": {"x"}, "quoted_status_id": {inside["id"].(string)}}
	if status, answer := ana.sends(http.MethodPost, "/api/v1/statuses", quoting); status != 403 {
		t.Errorf("its author: %d %v", status, answer)
	}
	if status, answer := s.phone(t, "eve").sends(http.MethodPost, "/api/v1/statuses", quoting); status != 404 {
		t.Errorf("a stranger: %d %v", status, answer)
	}
	if status, answer := ana.sends(http.MethodPut, "/api/v1/statuses/"+inside["id"].(string)+"/interaction_policy", url.Values{"quote_approval_policy": {posts.QuotedByAll}}); status != 403 {
		t.Errorf("opened: %d %v", status, answer)
	}
}

// TestQuotesInParts reads what quotes a post in parts, as any list.
func TestQuotesInParts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	saw := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Une scie."}})
	var made []string
	for _, words := range []string{"un", "deux", "trois", "quatre"} {
		made = append(made, eve.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {words}, "quoted_status_id": {saw["id"].(string)}})["id"].(string))
	}
	at := "/api/v1/statuses/" + saw["id"].(string) + "/quotes"
	for _, tc := range []struct {
		query string
		want  []int
	}{
		{"", []int{3, 2, 1, 0}},
		{"?limit=2", []int{3, 2}},
		{"?limit=2&max_id=" + made[2], []int{1, 0}},
		{"?limit=2&since_id=" + made[0], []int{3, 2}},
		{"?limit=2&min_id=" + made[0], []int{2, 1}},
		{"?min_id=" + made[0] + "&max_id=" + made[2], []int{1}},
		{"?min_id=" + made[3], nil},
	} {
		_, head, text := s.ask(t, http.MethodGet, at+tc.query, nil, with(ana.token))
		var got, want []string
		for _, row := range read[[]thing](t, text) {
			got = append(got, row["id"].(string))
		}
		for _, i := range tc.want {
			want = append(want, made[i])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", tc.query, got, want)
		}
		link := head.Get("Link")
		if want == nil && link != "" || want != nil && (!strings.Contains(link, "max_id="+want[len(want)-1]+`>; rel="next"`) || !strings.Contains(link, "min_id="+want[0]+`>; rel="prev"`)) {
			t.Errorf("%q leads on to %s", tc.query, link)
		}
	}
}

// rows reads a list.
func (p phone) rows(path string) []any {
	p.t.Helper()
	_, _, text := p.s.ask(p.t, http.MethodGet, path, nil, with(p.token))
	return read[[]any](p.t, text)
}
