package inbox

import (
	"context"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/storage"
)

// themeOr puts a thread under a theme of its community, or takes it away, if a theme is what
// the ruling names; else it gives the error of what it is not.
func (in *Inbox) themeOr(ctx context.Context, r ruling, otherwise error) (change, error) {
	if r.Target.ID == "" {
		return nil, otherwise
	}
	all, err := in.Communities.ThemesAt(ctx, in.DB, r.Target.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		group, err := in.anyActor(ctx, t.Community)
		if err != nil {
			return nil, err
		}
		if group.Gone || r.announced() && group.ID != r.from.by.ID {
			continue
		}
		r.undo = r.undo != (r.Type == "Remove")
		return in.ruled(r, group, in.theming(r, group, t)), nil
	}
	return nil, otherwise
}

func (in *Inbox) theming(r ruling, group actors.Actor, theme communities.Theme) find {
	th := posts.Theming{Community: group, Post: r.Object.ID, Theme: theme, Holds: !r.undo, Reason: r.Summary, At: r.at(), By: r.from.by.ID}
	if !r.announced() {
		th.Activity, th.ActivityIRI, th.ActivityType = r.from.Raw, r.from.ID, r.from.Type
	}
	return func(ctx context.Context, tx storage.Tx) (bool, error) {
		return in.Posts.ReceiveTheme(ctx, tx, th)
	}
}
