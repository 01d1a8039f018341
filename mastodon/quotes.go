package mastodon

import (
	"net/http"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/posts"
)

func (h *Handler) quoteWays() []way {
	const at = "/api/v1/statuses/{id:[0-9]+}"
	return []way{
		{http.MethodGet, at + "/quotes", aMember, "read:statuses", h.quotes},
		{http.MethodPost, at + "/quotes/{quoting:[0-9]+}/revoke", aMember, "write:statuses", h.takeBackQuote},
		{http.MethodPut, at + "/interaction_policy", aMember, "write:statuses", h.setQuotable},
	}
}

// quoteEntity is what a status quotes. One level deep: of what that quotes, only the id.
type quoteEntity struct {
	State string  `json:"state"`
	Whole *status `json:"quoted_status"`
}

type shallowQuote struct {
	State string  `json:"state"`
	ID    *string `json:"quoted_status_id"`
}

// quoteApproval is who may quote a status; there is no asking first.
type quoteApproval struct {
	Automatic []string `json:"automatic"`
	Manual    []string `json:"manual"`
	Mine      string   `json:"current_user"`
}

// approvalOf tells who may quote a post, and whether the caller may; that its author blocks them is not told.
func (h *Handler) approvalOf(c *call, p posts.Post) (quoteApproval, error) {
	a := quoteApproval{Automatic: []string{}, Manual: []string{}, Mine: "denied"}
	by := p.QuotableBy()
	if by != posts.QuotedByNobody {
		a.Automatic = append(a.Automatic, by)
	}
	switch {
	case c.member() == nil && c.w == nil && by == posts.QuotedByAll:
		a.Mine = "automatic" // what streams tell is worded once for all who hear it, who are members
	case c.member() == nil:
	case by == posts.QuotedByAll, c.mine(p) && (p.Scope == posts.Public || p.Scope == posts.Unlisted):
		a.Mine = "automatic"
	case by == posts.QuotedByFollowers:
		f, err := h.Directory.FollowOf(c.r.Context(), h.DB, p.Author.ID, c.member().ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return a, err
		}
		if f.State == actors.Accepted {
			a.Mine = "automatic"
		}
	}
	return a, nil
}

// stateOf is how a quote stands, as apps call it.
func stateOf(q *posts.Quotation) string {
	switch {
	case q.State != posts.Accepted:
		return q.State
	case q.Deleted:
		return "deleted"
	case !q.Shown():
		return "unauthorized"
	case q.Shunned:
		return "muted_account"
	}
	return "accepted"
}

// quoted adds to statuses what they quote, looked up together, and who may quote them. What stands within a
// quote quotes by its id.
func (h *Handler) quoted(c *call, all []posts.Post, shown []status) error {
	var wanted []int64
	for i, p := range all {
		approval, err := h.approvalOf(c, p)
		if err != nil {
			return err
		}
		shown[i].Approval, shown[i].Quotes = approval, p.Quotes
		if p.Quote.Shown() && !c.within {
			wanted = append(wanted, p.Quote.Post)
		}
	}
	whole, err := h.within(c, distinct(wanted))
	if err != nil {
		return err
	}
	for i, p := range all {
		if p.Quote != nil {
			shown[i].Quote = quoteOf(c, p.Quote, whole)
		}
	}
	return nil
}

func quoteOf(c *call, q *posts.Quotation, whole map[int64]status) any {
	if c.within {
		s := shallowQuote{State: stateOf(q)}
		if q.Shown() {
			s.ID = orNull(id(q.Post))
		}
		return s
	}
	e := quoteEntity{State: stateOf(q)}
	if s, ok := whole[q.Post]; ok && q.Shown() {
		e.Whole = &s
	}
	return e
}

// within gives statuses that stand within others.
func (h *Handler) within(c *call, ids []int64) (map[int64]status, error) {
	found, err := h.Posts.ByIDs(c.r.Context(), c.reader(), ids)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	inner := *c
	inner.within = true
	shown, err := h.statuses(&inner, found)
	byID := make(map[int64]status, len(found))
	for i, p := range found {
		if err == nil {
			byID[p.ID] = shown[i]
		}
	}
	return byID, err
}

// quotes are the posts that quote one.
func (h *Handler) quotes(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	part := c.page(20, 40)
	all, err := h.Posts.QuotesOf(c.r.Context(), c.reader(), p.ID, posts.Part{Before: part.Before, After: part.After, Oldest: part.Oldest, Limit: part.Limit})
	if err != nil {
		return nil, err
	}
	return h.listed(c, all)
}

// takeBackQuote ends the leave of one of them, and shows it as it is then.
func (h *Handler) takeBackQuote(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	if err := h.Posts.TakeBackQuoteBy(c.r.Context(), c.member().ID, p.ID, c.path("quoting")); err != nil {
		return nil, err
	}
	quoting, err := h.Posts.ByID(c.r.Context(), c.reader(), c.path("quoting"))
	if err != nil {
		return nil, err
	}
	return h.one(c, quoting)
}

// setQuotable changes who may quote a post of the member's.
func (h *Handler) setQuotable(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	if err := h.Posts.SetQuotable(c.r.Context(), c.member().ID, p.ID, c.params.Get("quote_approval_policy")); err != nil {
		return nil, err
	}
	if p, err = h.Posts.ByID(c.r.Context(), c.reader(), p.ID); err != nil {
		return nil, err
	}
	return h.one(c, p)
}

var errQuotable = fault.New(fault.Invalid, "Validation failed: Quote approval policy is not included in the list")

// quoting reads what a new status quotes, and who may quote it. A boost stands for what it shares: whether
// that may be quoted is asked, not whether the boost may.
func (h *Handler) quoting(c *call, d *posts.Draft) error {
	if d.Quotable = c.params.Get("quote_approval_policy"); d.Quotable != "" && !slices.Contains(posts.QuotedBy, d.Quotable) {
		return errQuotable
	}
	if c.params.Get("quoted_status_id") == "" {
		return nil
	}
	p, _, err := h.postOf(c, c.number("quoted_status_id"))
	d.Quote = p.ID
	return err
}
