package posts

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// ReceiveShare tells that a Group elsewhere announced a post that is here: it
// belongs to that community unless it belongs to another.
func (s *Service) ReceiveShare(ctx context.Context, tx storage.Tx, group actors.Actor, iri string) error {
	f, err := lookup(ctx, tx, wanted{iri: iri})
	if err != nil {
		return err
	}
	if f.post == nil && f.deletedAt != nil {
		return nil
	}
	if f.post == nil {
		return fault.New(fault.NotFound, "This post is not here.")
	}
	return s.share(ctx, tx, group, *f.post)
}

func (s *Service) share(ctx context.Context, tx storage.Tx, group actors.Actor, t target) error {
	if group.Local() || group.Kind != actors.Group || t.DeletedAt != nil || !shown(t.Scope) {
		return nil
	}
	if t.Community == group.ID {
		if t.Announced {
			return nil
		}
		return markAnnounced(ctx, tx, t.ID)
	}
	if t.Community != 0 {
		return nil
	}
	if t.Local { // where a member's post stands, the member said: nobody elsewhere does
		return nil
	}
	title := t.Title
	if title == "" && t.ParentIRI == "" {
		title = titleFor(t.Summary, t.Content)
	}
	return moveThread(ctx, tx, t, group.ID, title)
}
