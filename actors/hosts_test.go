package actors_test

import (
	"slices"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	due := func() []string {
		t.Helper()
		names, err := tw.DueHosts(t.Context(), tw.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	want := func(want actors.Host) {
		t.Helper()
		got, err := tw.HostByName(t.Context(), p.host())
		want.ID, want.Name = got.ID, p.host()
		if err != nil || got != want {
			t.Errorf("the host is %+v, %v, want %+v", got, err, want)
		}
	}

	a := tw.resolve(t, p.actor("Person", "ana")) // of a host that nobody knew
	select {
	case <-tw.pokes:
	default:
		t.Error("nobody was told that a new host waits")
	}
	want(actors.Host{Dialect: actors.Unknown})
	if got := due(); !slices.Equal(got, []string{p.host()}) {
		t.Errorf("due = %v, want the new host", got)
	}
	if got := due(); len(got) != 0 {
		t.Errorf("due again at once: %v", got)
	}

	learn := func() {
		t.Helper()
		if err := tw.LearnHost(t.Context(), p.host()); err != nil {
			t.Fatal(err)
		}
	}
	learn() // it has no NodeInfo
	want(actors.Host{Dialect: actors.Unknown})
	tw.clock.pass(59 * time.Minute)
	if got := due(); len(got) != 0 {
		t.Errorf("due before an hour: %v", got)
	}
	tw.clock.pass(2 * time.Minute)
	if got := due(); len(got) != 1 {
		t.Errorf("due after an hour: %v", got)
	}
	p.software("Lemmy")
	learn()
	want(actors.Host{Software: "lemmy", Version: "4.5.6", Dialect: actors.Threads})
	tw.clock.pass(6 * 24 * time.Hour)
	if got := due(); len(got) != 0 {
		t.Errorf("due before a week: %v", got)
	}
	tw.clock.pass(25 * time.Hour)
	if got := due(); len(got) != 1 {
		t.Errorf("due after a week: %v", got)
	}
	p.status("/nodeinfo/2.0", 500)
	learn()
	want(actors.Host{Software: "lemmy", Version: "4.5.6", Dialect: actors.Threads})
	p.software("mastodon")
	learn()
	want(actors.Host{Software: "mastodon", Version: "4.5.6", Dialect: actors.Microblog})

	_, err := tw.HostByName(t.Context(), "nowhere.example")
	wantKind(t, err, fault.NotFound)
	tw.write(t, func(tx storage.Tx) error {
		id, err := tw.HostOf(t.Context(), tx, p.host())
		if id != a.HostID {
			t.Errorf("the host's row is %d, want %d", id, a.HostID)
		}
		fresh, err2 := tw.HostOf(t.Context(), tx, "new.example")
		if fresh == 0 || fresh == id || err2 != nil {
			t.Errorf("a new host's row is %d, %v", fresh, err2)
		}
		return err
	})
}

func TestEndInbox(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	club := tw.create(t, actors.Group, "club")
	bob := tw.resolve(t, p.actor("Person", "bob"))
	refuse := func() (ended bool) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) (err error) {
			ended, err = tw.EndInbox(t.Context(), tx, bob.Delivery, tw.clock.Now())
			return err
		})
		return ended
	}
	steps := []struct {
		pass  time.Duration
		ended bool
	}{{0, false}, {59 * time.Minute, false}, {2 * time.Minute, true}, {0, true}}
	for i, s := range steps {
		tw.clock.pass(s.pass)
		if got := refuse(); got != s.ended {
			t.Errorf("refusal %d: ended %v, want %v", i+1, got, s.ended)
		}
	}
	tw.write(t, func(tx storage.Tx) error {
		return tw.SetFollow(t.Context(), tx, actors.Follow{Followee: club.ID, Follower: bob.ID, State: actors.Accepted, IRI: "https://x/1"})
	})
	if refuse() {
		t.Error("after a new follow the inbox is still ended")
	}
	tw.write(t, func(tx storage.Tx) error { return tw.ReviveInbox(t.Context(), tx, bob.Delivery) })
	tw.clock.pass(2 * time.Hour)
	if refuse() {
		t.Error("a refusal before it was revived counts")
	}
	err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tw.EndInbox(t.Context(), tx, 999, tw.clock.Now())
		return err
	})
	wantKind(t, err, fault.NotFound)
}

func TestDialectOf(t *testing.T) {
	t.Parallel()
	for software, want := range map[string]actors.Dialect{
		"lemmy": actors.Threads, "PieFed": actors.Threads, "passerelles": actors.Threads,
		"mastodon": actors.Microblog, "gotosocial": actors.Microblog, "Iceshrimp.NET": actors.Microblog,
		"mobilizon": actors.Unknown, "": actors.Unknown, "mast": actors.Unknown,
	} {
		if got := actors.DialectOf(software); got != want {
			t.Errorf("%q speaks %d, want %d", software, got, want)
		}
	}
}
