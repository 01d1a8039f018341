package moderation_test

import (
	"slices"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
)

// rules has Ana do something to a post, and gives the ruling.
func (w *town) rules(p posts.Post, act string) communities.Ruling {
	w.t.Helper()
	w.check(w.Posts.Rule(w.t.Context(), w.ana, p.ID, posts.Ruling{Act: act, Reason: "hors sujet"}))
	all, err := w.Communities.Rulings(w.t.Context(), w.ana, w.makers.ID, 0, 1)
	w.check(err)
	return all[0]
}

func TestAppeal(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, p := t.Context(), w.says(w.bob, "mild")
	r := w.rules(p, communities.Remove)
	shown := func() bool {
		_, err := w.Posts.ByID(ctx, access.Reader{}, p.ID)
		return err == nil
	}

	for name, c := range map[string]struct {
		who   actors.ID
		words string
		kind  fault.Kind
	}{"ana, who did it": {w.ana, "x", fault.Forbidden}, "leo, who is not concerned": {w.leo, "x", fault.Forbidden}, "bob, without a word": {w.bob, " ", fault.Invalid}} {
		if err := w.Appeal(ctx, c.who, r.ID, c.words); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.check(w.Appeal(ctx, w.bob, r.ID, "c’est le sujet"))
	if err := w.Appeal(ctx, w.bob, r.ID, "encore"); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	for who, want := range map[actors.ID][]int64{w.ana: nil, w.bob: nil, w.leo: {r.ID}} {
		if got, err := w.AppealsFor(ctx, who, w.makers.ID); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d may answer %v, %v; want %v", who, got, err, want)
		}
	}
	for _, who := range []actors.ID{w.ana, w.bob} {
		if err := w.AnswerAppeal(ctx, who, r.ID, true, "oui"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%d answers: %v", who, err)
		}
	}
	if shown() {
		t.Error("it came back already")
	}
	w.check(w.AnswerAppeal(ctx, w.leo, r.ID, true, "en effet"))
	if !shown() {
		t.Error("it did not come back")
	}
	if err := w.AnswerAppeal(ctx, w.leo, r.ID, false, "non"); !fault.Is(err, fault.Conflict) {
		t.Errorf("answered twice: %v", err)
	}
	if a, err := w.AppealOf(ctx, r.ID); err != nil || !a.Granted || a.AnsweredBy != w.leo || a.Answer != "en effet" {
		t.Errorf("appeal %+v, %v", a, err)
	}

	again := w.rules(p, communities.Remove)
	w.check(w.Appeal(ctx, w.bob, again.ID, "encore"))
	w.check(w.AnswerAppeal(ctx, w.leo, again.ID, false, "non"))
	if shown() {
		t.Error("what was refused came back")
	}
	w.exec(`DELETE FROM memberships WHERE who = $1`, w.leo)
	last := w.rules(w.says(w.bob, "other"), communities.Lock)
	if err := w.Appeal(ctx, w.bob, last.ID, "x"); !fault.Is(err, fault.Conflict) {
		t.Errorf("to nobody: %v", err)
	}
}

func TestWhoReadsRulings(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.exec(`INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', now())`, w.makers.ID, w.bob)
	r := w.rules(w.says(w.bob, "mild"), communities.Lock)
	reads := func(when string, want ...actors.ID) {
		t.Helper()
		var got []actors.ID
		for _, who := range []actors.ID{0, w.zoe.ID, w.bob, w.leo} {
			_, err := w.Communities.Rulings(t.Context(), who, w.makers.ID, 0, 10)
			if err == nil {
				got = append(got, who)
			} else if !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v read, want %v", when, got, want)
		}
	}
	shows := func(to string) {
		t.Helper()
		w.check(w.Communities.ShowRulings(t.Context(), w.ana, w.makers.ID, to))
	}
	reads("at first", 0, w.zoe.ID, w.bob, w.leo)
	shows(communities.ShownToMembers)
	reads("to members", w.bob, w.leo)
	shows(communities.ShownToAnimators)
	reads("to animators", w.leo)
	if _, err := w.Communities.RulingByID(t.Context(), w.DB, w.bob, r.ID); err != nil {
		t.Errorf("whom it concerns does not read it: %v", err)
	}
	if _, err := w.Communities.RulingByID(t.Context(), w.DB, w.zoe.ID, r.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("zoe reads it: %v", err)
	}
	shows(communities.ShownToAll)
	for _, access := range []string{"members", "confidential"} {
		w.exec(`UPDATE communities SET access = $1`, access)
		reads("to all of a community that is "+access, w.bob, w.leo)
	}
	if err := w.Communities.ShowRulings(t.Context(), w.bob, w.makers.ID, communities.ShownToAll); !fault.Is(err, fault.Forbidden) {
		t.Errorf("bob chooses: %v", err)
	}
}
