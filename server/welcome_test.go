package server

import (
	"log/slog"
	"strings"
	"testing"

	"passerelles/acts"
	"passerelles/config"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// TestWelcomeTellsThePassword while it is the first one; later it would lead astray.
func TestWelcomeTellsThePassword(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Data, cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = t.TempDir(), storagetest.URL(t), storagetest.Redis(t), 4
	s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	welcome := func() string {
		t.Helper()
		text, err := s.Welcome(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := welcome()
	if _, told, _ := strings.Cut(first, "as responsable, password "); len(told) < 16 || welcome() != first {
		t.Errorf("it says %q, then %q", first, welcome())
	}
	admin, err := s.Accounts.ByName(t.Context(), administrator)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.SetPassword(t.Context(), acts.By{}, admin.ID, "une phrase assez longue"); err != nil {
		t.Fatal(err)
	}
	for range 12 { // a start is no failed sign-in
		if said := welcome(); !strings.Contains(said, "as responsable, with the password that you chose\n") {
			t.Fatalf("with another password it says %q", said)
		}
	}
	if _, err := s.Accounts.SignIn(t.Context(), administrator, "une phrase assez longue", "192.0.2.1"); err != nil {
		t.Error(err)
	}
	err = s.DB.Write(t.Context(), func(tx storage.Tx) error { return s.Directory.MarkGone(t.Context(), tx, admin.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if said := welcome(); strings.Contains(said, "as responsable") {
		t.Errorf("the first administrator has gone, and it says %q", said)
	}
}

// TestNobodyIsMadeForThePublic starts servers that others reach: nobody is there before
// somebody was made, no example and no administrator whose password could be guessed.
func TestNobodyIsMadeForThePublic(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"https://town.example", "https://localhost", "http://192.0.2.1"} {
		cfg := config.Default()
		cfg.Origin, cfg.Data, cfg.DatabaseConns = origin, t.TempDir(), 4
		cfg.DatabaseURL, cfg.RedisURL = storagetest.URL(t), storagetest.Redis(t)
		s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		said, err := s.Welcome(t.Context())
		if err != nil || strings.Contains(said, administrator) {
			t.Errorf("%s says %q, %v", origin, said, err)
		}
		var members, communities int
		err = s.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM communities)`).Scan(&members, &communities)
		if err != nil || members != 0 || communities != 0 {
			t.Errorf("%s: %d members and %d communities, %v; want none", origin, members, communities, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
