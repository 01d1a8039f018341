package web

import (
	"strconv"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
)

const mostHeld = 50 // on a page

type postingPage struct {
	Community   actors.Actor
	Held        []posts.Post // what waits to be let in
	Rules       communities.Posting
	EchoesWhole bool
	Choices     []string
	Error       string
}

// posting shows those who animate what waits for them, and the rules by which it does.
func (h *Handler) posting(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	body, err := h.postingPage(v, c.Actor)
	if err != nil {
		return err
	}
	return h.show(v, "posting", page{Title: "posting.title", Hidden: true, Body: body})
}

func (h *Handler) postingPage(v *visit, community actors.Actor) (postingPage, error) {
	ctx := v.r.Context()
	body := postingPage{Community: community, Choices: []string{communities.PostAll, communities.PostMembers, communities.PostAnimators}}
	var err error
	if body.Held, err = h.Posts.HeldIn(ctx, v.member.ID, community.ID, mostHeld); err != nil {
		return body, err
	}
	if body.Rules, err = h.Communities.PostingIn(ctx, h.DB, community.ID); err != nil {
		return body, err
	}
	voice, err := h.Communities.VoiceOf(ctx, h.DB, community.ID)
	body.EchoesWhole = voice.EchoesWhole
	return body, err
}

// setPosting changes the rules.
func (h *Handler) setPosting(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	first, wrongFirst := strconv.Atoi(v.r.PostFormValue("first"))
	most, wrongMost := strconv.Atoi(v.r.PostFormValue("most"))
	rules := communities.Posting{Who: v.r.PostFormValue("who"), FirstPosts: first, MostADay: most}
	if wrongFirst != nil || wrongMost != nil {
		err = fault.New(fault.Invalid, "This is not a number.")
	} else {
		err = h.Communities.SetPosting(v.r.Context(), v.member.ID, c.Actor.ID, rules)
	}
	if err == nil {
		err = h.Communities.SetEchoesWhole(v.r.Context(), v.member.ID, c.Actor.ID, v.r.PostFormValue("echoes") == "whole")
	}
	if fault.Is(err, fault.Invalid) {
		return h.wrongPosting(v, c.Actor, rules, err)
	}
	if err != nil {
		return err
	}
	return h.done(v, "done.posting", actorPath(c.Actor)+"/posting")
}

func (h *Handler) wrongPosting(v *visit, community actors.Actor, typed communities.Posting, wrong error) error {
	body, err := h.postingPage(v, community)
	if err != nil {
		return err
	}
	body.Rules, body.Error = typed, h.words.fault(v.language, fault.Message(wrong))
	return h.render(v, h.weigh(v, wrong).Status(), "posting", page{Title: "posting.title", Hidden: true, Body: body})
}

// posterWords name who begins threads.
var posterWords = map[string]string{
	communities.PostAll: "posters.all", communities.PostMembers: "posters.members", communities.PostAnimators: "posters.animators",
}
