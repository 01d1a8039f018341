package outbox

import (
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
)

func TestSend(t *testing.T) {
	t.Parallel()
	waiting := func(w *town, p *peer) int {
		return count(t, w.db, "deliveries WHERE host = $1", p.host)
	}
	followers := func(w *town) Audience { return Audience{FollowersOf: []actors.ID{w.group.ID}} }

	t.Run("once per inbox, however many follow there", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 3)
		addFollower(t, w.db, 100, w.group.ID, w.peers[0].host, w.peers[0].inbox)
		to := followers(w)
		to.To = []actors.ID{1, 2, w.group.ID}
		to.Inboxes = []string{w.peers[2].URL + "/inbox"}
		w.send(t, to, w.activity("hello", 1))
		if got := count(t, w.db, "deliveries"); got != 3 {
			t.Errorf("deliveries = %d, want 3", got)
		}
	})
	t.Run("a form also to whom it alone names", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 3)
		run(t, w.db, `UPDATE follows SET state = 'ended' WHERE delivery <> $1`, w.peers[0].inbox)
		first, second := w.activity("first", 1), w.activity("second", 2)
		first.Also = []actors.ID{1, 2, w.group.ID} // of peers 0 and 1, and of ours
		w.send(t, followers(w), first, second)
		for i, want := range []int{2, 1, 0} {
			if got := waiting(w, w.peers[i]); got != want {
				t.Errorf("peer %d gets %d, want %d", i, got, want)
			}
		}
	})
	t.Run("a second run sends nothing more", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 2)
		w.send(t, followers(w), w.activity("hello", 1))
		w.work(t)
		w.send(t, followers(w), w.activity("hello", 1))
		if got := count(t, w.db, "deliveries"); got != 0 {
			t.Errorf("deliveries = %d, want 0", got)
		}
	})
	t.Run("each dialect its form", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 3)
		run(t, w.db, `UPDATE hosts SET dialect = 2 WHERE id = $1`, w.peers[1].host)
		run(t, w.db, `UPDATE hosts SET dialect = 4 WHERE id = $1`, w.peers[2].host)
		wrapped, plain := w.activity("wrapped", 1), w.activity("plain", 1)
		wrapped.For, plain.For = actors.Unknown|actors.Threads, actors.Unknown|actors.Microblog
		w.send(t, followers(w), wrapped, plain)
		for i, want := range []int{2, 1, 1} {
			if got := waiting(w, w.peers[i]); got != want {
				t.Errorf("peer %d gets %d, want %d", i, got, want)
			}
		}
	})
	t.Run("not to suspended hosts, their subdomains, ended inboxes, nor the exception", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 2)
		for i, name := range []string{"bad.example", "sub.bad.example:8443", "notbad.example"} {
			host, inbox := addInbox(t, w.db, name, "https://"+name+"/inbox")
			addFollower(t, w.db, 200+int64(i), w.group.ID, host, inbox)
		}
		run(t, w.db, `INSERT INTO host_policies (host, policy, since) VALUES ('bad.example', 'suspended', $1)`, start)
		run(t, w.db, `UPDATE inboxes SET gone_at = $2 WHERE id = $1`, w.peers[0].inbox, start)
		to := followers(w)
		to.ExceptHost = w.peers[1].name
		w.send(t, to, w.activity("hello", 1))
		var got string
		one(t, w.db, &got, `SELECT string_agg(h.name, ' ') FROM deliveries d JOIN hosts h ON h.id = d.host`)
		if want := "notbad.example"; got != want {
			t.Errorf("sent to %q, want %q", got, want)
		}
	})
	t.Run("former followers only when asked", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 3)
		run(t, w.db, `UPDATE follows SET state = 'ended', ended_at = $1 WHERE follower = 1`, start)
		run(t, w.db, `UPDATE follows SET state = 'ended', ended_at = $1 WHERE follower = 2`, start.Add(-time.Hour))
		w.send(t, followers(w), w.activity("hello", 1))
		to := followers(w)
		to.FormerSince = start.Add(-time.Minute)
		w.send(t, to, w.activity("delete", 1))
		for i, want := range []int{1, 0, 2} {
			if got := waiting(w, w.peers[i]); got != want {
				t.Errorf("peer %d gets %d, want %d", i, got, want)
			}
		}
	})
	t.Run("to nobody", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 0)
		w.send(t, Audience{}, w.activity("alone", 1))
		w.send(t, followers(w), w.activity("no followers", 1))
		list, err := Collection(t.Context(), w.db, access.Reader{}, w.group.ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 2 || list[0].IRI != w.activity("no followers", 1).IRI {
			t.Errorf("collection = %+v, want the two, newest first", list)
		}
	})
}
