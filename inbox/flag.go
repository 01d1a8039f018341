package inbox

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/moderation"
	"passerelles/storage"
)

// flag keeps a report about what is here. Lemmy and Mbin name one post; Mastodon, as its
// server and not as who complained, a person and their posts.
func (in *Inbox) flag(ctx context.Context, a arrival) (change, error) {
	var about []string
	ours := false
	for _, ref := range a.Objects {
		if ref.ID == "" {
			continue
		}
		seen, err := in.seenBy(ctx, a.by, ref.ID)
		if err != nil {
			return nil, err
		}
		if !seen {
			continue
		}
		about = append(about, ref.ID)
		if ours = ours || in.IRIs.Local(ref.ID); ours {
			continue
		}
		known, err := a.reach.knows(ctx, ref.ID)
		if err != nil {
			return nil, err
		}
		ours = known
	}
	if !ours {
		return nil, ignored("it is about nothing that is here")
	}
	r := moderation.Report{IRI: a.ID, By: a.by.ID, About: about, Reason: a.Content, At: a.arrived}
	if r.Reason == "" {
		r.Reason = a.Summary
	}
	return func(ctx context.Context, tx storage.Tx) error { return in.Moderation.ReceiveReport(ctx, tx, r) }, nil
}

// seenBy says whether who reports something may see it: else it does not exist for them. Of
// what is no post here that is not the question.
func (in *Inbox) seenBy(ctx context.Context, by actors.Actor, iri string) (bool, error) {
	known, err := in.Posts.Known(ctx, in.DB, iri)
	if err != nil || !known {
		return err == nil, err
	}
	r := access.Reader{ID: by.ID}
	if by.Kind == actors.Application {
		r = access.Reader{Host: by.Host}
	}
	_, err = in.Posts.ByIRI(ctx, r, iri)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if fault.Is(err, fault.Gone) {
		err = nil
	}
	return err == nil, err
}
