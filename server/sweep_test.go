package server

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/config"
	"passerelles/storage/storagetest"
)

// TestSweepKeepsTheTable follows the last column of docs/schema.md: of each pair of
// rows the old one goes and its twin stays, and what is kept for ever stays.
func TestSweepKeepsTheTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	s := openAt(t, func() time.Time { return now })
	day := 24 * time.Hour
	at := func(ago time.Duration) time.Time { return now.Add(-ago) }
	for _, row := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO actors (id, iri, kind, name, published, refreshed_at) VALUES (7, 'https://a.example/7', 'person', 'ana', $1, $1)`, []any{at(900 * day)}},
		{`INSERT INTO members (actor, email, password, created_at) VALUES (7, 'a@a.example', '', $1)`, []any{at(900 * day)}},
		{`INSERT INTO tokens (hash, member, label, created_at, expires_at) VALUES
			('1', 7, 'old', $1, $2), ('2', 7, 'young', $1, $3), ('3', 7, 'for ever', $1, NULL)`, []any{at(900 * day), at(time.Second), at(-time.Second)}},
		{`INSERT INTO sessions (token, data, expiry) VALUES ('old', '', $1), ('young', '', $2)`, []any{at(time.Second), at(-time.Second)}},
		{`INSERT INTO sign_in_failures (subject, at) VALUES ('old', $1), ('young', $2)`, []any{at(16 * time.Minute), at(14 * time.Minute)}},
		{`INSERT INTO key_misses (id, away, tried_at) VALUES ('old', true, $1), ('young', true, $2)`, []any{at(11 * time.Minute), at(9 * time.Minute)}},
		{`INSERT INTO early_likes (post, who, iri, at) VALUES ('old', 7, 'l', $1), ('young', 7, 'l', $2)`, []any{at(8 * day), at(6 * day)}},
		{`INSERT INTO undone (actor, iri, at) VALUES ('a', 'old', $1), ('a', 'young', $2)`, []any{at(61 * time.Minute), at(59 * time.Minute)}},
		{`INSERT INTO received (iri, type, actor, digest, body, arrived, object) VALUES
			('old', 'Like', 'a', '', 'b', $1, NULL), ('young', 'Like', 'a', '', 'b', $2, NULL), ('deleted', 'Create', 'a', '', 'b', $2, 'p')`,
			[]any{at(31 * day), at(29 * day)}},
		{`INSERT INTO tombstones (iri, at) VALUES ('p', $1), ('q', $2)`, []any{at(time.Hour), at(900 * day)}},
		{`INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at) VALUES (1, 1, 1, 0, 9, 'old', $1)`, []any{at(900 * day)}},
		{`INSERT INTO activities (iri, actor, type, object, body, listed, published) VALUES ('old', 7, 'Create', 'o', 'b', true, $1)`, []any{at(900 * day)}},
	} {
		if _, err := s.DB.Exec(t.Context(), row.sql, row.args...); err != nil {
			t.Fatalf("%s: %v", row.sql, err)
		}
	}
	if swept, err := s.sweepOnce(t.Context()); err != nil || !swept {
		t.Fatalf("swept: %v, %v", swept, err)
	}
	for sql, want := range map[string][]string{
		`SELECT label FROM tokens ORDER BY 1`:                        {"for ever", "young"},
		`SELECT token FROM sessions ORDER BY 1`:                      {"young"},
		`SELECT subject FROM sign_in_failures ORDER BY 1`:            {"young"},
		`SELECT id FROM key_misses ORDER BY 1`:                       {"young"},
		`SELECT post FROM early_likes ORDER BY 1`:                    {"young"},
		`SELECT iri FROM undone ORDER BY 1`:                          {"young"},
		`SELECT iri FROM received ORDER BY 1`:                        {"deleted", "old", "young"},
		`SELECT iri FROM received WHERE body IS NOT NULL ORDER BY 1`: {"young"},
		`SELECT iri FROM tombstones ORDER BY 1`:                      {"p", "q"},
		`SELECT reason FROM dead_letters`:                            {"old"},
		`SELECT iri FROM activities WHERE body <> ''`:                {"old"},
	} {
		rows, _ := s.DB.Query(t.Context(), sql) // CollectRows returns Query's error
		if got, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", sql, got, err, want)
		}
	}
}

// TestSweepOnce: once an hour for all processes, and never two at a time.
func TestSweepOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	s := openAt(t, func() time.Time { return now })
	expect := func(want bool) {
		t.Helper()
		if swept, err := s.sweepOnce(t.Context()); err != nil || swept != want {
			t.Errorf("swept: %v, %v; want %v", swept, err, want)
		}
	}
	unlock, ok, err := s.DB.TryLock(t.Context(), sweepLock)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	expect(false) // another process does
	unlock()
	expect(true)
	expect(false) // it is done
	now = now.Add(59 * time.Minute)
	expect(false)
	now = now.Add(time.Minute)
	expect(true)
}

// openAt opens a server whose clock the test keeps.
func openAt(t *testing.T, now func() time.Time) *Server {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.DatabaseURL, cfg.RedisURL = t.TempDir(), storagetest.URL(t), storagetest.Redis(t)
	s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestSweepBringsNear: what a process put off whose clock ran a year ahead does not wait
// for a year, and what should wait does.
func TestSweepBringsNear(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	s := openAt(t, func() time.Time { return now })
	at := func(ahead time.Duration) time.Time { return now.Add(ahead) }
	for _, row := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO lanes (host, number, rung_until, lease_until) VALUES (1, 0, $1, $1), (2, 0, $2, $2)`, []any{at(9000 * time.Hour), at(time.Minute)}},
		{`INSERT INTO host_states (host, resting_until) VALUES (1, $1), (2, $2)`, []any{at(9000 * time.Hour), at(time.Hour)}},
		{`INSERT INTO deliveries (host, activity, inbox, slot, not_before) VALUES (1, 1, 1, 0, $1), (2, 1, 1, 0, $2)`, []any{at(9000 * time.Hour), at(time.Hour)}},
		{`INSERT INTO received (id, iri, type, actor, digest, body, arrived) OVERRIDING SYSTEM VALUE VALUES
			(1, 'a', 'Like', 'a', '', 'b', $1), (2, 'b', 'Like', 'a', '', 'b', $1)`, []any{now}},
		{`INSERT INTO inbox_queue (received, due_at, lease_until) VALUES (1, $1, $1), (2, $2, $3)`,
			[]any{at(9000 * time.Hour), at(time.Hour), at(time.Minute)}},
	} {
		if _, err := s.DB.Exec(t.Context(), row.sql, row.args...); err != nil {
			t.Fatalf("%s: %v", row.sql, err)
		}
	}
	if swept, err := s.sweepOnce(t.Context()); err != nil || !swept {
		t.Fatalf("swept: %v, %v", swept, err)
	}
	soon := "'2027-05-01 12:02 UTC'"
	for _, sql := range []string{
		`SELECT count(*) FROM lanes WHERE lease_until > ` + soon + ` OR rung_until > ` + soon,
		`SELECT count(*) FROM inbox_queue WHERE lease_until > ` + soon,
		`SELECT count(*) FROM inbox_queue WHERE due_at > '2027-05-01 18:01 UTC'`,
		`SELECT count(*) FROM host_states WHERE resting_until > '2027-05-01 18:01 UTC'`,
		`SELECT count(*) FROM deliveries WHERE not_before > '2027-05-01 18:01 UTC'`,
	} {
		var n int
		if err := s.DB.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d, %v; want none", sql, n, err)
		}
	}
	var left int
	err := s.DB.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM lanes WHERE lease_until = $1) + (SELECT count(*) FROM inbox_queue WHERE due_at = $2 AND lease_until = $1)
		+ (SELECT count(*) FROM host_states WHERE resting_until = $2) + (SELECT count(*) FROM deliveries WHERE not_before = $2)`,
		at(time.Minute), at(time.Hour)).Scan(&left)
	if err != nil || left != 4 {
		t.Errorf("%d of 4 wait as they should, %v", left, err)
	}
}
