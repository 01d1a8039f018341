package web

import (
	"strings"

	"passerelles/actors"
	"passerelles/fault"
)

type followPage struct {
	Who   string // as it was typed
	Error string
	Found *bond

	Requests []actors.Actor // who waits to follow the member
}

// following finds whom a member wants to follow, on any server, and shows it first.
func (h *Handler) following(v *visit) error {
	body := followPage{Who: strings.TrimSpace(v.r.URL.Query().Get("who"))}
	p := page{Title: "follow.title", Hidden: true}
	if body.Who == "" {
		var err error
		if body.Requests, err = h.Accounts.Requests(v.r.Context(), v.member.ID); err != nil {
			return err
		}
		p.Body = body
		return h.show(v, "follow", p)
	}
	found, err := h.find(v, body.Who)
	if err == nil {
		body.Found = &found
		p.Body = body
		return h.show(v, "follow", p)
	}
	if body.Error = h.words.fault(v.language, fault.Message(err)); body.Error == "" {
		return err
	}
	p.Body = body
	return h.render(v, h.weigh(v, err).Status(), "follow", p)
}

// find asks who is called so, here or elsewhere.
func (h *Handler) find(v *visit, who string) (bond, error) {
	a, err := h.findAway(v, who)
	if err != nil {
		return bond{}, err
	}
	return h.bondWith(v, a)
}

// follow asks to follow a person or a community.
func (h *Handler) follow(v *visit) error {
	a, err := h.chosen(v)
	if err != nil {
		return err
	}
	state, err := h.Accounts.Follow(v.r.Context(), v.member.ID, a)
	if err != nil {
		return err
	}
	if state == string(actors.Pending) {
		return h.done(v, "done.asked", actorPath(a))
	}
	return h.done(v, "done.followed", actorPath(a))
}

// unfollow ends it.
func (h *Handler) unfollow(v *visit) error {
	a, err := h.chosen(v)
	if err != nil {
		return err
	}
	if err := h.Accounts.Unfollow(v.r.Context(), v.member.ID, a); err != nil {
		return err
	}
	return h.done(v, "done.unfollowed", actorPath(a))
}

// answerRequest lets somebody follow the member, or not.
func (h *Handler) answerRequest(v *visit) error {
	a, err := h.chosen(v)
	if err != nil {
		return err
	}
	yes := v.r.PostFormValue("answer") == "yes"
	if err := h.Accounts.AnswerRequest(v.r.Context(), v.member.ID, a.ID, yes); err != nil {
		return err
	}
	if yes {
		return h.done(v, "done.accepted", "/follow")
	}
	return h.done(v, "done.refused", "/follow")
}

// chosen is whom a form names.
func (h *Handler) chosen(v *visit) (actors.Actor, error) {
	id, err := number(v.r.PostFormValue("actor"))
	if err != nil {
		return actors.Actor{}, err
	}
	a, err := h.Directory.ByID(v.r.Context(), actors.ID(id))
	return h.unlessHidden(v, a, err)
}
