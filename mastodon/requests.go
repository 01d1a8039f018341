package mastodon

import (
	"slices"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/moderation"
	"passerelles/storage"
)

func (h *Handler) requestWays() []way {
	const at = "/api/v1/follow_requests/{id:[0-9]+}"
	return []way{
		{"GET", "/api/v1/follow_requests", aMember, "read:follows", h.followRequests},
		{"POST", at + "/authorize", aMember, "write:follows", h.authorizeRequest},
		{"POST", at + "/reject", aMember, "write:follows", h.rejectRequest},
		{"GET", "/api/v1/blocks", aMember, "read:blocks", h.blocked},
		{"GET", "/api/v1/mutes", aMember, "read:mutes", h.muted},
		{"GET", "/api/v1/domain_blocks", aMember, "read:blocks", h.mutedHosts},
		{"POST", "/api/v1/domain_blocks", aMember, "write:blocks", h.muteHost},
		{"DELETE", "/api/v1/domain_blocks", aMember, "write:blocks", h.unmuteHost},
		{"POST", "/api/v1/reports", aMember, "write:reports", h.report},
	}
}

// mostAsking are shown of those who ask to belong to one community.
const mostAsking = 100

// animated are the communities of this server that the member animates.
func (h *Handler) animated(c *call) (ids []actors.ID, err error) {
	all, err := h.Communities.BelongingsOf(c.r.Context(), h.DB, c.member().ID, 1000)
	for _, b := range all {
		if !b.Animates {
			continue
		}
		if a, err := h.Directory.ByID(c.r.Context(), b.Community); err == nil && a.Local() {
			ids = append(ids, b.Community)
		}
	}
	return ids, err
}

// followRequests are those who ask to follow the member, and those who ask to belong to a community
// that the member animates.
func (h *Handler) followRequests(c *call) (any, error) {
	asking, err := h.Accounts.Requests(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	groups, err := h.animated(c)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		waiting, err := h.Communities.Requests(c.r.Context(), c.member().ID, g, mostAsking)
		if err != nil {
			return nil, err
		}
		for _, r := range waiting {
			if !slices.ContainsFunc(asking, func(a actors.Actor) bool { return a.ID == r.Who.ID }) {
				asking = append(asking, r.Who)
			}
		}
	}
	return h.accounts(c, asking)
}

func (h *Handler) authorizeRequest(c *call) (any, error) { return h.answer(c, true) }
func (h *Handler) rejectRequest(c *call) (any, error)    { return h.answer(c, false) }

// answer answers who asks to follow the member; where they do not, their request to belong to a
// community that the member animates, the oldest of these first.
func (h *Handler) answer(c *call, accept bool) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	err = h.Accounts.AnswerRequest(c.r.Context(), c.member().ID, a.ID, accept)
	if fault.Is(err, fault.NotFound) {
		err = h.answerFor(c, a.ID, accept)
	}
	if err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}

func (h *Handler) answerFor(c *call, who actors.ID, accept bool) error {
	groups, err := h.animated(c)
	if err != nil {
		return err
	}
	var oldest *communities.Request
	var in actors.ID
	for _, g := range groups {
		waiting, err := h.Communities.Requests(c.r.Context(), c.member().ID, g, mostAsking)
		if err != nil {
			return err
		}
		for _, r := range waiting {
			if r.Who.ID == who && (oldest == nil || r.AskedAt.Before(oldest.AskedAt)) {
				oldest, in = &r, g
			}
		}
	}
	switch {
	case oldest == nil:
		return errNone
	case accept:
		return h.Communities.Approve(c.r.Context(), c.member().ID, in, who)
	}
	return h.Communities.Decline(c.r.Context(), c.member().ID, in, who)
}

func (h *Handler) blocked(c *call) (any, error) {
	return h.shunned(c, func(s access.Shunned) bool { return s.Blocked })
}

func (h *Handler) muted(c *call) (any, error) {
	return h.shunned(c, func(s access.Shunned) bool { return s.Muted })
}

func (h *Handler) shunned(c *call, which func(access.Shunned) bool) (any, error) {
	all, err := access.ShunnedBy(c.r.Context(), h.DB, c.member().ID)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	before, most := actors.ID(c.number("max_id")), c.limit(40, 80)
	var ids []actors.ID
	for _, s := range all {
		if which(s) && (before == 0 || s.Who < before) && len(ids) < most {
			ids = append(ids, s.Who)
		}
	}
	people, err := h.Directory.ByIDs(c.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	found := make([]actors.Actor, 0, len(ids))
	for _, one := range ids {
		found = append(found, people[one])
	}
	if len(ids) > 0 {
		h.linkTo(c, id(ids[0]), id(ids[len(ids)-1]))
	}
	return h.accounts(c, found)
}

func (h *Handler) mutedHosts(c *call) (any, error) {
	all, err := access.MutedHosts(c.r.Context(), h.DB, c.member().ID)
	if all == nil {
		all = []string{}
	}
	return all, err
}

// muteHost hides what anybody on a server says from the member, who goes on following whom they follow.
func (h *Handler) muteHost(c *call) (any, error) {
	host := c.params.Get("domain")
	if strings.EqualFold(host, h.IRIs.Host()) {
		return nil, fault.New(fault.Invalid, "This is this server itself.")
	}
	return struct{}{}, h.DB.Write(c.r.Context(), func(tx storage.Tx) error {
		return access.MuteHost(c.r.Context(), tx, c.member().ID, host, h.Now())
	})
}

func (h *Handler) unmuteHost(c *call) (any, error) {
	return struct{}{}, h.DB.Write(c.r.Context(), func(tx storage.Tx) error {
		return access.UnmuteHost(c.r.Context(), tx, c.member().ID, c.params.Get("domain"))
	})
}

// reportable are the posts of somebody that an app reports, all of which the member may see; 0:
// the person.
func (h *Handler) reportable(c *call, by actors.Actor) ([]int64, error) {
	var about []int64
	for _, number := range numbers(c.params["status_ids"], 20) {
		p, _, err := h.postOf(c, number)
		if err == nil && p.Author.ID != by.ID {
			err = errNone
		}
		if err != nil {
			return nil, err
		}
		about = append(about, p.ID)
	}
	if len(about) == 0 {
		about = []int64{0}
	}
	return about, nil
}

type reportEntity struct {
	ID          string   `json:"id"`
	ActionTaken bool     `json:"action_taken"`
	ActionAt    *string  `json:"action_taken_at"`
	Category    string   `json:"category"`
	Comment     string   `json:"comment"`
	Forwarded   bool     `json:"forwarded"`
	CreatedAt   string   `json:"created_at"`
	Statuses    []string `json:"status_ids"`
	Rules       []string `json:"rule_ids"`
	Target      account  `json:"target_account"`
}

// report tells what is wrong with posts, or with somebody: the animators of the posts' community, or
// the administrators. Of several posts, each makes a report of its own.
func (h *Handler) report(c *call) (any, error) {
	a, err := h.Directory.ByID(c.r.Context(), actors.ID(c.number("account_id")))
	if a, err = h.known(c, a, err); err != nil {
		return nil, err
	}
	words := c.params.Get("comment")
	if words == "" {
		words = c.params.Get("category") // an app may let its user say no more
	}
	about, err := h.reportable(c, a)
	if err != nil {
		return nil, err
	}
	var last moderation.Report
	for i, post := range about {
		one, err := h.Moderation.Report(c.r.Context(), moderation.Complaint{By: c.member().ID, Post: post, Person: a.ID, Words: words,
			Animators: true, Forwarding: c.yes("forward")})
		if fault.Is(err, fault.Conflict) && i > 0 { // this one was told of before
			continue
		}
		if err != nil {
			return nil, err
		}
		last = one
	}
	statuses := append([]string{}, c.params["status_ids"]...)
	return reportEntity{ID: id(last.ID), Category: "other", Comment: last.Reason, Forwarded: last.Forwarded, CreatedAt: stamp(last.At),
		Statuses: statuses, Rules: []string{}, Target: h.accountOf(a)}, nil
}
