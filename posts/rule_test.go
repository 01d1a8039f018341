package posts_test

import (
	"slices"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
)

// TestRule has Ana, who animates Makers, keep order in a thread of Bob's.
func TestRule(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	in := note(tw.bob, "1", "glue", "https://www.w3.org/ns/activitystreams#Public", tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, in))
	p := tw.byIRI(t, in.ID)
	rules := func(act, reason string) {
		t.Helper()
		tw.cleared(t)
		check(t, tw.posts.Rule(ctx, tw.ana.ID, p.ID, posts.Ruling{Act: act, Reason: reason}))
	}

	rules(communities.Pin, "")
	wantSent(t, tw,
		"makers: Announce(Add(id)) -> lemmy.example new.example",
		"ana: Add(id) -> mastodon.example")
	rules(communities.Pin, "")
	wantSent(t, tw) // it is so already
	if list, err := tw.posts.FeaturedIn(ctx, tw.db, access.Reader{}, tw.makers.ID); err != nil || len(list) != 1 || !tw.byIRI(t, p.IRI).Featured {
		t.Errorf("featured %v, %v", list, err)
	}
	rules(communities.Lock, "tourne en rond")
	wantSent(t, tw,
		"makers: Announce(Lock(id)) -> lemmy.example new.example",
		"ana: Lock(id) -> mastodon.example")
	if _, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{InReplyTo: p.ID, Text: "late"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reply to what is locked: %v", err)
	}
	rules(communities.Unlock, "")
	wantSent(t, tw,
		"makers: Announce(Undo(Lock(id))) -> lemmy.example new.example",
		"ana: Undo(Lock(id)) -> mastodon.example")
	if _, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{InReplyTo: p.ID, Text: "in time"}); err != nil {
		t.Error(err)
	}

	sees := func(want ...actors.ID) {
		t.Helper()
		for _, r := range []actors.ID{0, eve.ID, tw.ana.ID, tw.bob.ID} {
			if _, err := tw.posts.ByID(ctx, access.Reader{ID: r}, p.ID); (err == nil) != slices.Contains(want, r) {
				t.Errorf("%d reads it: %v", r, err)
			}
		}
	}
	sees(0, eve.ID, tw.ana.ID, tw.bob.ID)
	var boosts []string
	for range 2 { // also a second time, under another id
		rules(communities.Remove, "hors sujet")
		wantSent(t, tw,
			"makers: Announce(Delete(id)) -> lemmy.example new.example",
			"makers: Undo(Announce(id)) -> mastodon.example new.example",
			"ana: Delete(id) -> mastodon.example")
		sees(tw.ana.ID, tw.bob.ID)
		if list, err := tw.posts.FeaturedIn(ctx, tw.db, access.Reader{}, tw.makers.ID); err != nil || len(list) != 0 {
			t.Errorf("what is removed is featured: %v, %v", list, err)
		}
		var body string
		check(t, tw.db.QueryRow(ctx, `SELECT convert_from(body, 'UTF8')::jsonb ->> 'summary' FROM activities WHERE type = 'Delete'`).Scan(&body))
		if body != "hors sujet" {
			t.Errorf("the reason is %q", body)
		}
		rules(communities.Restore, "")
		wantSent(t, tw,
			"makers: Announce(Undo(Delete(id))) -> lemmy.example new.example",
			"makers: Announce(id) -> mastodon.example new.example",
			"ana: Undo(Delete(id)) -> mastodon.example")
		sees(0, eve.ID, tw.ana.ID, tw.bob.ID)
		var boost string
		check(t, tw.db.QueryRow(ctx, `SELECT iri FROM activities WHERE type = 'Announce' ORDER BY id DESC LIMIT 1`).Scan(&boost))
		boosts = append(boosts, boost)
	}
	if boosts[0] == boosts[1] {
		t.Error("what came back twice is boosted under one id")
	}

	for name, c := range map[string]struct {
		who  actors.ID
		r    posts.Ruling
		kind fault.Kind
	}{
		"eve, who does not animate":   {eve.ID, posts.Ruling{Act: communities.Remove, Reason: "x"}, fault.Forbidden},
		"bob, its author":             {tw.bob.ID, posts.Ruling{Act: communities.Lock}, fault.Forbidden},
		"ana, without a reason":       {tw.ana.ID, posts.Ruling{Act: communities.Remove, Reason: " "}, fault.Invalid},
		"ana, what is done to nobody": {tw.ana.ID, posts.Ruling{Act: "burn"}, fault.Invalid},
	} {
		if err := tw.posts.Rule(ctx, c.who, p.ID, c.r); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	alone, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "alone"})
	check(t, err)
	if err := tw.posts.Rule(ctx, tw.ana.ID, alone.ID, posts.Ruling{Act: communities.Lock}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("what is in no community: %v", err)
	}

	all, err := tw.communities.Rulings(ctx, 0, tw.makers.ID, 0, 100)
	check(t, err)
	var acts []string
	for _, r := range all {
		acts = append(acts, r.Act)
		if r.By != tw.ana.ID || r.Post != p.ID || r.Person != tw.bob.ID || r.Activity == "" {
			t.Errorf("ruling %+v", r)
		}
	}
	want := []string{"restore", "remove", "restore", "remove", "unlock", "lock", "pin"}
	if !slices.Equal(acts, want) {
		t.Errorf("rulings %q, want %q", acts, want)
	}
}

// TestRulingElsewhere has Ana moderate a community elsewhere: it is told, and announces it itself.
func TestRulingElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.cooks.ID, Title: "Salt", Text: "How much?"})
	check(t, err)
	tw.cleared(t)
	lock := posts.Ruling{Act: communities.Lock}
	if err := tw.posts.Rule(t.Context(), tw.ana.ID, p.ID, lock); !fault.Is(err, fault.Forbidden) {
		t.Errorf("before it named her: %v", err)
	}
	_, err = tw.db.Exec(t.Context(), `
		INSERT INTO roles_elsewhere (community, who, role, holds, said_at)
		VALUES ($1, $2, 'moderator', true, $3)`, tw.cooks.ID, tw.ana.IRI, tw.clock.Now())
	check(t, err)
	check(t, tw.posts.Rule(t.Context(), tw.ana.ID, p.ID, lock))
	wantSent(t, tw, "ana: Lock(id) -> lemmy.example")
	if tw.byIRI(t, p.IRI).Locked {
		t.Error("it is locked before its community says so")
	}
}
