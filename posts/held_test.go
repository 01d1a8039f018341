package posts_test

import (
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// TestFirstPostsWait has the first post of each newcomer wait for Ana, who animates Makers.
func TestFirstPostsWait(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	check(t, tw.communities.SetPosting(ctx, tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
	tw.cleared(t)
	reads := func(id int64, want ...actors.ID) {
		t.Helper()
		seen := map[actors.ID]bool{}
		for _, who := range want {
			seen[who] = true
		}
		for _, who := range []actors.ID{0, eve.ID, tw.ana.ID, tw.bob.ID} {
			if _, err := tw.posts.ByID(ctx, access.Reader{ID: who}, id); (err == nil) != seen[who] {
				t.Errorf("%d reads it: %v", who, err)
			}
		}
	}
	waiting := func() []posts.Post {
		t.Helper()
		all, err := tw.posts.HeldIn(ctx, tw.ana.ID, tw.makers.ID, 10)
		check(t, err)
		return all
	}

	mine, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Who animates waits for nobody."})
	check(t, err)
	reads(mine.ID, 0, eve.ID, tw.ana.ID, tw.bob.ID)
	tw.cleared(t)

	hers, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{Community: tw.makers.ID, Text: "Hello!"})
	check(t, err)
	in := note(tw.bob, "1", "glue", vocab.Public, tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, in))
	his := tw.byIRIFor(t, tw.ana.ID, in.ID)
	wantSent(t, tw)
	if !hers.Held || !his.Held {
		t.Errorf("they wait: %t, %t", hers.Held, his.Held)
	}
	reads(hers.ID, eve.ID, tw.ana.ID)
	reads(his.ID, tw.bob.ID, tw.ana.ID)
	if all := waiting(); len(all) != 2 || all[0].ID != hers.ID || all[1].ID != his.ID {
		t.Errorf("waiting: %v", all)
	}
	if _, err := tw.posts.HeldIn(ctx, eve.ID, tw.makers.ID, 10); !fault.Is(err, fault.Forbidden) {
		t.Errorf("Eve reads what waits: %v", err)
	}
	if _, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{InReplyTo: his.ID, Text: "too early"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reply to what waits: %v", err)
	}
	_, err = tw.posts.Edit(ctx, eve.ID, hers.ID, posts.Draft{Text: "Hello, all!"})
	check(t, err)
	again := in
	again.Content, again.Updated = "more glue", tw.clock.Now()
	tw.receive(t, said(t, "Update", tw.bob, again))
	wantSent(t, tw) // nor is that told

	admit := posts.Ruling{Act: communities.Admit}
	if err := tw.posts.Rule(ctx, eve.ID, hers.ID, admit); !fault.Is(err, fault.Forbidden) {
		t.Errorf("Eve lets herself in: %v", err)
	}
	check(t, tw.posts.Rule(ctx, tw.ana.ID, hers.ID, admit))
	wantSent(t, tw,
		"eve: Create(Note) -> ",
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example")
	tw.cleared(t)
	check(t, tw.posts.Rule(ctx, tw.ana.ID, his.ID, admit))
	wantSent(t, tw,
		"makers: Announce(Update(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example")
	tw.cleared(t)
	check(t, tw.posts.Rule(ctx, tw.ana.ID, his.ID, admit))
	wantSent(t, tw) // it is so already
	for _, p := range []int64{hers.ID, his.ID} {
		reads(p, 0, eve.ID, tw.ana.ID, tw.bob.ID)
	}
	if len(waiting()) != 0 {
		t.Error("something waits still")
	}
	second, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{Community: tw.makers.ID, Text: "Once more."})
	check(t, err)
	reads(second.ID, 0, eve.ID, tw.ana.ID, tw.bob.ID)
}

// TestHeldAndKeptOut takes away what waits, and deletes what waits: nobody was told of it.
func TestHeldAndKeptOut(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	check(t, tw.communities.SetPosting(ctx, tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
	tw.cleared(t)
	for _, tc := range []struct {
		end  func(id int64) error
		sent []string
	}{
		{func(id int64) error {
			return tw.posts.Rule(ctx, tw.ana.ID, id, posts.Ruling{Act: communities.Remove, Reason: "hors sujet"})
		}, []string{"ana: Delete(id) -> "}},
		{func(id int64) error { return tw.posts.Delete(ctx, eve.ID, id) }, nil},
	} {
		tw.cleared(t)
		p, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{Community: tw.makers.ID, Text: "Buy!"})
		check(t, err)
		check(t, tc.end(p.ID))
		wantSent(t, tw, tc.sent...)
		if n, err := tw.posts.CountHeld(ctx, tw.makers.ID); n != 0 || err != nil {
			t.Errorf("%d wait still, %v", n, err)
		}
	}
}

// TestWhoBeginsThreads asks it of each rule.
func TestWhoBeginsThreads(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	begins := func(who actors.ID) error {
		_, err := tw.posts.Publish(ctx, who, posts.Draft{Community: tw.makers.ID, Text: "A thread."})
		return err
	}
	sets := func(p communities.Posting) {
		t.Helper()
		check(t, tw.communities.SetPosting(ctx, tw.ana.ID, tw.makers.ID, p))
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check(t, begins(eve.ID))
	sets(communities.Posting{Who: communities.PostMembers})
	refused("a stranger where members begin", begins(eve.ID))
	_, err := tw.communities.Ask(ctx, tw.makers.ID, eve.ID, "")
	check(t, err)
	check(t, begins(eve.ID))
	sets(communities.Posting{Who: communities.PostAnimators})
	refused("a member where animators begin", begins(eve.ID))
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Ana's."})
	check(t, err)
	_, err = tw.posts.Publish(ctx, eve.ID, posts.Draft{InReplyTo: p.ID, Text: "An answer."})
	check(t, err)
	foreign := note(tw.bob, "1", "glue", vocab.Public, tw.makers.IRI)
	refused("somebody elsewhere where animators begin", tw.tryReceive(t, said(t, "Create", tw.bob, foreign)))

	sets(communities.Posting{Who: communities.PostAll, MostADay: 2})
	refused("a third thread in a day", begins(eve.ID))
	edited, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{InReplyTo: p.ID, Text: "Answers are not counted."})
	check(t, err)
	_, err = tw.posts.Edit(ctx, eve.ID, edited.ID, posts.Draft{Text: "Nor are edits."})
	check(t, err)
	check(t, begins(tw.ana.ID))
	check(t, begins(tw.ana.ID))
	tw.clock.pass(24 * time.Hour)
	check(t, begins(eve.ID))
	for _, wrong := range []communities.Posting{{Who: "nobody"}, {Who: communities.PostAll, FirstPosts: 21}, {Who: communities.PostAll, MostADay: -1}} {
		if err := tw.communities.SetPosting(ctx, tw.ana.ID, tw.makers.ID, wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v is taken: %v", wrong, err)
		}
	}
	refused("rules by who does not animate", tw.communities.SetPosting(ctx, eve.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll}))
}

// TestFirstPostsWaitInAnyOrder has Zoe's answers come before what they answer: the first of
// them waits like any other, and is not let in by what comes after.
func TestFirstPostsWaitInAnyOrder(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	check(t, tw.communities.SetPosting(t.Context(), tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
	start, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "A question."})
	check(t, err)
	tw.cleared(t)
	answer := func(by actors.Actor, name, to string) vocab.Note {
		n := note(by, name, "an answer", vocab.Public, tw.makers.IRI)
		n.InReplyTo = to
		return n
	}
	parent := answer(tw.kim, "1", start.IRI)
	orphan := answer(tw.zoe, "2", parent.ID)
	tw.receive(t, said(t, "Create", tw.zoe, orphan))
	tw.receive(t, said(t, "Create", tw.kim, parent))
	wantSent(t, tw)
	if n, err := tw.posts.CountHeld(t.Context(), tw.makers.ID); n != 2 || err != nil {
		t.Errorf("%d wait, %v; want both", n, err)
	}
	check(t, tw.posts.Rule(t.Context(), tw.ana.ID, tw.byIRIFor(t, tw.ana.ID, parent.ID).ID, posts.Ruling{Act: communities.Admit}))
	tw.cleared(t)
	late := answer(tw.zoe, "4", parent.ID+"/late") // one more that is adopted in the same thread
	tw.receive(t, said(t, "Create", tw.zoe, late))
	head := answer(tw.kim, "1/late", start.IRI)
	tw.receive(t, said(t, "Create", tw.kim, head))
	if n, err := tw.posts.CountHeld(t.Context(), tw.makers.ID); n != 2 || err != nil {
		t.Errorf("%d of Zoe's wait, %v; want both", n, err)
	}
	wantSent(t, tw, "makers: Announce(Create(Note)) -> lemmy.example new.example")
}

// TestWithinInAnyOrder has answers to what is for members come before what they answer: a
// member's is let in and sent on, who is none does not come in by coming early.
func TestWithinInAnyOrder(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	start, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "A question.", Scope: posts.Members})
	check(t, err)
	for _, member := range []actors.Actor{tw.kim, tw.bob} {
		tw.write(t, func(tx storage.Tx) error {
			return tw.communities.ReceiveFollow(ctx, tx, member, tw.makers, vocab.Activity{ID: member.IRI + "/join", Type: "Join", Actor: member.IRI, Object: vocab.Link(tw.makers.IRI)})
		})
	}
	answer := func(by actors.Actor, name, to string) vocab.Note { // whatever it says, it is for whom its thread is
		n := note(by, name, "an answer", vocab.Public, tw.makers.IRI)
		n.InReplyTo = to
		return n
	}
	parent := answer(tw.kim, "1", start.IRI)
	strange, within := answer(tw.zoe, "2", parent.ID), answer(tw.bob, "3", parent.ID)
	tw.receive(t, said(t, "Create", tw.zoe, strange))
	tw.receive(t, said(t, "Create", tw.bob, within))
	tw.receive(t, said(t, "Create", tw.kim, parent))
	stands := func(iri string) (in, announced, echoes bool) {
		check(t, tw.db.QueryRow(ctx, `
			SELECT p.community IS NOT NULL, p.announced, EXISTS (SELECT FROM jobs j WHERE j.kind = 'echoes' AND j.key = p.iri)
			FROM posts p WHERE p.iri = $1`, iri).Scan(&in, &announced, &echoes))
		return in, announced, echoes
	}
	if in, announced, echoes := stands(within.ID); !in || !announced || !echoes {
		t.Errorf("a member's answer: in %v, announced %v, echoes %v", in, announced, echoes)
	}
	if in, announced, echoes := stands(strange.ID); in || announced || echoes {
		t.Errorf("a stranger's answer: in %v, announced %v, echoes %v", in, announced, echoes)
	}
}
