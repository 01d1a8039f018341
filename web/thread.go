package web

import (
	"fmt"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

const deepest = 2 // levels by which replies are indented

// node is a post in a thread, with what the reader may do to it.
type node struct {
	posts.Post
	Depth            int           // 0: the top of the page
	To               *actors.Actor // whom it answers, where its place does not tell
	Edits, Deletes   bool
	Votes            bool // may choose in its poll
	Reports, Rules   bool
	Why              string // address of why it was removed, for its author
	Me               bool   // somebody is signed in
	Shunned          bool   // the reader blocks or mutes its author
	Composer         *composer
	Still            bool   // its community is archived: it is only read
	Where            string // address of the thread's page
	LikeTo, UnlikeTo string
	Cites            bool        // the reader may quote it
	Quoted           *posts.Post // what it quotes, as far as it is shown
}

type threadPage struct {
	Top     node
	Replies []node
	Level   actors.Access // of its community, "" when it is not ours
}

// thread shows a thread whole. A reply is shown at its place, unless the
// beginning of its thread is not here.
func (h *Handler) thread(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	all, err := h.Posts.Thread(v.r.Context(), v.reader(), p.Root)
	if err != nil {
		return err
	}
	here := func(id int64) bool { return slices.ContainsFunc(all, func(q posts.Post) bool { return q.ID == id }) }
	if p.ID != p.Root && here(p.Root) && here(p.ID) { // the longest threads are not shown whole
		return v.redirect(place(p))
	}
	body, err := h.threadPage(v, p, all)
	if err != nil {
		return err
	}
	shown := page{Title: headline(p), Named: true, Hidden: !indexable(p), Document: p.IRI, Body: body}
	if p.Local {
		if shown.Card, err = h.cardOfThread(v.language, p); err != nil {
			return err
		}
	}
	return h.show(v, "thread", shown)
}

// indexable says whether search engines may show the page of a post: the rule of
// the sitemap, where it is told in SQL.
func indexable(p posts.Post) bool {
	return p.Local && p.Scope == posts.Public && p.Author.Indexable && (p.Community == nil || p.Community.Indexable)
}

func (h *Handler) threadPage(v *visit, top posts.Post, all []posts.Post) (body threadPage, err error) {
	animates := false
	if c := top.Community; c != nil && c.Local() && !c.Gone {
		ours, err := h.Communities.ByID(v.r.Context(), c.ID)
		if err != nil {
			return body, err
		}
		body.Level = ours.Access
		if v.member != nil {
			if animates, err = h.Communities.IsAnimator(v.r.Context(), h.DB, c.ID, v.member.ID); err != nil {
				return body, err
			}
		}
	}
	shunned, err := h.shunnedBy(v)
	if err != nil {
		return body, err
	}
	tree := posts.TreeOf(all)
	body.Top = nodeOf(v, top, animates)
	body.Top.Where = postPath(top.ID)
	tree.Walk(top, 1, func(p posts.Post, parent posts.Post, depth int) {
		n := nodeOf(v, p, animates)
		n.Shunned = shunned[p.Author.ID]
		if top.Locked || top.Removed || top.Held {
			n.Composer = nil
		}
		n.Depth, n.Where = min(depth, deepest), postPath(top.ID)
		if depth > deepest {
			n.To = &parent.Author
		}
		body.Replies = append(body.Replies, n)
	})
	nodes := body.nodes()
	if err := h.quotedBy(v, nodes); err != nil {
		return body, err
	}
	return body, h.whyRemoved(v, nodes)
}

func (p *threadPage) nodes() []*node {
	all := []*node{&p.Top}
	for i := range p.Replies {
		all = append(all, &p.Replies[i])
	}
	return all
}

// whyRemoved leads the author of what was removed to the reason.
func (h *Handler) whyRemoved(v *visit, nodes []*node) error {
	if v.member == nil {
		return nil
	}
	nodes = slices.DeleteFunc(nodes, func(n *node) bool { return !n.Removed || n.Author.ID != v.member.ID })
	if len(nodes) == 0 {
		return nil
	}
	all, err := h.Communities.RulingsAbout(v.r.Context(), v.member.ID)
	for _, n := range nodes {
		at := slices.IndexFunc(all, func(r communities.Ruling) bool { return r.Post == n.ID && r.Act == communities.Remove })
		if at >= 0 {
			n.Why = rulingPath(all[at].ID)
		}
	}
	return err
}

// shunnedBy is whom the reader does not want to read.
func (h *Handler) shunnedBy(v *visit) (map[actors.ID]bool, error) {
	if v.member == nil {
		return nil, nil // nobody: and a map of nobody is read like any other
	}
	list, err := access.ShunnedBy(v.r.Context(), h.DB, v.member.ID)
	who := map[actors.ID]bool{}
	for _, s := range list {
		who[s.Who] = true
	}
	return who, err
}

func nodeOf(v *visit, p posts.Post, animates bool) node {
	n := node{Post: p, Me: v.member != nil, Still: still(p)}
	if !n.Me {
		return n
	}
	mine := p.Author.ID == v.member.ID
	n.Edits, n.Deletes, n.Reports, n.Rules = mine && p.Local, mine, !mine, animates
	n.Cites = mayQuote(v, p)
	n.LikeTo, n.UnlikeTo = postPath(p.ID)+"/like", postPath(p.ID)+"/unlike"
	n.Votes = p.Poll != nil && !mine && !n.Still && !p.Poll.Over && len(p.Poll.Chosen) == 0
	if n.Still {
		n.Edits = false
	}
	if !p.Locked && !p.Removed && !p.Held && !n.Still {
		n.Composer = replyTo(p)
	}
	return n
}

// still says whether nothing is added to a post: its community is archived, or no more.
func still(p posts.Post) bool {
	return p.Community != nil && p.Community.Local() && (p.Community.Archived || p.Community.Gone)
}

func replyTo(p posts.Post) *composer {
	return &composer{ID: fmt.Sprint(p.ID), Action: postPath(p.ID) + "/replies", Reply: true, Scope: p.Scope}
}

// seen gives the post that an address names, if the reader may see it.
func (h *Handler) seen(v *visit) (posts.Post, error) {
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return posts.Post{}, err
	}
	return h.Posts.ByID(v.r.Context(), v.reader(), id)
}

// place is where a post stands on its thread's page.
func place(p posts.Post) string { return fmt.Sprintf("%s#post-%d", postPath(p.Root), p.ID) }
