package mastodon

import (
	"slices"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/text"
)

// sharing is under what a post shows that somebody shares.
type sharing struct {
	id int64
	by actors.Actor
}

// post finds the post that an address names, by its id or by that of a boost: then shared is not nil.
func (h *Handler) post(c *call) (p posts.Post, shared *sharing, err error) {
	return h.postOf(c, c.path("id"))
}

func (h *Handler) postOf(c *call, n int64) (p posts.Post, shared *sharing, err error) {
	p, err = h.Posts.ByID(c.r.Context(), c.reader(), n)
	if !fault.Is(err, fault.NotFound) {
		return p, nil, err
	}
	if other, failed := h.Posts.ByID(c.r.Context(), c.reader(), boostID(n)); failed == nil && other.Community != nil {
		return other, &sharing{n, *other.Community}, nil
	}
	b, p, failed := h.Posts.BoostByID(c.r.Context(), c.reader(), n)
	if failed != nil {
		return p, nil, err
	}
	by, failed := h.Directory.ByID(c.r.Context(), b.By)
	if by, failed = h.known(c, by, failed); failed != nil {
		return p, nil, err
	}
	return p, &sharing{b.ID, by}, nil
}

func (h *Handler) status(c *call) (any, error) {
	p, shared, err := h.post(c)
	if err != nil {
		return nil, err
	}
	s, err := h.one(c, p)
	if err == nil && shared != nil {
		s = h.boosted(c, s, *shared)
	}
	return s, err
}

// several gives those of some posts that the caller may see.
func (h *Handler) several(c *call) (any, error) {
	all, err := h.Posts.ByIDs(c.r.Context(), c.reader(), numbers(c.params["id"], 40))
	if err != nil {
		return nil, err
	}
	return h.statuses(c, all)
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
	if thread, err = h.heard(c, thread); err != nil {
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

// heard leaves out of a thread what is said by whom the member shuns.
func (h *Handler) heard(c *call, thread []posts.Post) ([]posts.Post, error) {
	if c.member() == nil {
		return thread, nil
	}
	authors := make([]actors.ID, len(thread))
	for i, p := range thread {
		authors[i] = p.Author.ID
	}
	shunned, err := access.ShunnedAmong(c.r.Context(), h.DB, c.member().ID, authors)
	return slices.DeleteFunc(thread, func(p posts.Post) bool { return slices.Contains(shunned, p.Author.ID) }), err
}

// split parts a thread into what stands above a post and what hangs below it.
func split(thread []posts.Post, p posts.Post) (above, below []posts.Post) {
	byID := map[int64]posts.Post{}
	for _, one := range thread {
		byID[one.ID] = one
	}
	for next, ok := byID[p.ParentID]; ok && len(above) < len(thread); next, ok = byID[next.ParentID] {
		above = append(above, next)
	}
	slices.Reverse(above)
	posts.TreeOf(thread).Walk(p, 0, func(reply, _ posts.Post, _ int) { below = append(below, reply) })
	return above, below
}

// scopes are for whom apps may write: "private" is for the members of the community.
var scopes = map[string]string{"": "", "public": posts.Public, "unlisted": posts.Unlisted, "private": posts.Members, "direct": posts.Direct}

// publish writes a post. In a community stands what answers something there, or names it.
func (h *Handler) publish(c *call) (any, error) {
	d, err := h.draft(c)
	if err != nil {
		return nil, err
	}
	if c.params.Get("scheduled_at") != "" {
		return h.schedule(c, d)
	}
	p, err := h.Posts.Publish(c.r.Context(), c.member().ID, d)
	if err != nil {
		return nil, h.aboutFiles(c, d.Files, err)
	}
	return h.one(c, p)
}

func (h *Handler) draft(c *call) (posts.Draft, error) {
	said := c.params.Get("visibility")
	if said == "" && c.params.Get("in_reply_to_id") == "" && c.member().Visibility != "public" {
		said = c.member().Visibility // an answer goes where the thread is
	}
	scope, known := scopes[said]
	d := posts.Draft{Text: asTyped(c.params.Get("status")), Summary: c.params.Get("spoiler_text"), Language: languageOf(c),
		Sensitive: c.yes("sensitive") || !c.params.Has("sensitive") && c.member().Sensitive, Scope: scope}
	if !known {
		return d, fault.New(fault.Invalid, "Validation failed: Visibility is not included in the list")
	}
	d.Key, d.Files, d.Poll = c.r.Header.Get("Idempotency-Key"), attached(c), asking(c)
	if err := h.quoting(c, &d); err != nil {
		return d, err
	}
	if c.params.Get("in_reply_to_id") != "" {
		parent, err := h.Posts.ByID(c.r.Context(), c.reader(), c.number("in_reply_to_id"))
		if err != nil {
			return d, err
		}
		d.InReplyTo = parent.ID
	}
	return d, nil
}

// languageOf is the one that an app names; where that is none, it is guessed.
func languageOf(c *call) string {
	if code := c.params.Get("language"); text.ValidLanguage(code) {
		return code
	}
	return ""
}

// asTyped keeps the lines that apps show as they were typed: Markdown would join them.
func asTyped(typed string) string {
	lines := strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if i+1 < len(lines) && strings.TrimSpace(line) != "" && strings.TrimSpace(lines[i+1]) != "" {
			lines[i] = strings.TrimRight(line, " ") + "  "
		}
	}
	return strings.Join(lines, "\n")
}

// edit changes a post of the member's.
func (h *Handler) edit(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	d := posts.Draft{Text: asTyped(c.params.Get("status")), Summary: c.params.Get("spoiler_text"), Language: languageOf(c),
		Sensitive: c.yes("sensitive"), Quotable: c.params.Get("quote_approval_policy")}
	if _, said := c.params["status"]; !said {
		d.Text = p.Source
	}
	if asked := asking(c); asked != nil && (p.Poll == nil || !sameOptions(*asked, *p.Poll)) {
		return nil, errPollStands
	}
	if d.Files, err = attachedAgain(c, p); err != nil {
		return nil, err
	}
	if p.Titled() { // which apps do not know; one that was made of the text is made anew
		d.Title = p.Title
	}
	if p, err = h.Posts.Edit(c.r.Context(), c.member().ID, p.ID, d); err != nil {
		return nil, h.aboutFiles(c, d.Files, err)
	}
	return h.one(c, p)
}

// erase takes a post of the member's away, and gives what was typed, to be written again; or
// the boost, where the address names one of theirs.
func (h *Handler) erase(c *call) (any, error) {
	p, shared, err := h.post(c)
	if err != nil {
		return nil, err
	}
	if shared != nil && shared.by.ID == c.member().ID {
		return h.unreblog(c)
	}
	s, err := h.one(c, p)
	if err != nil {
		return nil, err
	}
	end := h.Posts.Redraft
	if c.yes("delete_media") {
		end = h.Posts.Delete
	}
	if err := end(c.r.Context(), c.member().ID, p.ID); err != nil {
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
