package web

import (
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

type charterPage struct {
	Community  communities.Community
	Shown      communities.Charter // one of the versions
	Current    communities.Charter
	Versions   []communities.Charter
	Questions  []string
	Animates   bool
	Asks       bool // the reader is to accept it
	Accepted   int  // the version that the reader accepted; 0: none
	AcceptedAt time.Time
}

// Old says whether another version holds now.
func (p charterPage) Old() bool { return p.Shown.Version != p.Current.Version }

// charter shows what a community expects of its members, and asks of whoever would be one.
func (h *Handler) charter(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	body := charterPage{Community: c}
	if body.Versions, err = h.Communities.Charters(ctx, c.Actor.ID); err != nil {
		return err
	}
	if len(body.Versions) > 0 {
		body.Shown, body.Current = body.Versions[0], body.Versions[0]
	}
	if asked := v.r.URL.Query().Get("version"); asked != "" {
		if body.Shown, err = versionOf(body.Versions, asked); err != nil {
			return err
		}
	}
	if body.Questions, err = h.Communities.Questions(ctx, h.DB, c.Actor.ID); err != nil {
		return err
	}
	if err := h.tellAcceptance(v, &body); err != nil {
		return err
	}
	return h.show(v, "charter", page{Title: "charter.title", Hidden: c.Access != actors.Open || !c.Actor.Indexable, Body: body})
}

func versionOf(all []communities.Charter, asked string) (communities.Charter, error) {
	for _, c := range all {
		if strconv.Itoa(c.Version) == asked {
			return c, nil
		}
	}
	return communities.Charter{}, fault.New(fault.NotFound, "There is nothing at this address.")
}

// tellAcceptance says what the reader accepted.
func (h *Handler) tellAcceptance(v *visit, body *charterPage) (err error) {
	if v.member == nil {
		return nil
	}
	ctx, community := v.r.Context(), body.Community.Actor.ID
	if body.Animates, err = h.Communities.IsAnimator(ctx, h.DB, community, v.member.ID); err != nil {
		return err
	}
	standing, err := h.Communities.StandingOf(ctx, h.DB, community, v.member.ID)
	if err != nil {
		return err
	}
	if body.Accepted, body.AcceptedAt, err = h.Communities.Accepted(ctx, h.DB, community, v.member.ID); err != nil {
		return err
	}
	body.Asks = standing == communities.Member && body.Current.Asks() && body.Accepted < body.Current.Version
	return nil
}

// acceptCharter records that a member accepts it.
func (h *Handler) acceptCharter(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	version, err := number(v.r.PostFormValue("version"))
	if err != nil {
		return err
	}
	if err := h.Communities.AcceptCharter(v.r.Context(), v.member.ID, c.Actor.ID, int(version)); err != nil {
		return err
	}
	return h.done(v, "done.charter", actorPath(c.Actor))
}

type circleSettingsPage struct {
	Community communities.Community
	Charter   string
	Version   int
	Questions []string // five, those that are not asked empty
	Error     string
}

// circleSettings shows those who animate what the community asks.
func (h *Handler) circleSettings(v *visit) error {
	body, err := h.circleSettingsPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "community-settings", page{Title: "circle.title", Hidden: true, Body: body})
}

func (h *Handler) circleSettingsPage(v *visit) (body circleSettingsPage, err error) {
	if body.Community, err = h.circle(v); err != nil {
		return body, err
	}
	ctx, id := v.r.Context(), body.Community.Actor.ID
	animates, err := h.Communities.IsAnimator(ctx, h.DB, id, v.member.ID)
	if err != nil {
		return body, err
	}
	if !animates {
		return body, fault.New(fault.Forbidden, "Only those who animate the community may do this.")
	}
	charter, err := h.Communities.Charter(ctx, h.DB, id)
	if err != nil {
		return body, err
	}
	body.Charter, body.Version = charter.Source, charter.Version
	asked, err := h.Communities.Questions(ctx, h.DB, id)
	body.Questions = make([]string, 5)
	copy(body.Questions, asked)
	return body, err
}

// changeCircle sets them.
func (h *Handler) changeCircle(v *visit) error {
	body, err := h.circleSettingsPage(v)
	if err != nil {
		return err
	}
	ctx, id := v.r.Context(), body.Community.Actor.ID
	charter, questions := v.r.PostFormValue("charter"), v.r.PostForm["question"]
	err = h.Communities.SetQuestions(ctx, v.member.ID, id, questions)
	if err == nil {
		_, err = h.Communities.SetCharter(ctx, v.member.ID, id, charter)
	}
	if err != nil {
		body.Charter = charter
		copy(body.Questions, questions)
		return h.formAgain(v, err, &body.Error, "community-settings", page{Title: "circle.title", Hidden: true, Body: &body})
	}
	return h.done(v, "done.saved", actorPath(body.Community.Actor)+"/settings")
}

// joinAgain shows a community with what is wrong with what was typed to join it.
func (h *Handler) joinAgain(v *visit, c communities.Community, j communities.Joining, err error) error {
	body, failed := h.communityPage(v, c.Actor)
	if failed != nil {
		return failed
	}
	body.Typed = j
	return h.formAgain(v, err, &body.JoinError, "community", page{Title: c.Actor.DisplayName(), Named: true, Hidden: true, Body: &body})
}
