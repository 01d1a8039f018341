package history

import (
	"context"
	"fmt"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// outbox wants what an actor showed, the newest first. After an outage it goes on until a
// page tells nothing new, and has the threads that are here looked through again.
func (s *Service) outbox(ctx context.Context, w want) error {
	a, err := s.Directory.ByIRI(ctx, w.IRI)
	if err != nil || a.Local() {
		return err
	}
	l := &listing{Service: s, owner: a, want: w, pick: newPick(a.Outbox, w.Budget)}
	_, err = s.walk(ctx, a.Outbox, func(items []vocab.Ref) (bool, error) { return l.look(ctx, items) })
	if err != nil && len(l.more) == 0 && passing(err, ctx) {
		return err
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		if err := setOutboxRead(ctx, tx, a.ID, s.Now()); err != nil {
			return err
		}
		return s.want(ctx, tx, append(l.more, lists(a)...)...)
	})
}

// listing is the reading of one outbox.
type listing struct {
	*Service
	owner actors.Actor
	want  want
	pick  *pick
	named int // activities that may lead anywhere
	more  []want
}

// look takes one page.
func (l *listing) look(ctx context.Context, items []vocab.Ref) (enough bool, err error) {
	var found []want
	for _, item := range items {
		if w, ok := l.shows(item); ok && l.mayLead(w) && l.pick.add(w.IRI) {
			found = append(found, w)
		}
	}
	ids := make([]string, 0, len(found))
	for _, w := range found {
		ids = append(ids, w.IRI)
	}
	known, err := l.Posts.KnownOf(ctx, l.DB, ids)
	if err != nil {
		return false, err
	}
	fresh := 0
	for _, w := range found {
		if known[w.IRI] && l.want.Again {
			l.more = append(l.more, want{Kind: kindThread, IRI: w.IRI, Budget: threadPosts})
		}
		if !known[w.IRI] {
			fresh++
		}
		if !known[w.IRI] || w.Community != 0 { // that a community shows it may be news of what is here
			l.more = append(l.more, w)
		}
	}
	return l.pick.full() || fresh == 0 && len(items) > 0, nil
}

// mayLead lets a community only name a few activities: each may announce a post of
// one and the same other server.
func (l *listing) mayLead(w want) bool {
	if w.Kind == kindActivity && l.owner.Kind == actors.Group {
		l.named++
	}
	return l.named <= strangers
}

// shows reads an item: what the owner of the outbox wrote, or as a community passed on.
func (l *listing) shows(item vocab.Ref) (want, bool) {
	w := want{Kind: kindPost, IRI: item.ID, Budget: threadPosts}
	if l.owner.Kind == actors.Group {
		w.Community = l.owner.ID
	}
	if item.Raw == nil {
		w.Kind, w.Thread = kindActivity, l.owner.IRI
		return w, item.ID != ""
	}
	d, err := item.Document()
	if err != nil {
		return w, false
	}
	if d.Kind != vocab.KindActivity {
		return w, w.Community != 0 || federation.SameOrigin(d.ID, l.owner.IRI)
	}
	a, err := d.Activity()
	if err != nil || a.Actor != l.owner.IRI {
		return w, false
	}
	w.IRI = told(a, l.owner)
	return w, w.IRI != ""
}

// told is the post that an activity tells of, "" if it is about something else. Only a
// community passes on what others wrote.
func told(a vocab.Activity, owner actors.Actor) string {
	switch {
	case a.Type == "Create" && federation.SameOrigin(a.Object.ID, owner.IRI):
		return a.Object.ID
	case a.Type != "Announce" || owner.Kind != actors.Group:
		return ""
	case a.Object.Raw == nil:
		return a.Object.ID
	}
	d, err := a.Object.Document()
	if err != nil {
		return ""
	}
	if d.Kind != vocab.KindActivity {
		return d.ID
	}
	inner, err := d.Activity()
	if err != nil || !slices.Contains([]string{"Create", "Update"}, inner.Type) {
		return ""
	}
	return inner.Object.ID
}

// activity looks into what an outbox only names; it may be the post itself.
func (s *Service) activity(ctx context.Context, w want) error {
	owner, err := s.Directory.ByIRI(ctx, w.Thread)
	if err != nil {
		return err
	}
	f, err := s.Client.FetchObject(ctx, w.IRI)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", w.IRI, err)
	}
	item := vocab.Ref{ID: f.ID, Raw: f.Body}
	if !federation.SameOrigin(f.ID, owner.IRI) {
		return fault.New(fault.Forbidden, "this activity is not of its actor's server")
	}
	l := &listing{Service: s, owner: owner}
	more, ok := l.shows(item)
	if !ok {
		return nil
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error { return s.want(ctx, tx, more) })
}
