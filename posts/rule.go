package posts

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// rulings are what who animates a community may do to a post, and the mark that it puts or lifts.
var rulings = map[string]struct {
	mark  string
	holds bool
}{
	communities.Pin: {Featured, true}, communities.Unpin: {Featured, false},
	communities.Lock: {Locked, true}, communities.Unlock: {Locked, false},
	communities.Remove: {Removed, true}, communities.Restore: {Removed, false},
	communities.Admit: {Held, false},
}

// Ruling is what who animates a community does to a post in it.
type Ruling struct {
	Act    string // one of package communities
	Reason string // demanded to take a post away
}

// Rule does it, and tells the community's followers. To do again what is so changes nothing,
// but that what is pinned again stands first.
func (s *Service) Rule(ctx context.Context, who actors.ID, id int64, r Ruling) error {
	r.Reason = strings.TrimSpace(r.Reason)
	switch _, known := rulings[r.Act]; {
	case !known:
		return fault.New(fault.Invalid, "This is not done to posts.")
	case r.Act == communities.Remove && r.Reason == "":
		return fault.New(fault.Invalid, "Say why it is removed: its author reads it.")
	case utf8.RuneCountInString(r.Reason) > longestReason:
		return fault.New(fault.TooLarge, "A reason may have 500 characters.")
	}
	by, p, err := s.toRule(ctx, who, id)
	if err != nil {
		return err
	}
	rule := s.rule
	if r.Act == communities.Admit {
		rule = s.admit
	}
	if err := s.db.Write(ctx, func(tx storage.Tx) error { return rule(ctx, tx, by, p, r) }); err != nil {
		return err
	}
	s.poke()
	return nil
}

const onlyAnimators = "Only who animates a community does this."

// toRule finds who would do something to a post in a community, and the post.
func (s *Service) toRule(ctx context.Context, who actors.ID, id int64) (by actors.Actor, p Post, err error) {
	if p, err = s.ByID(ctx, access.Reader{ID: who}, id); err != nil {
		return by, p, err
	}
	if p.Community == nil {
		return by, p, fault.New(fault.Forbidden, onlyAnimators)
	}
	by, err = s.dir.ByID(ctx, who)
	return by, p, err
}

func (s *Service) rule(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, r Ruling) error {
	if err := s.communities.RequireModerator(ctx, tx, *p.Community, by); err != nil {
		return err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	a, err := s.sayRuling(by, p, r, now)
	if err != nil {
		return err
	}
	body, err := s.dir.Prove(ctx, tx, by.ID, a)
	if err != nil {
		return err
	}
	if p.Community.Local() {
		is := rulings[r.Act]
		changed, err := s.ReceiveMark(ctx, tx, Mark{Community: *p.Community, Post: p.IRI, Kind: is.mark, Holds: is.holds, Reason: r.Reason,
			At: now, By: by.ID, Activity: body, ActivityIRI: a.ID, ActivityType: a.Type})
		if err != nil || !changed {
			return err
		}
	}
	// A community elsewhere announces it. The author hears of what is public in any case.
	to := []actors.ID{p.Community.ID}
	if shown(p.Scope) {
		to = append(to, p.Author.ID)
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: to}, outbox.Activity{IRI: a.ID,
		Type: a.Type, Object: p.IRI, Actor: by.ID, Body: body, Thread: p.Root, Published: now})
}

// sayRuling makes the activity in the words of Lemmy and its kin.
func (s *Service) sayRuling(by actors.Actor, p Post, r Ruling, at time.Time) (vocab.Activity, error) {
	a := s.say("", by, p, at).what
	if shown(p.Scope) {
		a.To, a.Cc = []string{vocab.Public}, []string{p.Community.IRI}
	}
	a.Object = vocab.Link(p.IRI)
	switch r.Act {
	case communities.Pin, communities.Unpin:
		a.Type, a.Target = "Add", vocab.Link(p.Community.Featured)
		if r.Act == communities.Unpin {
			a.Type = "Remove"
		}
		return a, nil
	case communities.Lock, communities.Unlock:
		a.Type = "Lock"
	default:
		a.Type = "Delete"
	}
	a.Summary = r.Reason
	if rulings[r.Act].holds {
		return a, nil
	}
	done := a
	done.ID = s.iris.NewActivity()
	inner, err := done.Embed()
	a.Type, a.Object, a.Summary = "Undo", inner, ""
	return a, err
}

// ruled announces a ruling in a community of ours to those for whom the post is, and records it.
func (s *Service) ruled(ctx context.Context, tx storage.Tx, t target, m Mark) error {
	now := s.now()
	err := s.communities.Record(ctx, tx, communities.Ruling{Community: t.Community, By: m.By, Act: actOf(m), Activity: m.ActivityIRI,
		Post: t.ID, Person: t.Author, Reason: m.Reason, At: now})
	if err != nil {
		return err
	}
	circle, told := circleOf(t.Scope)
	if !told || t.Held {
		return nil
	}
	what := communities.What{Activity: m.Activity, ActivityIRI: m.ActivityIRI, ActivityType: m.ActivityType,
		Object: m.Post, Root: t.Root, At: now, Circle: circle}
	if m.Kind == Removed && m.Holds {
		what.Since = t.Published.Add(-time.Minute) // clocks differ
	}
	if err := s.communities.Announce(ctx, tx, t.group(), what); err != nil {
		return err
	}
	if m.Kind == Removed && !m.Holds {
		if err := s.catchUp(ctx, tx, t, what); err != nil {
			return err
		}
	}
	if m.Kind != Removed || t.ParentIRI != "" || !t.Announced || circle != communities.ForFollowers {
		return nil
	}
	return s.boostAgain(ctx, tx, t, m, what)
}

// boostAgain takes the boost of a post back, or boosts it anew now that it is restored.
func (s *Service) boostAgain(ctx context.Context, tx storage.Tx, t target, m Mark, what communities.What) (err error) {
	if what.Again, err = s.communities.TimesRestored(ctx, tx, t.ID); err != nil {
		return err
	}
	if !m.Holds {
		return s.communities.Reannounce(ctx, tx, t.group(), what)
	}
	return s.communities.Unannounce(ctx, tx, t.group(),
		communities.Gone{Object: t.IRI, Root: t.Root, Again: what.Again, At: what.At, Since: what.Since})
}

func actOf(m Mark) string {
	for act, is := range rulings {
		if is.mark == m.Kind && is.holds == m.Holds {
			return act
		}
	}
	return m.Kind // a community of ours withdraws nothing
}
