package posts_test

import (
	"strings"
	"testing"

	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func TestPublish(t *testing.T) {
	t.Parallel()

	t.Run("in a community here is announced in the form that each server wants", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Hello *all*"})
		check(t, err)
		if p.Title != "Hello all" || p.Community == nil || p.Community.ID != tw.makers.ID || !p.Announced {
			t.Errorf("post = %+v", p)
		}
		wantSent(t, tw,
			"ana: Create(Note) -> ",
			"makers: Announce(Create(Note)) -> lemmy.example new.example",
			"makers: Announce(id) -> mastodon.example new.example")
	})

	t.Run("in a community elsewhere goes to its inbox and to those who follow the author", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		tw.follows(t, tw.ana, tw.bob)
		_, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.cooks.ID, Title: "Soup", Text: "How?"})
		check(t, err)
		wantSent(t, tw, "ana: Create(Note) -> lemmy.example mastodon.example")
	})

	t.Run("a reply names the parent's author and stays in the parent's community", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "hi", vocab.Public, tw.makers.IRI)))
		tw.cleared(t)
		parent := tw.byIRI(t, tw.bob.IRI+"/1")
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{InReplyTo: parent.ID, Text: "Hi Bob"})
		check(t, err)
		if p.Root != parent.ID || p.Community == nil || p.Community.ID != tw.makers.ID || len(p.Mentions) != 1 {
			t.Errorf("reply = %+v", p)
		}
		wantSent(t, tw,
			"ana: Create(Note) -> mastodon.example",
			"makers: Announce(Create(Note)) -> lemmy.example new.example")
	})

	t.Run("who mentions a community posts in it", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Soup? @cooks@lemmy.example"})
		check(t, err)
		if p.Community == nil || p.Community.ID != tw.cooks.ID {
			t.Errorf("community = %v, want cooks", p.Community)
		}
	})

	t.Run("who mentions a community in what is for members posts to them", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Entre nous, @makers.", Scope: posts.Members})
		check(t, err)
		if p.Community == nil || p.Community.ID != tw.makers.ID || p.Scope != posts.Members {
			t.Errorf("it is in %v, for %s", p.Community, p.Scope)
		}
	})

	t.Run("a language that is none is refused", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		for _, language := range []string{"français", "FR", strings.Repeat("fr-", 400), "fr" + strings.Repeat("-aaaaaaaa", 400)} {
			if _, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Bonjour.", Language: language}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20s: %v", language, err)
			}
		}
		_, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Bonjour.", Language: "fr-CA"})
		check(t, err)
	})

	t.Run("nothing is refused", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		_, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: " \n"})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("err = %v", err)
		}
	})

	t.Run("what is direct is seen by those whom it names", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		eve := tw.member(t, "eve")
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "psst @bob@mastodon.example", Scope: posts.Direct})
		check(t, err)
		wantSent(t, tw, "ana: Create(Note) -> mastodon.example")
		if _, err := tw.posts.ByID(t.Context(), reader(eve), p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("eve reads it: %v", err)
		}
		if _, err := tw.posts.ByID(t.Context(), reader(tw.bob), p.ID); err != nil {
			t.Errorf("bob does not: %v", err)
		}
	})
}

func TestEditAndDelete(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "One", Text: "first"})
	check(t, err)
	tw.cleared(t)

	eve := tw.member(t, "eve")
	if _, err := tw.posts.Edit(ctx, eve.ID, p.ID, posts.Draft{Text: "mine"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("eve edits: %v", err)
	}
	q, err := tw.posts.Edit(ctx, tw.ana.ID, p.ID, posts.Draft{Title: "Two", Text: "second"})
	check(t, err)
	if q.Title != "Two" || q.Updated == nil {
		t.Errorf("edited = %+v", q)
	}
	wantSent(t, tw,
		"ana: Update(Note) -> ",
		"makers: Announce(Update(Note)) -> lemmy.example new.example")
	tw.cleared(t)

	if err := tw.posts.Delete(ctx, eve.ID, p.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("eve deletes: %v", err)
	}
	// Who left since must hear of the end of what was sent.
	tw.write(t, func(tx storage.Tx) error {
		_, err := tw.communities.ReceiveUnfollow(ctx, tx, tw.zoe, tw.makers)
		return err
	})
	check(t, tw.posts.Delete(ctx, tw.ana.ID, p.ID))
	check(t, tw.posts.Delete(ctx, tw.ana.ID, p.ID))
	wantSent(t, tw,
		"ana: Delete(id) -> ",
		"makers: Announce(Delete(id)) -> lemmy.example new.example",
		"makers: Undo(Announce(id)) -> mastodon.example new.example")
	if _, err := tw.posts.ByID(ctx, reader(tw.ana), p.ID); !fault.Is(err, fault.Gone) {
		t.Errorf("a deleted post: %v, want gone", err)
	}
	if stone, err := tw.posts.Tombstone(ctx, reader(eve), p.ID); err != nil || stone.ID != p.IRI {
		t.Errorf("tombstone = %+v, %v", stone, err)
	}
	var left int
	check(t, tw.db.QueryRow(ctx, `
		SELECT count(*)
		FROM (SELECT p::text FROM posts AS p
			UNION ALL SELECT v::text FROM post_versions AS v
			UNION ALL SELECT encode(document, 'escape') FROM posts
			UNION ALL SELECT encode(body, 'escape') FROM activities) AS kept (words)
		WHERE words ~ 'first|second'`).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows still hold what was deleted", left)
	}
}

func TestRemoval(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "spam", vocab.Public, tw.makers.IRI)))
	tw.cleared(t)
	check(t, tw.posts.Delete(t.Context(), tw.ana.ID, tw.byIRI(t, tw.bob.IRI+"/1").ID))
	wantSent(t, tw,
		"ana: Delete(id) -> ",
		"makers: Announce(Delete(id)) -> lemmy.example new.example",
		"makers: Undo(Announce(id)) -> mastodon.example new.example")
}

func TestLike(t *testing.T) {
	t.Parallel()

	t.Run("of a post elsewhere goes to its author and its community", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		in := said(t, "Create", tw.bob, note(tw.bob, "1", "hi", vocab.Public, tw.cooks.IRI))
		tw.receive(t, in)
		p := tw.byIRI(t, tw.bob.IRI+"/1")
		check(t, tw.posts.Like(t.Context(), tw.ana.ID, p.ID))
		check(t, tw.posts.Like(t.Context(), tw.ana.ID, p.ID))
		check(t, tw.posts.Unlike(t.Context(), tw.ana.ID, p.ID))
		check(t, tw.posts.Unlike(t.Context(), tw.ana.ID, p.ID))
		check(t, tw.posts.Like(t.Context(), tw.ana.ID, p.ID))
		wantSent(t, tw,
			"ana: Like(id) -> lemmy.example mastodon.example",
			"ana: Undo(Like(id)) -> lemmy.example mastodon.example",
			"ana: Like(id) -> lemmy.example mastodon.example")
		p, err := tw.posts.ByID(t.Context(), reader(tw.ana), p.ID)
		check(t, err)
		if p.Likes != 1 || !p.LikedByReader {
			t.Errorf("likes = %d, mine %v; want 1, true", p.Likes, p.LikedByReader)
		}
	})

	t.Run("of a post in a community here is announced once", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Hello"})
		check(t, err)
		tw.cleared(t)
		for range 2 {
			tw.like(t, tw.bob, p.IRI, nil)
		}
		wantSent(t, tw, "makers: Announce(Like(id)) -> lemmy.example new.example")
	})
}
