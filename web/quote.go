package web

import (
	"net/http"
	"slices"
	"strconv"

	"passerelles/access"
	"passerelles/posts"
)

// quoting shows the form for a post that quotes another.
func (h *Handler) quoting(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if err := h.Posts.MayQuote(v.r.Context(), v.member.ID, p.ID); err != nil {
		return err
	}
	groups, err := h.groups(v)
	if err != nil {
		return err
	}
	form := composer{ID: "new", Action: "/posts", Choice: writable(groups), Draft: posts.Draft{Quote: p.ID, Quotable: v.member.Quotable}}
	return h.render(v, http.StatusOK, "write", page{Title: "write.quote", Hidden: true, Body: writePage{form, &p}})
}

// quotedIn is what a draft quotes; nil: nothing.
func (h *Handler) quotedIn(v *visit, d posts.Draft) (*posts.Post, error) {
	if d.Quote == 0 {
		return nil, nil
	}
	p, err := h.Posts.ByID(v.r.Context(), access.Reader{ID: v.member.ID}, d.Quote)
	return &p, err
}

func quoteTyped(v *visit) int64 {
	id, _ := strconv.ParseInt(v.r.PostFormValue("quote"), 10, 64) // 0 is nothing, what is not there is not found
	return id
}

type quotesPage struct {
	Post  posts.Post
	Mine  bool
	Given []posts.QuoteGiven // to the author
	Rows  list               // to all others
}

// quotes shows what quotes a post; its author takes leave back there.
func (h *Handler) quotes(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	body := quotesPage{Post: p, Mine: v.member != nil && p.Local && p.Author.ID == v.member.ID}
	if body.Mine {
		if body.Given, err = h.Posts.QuotesGiven(v.r.Context(), v.member.ID, p.ID); err != nil {
			return err
		}
	}
	given := func(q posts.Post) bool {
		return slices.ContainsFunc(body.Given, func(g posts.QuoteGiven) bool { return g.Post != nil && g.Post.ID == q.ID })
	}
	found, err := h.Posts.QuotesOf(v.r.Context(), v.reader(), p.ID, posts.Part{Before: v.part().Before, Limit: v.part().Limit})
	if err != nil {
		return err
	}
	body.Rows = listOf(found, postPath(p.ID)+"/quotes")
	body.Rows.Posts = slices.DeleteFunc(body.Rows.Posts, given)
	return h.show(v, "quotes", page{Title: "quotes.title", Hidden: true, Body: body})
}

// endQuote takes leave back to quote a post of the member's.
func (h *Handler) endQuote(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	leave, err := number(pathVar(v.r, "quote"))
	if err != nil {
		return err
	}
	if err := h.Posts.TakeBackQuote(v.r.Context(), v.member.ID, p.ID, leave); err != nil {
		return err
	}
	return h.done(v, "done.unquoted", postPath(p.ID)+"/quotes")
}

// quotedBy finds the posts that those of a page quote, as far as they are shown.
func (h *Handler) quotedBy(v *visit, nodes []*node) error {
	var ids []int64
	for _, n := range nodes {
		if n.Quote.Shown() {
			ids = append(ids, n.Quote.Post)
		}
	}
	found, err := h.Posts.ByIDs(v.r.Context(), v.reader(), ids)
	for _, n := range nodes {
		at := slices.IndexFunc(found, func(p posts.Post) bool { return n.Quote.Shown() && p.ID == n.Quote.Post })
		if at >= 0 {
			n.Quoted = &found[at]
		}
	}
	return err
}

// mayQuote says whether to offer it: whom the author lets by who follows them is asked when it comes to it.
func mayQuote(v *visit, p posts.Post) bool {
	mine := p.Author.ID == v.member.ID && (p.Scope == posts.Public || p.Scope == posts.Unlisted)
	return !p.Removed && !p.Held && (mine || p.QuotableBy() != posts.QuotedByNobody)
}

// quotableWords say who may quote a post.
var quotableWords = map[string]string{posts.QuotedByAll: "quotable.all", posts.QuotedByFollowers: "quotable.followers", posts.QuotedByNobody: "quotable.nobody"}
