package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAppsNameNobodyBlindly: whom an app names blindly stands nowhere in what is made of its words.
func TestAppsNameNobodyBlindly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.phone(t, "ana")
	blind := url.Values{"status": {"Bonjour."}, "bto": {"https://x.example/canary"}, "bcc[]": {"https://x.example/canary"}, "bcc": {"@canary"}}
	made := ana.does(http.MethodPost, "/api/v1/statuses", blind)
	at := "/api/v1/statuses/" + made["id"].(string)
	blind.Set("status", "Bonsoir.")
	ana.does(http.MethodPut, at, blind)
	wire := func(r *http.Request) { r.Header.Set("Accept", "application/activity+json") }
	for path, change := range map[string]func(*http.Request){at: with(ana.token), at + "/history": with(ana.token), at + "/source": with(ana.token), "/posts/" + made["id"].(string): wire} {
		status, _, text := s.ask(t, http.MethodGet, path, nil, change)
		if status != http.StatusOK || strings.Contains(text, "canary") || strings.Contains(text, `"bcc"`) || strings.Contains(text, `"bto"`) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	var told int
	if err := s.DB.QueryRow(t.Context(), `SELECT count(*) FROM activities WHERE position('canary'::bytea in body) > 0`).Scan(&told); err != nil || told != 0 {
		t.Errorf("%d activities tell it, %v", told, err)
	}
}
