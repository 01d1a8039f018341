package inbox

import (
	"context"

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
