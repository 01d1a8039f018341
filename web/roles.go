package web

import (
	"strings"

	"passerelles/actors"
	"passerelles/communities"
)

// setRole has an owner say what a member is from now on, or somebody step down.
func (h *Handler) setRole(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	who, err := number(v.r.PostFormValue("who"))
	if err != nil {
		return err
	}
	if err := h.Communities.SetRole(v.r.Context(), v.member.ID, c.Actor.ID, actors.ID(who), v.r.PostFormValue("role")); err != nil {
		return err
	}
	return h.done(v, "done.role", actorPath(c.Actor)+"/members")
}

// handOver makes somebody else the owner.
func (h *Handler) handOver(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	to, err := number(v.r.PostFormValue("who"))
	if err != nil {
		return err
	}
	if err := h.Communities.HandOver(v.r.Context(), v.member.ID, c.Actor.ID, actors.ID(to), v.r.PostFormValue("become")); err != nil {
		return err
	}
	return h.done(v, "done.handed", actorPath(c.Actor)+"/members")
}

type ownerlessPage struct{ Communities []orphan }

// orphan is a community without an owner who could act, and who could become it.
type orphan struct {
	communities.Community
	Heirs []communities.Membership
}

const mostHeirs = 1000

// ownerless shows administrators the communities whose owners are all gone or suspended. Of one
// that is confidential they see its name and its members here, and nothing of what is said there.
func (h *Handler) ownerless(v *visit) error {
	ctx := v.r.Context()
	all, err := h.Communities.Ownerless(ctx)
	if err != nil {
		return err
	}
	var body ownerlessPage
	for _, c := range all {
		list, err := h.Communities.Members(ctx, h.DB, c.Actor.ID, 0, mostHeirs)
		if err != nil {
			return err
		}
		o := orphan{Community: c}
		for _, m := range list {
			if m.Who.Local() && m.Role != communities.RoleOwner {
				o.Heirs = append(o.Heirs, m)
			}
		}
		body.Communities = append(body.Communities, o)
	}
	return h.show(v, "ownerless", page{Title: "ownerless.title", Hidden: true, Body: body})
}

// appoint names an owner for one of them.
func (h *Handler) appoint(v *visit) error {
	community, err := number(v.r.PostFormValue("community"))
	if err != nil {
		return err
	}
	who, err := number(v.r.PostFormValue("who"))
	if err != nil {
		return err
	}
	if err := h.Communities.Appoint(v.r.Context(), v.by(), actors.ID(community), actors.ID(who)); err != nil {
		return err
	}
	return h.done(v, "done.appointed", "/admin/communities")
}

// endNotice notes that a member has read what they were told of a community.
func (h *Handler) endNotice(v *visit) error {
	community, err := number(v.r.PostFormValue("community"))
	if err != nil {
		return err
	}
	read := communities.Notice{Who: v.member.ID, Community: actors.ID(community), Kind: strings.TrimSpace(v.r.PostFormValue("kind"))}
	if err := h.Communities.EndNotice(v.r.Context(), read); err != nil {
		return err
	}
	return v.redirect("/")
}
