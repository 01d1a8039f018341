package mastodon

import (
	"context"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
)

// post finds the post that an address names, by its id or by that of its boost.
func (h *Handler) post(c *call) (p posts.Post, boost bool, err error) {
	n := c.path("id")
	p, err = h.Posts.ByID(c.r.Context(), c.reader(), n)
	if !fault.Is(err, fault.NotFound) {
		return p, false, err
	}
	other, failed := h.Posts.ByID(c.r.Context(), c.reader(), boostID(n))
	if failed != nil || other.Community == nil {
		return p, false, err
	}
	return other, true, nil
}

func (h *Handler) status(c *call) (any, error) {
	p, boost, err := h.post(c)
	if err != nil {
		return nil, err
	}
	s, err := h.one(c, p)
	if err == nil && boost {
		s = h.boosted(s, p.ID, *p.Community)
	}
	return s, err
}

type around struct {
	Ancestors   []status `json:"ancestors"`
	Descendants []status `json:"descendants"`
}

// context is what a post answers, and what answers it.
func (h *Handler) context(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	thread, err := h.Posts.Thread(c.r.Context(), c.reader(), p.Root)
	if err != nil {
		return nil, err
	}
	above, below := split(thread, p)
	var a around
	if a.Ancestors, err = h.statuses(c, above); err != nil {
		return nil, err
	}
	a.Descendants, err = h.statuses(c, below)
	return a, err
}

// split parts a thread, which is in the order of time, into what stands above a post and what
// hangs below it.
func split(thread []posts.Post, p posts.Post) (above, below []posts.Post) {
	byID := map[int64]posts.Post{}
	hangs := map[int64]bool{p.ID: true}
	for _, one := range thread {
		byID[one.ID] = one
		if one.ID != p.ID && one.ParentID != 0 && hangs[one.ParentID] && !hangs[one.ID] {
			hangs[one.ID] = true
			below = append(below, one)
		}
	}
	for next := p.ParentID; next != 0; {
		parent, ok := byID[next]
		if !ok || len(above) > len(thread) {
			break
		}
		above = append([]posts.Post{parent}, above...)
		next = parent.ParentID
	}
	return above, below
}

// scopes are for whom apps may write. "private" is for members where there is a community.
var scopes = map[string]string{"": "", "public": posts.Public, "unlisted": posts.Unlisted, "private": posts.Members, "direct": posts.Direct}

// publish writes a post. In a community stands what answers something there, or names it.
func (h *Handler) publish(c *call) (any, error) {
	d, err := h.draft(c)
	if err != nil {
		return nil, err
	}
	if d.Scope, err = h.scopeFor(c, d); err != nil {
		return nil, err
	}
	p, err := h.Posts.Publish(c.r.Context(), c.member().ID, d)
	if err != nil {
		return nil, err
	}
	return h.one(c, p)
}

func (h *Handler) draft(c *call) (posts.Draft, error) {
	d := posts.Draft{Text: asTyped(c.params.Get("status")), Summary: c.params.Get("spoiler_text"), Language: c.params.Get("language"),
		Sensitive: c.yes("sensitive")}
	if c.params.Get("scheduled_at") != "" || len(c.params["poll[options]"]) > 0 || len(c.params["media_ids"]) > 0 {
		return d, fault.New(fault.Invalid, "Validation failed: polls, files and times to come are not taken from apps yet")
	}
	if c.params.Get("in_reply_to_id") != "" {
		parent, err := h.Posts.ByID(c.r.Context(), c.reader(), c.number("in_reply_to_id"))
		if err != nil {
			return d, err
		}
		d.InReplyTo = parent.ID
		return d, nil
	}
	community, err := h.named(c.r.Context(), c.reader(), d.Text)
	d.Community = community
	return d, err
}

// scopeFor is for whom a post is; it never becomes wider than was asked for.
func (h *Handler) scopeFor(c *call, d posts.Draft) (string, error) {
	scope, ok := scopes[c.params.Get("visibility")]
	if !ok {
		return "", fault.New(fault.Invalid, "Validation failed: Visibility is not included in the list")
	}
	if scope == posts.Members && d.Community == 0 && d.InReplyTo == 0 {
		return "", fault.New(fault.Invalid, "Validation failed: a post for followers alone has to name a community, whose members it is then for")
	}
	if scope != "" || d.Community == 0 {
		return scope, nil
	}
	for_, err := h.Posts.ScopesFor(c.r.Context(), c.member().ID, d.Community)
	if err != nil || len(for_) == 0 {
		return "", err
	}
	return for_[0], nil
}

// asTyped keeps the lines that apps show as they were typed: Markdown would join them.
func asTyped(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if i+1 < len(lines) && strings.TrimSpace(line) != "" && strings.TrimSpace(lines[i+1]) != "" {
			lines[i] = strings.TrimRight(line, " ") + "  "
		}
	}
	return strings.Join(lines, "\n")
}

// named finds the first community that a text names, 0 for none. Nobody else is asked for it:
// who writes to a community belongs there, and so it is known here.
func (h *Handler) named(ctx context.Context, r access.Reader, text string) (actors.ID, error) {
	for _, word := range strings.Fields(text) {
		handle := strings.TrimRight(strings.TrimLeft(word, "(["), ".,;:!?)]")
		if !strings.HasPrefix(handle, "@") && !strings.HasPrefix(handle, "!") {
			continue
		}
		handle = "@" + handle[1:]
		if name, host, err := federation.SplitHandle(handle); err == nil && host == h.IRIs.Host() {
			handle = "@" + name
		}
		a, err := h.Directory.ByHandleKnown(ctx, handle)
		switch {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid), fault.Is(err, fault.Gone):
			continue
		case err != nil:
			return 0, err
		case a.Kind != actors.Group:
			continue
		}
		knows, err := access.Knows(ctx, h.DB, r, a)
		if err != nil || knows {
			return a.ID, err
		}
	}
	return 0, nil
}

// edit changes a post of the member's.
func (h *Handler) edit(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	d := posts.Draft{Text: asTyped(c.params.Get("status")), Summary: c.params.Get("spoiler_text"), Language: c.params.Get("language"),
		Sensitive: c.yes("sensitive")}
	if p.Titled() { // which apps do not know; one that was made of the text is made anew
		d.Title = p.Title
	}
	if p, err = h.Posts.Edit(c.r.Context(), c.member().ID, p.ID, d); err != nil {
		return nil, err
	}
	return h.one(c, p)
}

// erase takes a post of the member's away, and gives what was typed, to be written again.
func (h *Handler) erase(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	s, err := h.one(c, p)
	if err != nil {
		return nil, err
	}
	if err := h.Posts.Delete(c.r.Context(), c.member().ID, p.ID); err != nil {
		return nil, err
	}
	s.Text = &p.Source
	return s, nil
}

type typed struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Spoiler string `json:"spoiler_text"`
}

// source is what the member typed.
func (h *Handler) source(c *call) (any, error) {
	p, _, err := h.post(c)
	if err == nil && p.Author.ID != c.member().ID {
		err = errNone
	}
	return typed{id(p.ID), p.Source, p.Summary}, err
}

func (h *Handler) favourite(c *call) (any, error)   { return h.react(c, h.Posts.Like) }
func (h *Handler) unfavourite(c *call) (any, error) { return h.react(c, h.Posts.Unlike) }

func (h *Handler) react(c *call, do func(ctx context.Context, who actors.ID, id int64) error) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	if err := do(c.r.Context(), c.member().ID, p.ID); err != nil {
		return nil, err
	}
	if p, err = h.Posts.ByID(c.r.Context(), c.reader(), p.ID); err != nil {
		return nil, err
	}
	return h.one(c, p)
}
