package outbox

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// belongs makes members of a community of those who follow it from a peer, in a role.
func (w *town) belongs(t *testing.T, level, role string, peers ...int) {
	t.Helper()
	run(t, w.db, `
		INSERT INTO communities (actor, access, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (actor) DO NOTHING`, w.group.ID, level, start)
	for _, i := range peers {
		run(t, w.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, $3, $4)`, w.group.ID, i+1, role, start)
	}
}

// say sends something to the members, or to those who animate.
func (w *town) say(t *testing.T, body string, animators bool) {
	t.Helper()
	a := w.activity(body, 1)
	a.MembersOf, a.Animators = w.group.ID, animators
	w.send(t, Audience{MembersOf: w.group.ID, Animators: animators}, a)
}

// TestForMembers: what is for members goes to their servers, for animators to theirs; of a
// confidential community to those that it shows itself to.
func TestForMembers(t *testing.T) {
	t.Parallel()
	for level, want := range map[string][3][]string{
		"open":         {{"members"}, {"members", "animators"}, nil},
		"members":      {{"members"}, {"members", "animators"}, nil},
		"confidential": {nil, {"members", "animators"}, nil},
	} {
		w := newTown(t, 3)
		w.belongs(t, level, "member", 0)
		w.belongs(t, level, "animator", 1)
		run(t, w.db, `INSERT INTO community_hosts (community, host, since) VALUES ($1, $2, $3)`, w.group.ID, w.peers[1].host, start)
		w.say(t, "members", false)
		w.say(t, "animators", true)
		w.work(t)
		for i, p := range w.peers {
			if got := p.received(); !slices.Equal(got, want[i]) {
				t.Errorf("%s: peer %d got %q, want %q", level, i, got, want[i])
			}
		}
	}
}

// TestLeftWhileItWaits: who is no member any more gets nothing of what waits, however it
// ends: they left, animate no more, do not follow, or their server is not to know.
func TestLeftWhileItWaits(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]string{
		"left":           `DELETE FROM memberships WHERE community = $1 AND who = 1`,
		"no longer":      `UPDATE memberships SET role = 'member' WHERE community = $1 AND who = 1`,
		"unfollowed":     `UPDATE follows SET state = 'ended', ended_at = asked_at WHERE followee = $1 AND follower = 1`,
		"not to know":    `DELETE FROM community_hosts WHERE community = $1`,
		"still a member": `SELECT $1::bigint`,
	} {
		w := newTown(t, 1)
		w.belongs(t, "confidential", "animator", 0)
		run(t, w.db, `INSERT INTO community_hosts (community, host, since) VALUES ($1, $2, $3)`, w.group.ID, w.peers[0].host, start)
		away := w.peers[0]
		away.answer(always(http.StatusServiceUnavailable))
		w.say(t, "first", true)
		w.say(t, "second", true)
		w.work(t)
		away.answer(nil)
		came := len(away.received())
		run(t, w.db, end, w.group.ID)
		w.sleepOut(t, away)
		w.work(t)
		var want []string
		if what == "still a member" {
			want = []string{"first", "second"}
		}
		if got := away.received()[came:]; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
		if n := count(t, w.db, "deliveries") + count(t, w.db, "dead_letters"); n != 0 {
			t.Errorf("%s: %d rows are left", what, n)
		}
	}
}

// TestLeftWhileItIsDrained: a drainer has rows in its hands, and looks again each second.
func TestLeftWhileItIsDrained(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	w.belongs(t, "members", "member", 0)
	w.peers[0].answer(func(n int, _ string) (int, string) {
		if n == 1 {
			run(t, w.db, `DELETE FROM memberships WHERE community = $1`, w.group.ID)
			w.clock.Advance(2 * time.Second)
		}
		return http.StatusAccepted, ""
	})
	for _, body := range []string{"a", "b", "c", "d"} {
		w.say(t, body, false)
	}
	w.work(t)
	if got := w.peers[0].received(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q, want what was sent before the end", got)
	}
}

// TestFormerMembers hear of the end of what they were sent, and of nothing else.
func TestFormerMembers(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2)
	w.belongs(t, "members", "member", 0)
	run(t, w.db, `INSERT INTO former_members (community, who, ended_at) VALUES ($1, 2, $2)`, w.group.ID, start)
	w.say(t, "news", false)
	gone := w.activity("gone", 1)
	gone.Type = "Delete"
	w.send(t, Audience{MembersOf: w.group.ID, FormerSince: start.Add(-time.Hour)}, gone)
	older := w.activity("older", 1)
	older.Type = "Delete"
	w.send(t, Audience{MembersOf: w.group.ID, FormerSince: start.Add(time.Hour)}, older)
	w.work(t)
	for i, want := range [][]string{{"news", "gone", "older"}, {"gone"}} {
		if got := w.peers[i].received(); !slices.Equal(got, want) {
			t.Errorf("peer %d got %q, want %q", i, got, want)
		}
	}
}
