package web

import (
	"passerelles/actors"
	"passerelles/moderation"
)

// lookalikes are people of a page who may be taken for those who decide something, and for whom.
type lookalikes map[actors.ID][]actors.Actor

// likeness is what a reader is told of one of them.
type likeness struct {
	Who  actors.Actor
	Like []actors.Actor
}

// Likeness is that of somebody, nil for who is like nobody.
func (l lookalikes) Likeness(who actors.Actor) *likeness {
	if like := l[who.ID]; len(like) > 0 {
		return &likeness{who, like}
	}
	return nil
}

// Likeness is that of somebody who waits for an account.
func (p signUpsPage) Likeness(name string, like []actors.Actor) *likeness {
	if len(like) == 0 {
		return nil
	}
	return &likeness{actors.Actor{Name: name}, like}
}

// reportedLike says for whom somebody reported may be taken: those who animate learn it of who
// animates with them, administrators of administrators.
func (h *Handler) reportedLike(v *visit, r moderation.Report, seat moderation.Seat, who actors.Actor) (lookalikes, error) {
	if seat == moderation.Animator {
		return h.Communities.Resembled(v.r.Context(), h.DB, r.Community, []actors.Actor{who})
	}
	admins, err := h.Accounts.Administrators(v.r.Context())
	return lookalikes{who.ID: actors.Resembled(who, admins)}, err
}
