package mastodon

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

func (h *Handler) reactionWays() []way {
	const at = "/api/v1/statuses/{id:[0-9]+}"
	return []way{
		{"POST", at + "/favourite", aMember, "write:favourites", h.favourite},
		{"POST", at + "/unfavourite", aMember, "write:favourites", h.unfavourite},
		{"POST", at + "/reblog", aMember, "write:statuses", h.reblog},
		{"POST", at + "/unreblog", aMember, "write:statuses", h.unreblog},
		{"POST", at + "/bookmark", aMember, "write:bookmarks", h.bookmark},
		{"POST", at + "/unbookmark", aMember, "write:bookmarks", h.unbookmark},
		{"POST", at + "/mute", aMember, "write:mutes", h.muteThread},
		{"POST", at + "/unmute", aMember, "write:mutes", h.unmuteThread},
		{"POST", at + "/pin", aMember, "write:accounts", h.pin},
		{"POST", at + "/unpin", aMember, "write:accounts", h.unpin},
		{"GET", at + "/favourited_by", anybody, "read:accounts", h.favouritedBy},
		{"GET", at + "/reblogged_by", anybody, "read:accounts", h.rebloggedBy},
		{"GET", at + "/history", anybody, "read:statuses", h.history},
		{"GET", "/api/v1/bookmarks", aMember, "read:bookmarks", h.bookmarks},
		{"GET", "/api/v1/favourites", aMember, "read:favourites", h.favourites},
	}
}

func (h *Handler) favourite(c *call) (any, error)   { return h.react(c, h.Posts.Like) }
func (h *Handler) unfavourite(c *call) (any, error) { return h.react(c, h.Posts.Unlike) }
func (h *Handler) unreblog(c *call) (any, error)    { return h.react(c, h.Posts.Unboost) }
func (h *Handler) bookmark(c *call) (any, error)    { return h.react(c, h.Reading.Bookmark) }
func (h *Handler) unbookmark(c *call) (any, error)  { return h.react(c, h.Reading.Unbookmark) }
func (h *Handler) pin(c *call) (any, error)         { return h.react(c, h.Posts.Pin) }
func (h *Handler) unpin(c *call) (any, error)       { return h.react(c, h.Posts.Unpin) }

// react has the member do something with a post that they may see, and shows it as it is then.
func (h *Handler) react(c *call, do func(ctx context.Context, who actors.ID, id int64) error) (any, error) {
	p, err := h.reacted(c, do)
	if err != nil {
		return nil, err
	}
	return h.one(c, p)
}

func (h *Handler) reacted(c *call, do func(ctx context.Context, who actors.ID, id int64) error) (posts.Post, error) {
	p, _, err := h.post(c)
	if err != nil {
		return p, err
	}
	if err := do(c.r.Context(), c.member().ID, p.ID); err != nil {
		return p, err
	}
	return h.Posts.ByID(c.r.Context(), c.reader(), p.ID)
}

// reblog answers with the boost, which has an id of its own.
func (h *Handler) reblog(c *call) (any, error) {
	p, err := h.reacted(c, h.Posts.Boost)
	if err != nil {
		return nil, err
	}
	b, err := h.Posts.BoostOf(c.r.Context(), p.ID, c.member().ID)
	if err != nil {
		return nil, err
	}
	me, err := h.Directory.ByID(c.r.Context(), b.By)
	if err != nil {
		return nil, err
	}
	s, err := h.one(c, p)
	return h.boosted(c, s, sharing{b.ID, me}), err
}

// muteThread has the member hear no more of a thread.
func (h *Handler) muteThread(c *call) (any, error)   { return h.inThread(c, h.Reading.MuteThread) }
func (h *Handler) unmuteThread(c *call) (any, error) { return h.inThread(c, h.Reading.UnmuteThread) }

func (h *Handler) inThread(c *call, do func(ctx context.Context, who actors.ID, root int64) error) (any, error) {
	p, _, err := h.post(c)
	if err == nil {
		err = do(c.r.Context(), c.member().ID, p.Root)
	}
	if err != nil {
		return nil, err
	}
	return h.one(c, p)
}

func (h *Handler) favouritedBy(c *call) (any, error) { return h.reactedBy(c, h.Posts.Likers) }
func (h *Handler) rebloggedBy(c *call) (any, error)  { return h.reactedBy(c, h.Posts.Boosters) }

func (h *Handler) reactedBy(c *call, list func(context.Context, access.Reader, int64, int) ([]actors.Actor, error)) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	all, err := list(c.r.Context(), c.reader(), p.ID, c.limit(40, 80))
	if err != nil {
		return nil, err
	}
	return h.accounts(c, all)
}

type version struct {
	Content   string      `json:"content"`
	Spoiler   string      `json:"spoiler_text"`
	Sensitive bool        `json:"sensitive"`
	CreatedAt string      `json:"created_at"`
	Account   account     `json:"account"`
	Media     []mediaItem `json:"media_attachments"`
	Emojis    []string    `json:"emojis"`
}

// history is how a post read from its beginning. Warnings and files are not kept of the past: they are
// told as they are now.
func (h *Handler) history(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	all, err := h.Posts.Versions(c.r.Context(), c.reader(), p.ID)
	if err != nil {
		return nil, err
	}
	shown := make([]version, 0, len(all))
	for _, v := range all {
		was := p
		was.Title, was.Content = v.Title, v.Content
		shown = append(shown, version{Content: was.WithTitle(), Spoiler: p.Summary, Sensitive: p.Sensitive, CreatedAt: stamp(v.At),
			Account: h.accountOf(p.Author), Media: h.mediaOf(c, p), Emojis: []string{}})
	}
	return shown, nil
}

func (h *Handler) bookmarks(c *call) (any, error) {
	all, err := h.Timelines.Bookmarks(c.r.Context(), c.reader(), c.plainPage(20, 40))
	if err != nil {
		return nil, err
	}
	return h.entries(c, all)
}

func (h *Handler) favourites(c *call) (any, error) {
	all, err := h.Timelines.Favourites(c.r.Context(), c.reader(), c.plainPage(20, 40))
	if err != nil {
		return nil, err
	}
	return h.entries(c, all)
}
