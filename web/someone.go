package web

import (
	"strconv"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/moderation"
)

// neighbourOf gives the server of somebody; nil for who lives here.
func (h *Handler) neighbourOf(v *visit, community actors.ID, who actors.Actor) (*moderation.Neighbour, error) {
	all, err := h.Moderation.Neighbours(v.r.Context(), community, []actors.Actor{who})
	if n, found := all[who.Host]; found {
		return &n, err
	}
	return nil, err
}

var discretionWords = map[actors.Discretion]string{
	actors.Discreet: "neighbour.discreet", actors.Indiscreet: "neighbour.indiscreet", actors.Untried: "neighbour.untried",
}

var policyWords = map[string]string{
	access.Unjudged: "neighbour.none", access.Silenced: "neighbour.silenced", access.Suspended: "neighbour.suspended",
}

type noteRow struct {
	communities.Note
	Author actors.Actor
	Mine   bool
}

type someonePage struct {
	Community  communities.Community
	Who        actors.Actor
	Standing   communities.Standing
	Neighbour  *moderation.Neighbour
	Charter    int // the version that they accepted
	AcceptedAt time.Time
	Ban        *communities.Ban // nil: they are not banned
	Notes      []noteRow
	Ends       []end
	Error      string
	Reason     string
	Words      string
}

// end is how long a ban may last.
type end struct {
	Days int // 0: without end
	Key  string
}

var ends = []end{{1, "ban.day"}, {7, "ban.week"}, {30, "ban.month"}, {90, "ban.season"}, {0, "ban.endless"}}

// someone shows those who animate a community what there is to know of a person, and to do.
func (h *Handler) someone(v *visit) error {
	body, err := h.someonePage(v)
	if err != nil {
		return err
	}
	return h.showSomeone(v, 200, body)
}

func (h *Handler) showSomeone(v *visit, status int, body someonePage) error {
	return h.render(v, status, "someone", page{Title: body.Who.DisplayName(), Named: true, Hidden: true, Body: body})
}

func (h *Handler) someonePage(v *visit) (body someonePage, err error) {
	if body.Community, err = h.joinable(v); err != nil {
		return body, err
	}
	ctx := v.r.Context()
	body.Ends = ends
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return body, err
	}
	notes, err := h.notesOn(v, body.Community.Actor, actors.ID(id))
	if err != nil {
		return body, err
	}
	if body.Who, err = h.Directory.ByID(ctx, actors.ID(id)); err != nil {
		return body, err
	}
	if body.Who.Kind == actors.Group || body.Who.Kind == actors.Application {
		return body, errNobody
	}
	if err := h.tellSomeone(v, &body); err != nil {
		return body, err
	}
	return body, h.tellNotes(v, &body, notes)
}

// notesOn refuses who does not animate the community; of one elsewhere no notes are kept here.
func (h *Handler) notesOn(v *visit, group actors.Actor, who actors.ID) ([]communities.Note, error) {
	if group.Local() {
		return h.Communities.Notes(v.r.Context(), v.member.ID, group.ID, who)
	}
	me, err := h.Directory.ByID(v.r.Context(), v.member.ID)
	if err != nil {
		return nil, err
	}
	may, err := h.Communities.Moderates(v.r.Context(), h.DB, group, me)
	if err == nil && !may {
		err = errNobody
	}
	return nil, err
}

func (h *Handler) tellSomeone(v *visit, body *someonePage) (err error) {
	ctx, community := v.r.Context(), body.Community.Actor.ID
	if body.Community.Actor.Local() {
		err = h.tellWhatIsKept(v, body)
	}
	if err != nil {
		return err
	}
	ban, err := h.Communities.BanOf(ctx, h.DB, community, body.Who.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	body.Ban = &ban
	return err
}

// tellWhatIsKept says what a community of ours knows of them: how they stand, what charter they
// accepted, and of which server they are.
func (h *Handler) tellWhatIsKept(v *visit, body *someonePage) (err error) {
	ctx, community := v.r.Context(), body.Community.Actor.ID
	if body.Standing, err = h.Communities.StandingOf(ctx, h.DB, community, body.Who.ID); err != nil {
		return err
	}
	if body.Charter, body.AcceptedAt, err = h.Communities.Accepted(ctx, h.DB, community, body.Who.ID); err != nil {
		return err
	}
	body.Neighbour, err = h.neighbourOf(v, community, body.Who)
	return err
}

func (h *Handler) tellNotes(v *visit, body *someonePage, notes []communities.Note) error {
	var by []actors.ID
	for _, n := range notes {
		by = append(by, n.By)
	}
	known, err := h.Directory.ByIDs(v.r.Context(), by)
	for _, n := range notes {
		body.Notes = append(body.Notes, noteRow{n, known[n.By], n.By == v.member.ID})
	}
	return err
}

// ban keeps a person out of a community.
func (h *Handler) ban(v *visit) error {
	body, err := h.someonePage(v)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(v.r.PostFormValue("days"))
	if err != nil || days < 0 || days > 3660 {
		return fault.New(fault.Invalid, "A ban ends in the future, or not at all.")
	}
	b := communities.Ban{Community: body.Community.Actor.ID, Who: body.Who.ID, By: v.member.ID,
		Reason: v.r.PostFormValue("reason"), Removed: v.r.PostFormValue("remove") != ""}
	if days > 0 {
		until := h.Now().Add(time.Duration(days) * 24 * time.Hour)
		b.Until = &until
	}
	if err := h.Moderation.Ban(v.r.Context(), b); err != nil {
		body.Reason = b.Reason
		return h.formAgain(v, err, &body.Error, "someone", page{Title: body.Who.DisplayName(), Named: true, Hidden: true, Body: &body})
	}
	return h.done(v, doneWith(body, "done.banned"), someonePath(body))
}

// doneWith says what is done, or that the community's own server is asked to do it.
func doneWith(p someonePage, said string) string {
	if p.Community.Actor.Local() {
		return said
	}
	return "done.sent"
}

func someonePath(p someonePage) string {
	return actorPath(p.Community.Actor) + "/people/" + strconv.FormatInt(int64(p.Who.ID), 10)
}

// unban lets them in again.
func (h *Handler) unban(v *visit) error {
	body, err := h.someonePage(v)
	if err != nil {
		return err
	}
	if err := h.Moderation.Unban(v.r.Context(), v.member.ID, body.Community.Actor.ID, body.Who.ID); err != nil {
		return err
	}
	return h.done(v, doneWith(body, "done.unbanned"), someonePath(body))
}

// addNote keeps a note about a person.
func (h *Handler) addNote(v *visit) error {
	body, err := h.someonePage(v)
	if err != nil {
		return err
	}
	words := v.r.PostFormValue("words")
	if _, err := h.Communities.AddNote(v.r.Context(), v.member.ID, body.Community.Actor.ID, body.Who.ID, words); err != nil {
		body.Words = words
		return h.formAgain(v, err, &body.Error, "someone", page{Title: body.Who.DisplayName(), Named: true, Hidden: true, Body: &body})
	}
	return h.done(v, "done.noted", someonePath(body))
}

// dropNote takes one's own note back.
func (h *Handler) dropNote(v *visit) error {
	body, err := h.someonePage(v)
	if err != nil {
		return err
	}
	id, err := number(v.r.PostFormValue("note"))
	if err != nil {
		return err
	}
	if err := h.Communities.DropNote(v.r.Context(), v.member.ID, body.Community.Actor.ID, id); err != nil {
		return err
	}
	return h.done(v, "done.unnoted", someonePath(body))
}

const mostBans = 500

type bansPage struct {
	Community communities.Community
	Bans      []communities.BannedPerson
}

// bans lists those who are kept out.
func (h *Handler) bans(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	all, err := h.Communities.Bans(v.r.Context(), v.member.ID, c.Actor.ID, mostBans)
	if err != nil {
		return err
	}
	return h.show(v, "bans", page{Title: "ban.list", Hidden: true, Body: bansPage{c, all}})
}
