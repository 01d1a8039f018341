package posts_test

import (
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/storage"
)

// TestALevelChanges: what was said keeps its scope, to and fro.
func TestALevelChanges(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	say := func() posts.Post {
		t.Helper()
		p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Glue", Text: "For wood."})
		check(t, err)
		return p
	}
	level := func(to actors.Access) {
		t.Helper()
		check(t, tw.communities.SetAccess(ctx, tw.ana.ID, tw.makers.ID, to))
	}
	before := say()
	level(actors.ForMembers)
	tw.cleared(t)
	within := say()
	wantSent(t, tw, "ana: Create(Note) -> ", "makers: Announce(Create(Note)) -> ") // those who follow are no members
	level(actors.Open)
	after := say()
	for _, c := range []struct {
		post posts.Post
		want string
		seen bool
	}{{before, posts.Public, true}, {within, posts.Members, false}, {after, posts.Public, true}} {
		if c.post.Scope != c.want {
			t.Errorf("it is for %q, want %q", c.post.Scope, c.want)
		}
		for _, r := range []access.Reader{{}, {ID: eve.ID}, {ID: tw.bob.ID}, {Host: "lemmy.example"}} {
			if _, err := tw.posts.ByID(ctx, r, c.post.ID); (err == nil) != c.seen {
				t.Errorf("%+v reads what is for %q: %v", r, c.want, err)
			}
		}
	}
}

// TestAnimatorsAndOwners: who animates a community takes nothing of an owner's away.
func TestAnimatorsAndOwners(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, leo, max := t.Context(), tw.member(t, "leo"), tw.member(t, "max")
	for _, a := range []actors.Actor{leo, max} {
		_, err := tw.communities.Ask(ctx, tw.makers.ID, a.ID, "")
		check(t, err)
		check(t, tw.communities.SetRole(ctx, tw.ana.ID, tw.makers.ID, a.ID, communities.RoleAnimator))
	}
	_, err := tw.db.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, tw.makers.ID, tw.zoe.ID)
	check(t, err)
	by := func(who actors.Actor) posts.Post {
		t.Helper()
		p, err := tw.posts.Publish(ctx, who.ID, posts.Draft{Community: tw.makers.ID, Title: "Glue", Text: "For wood."})
		check(t, err)
		return p
	}
	anas, maxs := by(tw.ana), by(max)
	away := posts.Ruling{Act: communities.Remove, Reason: "No."}
	for _, p := range []posts.Post{anas, maxs} {
		if err := tw.posts.Rule(ctx, leo.ID, p.ID, away); !fault.Is(err, fault.Forbidden) {
			t.Errorf("Léo takes away what %s wrote: %v", p.Author.Name, err)
		}
		if err := tw.posts.Delete(ctx, leo.ID, p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("Léo deletes what %s wrote: %v", p.Author.Name, err)
		}
		err := tw.db.Write(ctx, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveMark(ctx, tx, posts.Mark{Community: tw.makers, Post: p.IRI, Kind: posts.Removed, Holds: true, At: tw.clock.Now(), By: tw.zoe.ID})
			return err
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("Zoe, from elsewhere: %v", err)
		}
	}
	check(t, tw.posts.Rule(ctx, leo.ID, anas.ID, posts.Ruling{Act: communities.Pin}))
	check(t, tw.posts.Rule(ctx, tw.ana.ID, maxs.ID, away))
}

// TestACommunityIsNoMore: its posts stay their authors', who alone tell of their end.
func TestACommunityIsNoMore(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	_, err := tw.communities.Ask(ctx, tw.makers.ID, eve.ID, "")
	check(t, err)
	say := func(scope string) posts.Post {
		t.Helper()
		p, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{Community: tw.makers.ID, Title: "Glue", Text: "For wood.", Scope: scope})
		check(t, err)
		return p
	}
	open, within := say(posts.Public), say(posts.Members)
	in := note(tw.bob, "1", "glue", "https://www.w3.org/ns/activitystreams#Public", tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, in))
	check(t, tw.communities.Delete(ctx, tw.ana.ID, tw.makers.ID, "makers"))
	reads := func(who actors.ID, p posts.Post) bool {
		_, err := tw.posts.ByID(ctx, access.Reader{ID: who}, p.ID)
		return err == nil
	}
	for _, c := range []struct {
		who  actors.ID
		post posts.Post
		want bool
	}{{0, open, true}, {tw.ana.ID, open, true}, {eve.ID, within, true}, {tw.ana.ID, within, false}, {0, within, false}} {
		if got := reads(c.who, c.post); got != c.want {
			t.Errorf("%d reads what is %s: %v", c.who, c.post.Scope, got)
		}
	}
	if _, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{InReplyTo: open.ID, Text: "late"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reply: %v", err)
	}
	if err := tw.posts.Like(ctx, tw.ana.ID, open.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a like: %v", err)
	}
	tw.cleared(t)
	check(t, tw.posts.Delete(ctx, eve.ID, within.ID))
	check(t, tw.posts.Delete(ctx, eve.ID, open.ID))
	wantSent(t, tw, "eve: Delete(id) -> ", "eve: Delete(id) -> lemmy.example mastodon.example new.example")
	tw.cleared(t)
	tw.write(t, func(tx storage.Tx) error {
		_, err := tw.posts.ReceiveDelete(ctx, tx, posts.Deletion{By: tw.bob, IRI: in.ID, Activity: []byte(`{}`), ActivityIRI: in.ID + "/delete", ActivityType: "Delete"})
		return err
	})
	wantSent(t, tw)
	if reads(0, posts.Post{ID: tw.gone(t, in.ID)}) {
		t.Error("what its author elsewhere deleted is here")
	}
}

// gone gives the number of a post that was deleted.
func (tw *town) gone(t *testing.T, iri string) (id int64) {
	t.Helper()
	check(t, tw.db.QueryRow(t.Context(), `SELECT id FROM posts WHERE iri = $1 AND deleted_at IS NOT NULL`, iri).Scan(&id))
	return id
}
