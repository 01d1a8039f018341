package mastodon

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/timelines"
)

// whole is somebody with what hangs on them.
func (h *Handler) whole(c *call, a actors.Actor) (account, error) {
	all, err := h.wholes(c, []actors.Actor{a})
	if err != nil {
		return account{}, err
	}
	return all[0], nil
}

// wholes adds counts, and what communities expect. Of a community that is for its members the
// counts are told to nobody else.
func (h *Handler) wholes(c *call, all []actors.Actor) ([]account, error) {
	ids := make([]actors.ID, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	ties, err := h.Directory.TiesOf(c.r.Context(), h.DB, ids)
	if err != nil {
		return nil, err
	}
	said, err := h.Posts.Counts(c.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	shown := make([]account, 0, len(all))
	for _, a := range all {
		v := h.accountOf(a)
		told := true
		if a.Kind == actors.Group {
			own, err := h.fieldsOf(c, a)
			if err != nil {
				return nil, err
			}
			v.Fields = append(own, v.Fields...)
			if a.Access.Closed() {
				if told, err = access.Belongs(c.r.Context(), h.DB, c.reader(), a.ID); err != nil {
					return nil, err
				}
			}
		}
		if told {
			v.Followers, v.Following, v.Statuses = ties[a.ID].Followers, ties[a.ID].Following, said[a.ID].Posts
			if last := said[a.ID].Last; last != nil {
				v.LastStatusAt = orNull(last.UTC().Format(time.DateOnly))
			}
		}
		shown = append(shown, v)
	}
	return shown, nil
}

// someone is whom an address names.
func (h *Handler) someone(c *call) (actors.Actor, error) {
	a, err := h.Directory.ByID(c.r.Context(), actors.ID(c.path("id")))
	return h.known(c, a, err)
}

func (h *Handler) account(c *call) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	return h.whole(c, a)
}

// verifyAccount is the member for whom the app acts.
func (h *Handler) verifyAccount(c *call) (any, error) {
	a, err := h.Directory.ByID(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	v, err := h.whole(c, a)
	if err != nil {
		return nil, err
	}
	waiting, err := h.Accounts.Requests(c.r.Context(), a.ID)
	m := c.member()
	v.Source = &accountSource{Privacy: m.Visibility, Sensitive: m.Sensitive, Language: m.Language, Note: a.Source, Fields: fieldRows(a.Fields.List()),
		FollowRequests: len(waiting), Quotable: cmp.Or(m.Quotable, posts.QuotedByAll)}
	v.Role = roleOf(*m)
	return v, err
}

func roleOf(m accounts.Member) *role {
	if m.Admin {
		return &role{ID: "1", Name: "Admin", Permissions: "1", Highlighted: true}
	}
	return &role{ID: "-99", Permissions: "0"}
}

// lookup finds somebody by name, of whom this server knows already.
func (h *Handler) lookup(c *call) (any, error) {
	a, err := h.called(c, c.params.Get("acct"))
	if err != nil {
		return nil, err
	}
	return h.whole(c, a)
}

// called finds who is called name or name@host, with an @ before or without.
func (h *Handler) called(c *call, handle string) (actors.Actor, error) {
	name, host, err := federation.SplitHandle(handle)
	if err != nil || host == h.IRIs.Host() {
		if err != nil {
			name = handle
		}
		a, err := h.Directory.ByName(c.r.Context(), strings.TrimPrefix(name, "@"))
		return h.known(c, a, err)
	}
	a, err := h.Directory.ByHandleKnown(c.r.Context(), "@"+strings.TrimPrefix(name, "@")+"@"+host)
	return h.known(c, a, err)
}

// searchAccounts finds people and communities by the beginning of a name.
func (h *Handler) searchAccounts(c *call) (any, error) {
	found, err := h.people(c, c.params.Get("q"), c.limit(40, 80))
	if err != nil {
		return nil, err
	}
	return h.accounts(c, found)
}

// accounts shows those of whom the caller may know.
func (h *Handler) accounts(c *call, all []actors.Actor) ([]account, error) {
	known := make([]actors.Actor, 0, len(all))
	for _, a := range all {
		a, err := h.known(c, a, nil)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		known = append(known, a)
	}
	return h.wholes(c, known)
}

// accountStatuses are somebody's posts; of a community its threads, as its boosts.
func (h *Handler) accountStatuses(c *call) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	group := a.Kind == actors.Group
	switch {
	case c.yes("pinned"):
		return h.pinnedBy(c, a)
	case group && c.yes("exclude_reblogs"):
		return []status{}, nil
	}
	want := timelines.Want{Files: c.yes("only_media"), Tag: c.params.Get("tagged"), Starters: c.yes("exclude_replies"), Own: c.yes("exclude_reblogs")}
	all, err := h.Timelines.Said(c.r.Context(), c.reader(), a, want, c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.shared(c, all, group)
}

// pinnedBy are the posts that somebody shows first.
func (h *Handler) pinnedBy(c *call, a actors.Actor) (any, error) {
	list := h.Posts.Pinned
	if a.Kind == actors.Group {
		list = h.Posts.Featured
	}
	all, err := list(c.r.Context(), c.reader(), a.ID)
	if err != nil {
		return nil, err
	}
	return h.statuses(c, all)
}

type relationship struct {
	ID                  string   `json:"id"`
	Following           bool     `json:"following"`
	ShowingReblogs      bool     `json:"showing_reblogs"`
	Notifying           bool     `json:"notifying"`
	Languages           []string `json:"languages"`
	FollowedBy          bool     `json:"followed_by"`
	Blocking            bool     `json:"blocking"`
	BlockedBy           bool     `json:"blocked_by"`
	Muting              bool     `json:"muting"`
	MutingNotifications bool     `json:"muting_notifications"`
	Requested           bool     `json:"requested"`
	RequestedBy         bool     `json:"requested_by"`
	DomainBlocking      bool     `json:"domain_blocking"`
	Endorsed            bool     `json:"endorsed"`
	Note                string   `json:"note"`
}

func (h *Handler) relationships(c *call) (any, error) {
	var all []actors.Actor
	for _, n := range numbers(c.params["id"], 80) {
		a, err := h.Directory.ByID(c.r.Context(), actors.ID(n))
		if a, err = h.known(c, a, err); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return h.relationshipsTo(c, all)
}

func (h *Handler) relationship(c *call, a actors.Actor) (relationship, error) {
	all, err := h.relationshipsTo(c, []actors.Actor{a})
	if err != nil {
		return relationship{}, err
	}
	return all[0], nil
}

// relationshipsTo are what ties the member to some. Who blocks the member is not told (record 0041).
func (h *Handler) relationshipsTo(c *call, all []actors.Actor) ([]relationship, error) {
	ctx, me := c.r.Context(), c.member().ID
	ids := make([]actors.ID, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	shunned, err := access.ShunnedBy(ctx, h.DB, me)
	if err != nil {
		return nil, err
	}
	hosts, err := access.MutedHosts(ctx, h.DB, me)
	if err != nil {
		return nil, err
	}
	notes, err := h.Reading.Notes(ctx, me, ids)
	if err != nil {
		return nil, err
	}
	to, from, err := h.Directory.Between(ctx, h.DB, me, ids)
	if err != nil {
		return nil, err
	}
	shown := make([]relationship, 0, len(all))
	for _, a := range all {
		v := relationship{ID: id(a.ID), Note: notes[a.ID], DomainBlocking: slices.Contains(hosts, a.Host),
			Following: to[a.ID] == actors.Accepted, Requested: to[a.ID] == actors.Pending,
			FollowedBy: from[a.ID] == actors.Accepted, RequestedBy: from[a.ID] == actors.Pending}
		for _, s := range shunned {
			if s.Who == a.ID {
				v.Blocking, v.Muting, v.MutingNotifications = s.Blocked, s.Muted, s.Muted
			}
		}
		if v.ShowingReblogs = v.Following; joined(a) && !v.Following {
			standing, err := h.Communities.StandingOf(ctx, h.DB, a.ID, me)
			if err != nil {
				return nil, err
			}
			v.Requested = standing == communities.Asking
		}
		shown = append(shown, v)
	}
	return shown, nil
}

// follow follows somebody, or asks to; of a community of ours that is for its members, it asks to
// belong. What is to be accepted or answered before is done on the site: the refusal says so.
func (h *Handler) follow(c *call) (any, error) {
	a, err := h.someone(c)
	switch {
	case err != nil:
	case joined(a):
		_, err = h.Communities.Ask(c.r.Context(), a.ID, c.member().ID, "")
	default:
		_, err = h.Accounts.Follow(c.r.Context(), c.member().ID, a)
	}
	if err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}

// joined says whether somebody is a community of ours to which one belongs or not: none merely
// follows it.
func joined(a actors.Actor) bool { return a.Local() && a.Kind == actors.Group && a.Access.Closed() }

func (h *Handler) unfollow(c *call) (any, error) {
	a, err := h.someone(c)
	switch {
	case err != nil:
	case joined(a):
		err = h.Communities.Leave(c.r.Context(), a.ID, c.member().ID)
	default:
		err = h.Accounts.Unfollow(c.r.Context(), c.member().ID, a)
	}
	if err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}
