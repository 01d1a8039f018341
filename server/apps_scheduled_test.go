package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestScheduledByApps are kept, shown, moved and taken back; the page shows them too.
func TestScheduledByApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	at := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	form := url.Values{"status": {"Plus tard"}, "scheduled_at": {at}, "spoiler_text": {"Attention"}, "media_ids[]": {ana.keeps("a.png", drawing(t))}}
	p := ana.does(http.MethodPost, "/api/v1/statuses", form)
	params := p["params"].(thing)
	if p["scheduled_at"] == nil || params["text"] != "Plus tard" || params["spoiler_text"] != "Attention" || len(p["media_attachments"].([]any)) != 1 {
		t.Errorf("it is %v", p)
	}
	one := "/api/v1/scheduled_statuses/" + p["id"].(string)
	if _, _, text := s.ask(t, http.MethodGet, "/api/v1/scheduled_statuses", nil, with(ana.token)); !strings.Contains(text, p["id"].(string)) {
		t.Errorf("the list: %s", text)
	}
	if status, answer := eve.sends(http.MethodGet, one, nil); status != http.StatusNotFound {
		t.Errorf("Eve reads %d %v", status, answer)
	}
	if moved := ana.does(http.MethodPut, one, url.Values{"scheduled_at": {"2126-01-01T00:00:00Z"}}); moved["scheduled_at"] != "2126-01-01T00:00:00.000Z" {
		t.Errorf("moved it is %v", moved)
	}
	for _, wrong := range []string{"tomorrow", time.Now().Add(time.Minute).UTC().Format(time.RFC3339)} {
		if status, answer := ana.sends(http.MethodPut, one, url.Values{"scheduled_at": {wrong}}); status != 422 {
			t.Errorf("%s: %d %v", wrong, status, answer)
		}
	}
	ana.does(http.MethodDelete, one, nil)
	if status, _ := ana.sends(http.MethodGet, one, nil); status != http.StatusNotFound {
		t.Errorf("taken back it is %d", status)
	}
}
