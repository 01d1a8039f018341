package web

import (
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

type foundPage struct {
	Typed  communities.New
	Levels []actors.Access
	Error  string
}

// founding shows the form that makes a community, to whom the server lets.
func (h *Handler) founding(v *visit) error {
	if err := h.Communities.MayFound(v.r.Context(), h.DB, v.member.ID); err != nil {
		return err
	}
	return h.show(v, "found", page{Title: "found.title", Hidden: true,
		Body: foundPageOf(communities.New{Access: actors.Open, Language: v.language})})
}

func foundPageOf(typed communities.New) foundPage {
	return foundPage{Typed: typed, Levels: []actors.Access{actors.Open, actors.ForMembers, actors.Confidential}}
}

// found makes it; who asked owns it.
func (h *Handler) found(v *visit) error {
	typed := v.r.PostFormValue
	n := communities.New{Name: typed("name"), Title: typed("title"), Source: typed("text"), Access: actors.Access(typed("level")),
		Language: typed("language"), Animator: v.member.ID}
	c, err := communities.Community{}, fault.New(fault.Invalid, "Choose whom the community is for.")
	if n.Access != "" { // which the rules would take for open
		c, err = h.Communities.Found(v.r.Context(), n)
	}
	if err != nil {
		form := foundPageOf(n)
		return h.formAgain(v, err, &form.Error, "found", page{Title: "found.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.founded", actorPath(c.Actor))
}
