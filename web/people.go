package web

import (
	"slices"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
)

// person is who is signed in, for the layout.
type person struct {
	Name, Title string
	Admin       bool
	Mails       bool // of this server are caught, for administrators to read
}

// Display is the title, or for want of one the name.
func (p person) Display() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// bond is what ties the reader to a person or a community.
type bond struct {
	Actor  actors.Actor
	State  actors.State // "" when there is none
	Myself bool
	Me     bool           // somebody is signed in
	Shun   access.Shunned // what the reader thinks of it
}

// Shuns says whether the reader may block or mute it: a person, not oneself.
func (b bond) Shuns() bool {
	return b.Me && !b.Myself && b.Actor.Kind != actors.Group && b.Actor.Kind != actors.Application
}

// bondWith finds whether the reader follows an actor.
func (h *Handler) bondWith(v *visit, a actors.Actor) (bond, error) {
	b := bond{Actor: a, Me: v.member != nil}
	if !b.Me {
		return b, nil
	}
	b.Myself = v.member.ID == a.ID
	shunned, err := access.ShunnedBy(v.r.Context(), h.DB, v.member.ID)
	if err != nil {
		return b, err
	}
	if i := slices.IndexFunc(shunned, func(s access.Shunned) bool { return s.Who == a.ID }); i >= 0 {
		b.Shun = shunned[i]
	}
	f, err := h.Directory.FollowOf(v.r.Context(), h.DB, a.ID, v.member.ID)
	if fault.Is(err, fault.NotFound) {
		return b, nil
	}
	if f.State == actors.Accepted || f.State == actors.Pending {
		b.State = f.State
	}
	return b, err
}

// Following says whether posts come, or will once the other side answers.
func (b bond) Following() bool { return b.State != "" }

// Waiting says whether the other side has yet to answer.
func (b bond) Waiting() bool { return b.State == actors.Pending }

// known finds who is called name, or name@host, without asking other servers.
func (h *Handler) known(v *visit, name string) (actors.Actor, error) {
	if name == "" {
		return actors.Actor{}, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	if !strings.Contains(name, "@") {
		a, err := h.Directory.ByName(v.r.Context(), strings.ToLower(name))
		return h.unlessHidden(v, a, err)
	}
	a, err := h.Directory.ByHandleKnown(v.r.Context(), "@"+name)
	return h.unlessHidden(v, a, err)
}

// unlessHidden tells of a community that the reader must not know of what is told of a name
// that nobody has.
func (h *Handler) unlessHidden(v *visit, a actors.Actor, err error) (actors.Actor, error) {
	if err != nil && !fault.Is(err, fault.Gone) {
		return a, err
	}
	knows, failed := access.Knows(v.r.Context(), h.DB, v.reader(), a)
	if failed != nil {
		return a, failed
	}
	if !knows {
		return actors.Actor{}, errNobody
	}
	return a, err
}

// errNobody is told of a name that nobody has, as actors tells it.
var errNobody = fault.New(fault.NotFound, "This account or community does not exist.")

// groups are the communities that the reader follows.
func (h *Handler) groups(v *visit) ([]actors.Actor, error) {
	all, err := h.Directory.FollowingPage(v.r.Context(), h.DB, v.member.ID, 0, mostGroups)
	if err != nil {
		return nil, err
	}
	var groups []actors.Actor
	for _, a := range all {
		if a.Kind == actors.Group && !a.Gone {
			groups = append(groups, a)
		}
	}
	return groups, nil
}

const mostGroups = 200
