package web

import (
	"strconv"
	"strings"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/moderation"
)

const (
	mostRequests = 100
	mostMembers  = 100 // on a page
)

// circle finds the community of ours that the address names, if the reader may know of it.
func (h *Handler) circle(v *visit) (communities.Community, error) {
	a, err := h.known(v, pathVar(v.r, "name"))
	if err == nil && (a.Kind != actors.Group || !a.Local()) {
		err = errNobody
	}
	if err != nil {
		return communities.Community{}, err
	}
	return h.Communities.ByID(v.r.Context(), a.ID)
}

// join has a member of ours become one of the community, here or elsewhere, or ask for it.
func (h *Handler) join(v *visit) error {
	c, err := h.joinable(v)
	if err != nil {
		return err
	}
	j := communities.Joining{Community: c.Actor.ID, Who: v.member.ID, Words: v.r.PostFormValue("words"), Answers: v.r.PostForm["answer"]}
	if v.r.PostFormValue("accept") != "" {
		j.Charter, _ = strconv.Atoi(v.r.PostFormValue("charter")) // anything else is no version
	}
	became, err := h.Communities.Join(v.r.Context(), j)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return h.joinAgain(v, c, j, err)
	}
	if err != nil {
		return err
	}
	if became == communities.Asking {
		return h.done(v, "done.applied", actorPath(c.Actor))
	}
	return h.done(v, "done.joined", actorPath(c.Actor))
}

// joinable finds the community that the address names: of one elsewhere, its actor alone.
func (h *Handler) joinable(v *visit) (communities.Community, error) {
	a, err := h.known(v, pathVar(v.r, "name"))
	if err != nil || a.Kind != actors.Group || a.Local() {
		return h.circle(v)
	}
	return communities.Community{Actor: a}, nil
}

// quit ends a membership, or takes back the request.
func (h *Handler) quit(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	if err := h.Communities.Leave(v.r.Context(), c.Actor.ID, v.member.ID); err != nil {
		return err
	}
	to := actorPath(c.Actor)
	if c.Access == actors.Confidential {
		to = "/"
	}
	return h.done(v, "done.quit", to)
}

type requestRow struct {
	communities.Request
	Neighbour *moderation.Neighbour // nil: who asks lives here
}

type requestsPage struct {
	Community actors.Actor
	Requests  []requestRow
	lookalikes
}

// requests shows those who animate who asks to be a member.
func (h *Handler) requests(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	list, err := h.Communities.Requests(v.r.Context(), v.member.ID, c.Actor.ID, mostRequests)
	if err != nil {
		return err
	}
	var people []actors.Actor
	for _, r := range list {
		people = append(people, r.Who)
	}
	servers, err := h.Moderation.Neighbours(v.r.Context(), c.Actor.ID, people)
	if err != nil {
		return err
	}
	body := requestsPage{Community: c.Actor}
	if body.lookalikes, err = h.Communities.Resembled(v.r.Context(), h.DB, c.Actor.ID, people); err != nil {
		return err
	}
	for _, r := range list {
		row := requestRow{Request: r}
		if n, found := servers[r.Who.Host]; found {
			row.Neighbour = &n
		}
		body.Requests = append(body.Requests, row)
	}
	return h.show(v, "requests", page{Title: "requests.title", Hidden: true, Body: body})
}

// decide answers one of them.
func (h *Handler) decide(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	who, err := number(v.r.PostFormValue("who"))
	if err != nil {
		return err
	}
	do, said := h.Communities.Approve, "done.approved"
	switch v.r.PostFormValue("answer") {
	case "approve":
	case "decline":
		do, said = h.Communities.Decline, "done.declined"
	default:
		return fault.New(fault.Invalid, "Choose how to answer.")
	}
	if err := do(v.r.Context(), v.member.ID, c.Actor.ID, actors.ID(who)); err != nil {
		return err
	}
	return h.done(v, said, actorPath(c.Actor)+"/requests")
}

type membersPage struct {
	Community  communities.Community
	Members    []communities.Membership
	More       string // address of the next page
	Animates   bool
	Role       string // of the reader
	Me         actors.ID
	Alone      bool     // nobody else owns it
	ShownTo    []string // servers, of a confidential community
	Purges     []communities.Purge
	lookalikes // for who animates
}

// Owns says whether the reader may say who is what.
func (p membersPage) Owns() bool { return p.Role == communities.RoleOwner }

// Removes says whether the reader may remove a member.
func (p membersPage) Removes(m communities.Membership) bool {
	return p.Animates && m.Who.ID != p.Me && (m.Role == communities.RoleMember || p.Owns() && m.Role == communities.RoleAnimator)
}

// Roles are what a member can be: who lives elsewhere owns nothing here.
func (p membersPage) Roles(m communities.Membership) []string {
	all := []string{communities.RoleMember, communities.RoleAnimator}
	if m.Who.Local() {
		all = append(all, communities.RoleOwner)
	}
	return all
}

// Heirs are those to whom the reader may hand the community over.
func (p membersPage) Heirs() (all []communities.Membership) {
	for _, m := range p.Members {
		if m.Who.Local() && m.Who.ID != p.Me {
			all = append(all, m)
		}
	}
	return all
}

// members lists who belongs to a community, for those who do.
func (h *Handler) members(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	after, _ := strconv.ParseInt(v.r.URL.Query().Get("after"), 10, 64) // anything else is the beginning
	body := membersPage{Community: c}
	if body.Members, err = h.Communities.MembersFor(ctx, v.member.ID, c.Actor.ID, actors.ID(after), mostMembers); err != nil {
		return err
	}
	if n := len(body.Members); n == mostMembers {
		body.More = actorPath(c.Actor) + "/members?after=" + strconv.FormatInt(int64(body.Members[n-1].Who.ID), 10)
	}
	if body.Role, err = h.Communities.RoleOf(ctx, h.DB, c.Actor.ID, v.member.ID); err != nil {
		return err
	}
	body.Me, body.Animates = v.member.ID, body.Role == communities.RoleAnimator || body.Role == communities.RoleOwner
	if body.Owns() {
		if body.Alone, err = h.Communities.OwnsAlone(ctx, c.Actor.ID, v.member.ID); err != nil {
			return err
		}
	}
	if body.Animates {
		if body.lookalikes, err = h.Communities.Resembled(ctx, h.DB, c.Actor.ID, peopleOf(body.Members)); err != nil {
			return err
		}
		if body.Purges, err = h.Communities.Purges(ctx, v.member.ID, c.Actor.ID); err != nil {
			return err
		}
	}
	if body.Animates && c.Access == actors.Confidential {
		if body.ShownTo, err = h.Communities.ShownTo(ctx, c.Actor.ID); err != nil {
			return err
		}
	}
	return h.show(v, "members", page{Title: "members.title", Hidden: true, Body: body})
}

func peopleOf(members []communities.Membership) (all []actors.Actor) {
	for _, m := range members {
		all = append(all, m.Who)
	}
	return all
}

// dismiss removes a member.
func (h *Handler) dismiss(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	who, err := number(v.r.PostFormValue("who"))
	if err != nil {
		return err
	}
	if err := h.Communities.Remove(v.r.Context(), v.member.ID, c.Actor.ID, actors.ID(who)); err != nil {
		return err
	}
	return h.done(v, "done.dismissed", actorPath(c.Actor)+"/members")
}

// inviteMember invites somebody, here or elsewhere. A confidential community shows itself to their
// server from then on.
func (h *Handler) inviteMember(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	guest, err := h.findAway(v, strings.TrimSpace(v.r.PostFormValue("who")))
	if err != nil {
		return err
	}
	if c.Access == actors.Confidential && !guest.Local() && v.r.PostFormValue("show") != "" {
		if err := h.Communities.ShowTo(ctx, v.member.ID, c.Actor.ID, guest.Host); err != nil {
			return err
		}
	}
	if err := h.Communities.Invite(ctx, v.member.ID, c.Actor.ID, guest.ID); err != nil {
		return err
	}
	return h.done(v, "done.invited", actorPath(c.Actor)+"/members")
}

// hideFrom takes a server off those to which a confidential community shows itself.
func (h *Handler) hideFrom(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	if err := h.Communities.HideFrom(v.r.Context(), v.member.ID, c.Actor.ID, v.r.PostFormValue("host")); err != nil {
		return err
	}
	return h.done(v, "done.hidden", actorPath(c.Actor)+"/members")
}
