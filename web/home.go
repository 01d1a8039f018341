package web

import (
	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

const (
	tilesOnFirstPage = 12
	tilesPerPage     = 50
)

type homePage struct {
	Notices  []communities.NoticeOf
	Groups   []actors.Actor
	Composer composer
	List     list
}

type welcomePage struct {
	Communities []communities.Community
	List        list
}

// home shows members what is new in their communities, and others what this is.
func (h *Handler) home(v *visit) error {
	if v.member == nil {
		return h.welcome(v)
	}
	found, err := h.Timelines.Home(v.r.Context(), v.reader(), v.part())
	if err != nil {
		return err
	}
	groups, err := h.groups(v)
	if err != nil {
		return err
	}
	notices, err := h.Communities.Notices(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	return h.show(v, "home", page{Title: "home.title", Body: homePage{
		Notices: notices, Groups: groups, List: listOf(found, "/"),
		Composer: composer{ID: "new", Action: "/posts", Choice: writable(groups), Draft: posts.Draft{Quotable: v.member.Quotable}},
	}})
}

// writable leaves out the communities that are archived.
func writable(groups []actors.Actor) (open []actors.Actor) {
	for _, g := range groups {
		if !g.Archived {
			open = append(open, g)
		}
	}
	return open
}

func (h *Handler) welcome(v *visit) error {
	found, err := h.Timelines.Local(v.r.Context(), access.Reader{}, v.part())
	if err != nil {
		return err
	}
	all, err := h.Communities.List(v.r.Context(), "", tilesOnFirstPage)
	if err != nil {
		return err
	}
	return h.show(v, "welcome", page{Title: "welcome.title", Document: h.Origin + "/", Body: welcomePage{all, listOf(found, "/")}})
}
