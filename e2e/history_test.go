package e2e

import (
	"strings"
	"syscall"
	"testing"

	"passerelles/storage"
)

// TestHistory follows a community that has a past, then misses some of what it says.
func TestHistory(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	makers := home.community("makers", "ana")
	say := func(text string) string {
		return home.do("post", "new", "--as", "ana", "--community", "makers", "--title", text, "--text", text).text("id")
	}
	old := say("Avant que Bob arrive")
	reply := home.do("post", "reply", old, "--as", "ana", "--text", "Une réponse d’avant").text("id")
	with := func(text string) func(answer) bool {
		return func(a answer) bool { return strings.Contains(a.text("content"), text) }
	}

	t.Run("what was said before the follow is there, in its thread", func(t *testing.T) {
		away.follows("bob", makers)
		a := away.sees(old, with("Avant que Bob arrive"))
		if !strings.HasPrefix(a.text("community"), home.origin) {
			t.Errorf("it is seen in %q, want the community of %s", a.text("community"), home.origin)
		}
		if a := away.sees(reply, with("Une réponse d’avant")); a.text("inReplyTo") != old {
			t.Errorf("the reply answers %q, want %q", a.text("inReplyTo"), old)
		}
	})

	t.Run("what was lost while the server was away is had again", func(t *testing.T) {
		away.served.stop(syscall.SIGTERM)
		missed := say("Pendant l’absence")
		answer := home.do("post", "reply", old, "--as", "ana", "--text", "Réponse perdue").text("id")
		home.gaveUp(t)
		away.wasAway(t)
		away.start()
		away.sees(missed, with("Pendant l’absence"))
		away.sees(answer, with("Réponse perdue"))
	})
}

// gaveUp forgets what waits to be delivered, as a server that is less patient does.
func (s *town) gaveUp(t *testing.T) {
	t.Helper()
	s.changes(t, `DELETE FROM deliveries`)
}

// wasAway moves the last sign of life back by more than four minutes.
func (s *town) wasAway(t *testing.T) {
	t.Helper()
	s.changes(t, `UPDATE server SET seen_at = seen_at - interval '241 seconds'`)
}

func (s *town) changes(t *testing.T, sql string) {
	t.Helper()
	db, err := storage.Open(t.Context(), s.database, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
