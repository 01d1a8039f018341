package posts

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// Theming is that who animates a community puts a thread under one of its themes, or takes it away.
type Theming struct {
	Community actors.Actor
	Post      string // IRI
	Theme     communities.Theme
	Holds     bool
	Reason    string
	At        time.Time // when it was said: what was said last holds

	By                        actors.ID // who said it: what a community of ours records
	Activity                  []byte    // for a community of ours to announce
	ActivityIRI, ActivityType string
}

// SetThemes has who animates a community choose the themes of a thread in it, and tells the
// community's followers what changed; its author changes none of that any more. Of a community
// elsewhere it asks that server.
func (s *Service) SetThemes(ctx context.Context, who actors.ID, id int64, themes []int64, reason string) error {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > longestReason {
		return fault.New(fault.TooLarge, "A reason may have 500 characters.")
	}
	by, p, err := s.toRule(ctx, who, id)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error { return s.setThemes(ctx, tx, by, p, themes, reason) })
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) setThemes(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, themes []int64, reason string) error {
	if err := s.communities.RequireModerator(ctx, tx, *p.Community, by); err != nil {
		return err
	}
	all, err := s.communities.AllThemes(ctx, tx, p.Community.ID)
	if err != nil {
		return err
	}
	wanted := Post{ID: p.ID, ParentIRI: p.ParentIRI, Community: p.Community, Themes: slices.Clone(p.Themes)}
	for i := range wanted.Themes {
		wanted.Themes[i].Ruled = false // by whoever else animates it
	}
	if err := s.choose(ctx, tx, &wanted, append([]int64{}, themes...)); err != nil {
		return err
	}
	for _, holds := range []bool{false, true} { // first what makes room
		for _, t := range all {
			if has(wanted.Themes, t.ID) != holds || has(p.Themes, t.ID) == holds {
				continue
			}
			if err := s.theme(ctx, tx, by, p, Theming{Theme: t, Holds: holds, Reason: reason}); err != nil {
				return err
			}
		}
	}
	return nil
}

// theme does it in a community of ours, and tells it to one elsewhere, which announces it.
func (s *Service) theme(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, th Theming) error {
	now := s.now().UTC().Truncate(time.Microsecond)
	a := s.say("Remove", by, p, now).what
	if th.Holds {
		a.Type = "Add"
	}
	if shown(p.Scope) {
		a.To, a.Cc = []string{vocab.Public}, []string{p.Community.IRI}
	}
	a.Object, a.Target, a.Summary = vocab.Link(p.IRI), vocab.Link(th.Theme.IRI), th.Reason
	body, err := s.dir.Prove(ctx, tx, by.ID, a)
	if err != nil {
		return err
	}
	if p.Community.Local() {
		th.Community, th.Post, th.At, th.By = *p.Community, p.IRI, now, by.ID
		th.Activity, th.ActivityIRI, th.ActivityType = body, a.ID, a.Type
		_, err := s.ReceiveTheme(ctx, tx, th)
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{p.Community.ID}}, outbox.Activity{IRI: a.ID,
		Type: a.Type, Object: p.IRI, Actor: by.ID, Body: body, Thread: p.Root, Published: now})
}

// ReceiveTheme keeps what who animates a community says of a theme of a thread, whose authority
// the inbox established; changed tells whether it was otherwise before. A community of ours
// records and announces it. Of a post that is not here nothing is kept.
func (s *Service) ReceiveTheme(ctx context.Context, tx storage.Tx, th Theming) (changed bool, err error) {
	t, _, err := liked(ctx, tx, th.Post)
	if err != nil {
		return false, err
	}
	if t == nil || t.Community != th.Community.ID || t.ParentIRI != "" || t.DeletedAt != nil || th.Theme.Community != th.Community.ID {
		return false, fault.New(fault.Forbidden, "This is no thread of this community.")
	}
	if th.Holds {
		if n, err := countThemes(ctx, tx, t.ID, th.Theme.ID); err != nil || n >= MostThemes {
			return false, whichever(err, fault.New(fault.Invalid, "A thread has five themes at most."))
		}
	}
	if changed, err = ruleTheme(ctx, tx, t.ID, th.Theme.ID, th.Holds, th.At); err != nil || !changed || !th.Community.Local() {
		return changed, err
	}
	act := communities.TakeFrom
	if th.Holds {
		act = communities.PutUnder
	}
	err = s.communities.Record(ctx, tx, communities.Ruling{Community: t.Community, By: th.By, Act: act, Activity: th.ActivityIRI,
		Post: t.ID, Person: t.Author, Words: th.Theme.Name, Reason: th.Reason, At: s.now()})
	if err != nil {
		return true, err
	}
	circle, told := circleOf(t.Scope)
	if !told || t.Held || th.Activity == nil {
		return true, nil
	}
	return true, s.communities.Announce(ctx, tx, t.group(), communities.What{Activity: th.Activity, ActivityIRI: th.ActivityIRI,
		ActivityType: th.ActivityType, Object: th.Post, Root: t.Root, At: s.now(), Circle: circle})
}
