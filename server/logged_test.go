package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/storage/storagetest"
)

// TestNoLogHoldsWhatLetsIn opens a link, and one that is none, with a log that tells all.
func TestNoLogHoldsWhatLetsIn(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Origin, cfg.Data, cfg.MetricsListen = "http://localhost:1", t.TempDir(), ""
	cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = storagetest.URL(t), storagetest.Redis(t), 4
	log := &safeBuffer{}
	s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ana, err := s.Accounts.Create(t.Context(), accounts.New{Name: "ana", Email: "ana@example.org", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Cercle", Access: "confidential", Animator: ana.ID})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Communities.MakeLink(t.Context(), ana.ID, c.Actor.ID, communities.NewLink{Most: 1, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	opens := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	path := strings.TrimPrefix(l.Address, cfg.Origin)
	if w := opens(path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/invitation" || strings.Contains(w.Body.String(), path) {
		t.Errorf("the link: %d to %q", w.Code, w.Header().Get("Location"))
	}
	wrong := communities.LinkPath + strings.Repeat("x", len(path)-len(communities.LinkPath))
	same := strings.NewReplacer(wrong, "@", "/nothing/here", "@", "%2fi%2f"+wrong[3:], "@", "%2fnothing%2fhere", "@")
	none, nothing := opens(wrong), opens("/nothing/here")
	if none.Code != http.StatusNotFound || same.Replace(none.Body.String()) != same.Replace(nothing.Body.String()) {
		t.Errorf("what is no link: %d\n%s\nand what is nothing: %d\n%s", none.Code, none.Body, nothing.Code, nothing.Body)
	}
	for _, secret := range []string{path[len(communities.LinkPath):], wrong[len(communities.LinkPath):]} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), "path=/i/…") {
		t.Errorf("the log does not tell of the request:\n%s", log)
	}
}
