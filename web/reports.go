package web

import (
	"strconv"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/moderation"
	"passerelles/posts"
)

type complainPage struct {
	Post      *posts.Post  // nil: a person is reported
	Person    actors.Actor // whose post it is, or who is reported
	Action    string
	Animators bool // the community of the post is of ours: they are asked
	Words     string
	Error     string
	Back      string
}

// complainPost asks what is wrong with a post.
func (h *Handler) complainPost(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	return h.showComplaint(v, 200, complaintOf(p))
}

func complaintOf(p posts.Post) complainPage {
	return complainPage{Post: &p, Person: p.Author, Action: postPath(p.ID) + "/report", Back: place(p),
		Animators: p.Community != nil && p.Community.Local()}
}

func (h *Handler) showComplaint(v *visit, status int, body complainPage) error {
	return h.render(v, status, "complain", page{Title: "complain.title", Hidden: true, Body: body})
}

// reportPost reports a post.
func (h *Handler) reportPost(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	return h.complain(v, complaintOf(p), moderation.Complaint{Post: p.ID})
}

// complainPerson asks what is wrong with a person.
func (h *Handler) complainPerson(v *visit) error {
	body, err := h.complaintOfPerson(v)
	if err != nil {
		return err
	}
	return h.showComplaint(v, 200, body)
}

func (h *Handler) complaintOfPerson(v *visit) (complainPage, error) {
	a, err := h.known(v, pathVar(v.r, "name"))
	if err == nil && (a.Kind == actors.Group || a.Kind == actors.Application) {
		err = fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return complainPage{Person: a, Action: actorPath(a) + "/report", Back: actorPath(a)}, err
}

// reportPerson reports a person.
func (h *Handler) reportPerson(v *visit) error {
	body, err := h.complaintOfPerson(v)
	if err != nil {
		return err
	}
	return h.complain(v, body, moderation.Complaint{Person: body.Person.ID})
}

func (h *Handler) complain(v *visit, body complainPage, c moderation.Complaint) error {
	c.By, c.Words = v.member.ID, v.r.PostFormValue("words")
	c.Animators, c.Forwarding = v.r.PostFormValue("to") != "administrators", v.r.PostFormValue("forward") != ""
	_, err := h.Moderation.Report(v.r.Context(), c)
	if err == nil {
		return h.done(v, "done.reported", "/reports")
	}
	body.Words, body.Error = c.Words, h.words.fault(v.language, fault.Message(err))
	if fault.Is(err, fault.Internal) || body.Error == "" {
		return err
	}
	return h.showComplaint(v, h.weigh(v, err).Status(), body)
}

// reportRow is a report in a list.
type reportRow struct {
	moderation.Report
	Person *actors.Actor // nil: nobody known
}

// Waits says whether it is to be settled yet.
func (r reportRow) Waits() bool { return r.SettledAt == nil }

type reportsPage struct {
	Title string // a text's key
	Mine  bool
	Rows  []reportRow

	Rulings []moderation.Entry // about the member's posts
}

// myReports tells a member what became of what he reported.
func (h *Handler) myReports(v *visit) error {
	all, err := h.Moderation.ReportsBy(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	about, err := h.Communities.RulingsAbout(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	rulings, err := h.Moderation.Entries(v.r.Context(), v.reader(), about)
	if err != nil {
		return err
	}
	return h.listReports(v, reportsPage{Title: "reports.mine", Mine: true, Rulings: rulings}, all)
}

// communityReports lists those for whoever animates a community.
func (h *Handler) communityReports(v *visit) error {
	c, err := h.ourCommunity(v)
	if err != nil {
		return err
	}
	all, err := h.Moderation.Queue(v.r.Context(), v.judge(), c.ID)
	if err != nil {
		return err
	}
	return h.listReports(v, reportsPage{Title: "reports.community"}, all)
}

// ourCommunity is the one of this server that an address names, if the reader may know of it.
func (h *Handler) ourCommunity(v *visit) (actors.Actor, error) {
	a, err := h.known(v, pathVar(v.r, "name"))
	if err == nil && (a.Kind != actors.Group || !a.Local()) {
		err = fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return a, err
}

// serverReports lists those for administrators.
func (h *Handler) serverReports(v *visit) error {
	all, err := h.Moderation.Queue(v.r.Context(), v.judge(), 0)
	if err != nil {
		return err
	}
	return h.listReports(v, reportsPage{Title: "reports.server"}, all)
}

func (h *Handler) listReports(v *visit, body reportsPage, all []moderation.Report) error {
	var ids []actors.ID
	for _, r := range all {
		ids = append(ids, r.Person)
	}
	people, err := h.Directory.ByIDs(v.r.Context(), ids)
	if err != nil {
		return err
	}
	for _, r := range all {
		row := reportRow{Report: r}
		if a, ok := people[r.Person]; ok {
			row.Person = &a
		}
		body.Rows = append(body.Rows, row)
	}
	return h.show(v, "reports", page{Title: body.Title, Hidden: true, Body: body})
}

// judge is who asks, as those who settle reports.
func (v *visit) judge() moderation.Judge {
	return moderation.Judge{ID: v.member.ID, Admin: v.member.Admin}
}

type reportPage struct {
	moderation.Report
	Seat   moderation.Seat
	Person *actors.Actor
	Words  []posts.Words
	From   *actors.Actor // who reported: an animator is told the server alone
	Typed  string
	Error  string
	lookalikes
}

// Settles says whether the reader may settle it.
func (p reportPage) Settles() bool { return p.SettledAt == nil && p.Seat != moderation.Complainant }

// report shows one, to who reported it and to those who are asked.
func (h *Handler) report(v *visit) error {
	body, err := h.reportPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "report", page{Title: "report.title", Hidden: true, Body: body})
}

func (h *Handler) reportPage(v *visit) (body reportPage, err error) {
	ctx := v.r.Context()
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return body, err
	}
	if body.Report, body.Seat, err = h.Moderation.ReportFor(ctx, v.judge(), id); err != nil {
		return body, err
	}
	if body.Words, err = h.Moderation.Words(ctx, body.Report, body.Seat); err != nil {
		return body, err
	}
	people, err := h.Directory.ByIDs(ctx, []actors.ID{body.Report.Person, body.By})
	if a, ok := people[body.Report.Person]; ok {
		body.Person = &a
	}
	if body.Person != nil && err == nil && body.Seat != moderation.Complainant {
		body.lookalikes, err = h.reportedLike(v, body.Report, body.Seat, *body.Person)
	}
	if a, ok := people[body.By]; ok && (body.Seat == moderation.Admin || !a.Local()) {
		body.From = &a
	}
	return body, err
}

// settle ends one.
func (h *Handler) settle(v *visit) error {
	body, err := h.reportPage(v)
	if err != nil {
		return err
	}
	words := v.r.PostFormValue("words")
	if err := h.Moderation.Settle(v.r.Context(), v.judge(), body.ID, words); err != nil {
		body.Typed, body.Error = words, h.words.fault(v.language, fault.Message(err))
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		return h.render(v, h.weigh(v, err).Status(), "report", page{Title: "report.title", Hidden: true, Body: body})
	}
	return h.done(v, "done.settled", "/reports/"+strconv.FormatInt(body.ID, 10))
}
