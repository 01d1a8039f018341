package mastodon

import (
	"context"
	"strconv"

	"passerelles/actors"
	"passerelles/communities"
)

// membership is that the caller belongs to a community, here or elsewhere.
type membership struct {
	Community somebody `json:"community"`
	Role      string   `json:"role"`
}

const mostMemberships = 200

// memberships are the caller's, the latest first.
func (h *Handler) memberships(c *call) (any, error) {
	ctx := c.r.Context()
	all, err := h.Communities.BelongingsOf(ctx, h.DB, c.member().ID, mostMemberships)
	if err != nil {
		return nil, err
	}
	var ids []actors.ID
	for _, b := range all {
		ids = append(ids, b.Community)
	}
	known, err := h.Directory.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	shown := make([]membership, 0, len(all))
	for _, b := range all {
		a, there := known[b.Community]
		if !there || a.Gone {
			continue
		}
		role, err := h.Communities.RoleOf(ctx, h.DB, b.Community, c.member().ID)
		if err != nil {
			return nil, err
		}
		shown = append(shown, membership{somebodyOf(a), role})
	}
	return shown, nil
}

// stood is what the caller is in a community after an act.
type stood struct {
	Standing string  `json:"standing"`
	Role     *string `json:"role"`
}

// join makes a member of the caller, or has them ask for it: in words, with answers to the questions,
// and with the version of the charter that they accept.
func (h *Handler) join(c *call) (any, error) {
	a, err := h.someone(c)
	if err == nil && a.Kind != actors.Group {
		err = errNone
	}
	if err != nil {
		return nil, err
	}
	j := communities.Joining{Community: a.ID, Who: c.member().ID, Words: c.params.Get("words"), Answers: c.params["answers"]}
	j.Charter, _ = strconv.Atoi(c.params.Get("charter")) // anything else is no version
	if _, err := h.Communities.Join(c.r.Context(), j); err != nil {
		return nil, err
	}
	return h.stands(c, a.ID)
}

// leave ends a membership, a request or an invitation.
func (h *Handler) leave(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	if err := h.Communities.Leave(c.r.Context(), g.Actor.ID, c.member().ID); err != nil {
		return nil, err
	}
	return h.stands(c, g.Actor.ID)
}

func (h *Handler) stands(c *call, community actors.ID) (v stood, err error) {
	v.Standing, v.Role, err = h.standing(c, community)
	return v, err
}

// belonging is one of the members of a community.
type belonging struct {
	Account somebody `json:"account"`
	Role    string   `json:"role"`
	Since   string   `json:"since"`
}

// members lists who belongs to a community, for those who do.
func (h *Handler) members(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	most := c.limit(40, 80)
	all, err := h.Communities.MembersFor(c.r.Context(), c.member().ID, g.Actor.ID, actors.ID(c.number("after")), most+1)
	if err != nil {
		return nil, err
	}
	if len(all) > most {
		all = all[:most]
		h.next(c, "after", id(all[most-1].Who.ID))
	}
	shown := make([]belonging, 0, len(all))
	for _, m := range all {
		shown = append(shown, belonging{somebodyOf(m.Who), m.Role, stamp(m.Since)})
	}
	return shown, nil
}

// setRole has an owner say what a member is from now on, or somebody step down.
func (h *Handler) setRole(c *call) (any, error) {
	return h.actOnPerson(c, func(ctx context.Context, by, community, who actors.ID) error {
		return h.Communities.SetRole(ctx, by, community, who, c.params.Get("role"))
	})
}

// dismiss removes a member.
func (h *Handler) dismiss(c *call) (any, error) { return h.actOnPerson(c, h.Communities.Remove) }

func (h *Handler) acceptJoin(c *call) (any, error) { return h.actOnPerson(c, h.Communities.Approve) }

func (h *Handler) declineJoin(c *call) (any, error) { return h.actOnPerson(c, h.Communities.Decline) }

// actOnPerson has the caller do something about a person in a community.
func (h *Handler) actOnPerson(c *call, do func(ctx context.Context, by, community, who actors.ID) error) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	return struct{}{}, do(c.r.Context(), c.member().ID, g.Actor.ID, actors.ID(c.path("who")))
}

// asker is that somebody asks to be a member.
type asker struct {
	Account somebody     `json:"account"`
	Words   string       `json:"words"`
	Answers []answerSaid `json:"answers"`
	Charter int          `json:"charter"` // the version that they accepted; 0: none
	AskedAt string       `json:"asked_at"`
}

type answerSaid struct {
	Question string `json:"question"`
	Words    string `json:"words"`
}

// joinRequests lists who asks to be a member, the first to ask first, for those who animate.
func (h *Handler) joinRequests(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	all, err := h.Communities.Requests(c.r.Context(), c.member().ID, g.Actor.ID, mostAsking)
	shown := make([]asker, 0, len(all))
	for _, r := range all {
		a := asker{somebodyOf(r.Who), r.Words, []answerSaid{}, r.Charter, stamp(r.AskedAt)}
		for _, said := range r.Answers {
			a.Answers = append(a.Answers, answerSaid{said.Question, said.Words})
		}
		shown = append(shown, a)
	}
	return shown, err
}
