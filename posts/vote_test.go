package posts_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func asking(options ...string) *posts.Asking {
	return &posts.Asking{Options: options, For: time.Hour}
}

// chooses is a vote as other servers send it.
func chooses(t *testing.T, who actors.Actor, name string, p posts.Post, option string) posts.In {
	t.Helper()
	n := vocab.Note{ID: who.IRI + "/votes/" + name, Type: "Note", AttributedTo: who.IRI, Authors: []string{who.IRI}, Name: option, InReplyTo: p.IRI,
		To: []string{p.Author.IRI}}
	return said(t, "Create", who, n)
}

func (tw *town) tally(t *testing.T, p posts.Post) (votes []int, voters int) {
	t.Helper()
	p = tw.byIRIFor(t, p.Author.ID, p.IRI)
	for _, o := range p.Poll.Options {
		votes = append(votes, o.Votes)
	}
	return votes, p.Poll.Voters
}

func (tw *town) counts(t *testing.T, what string, p posts.Post, voters int, want ...int) {
	t.Helper()
	if votes, who := tw.tally(t, p); !slices.Equal(votes, want) || who != voters {
		t.Errorf("%s: %v of %d, want %v of %d", what, votes, who, want, voters)
	}
}

// question gives what the last activity of a type asks.
func (tw *town) question(t *testing.T, kind string) vocab.Note {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `SELECT body FROM activities WHERE type = $1 ORDER BY id DESC LIMIT 1`, kind)
	body, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	check(t, err)
	a, err := vocab.ReadActivity(body)
	check(t, err)
	n, err := vocab.ReadNote(a.Object.Raw)
	check(t, err)
	return n
}

// TestAPollOfOurs is asked, answered from here and elsewhere, counted once, and ends.
func TestAPollOfOurs(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, dora := t.Context(), tw.member(t, "dora")
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Which saw?", Poll: asking("  Red  one ", "Blue", "Green & <b>")})
	check(t, err)
	wantSent(t, tw,
		"ana: Create(Question) -> ",
		"makers: Announce(Create(Question)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example")
	asked := tw.question(t, "Create")
	want := &vocab.Poll{Options: []vocab.PollOption{{Name: "Red one"}, {Name: "Blue"}, {Name: "Green & <b>"}}}
	if asked.Type != "Question" || !cmp.Equal(asked.Poll, want) || !asked.EndTime.Equal(*p.Poll.EndsAt) || asked.Content == "" {
		t.Errorf("they are asked %+v", asked)
	}
	tw.cleared(t)

	if _, err := tw.posts.Vote(ctx, tw.ana.ID, p.ID, []int{0}); !fault.Is(err, fault.Invalid) {
		t.Errorf("who asks votes: %v", err)
	}
	for _, wrong := range [][]int{nil, {3}, {-1}, {0, 1}} {
		if _, err := tw.posts.Vote(ctx, dora.ID, p.ID, wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	tw.counts(t, "before anybody", p, 0, 0, 0, 0)
	hers, err := tw.posts.Vote(ctx, dora.ID, p.ID, []int{1})
	check(t, err)
	if !hers.Poll.Has(1) || hers.Poll.Has(0) {
		t.Errorf("Dora chose %v", hers.Poll.Chosen)
	}
	if _, err := tw.posts.Vote(ctx, dora.ID, p.ID, []int{0}); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	var all sync.WaitGroup
	for i, option := range []string{"Blue", "Red one", "Blue"} { // the first counts, whichever it is
		in := chooses(t, tw.bob, string(rune('a'+i)), p, option)
		all.Go(func() {
			if err := tw.tryReceive(t, in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, voters := tw.tally(t, p); voters != 2 {
		t.Errorf("Bob's votes count for %d people", voters-1)
	}
	votes, _ := tw.tally(t, p)
	tw.receive(t, chooses(t, tw.zoe, "a", p, "Purple"))
	tw.receive(t, chooses(t, tw.zoe, "b", p, "Green & <b>"))
	votes[2]++
	tw.counts(t, "with Zoe's", p, 3, votes...)
	if kept := tw.byIRI(t, p.IRI); kept.Replies != 0 {
		t.Errorf("votes stand there as %d replies", kept.Replies)
	}
	wantSent(t, tw)

	check(t, tw.posts.TellPoll(ctx, p.ID))
	wantSent(t, tw,
		"ana: Update(Question) -> ",
		"makers: Announce(Update(Question)) -> lemmy.example new.example")
	if told := tw.question(t, "Update"); told.Poll.Voters != 3 || told.Poll.Options[2].Votes != 1 || !told.Updated.IsZero() || !told.Poll.ClosedAt.IsZero() {
		t.Errorf("others are told %+v", told)
	}
	tw.cleared(t)
	tw.clock.pass(time.Hour)
	if _, err := tw.posts.Vote(ctx, tw.member(t, "late").ID, p.ID, []int{0}); !fault.Is(err, fault.Invalid) {
		t.Errorf("after the end: %v", err)
	}
	tw.receive(t, chooses(t, tw.kim, "a", p, "Blue"))
	tw.counts(t, "after the end", p, 3, votes...)
	check(t, tw.posts.TellPoll(ctx, p.ID))
	wantSent(t, tw)
	check(t, tw.posts.EndPoll(ctx, p.ID))
	if told := tw.question(t, "Update"); told.Poll.Voters != 3 || !told.Poll.ClosedAt.Equal(*p.Poll.EndsAt) {
		t.Errorf("at the end they are told %+v", told.Poll)
	}
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error { return tw.posts.ForgetReactions(ctx, tx, dora.ID) }))
	if _, voters := tw.tally(t, p); voters != 2 {
		t.Errorf("Dora is gone, and %d voted", voters)
	}
	check(t, tw.posts.Delete(ctx, tw.ana.ID, p.ID))
	var left int
	check(t, tw.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM poll_votes) + (SELECT count(*) FROM polls)`).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows are left of what was deleted", left)
	}
}

// TestWhoMayVote: who sees the poll and may take part in its community.
func TestWhoMayVote(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, dora := t.Context(), tw.member(t, "dora")
	inside, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "Between us?", Scope: posts.Members, Poll: asking("a", "b")})
	check(t, err)
	if _, err := tw.posts.Vote(ctx, dora.ID, inside.ID, []int{0}); !fault.Is(err, fault.NotFound) {
		t.Errorf("who is no member: %v", err)
	}
	tw.receive(t, chooses(t, tw.bob, "a", inside, "a"))
	tw.counts(t, "by who is no member", inside, 0, 0, 0)
	open, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "All?", Poll: asking("a", "b")})
	check(t, err)
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
		_, err := tw.communities.Ban(ctx, tx, communities.Ban{Community: tw.makers.ID, Who: tw.bob.ID, By: tw.ana.ID, Reason: "x"}, communities.Told{})
		return err
	}))
	tw.receive(t, chooses(t, tw.bob, "b", open, "a"))
	tw.counts(t, "by who is kept out", open, 0, 0, 0)
	forged := chooses(t, tw.zoe, "c", open, "a")
	forged.Author = tw.kim
	tw.receive(t, forged)
	told := chooses(t, tw.kim, "d", open, "a")
	told.Announced = true
	tw.receive(t, told)
	tw.counts(t, "in the name of another", open, 0, 0, 0)
	plain, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "No poll."})
	check(t, err)
	if _, err := tw.posts.Vote(ctx, dora.ID, plain.ID, []int{0}); !fault.Is(err, fault.NotFound) {
		t.Errorf("what is no poll: %v", err)
	}
}

// TestSeveralChoices come together from here, and one by one from elsewhere.
func TestSeveralChoices(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, dora := t.Context(), tw.member(t, "dora")
	ask := asking("a", "b", "c")
	ask.Multiple, ask.HideTotals = true, true
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "Which?", Poll: ask})
	check(t, err)
	_, err = tw.posts.Vote(ctx, dora.ID, p.ID, []int{2, 0, 2})
	check(t, err)
	for _, option := range []string{"a", "b", "a"} {
		tw.receive(t, chooses(t, tw.bob, option, p, option))
	}
	tw.counts(t, "two voters", p, 2, 2, 1, 1)
	check(t, tw.posts.TellPoll(ctx, p.ID))
	if doc := posts.Document(tw.byIRI(t, p.IRI), iris()); doc.Poll.Voters != 0 || doc.Poll.Options[0].Votes != 0 {
		t.Errorf("hidden counts are told: %+v", doc.Poll)
	}
	tw.clock.pass(time.Hour)
	if doc := posts.Document(tw.byIRI(t, p.IRI), iris()); doc.Poll.Voters != 2 || doc.Poll.Options[0].Votes != 2 {
		t.Errorf("at the end they are not: %+v", doc.Poll)
	}
}

// TestAPollElsewhere: what a member chooses goes to who asks, and to nobody else.
func TestAPollElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	n := note(tw.bob, "1", "Which?", vocab.Public, tw.makers.IRI)
	n.Type, n.EndTime = "Question", tw.clock.Now().Add(time.Hour)
	n.Poll = &vocab.Poll{Multiple: true, Voters: 5, Options: []vocab.PollOption{{Name: "a", Votes: 4}, {Name: "b", Votes: 3}}}
	tw.receive(t, said(t, "Create", tw.bob, n))
	p := tw.byIRI(t, n.ID)
	tw.cleared(t)
	_, err := tw.posts.Vote(ctx, tw.ana.ID, p.ID, []int{0, 1})
	check(t, err)
	wantSent(t, tw, "ana: Create(Note) -> mastodon.example", "ana: Create(Note) -> mastodon.example")
	vote := tw.question(t, "Create")
	if vote.Name != "b" || vote.Content != "" || vote.InReplyTo != n.ID || !slices.Equal(vote.To, []string{tw.bob.IRI}) || len(vote.Cc) != 0 {
		t.Errorf("Bob is told %+v", vote)
	}
	if _, err := tw.posts.ByIRI(ctx, reader(tw.ana), vote.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the vote is a post: %v", err)
	}
	tw.counts(t, "until Bob counts", p, 6, 5, 4)
	if mine := tw.byIRIFor(t, tw.ana.ID, n.ID); !mine.Poll.Has(0) || !mine.Poll.Has(1) {
		t.Errorf("Ana chose %v", mine.Poll.Chosen)
	}
	chosen, err := tw.posts.VotesBy(ctx, tw.ana.ID)
	if want := []posts.Voted{{Post: n.ID, Choices: []string{"a", "b"}}}; err != nil || !cmp.Equal(chosen, want) {
		t.Errorf("she takes along %v, %v", chosen, err)
	}
	if _, err := tw.posts.Vote(ctx, tw.ana.ID, p.ID, []int{0}); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
		_, err := tw.posts.ReceiveDelete(ctx, tx, posts.Deletion{IRI: n.ID, By: tw.bob})
		return err
	}))
	var told int
	check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM activities WHERE object LIKE '%#votes/%' AND length(body) > 0`).Scan(&told))
	if told != 0 {
		t.Errorf("of %d votes the bytes stay", told)
	}
}

// TestPollsThatAreNotAsked says why.
func TestPollsThatAreNotAsked(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	short, long := asking("a", "b"), asking("a", "b")
	short.For, long.For = time.Minute, 32*24*time.Hour
	for name, ask := range map[string]*posts.Asking{"one answer": asking("a"), "the same": asking("a", " A "), "nine": asking(strings.Split("abcdefghi", "")...),
		"a long one": asking("a", strings.Repeat("b", 101)), "too short": short, "too long": long, "never": {Options: []string{"a", "b"}}} {
		if _, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Which?", Poll: ask}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Poll: asking("a", "b")}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without words: %v", err)
	}
}
