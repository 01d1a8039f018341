package access_test

import (
	"slices"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// TestWhoIsHeard has 5 of b.example write, whom 1 and 3 follow, in a community that 2 animates.
func TestWhoIsHeard(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	exec(t, db, `INSERT INTO memberships (community, who, role, since) VALUES (11, 2, 'owner', $1), (11, 6, 'member', $1)`, noon)
	exec(t, db, `
		INSERT INTO follows (followee, follower, state, iri, asked_at)
		VALUES (5, 1, 'accepted', '', $1), (5, 3, 'accepted', '', $1), (5, 4, 'pending', '', $1)`, noon)
	p := post{id: 100, author: 5, scope: "public", community: 11}
	p.insert(t, db)
	hosts := access.NewHosts(db, func() time.Time { return noon })
	sees := func(when string, want ...actors.ID) {
		t.Helper()
		for _, r := range readers() {
			yes := slices.Contains(want, r.ID)
			if got := len(visible(t, db, r)) == 1; got != yes {
				t.Errorf("%s, Visible to %+v: %v, want %v", when, r, got, yes)
			}
			if got := len(canSee(t, db, r, []post{p})) == 1; got != yes {
				t.Errorf("%s, CanSee of %+v: %v, want %v", when, r, got, yes)
			}
		}
	}
	decide := func(host, policy string) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := hosts.Decide(t.Context(), tx, host, func(p access.Policy) access.Policy {
				p.Policy = policy
				return p
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}

	sees("nothing decided", 0, 1, 2, 3, 4, 5, 6)
	decide("b.example", access.Silenced)
	sees("its server is silenced", 1, 2, 3, 5)
	decide("b.example", access.Suspended)
	sees("its server is suspended", 1, 2, 3, 5)
	decide("b.example", access.Unjudged)
	decide("a.example", access.Silenced)
	sees("another is silenced", 0, 1, 2, 3, 4, 5, 6)
	decide("a.example", access.Unjudged)

	if err := db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := access.Suspend(t.Context(), tx, 5, 0, "spam", noon)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	sees("the author is suspended")
	var changed, again bool
	if err := db.Write(t.Context(), func(tx storage.Tx) (err error) {
		if changed, err = access.Unsuspend(t.Context(), tx, 5); err == nil {
			again, err = access.Unsuspend(t.Context(), tx, 5)
		}
		return err
	}); err != nil || !changed || again {
		t.Errorf("restored: %v, %v, %v", changed, again, err)
	}
	sees("the author is restored", 0, 1, 2, 3, 4, 5, 6)
}

func TestListedOnly(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	now := noon
	here, elsewhere := access.NewHosts(db, func() time.Time { return noon }), access.NewHosts(db, func() time.Time { return now })
	exec(t, db, `INSERT INTO hosts (name) VALUES ('friend.example'), ('friend.example:8443'), ('sub.friend.example'), ('other.example'), ('bad.friend.example')`)
	want := func(names ...string) {
		t.Helper()
		var told []string
		rows, err := db.Query(t.Context(), `SELECT h.name FROM hosts h ORDER BY h.id`)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			all = append(all, name)
		}
		rows.Close()
		for _, name := range all {
			yes, err := here.Allowed(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			var same bool
			if err := db.QueryRow(t.Context(), `SELECT `+access.TalkedTo+` FROM hosts h WHERE name = $1`, name).Scan(&same); err != nil || same != yes {
				t.Errorf("%s: Allowed says %v, TalkedTo %v, %v", name, yes, same, err)
			}
			if yes {
				told = append(told, name)
			}
		}
		if !slices.Equal(told, names) {
			t.Errorf("talked to: %q, want %q", told, names)
		}
	}
	decide := func(host string, p access.Policy) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := here.Decide(t.Context(), tx, host, func(was access.Policy) access.Policy { return was.Stricter(p) })
			return err
		}); err != nil {
			t.Fatal(err)
		}
		here.Forget()
	}

	want("friend.example", "friend.example:8443", "sub.friend.example", "other.example", "bad.friend.example")
	if yes, err := elsewhere.Allowed(t.Context(), "other.example"); !yes || err != nil {
		t.Fatal(yes, err)
	}
	decide("friend.example", access.Policy{Listed: true})
	decide("bad.friend.example", access.Policy{Policy: access.Suspended, Listed: true})
	want("friend.example", "friend.example:8443", "sub.friend.example", "other.example")
	if err := listOnly(t, db, here, true); err != nil {
		t.Fatal(err)
	}
	want("friend.example", "friend.example:8443")
	now = now.Add(31 * time.Second)
	if yes, err := elsewhere.Allowed(t.Context(), "other.example"); yes || err != nil {
		t.Errorf("another process talks to it: %v, %v", yes, err)
	}
	if err := db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := here.Restore(t.Context(), tx, "friend.example")
		return err
	}); !fault.Is(err, fault.NotFound) {
		t.Errorf("restoring what is only listed: %v", err)
	}
	want("friend.example", "friend.example:8443")
	if err := listOnly(t, db, here, false); err != nil {
		t.Fatal(err)
	}
	want("friend.example", "friend.example:8443", "sub.friend.example", "other.example")
}

func TestShowsMedia(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	hosts := access.NewHosts(db, func() time.Time { return noon })
	exec(t, db, `
		INSERT INTO host_policies (host, policy, reject_media, since)
		VALUES ('bare.example', 'none', true, $1), ('gone.example', 'suspended', false, $1)`, noon)
	for host, want := range map[string]bool{"bare.example": false, "cdn.bare.example:81": false, "gone.example": false, "fine.example": true, "": false} {
		if got, err := hosts.ShowsMedia(t.Context(), host); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", host, got, err, want)
		}
	}
	if yes, err := hosts.Allowed(t.Context(), "bare.example"); err != nil || !yes {
		t.Errorf("it is not talked to: %v, %v", yes, err)
	}
}

// TestAbout gathers what is decided about a server and the domains above it.
func TestAbout(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	hosts := access.NewHosts(db, func() time.Time { return noon })
	decide := func(host string, p access.Policy) {
		t.Helper()
		err := db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := hosts.Decide(t.Context(), tx, host, func(was access.Policy) access.Policy { return was.Stricter(p) })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	decide("example", access.Policy{Policy: access.Silenced, Reason: "bruit", Listed: true})
	decide("a.example", access.Policy{RejectMedia: true, Policy: access.Unjudged})
	decide("b.example", access.Policy{Policy: access.Suspended, Listed: true})
	for host, want := range map[string]access.Policy{
		"a.example":      {Policy: access.Silenced, Reason: "bruit", RejectMedia: true},
		"www.A.example":  {Policy: access.Silenced, Reason: "bruit", RejectMedia: true},
		"b.example:8443": {Policy: access.Suspended, Reason: "bruit", Listed: true},
		"example":        {Policy: access.Silenced, Reason: "bruit", Listed: true},
		"elsewhere.test": {Policy: access.Unjudged},
	} {
		got, err := hosts.About(t.Context(), host)
		if err != nil || got.Policy != want.Policy || got.Reason != want.Reason || got.RejectMedia != want.RejectMedia || got.Listed != want.Listed {
			t.Errorf("%s: %+v, %v; want %+v", host, got, err, want)
		}
	}
	if _, err := hosts.About(t.Context(), "a/b"); err == nil {
		t.Error("what is no host has a policy")
	}
}

func listOnly(t *testing.T, db *storage.DB, h *access.Hosts, only bool) error {
	t.Helper()
	defer h.Forget()
	return db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := h.SetListedOnly(t.Context(), tx, only)
		return err
	})
}
