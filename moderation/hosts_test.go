package moderation_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/moderation"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestSuspendingAHostCutsItOff has 1 and 2 live here, 11 on evil.example, 12 below it, 13 on fine.example.
func TestSuspendingAHostCutsItOff(t *testing.T) {
	t.Parallel()
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	now := func() time.Time { return noon }
	dir := actors.New(actors.Options{DB: db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: now})
	hosts := access.NewHosts(db, now)
	groups := communities.NewService(communities.Options{DB: db, Directory: dir, IRIs: iris, Now: now})
	s := moderation.NewService(moderation.Options{DB: db, Directory: dir, Hosts: hosts, Communities: groups, Now: now})
	if _, err := dir.EnsureServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	var club actors.Actor // which has keys, to say who moderates it no more
	if err := db.Write(t.Context(), func(tx storage.Tx) (err error) {
		club, err = dir.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Group, Name: "club"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO hosts (id, name) OVERRIDING SYSTEM VALUE VALUES (11, 'evil.example:8443'), (12, 'sub.evil.example'), (13, 'fine.example')`,
		`INSERT INTO inboxes (id, host, url, shared) OVERRIDING SYSTEM VALUE
			SELECT n, n, 'https://' || n || '/inbox', true FROM generate_series(11, 13) n`,
		`INSERT INTO actors (id, iri, kind, name, published, refreshed_at)
			SELECT n, 'https://town.example/actors/' || n, 'person', 'p' || n, now(), now() FROM generate_series(1, 2) n`,
		`INSERT INTO actors (id, iri, kind, host, name, published, refreshed_at)
			SELECT n, 'https://x/' || n, 'person', n, 'p' || n, now(), now() FROM generate_series(11, 13) n`,
		`INSERT INTO follows (followee, follower, state, iri, asked_at) VALUES
			(1, 11, 'accepted', '', now()), (12, 1, 'pending', '', now()), (2, 12, 'accepted', '', now()),
			(1, 2, 'accepted', '', now()), (13, 1, 'accepted', '', now()), (1, 13, 'accepted', '', now())`,
		`INSERT INTO activities (id, iri, actor, type, body, listed, published) OVERRIDING SYSTEM VALUE
			SELECT n, 'https://town.example/activities/' || n, 1, 'Create', 'b', false, now() FROM generate_series(11, 13) n`,
		`INSERT INTO deliveries (host, activity, inbox, slot) VALUES (11, 11, 11, 0), (12, 12, 12, 0), (13, 13, 13, 0)`,
		`UPDATE actors SET delivery = 13 WHERE id = 13`,
		`INSERT INTO actors (id, iri, kind, host, name, published, refreshed_at)
			SELECT n, 'https://x/' || n, 'group', n - 20, 'g' || n, now(), now() FROM generate_series(31, 33) n`,
		`INSERT INTO communities (actor, access, created_at) SELECT id, 'confidential', now() FROM actors WHERE name = 'club'`,
		`INSERT INTO memberships (community, who, role, since)
			SELECT id, w, CASE w WHEN 1 THEN 'owner' WHEN 12 THEN 'animator' ELSE 'member' END, now()
			FROM actors, unnest(ARRAY[1, 11, 12, 13]) w WHERE name = 'club'`,
		`INSERT INTO memberships (community, who, role, since) VALUES (31, 1, 'member', now()), (33, 1, 'member', now())`,
		`INSERT INTO invitations (community, who, at) VALUES (32, 2, now()), (33, 2, now())`,
		`INSERT INTO join_requests (community, who, asked_at) VALUES (31, 2, now())`,
		`INSERT INTO community_hosts (community, host, since) SELECT id, h, now() FROM actors, unnest(ARRAY[11, 12, 13]) h WHERE name = 'club'`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	left := func() (all []string) {
		t.Helper()
		rows, err := db.Query(t.Context(), `
			SELECT followee || '<' || follower || ' ' || state FROM follows WHERE state <> 'ended'
			UNION ALL SELECT 'waiting ' || host FROM deliveries WHERE activity < 100
			UNION ALL SELECT 'member ' || who || ' of ' || CASE WHEN community < 100 THEN community::text ELSE 'club' END FROM memberships
			UNION ALL SELECT 'was ' || who FROM former_members
			UNION ALL SELECT 'invited ' || who || ' to ' || community FROM invitations
			UNION ALL SELECT 'asks ' || who || ' of ' || community FROM join_requests
			UNION ALL SELECT 'shown to ' || host FROM community_hosts
			ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			all = append(all, one)
		}
		return all
	}
	all := []string{"1<11 accepted", "1<13 accepted", "1<2 accepted", "12<1 pending", "13<1 accepted", "2<12 accepted", "waiting 11", "waiting 12", "waiting 13",
		"member 1 of club", "member 11 of club", "member 12 of club", "member 13 of club", "member 1 of 31", "member 1 of 33",
		"invited 2 to 32", "invited 2 to 33", "asks 2 of 31", "shown to 11", "shown to 12", "shown to 13"}
	rest := []string{"1<13 accepted", "1<2 accepted", "13<1 accepted", "waiting 13",
		"member 1 of club", "member 13 of club", "member 1 of 33", "was 11", "was 12", "invited 2 to 33", "shown to 13"}
	want := func(when string, want []string) {
		t.Helper()
		got := left()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}

	if err := s.DecideHost(t.Context(), acts.By{}, access.Policy{Host: "evil.example", Policy: access.Silenced, RejectMedia: true}); err != nil {
		t.Fatal(err)
	}
	want("silenced", all)
	if err := s.DecideHost(t.Context(), acts.By{}, access.Policy{Host: "evil.example", Policy: access.Suspended, Reason: "spam"}); err != nil {
		t.Fatal(err)
	}
	want("suspended", rest)
	var told string // that who lived there moderates the club no more
	if err := db.QueryRow(t.Context(), `SELECT encode(body, 'escape') FROM activities WHERE actor = $1`, club.ID).Scan(&told); err != nil ||
		!strings.Contains(told, `"Remove"`) || !strings.Contains(told, "https://x/12") {
		t.Errorf("told %s, %v", told, err)
	}
	if yes, err := hosts.Allowed(t.Context(), "sub.evil.example"); yes || err != nil {
		t.Errorf("it is talked to: %v, %v", yes, err)
	}
	if err := s.DecideHost(t.Context(), acts.By{}, access.Policy{Host: "evil.example", Policy: access.Silenced}); err != nil {
		t.Fatal(err)
	}
	if list, err := hosts.List(t.Context()); err != nil || len(list) != 1 ||
		list[0] != (access.Policy{Host: "evil.example", Policy: access.Suspended, Reason: "spam", RejectMedia: true, Since: noon}) {
		t.Errorf("after a milder decision: %+v, %v", list, err)
	}
	if err := s.RestoreHost(t.Context(), acts.By{}, "evil.example"); err != nil {
		t.Fatal(err)
	}
	want("restored", rest)
}

func TestImportChangesNothingWhenTheListIsBad(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	hosts := access.NewHosts(db, nil)
	dir := actors.New(actors.Options{DB: db, IRIs: federation.IRIs{Origin: "https://town.example"}, Secret: bytes.Repeat([]byte{7}, 32)})
	s := moderation.NewService(moderation.Options{DB: db, Directory: dir, Hosts: hosts,
		Communities: communities.NewService(communities.Options{DB: db, Directory: dir})})
	for name, bad := range map[string]string{
		"an unknown severity": "#domain,#severity\na.example,suspend\nb.example,adore\n",
		"no CSV":              "a.example,\"b\nc",
	} {
		if _, err := s.ImportHosts(t.Context(), acts.By{}, strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := hosts.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("policies %+v, %v", list, err)
	}
	for name, plain := range map[string]string{"names alone": "a.example\nb.example\n", "a mark before": "\ufeff#domain\nc.example\n"} {
		if done, err := s.ImportHosts(t.Context(), acts.By{}, strings.NewReader(plain)); err != nil || len(done.Skipped) != 0 || done.Taken == 0 {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
	if list, err := hosts.List(t.Context()); err != nil || len(list) != 3 || list[2].Policy != access.Suspended {
		t.Errorf("policies %+v, %v", list, err)
	}
}
