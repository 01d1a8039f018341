package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// entered is an app in Ana's hands who follows, wrote, likes and keeps, so that lists hold something.
func entered(t *testing.T, s *site) (ana phone, post thing) {
	t.Helper()
	ana = s.phone(t, "ana")
	post = ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Une #scie."}})
	ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Deux."}})
	for _, act := range []string{"favourite", "bookmark"} {
		ana.does(http.MethodPost, "/api/v1/statuses/"+post["id"].(string)+"/"+act, nil)
	}
	return ana, post
}

// TestWhatAnswersOfActsAre: each success is 200 with a JSON body of that type, whatever the act takes away.
func TestWhatAnswersOfActsAre(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, post := entered(t, s)
	at := "/api/v1/statuses/" + post["id"].(string)
	list := ana.does(http.MethodPost, "/api/v1/lists", url.Values{"title": {"x"}})
	filter := ana.does(http.MethodPost, "/api/v2/filters", url.Values{"title": {"x"}, "context[]": {"home"}})
	eve := s.phone(t, "eve").does(http.MethodGet, "/api/v1/accounts/verify_credentials", nil)["id"].(string)
	for _, act := range []string{"POST /api/v1/notifications/clear", "POST " + at + "/mute", "POST " + at + "/unmute", "POST " + at + "/unfavourite", "POST " + at + "/unbookmark",
		"POST /api/v1/accounts/" + eve + "/mute", "POST /api/v1/accounts/" + eve + "/unmute", "POST /api/v1/accounts/" + eve + "/block", "POST /api/v1/accounts/" + eve + "/unblock",
		"DELETE /api/v1/lists/" + list["id"].(string), "DELETE /api/v2/filters/" + filter["id"].(string), "POST /api/v1/domain_blocks?domain=loud.example",
		"DELETE /api/v1/domain_blocks?domain=loud.example", "DELETE /api/v1/profile/avatar", "DELETE " + at} {
		method, path, _ := strings.Cut(act, " ")
		status, head, body := s.ask(t, method, path, nil, with(ana.token))
		if status != http.StatusOK || !strings.HasPrefix(head.Get("Content-Type"), "application/json") || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %s %q, want 200 and JSON", act, status, head.Get("Content-Type"), body)
		}
	}
}

var link = regexp.MustCompile(`^<(https?://[^>]+)>; rel="next", <(https?://[^>]+)>; rel="prev"$`)

// TestLinksOfLists: next stands first, addresses are whole, what else was asked stays, and of an empty list there is no link.
func TestLinksOfLists(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, _ := entered(t, s)
	for _, path := range []string{"/api/v1/timelines/home?limit=1&local=true", "/api/v1/favourites?limit=1", "/api/v1/bookmarks?limit=1", "/api/v1/timelines/tag/scie?limit=1"} {
		_, head, body := s.ask(t, http.MethodGet, path, nil, with(ana.token))
		m := link.FindStringSubmatch(head.Get("Link"))
		if m == nil {
			t.Errorf("%s: %q of %s", path, head.Get("Link"), body)
			continue
		}
		for i, key := range []string{"max_id", "min_id"} {
			u, err := url.Parse(m[i+1])
			must(t, err)
			if q := u.Query(); !strings.HasPrefix(m[i+1], s.url) || q.Get("limit") != "1" || q.Get(key) == "" || strings.Contains(path, "local") && q.Get("local") != "true" {
				t.Errorf("%s leads to %s", path, m[i+1])
			}
		}
	}
	for _, path := range []string{"/api/v1/timelines/tag/rien", "/api/v1/blocks", "/api/v1/notifications?types[]=poll", "/api/v1/favourites?max_id=1"} {
		if _, head, body := s.ask(t, http.MethodGet, path, nil, with(ana.token)); body != "[]\n" || head.Get("Link") != "" {
			t.Errorf("%s: %s with a link %q", path, body, head.Get("Link"))
		}
	}
}

// TestHowThingsAreWritten: ids are texts of one length, times have milliseconds and Z, what is ours has a bare name.
func TestHowThingsAreWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, _ := entered(t, s)
	_, _, body := s.ask(t, http.MethodGet, "/api/v1/timelines/home", nil, with(ana.token))
	length := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(at, one)
			}
		case thing:
			for key, one := range v {
				if key != "tags" { // which are called by their names
					walk(key, one)
				}
			}
		case string:
			if strings.HasSuffix(at, "_at") && at != "last_status_at" && !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(v) {
				t.Errorf("%s is %q", at, v)
			}
			if at == "id" || strings.HasSuffix(at, "_id") {
				if length == 0 {
					length = len(v)
				}
				if len(v) != length || v[0] == '0' {
					t.Errorf("%s is %q, and another has %d digits", at, v, length)
				}
			}
		case float64:
			if at == "id" || strings.HasSuffix(at, "_id") {
				t.Errorf("%s is a number", at)
			}
		}
	}
	all := read[[]any](t, body)
	walk("", all)
	if len(all) == 0 || length == 0 {
		t.Fatalf("home is %s", body)
	}
	if got := all[0].(thing)["account"].(thing)["acct"]; got != "ana" {
		t.Errorf("Ana is called %v", got)
	}
}

// TestWhatAppsAskFirst: the version, the older form of the instance, slashes at the end, errors, and what other sites may read.
func TestWhatAppsAskFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, post := entered(t, s)
	for _, path := range []string{"/api/v1/instance", "/api/v2/instance", "/api/v1/instance/"} {
		v := ana.does(http.MethodGet, path, nil)
		if version := v["version"].(string); !regexp.MustCompile(`^\d+\.\d+\.\d+ \(compatible; [^+)]+\)$`).MatchString(version) {
			t.Errorf("%s: version %q", path, version)
		}
	}
	ana.rows("/api/v1/conversations/")
	v1 := ana.does(http.MethodGet, "/api/v1/instance", nil)
	if urls := v1["urls"].(thing); urls["streaming_api"] != "ws"+strings.TrimPrefix(s.url, "http") && urls["streaming_api"] != "wss"+strings.TrimPrefix(s.url, "http") {
		t.Errorf("streams are at %v", urls)
	}
	for key, v := range v1["stats"].(thing) {
		if _, number := v.(float64); !number {
			t.Errorf("stats %s is %v", key, v)
		}
	}
	if _, text := v1["thumbnail"].(string); !text {
		t.Errorf("thumbnail is %v", v1["thumbnail"])
	}
	if v2 := ana.does(http.MethodGet, "/api/v2/instance", nil); v2["configuration"].(thing)["urls"].(thing)["streaming"] == nil {
		t.Errorf("streams are nowhere in %v", v2)
	}
	tags := ana.rows("/api/v1/trends/tags")
	for _, one := range tags {
		for _, day := range one.(thing)["history"].([]any) {
			for key, v := range day.(thing) {
				if _, text := v.(string); !text {
					t.Errorf("history %s is %v", key, v)
				}
			}
		}
	}
	for path, want := range map[string]int{"/api/v1/statuses/1": 404, "/api/v1/none": 404, "/api/v1/lists/7": 404} {
		status, head, body := s.ask(t, http.MethodGet, path, nil, with(ana.token), fromElsewhere)
		if status != want || !strings.HasPrefix(body, `{"error":"`) || head.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s %q", path, status, body, head)
		}
	}
	for _, path := range []string{"/.well-known/nodeinfo", "/nodeinfo/2.0", "/.well-known/host-meta", "/.well-known/webfinger?resource=acct:nobody@localhost", "/.well-known/oauth-authorization-server"} {
		if status, head, _ := s.ask(t, http.MethodGet, path, nil, fromElsewhere); head.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s (%d) is not for other sites: %q", path, status, head)
		}
	}
	_, head, _ := s.ask(t, http.MethodOptions, "/api/v1/statuses", nil, fromElsewhere)
	for _, word := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if !strings.Contains(head.Get("Access-Control-Allow-Methods"), word) {
			t.Errorf("methods are %q", head.Get("Access-Control-Allow-Methods"))
		}
	}
	for _, word := range []string{"Authorization", "Content-Type", "Idempotency-Key"} {
		if !strings.Contains(head.Get("Access-Control-Allow-Headers"), word) {
			t.Errorf("headers are %q", head.Get("Access-Control-Allow-Headers"))
		}
	}
	info := ana.does(http.MethodGet, "/nodeinfo/2.0", nil)
	if info["software"].(thing)["name"] == "mastodon" || info["metadata"].(thing)["upstream"].(thing)["name"] != "mastodon" {
		t.Errorf("nodeinfo is %v", info)
	}

	id := post["id"].(string)
	boost := ana.does(http.MethodPost, "/api/v1/statuses/"+id+"/reblog", nil)
	if boost["id"] == id || boost["reblog"].(thing)["id"] != id {
		t.Errorf("a boost is %v of %v", boost["id"], boost["reblog"])
	}
	for _, act := range []string{"unreblog", "unfavourite", "unbookmark"} {
		if got := ana.does(http.MethodPost, "/api/v1/statuses/"+id+"/"+act, nil); got["id"] != id {
			t.Errorf("%s gives %v", act, got["id"])
		}
	}
	if _, there := post["scheduled_at"]; there {
		t.Error("what is published has a time for later")
	}
	if got := ana.does(http.MethodDelete, "/api/v1/statuses/"+id, nil); got["text"] != "Une #scie." {
		t.Errorf("what was deleted is %v", got)
	}
}
