package mastodon

import (
	"cmp"
	"slices"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/moderation"
	"passerelles/posts"
)

// Of the API for who keeps order, what concerns reports: for administrators, and for who animates a
// community. Rights of a token give none that its member does not have.

func (h *Handler) adminWays() []way {
	const reports = "/api/v1/admin/reports"
	return []way{
		{"GET", reports, aMember, "admin:read:reports", h.reports},
		{"GET", reports + "/{id:[0-9]+}", aMember, "admin:read:reports", h.oneReport},
		{"POST", reports + "/{id:[0-9]+}/resolve", aMember, "admin:write:reports", h.resolveReport},
	}
}

// errNoJudge is of a member who keeps order nowhere.
var errNoJudge = fault.New(fault.Forbidden, "This action is not allowed")

type adminReport struct {
	ID          string        `json:"id"`
	ActionTaken bool          `json:"action_taken"`
	ActionAt    *string       `json:"action_taken_at"`
	Category    string        `json:"category"`
	Comment     string        `json:"comment"`
	Forwarded   bool          `json:"forwarded"`
	CreatedAt   string        `json:"created_at"`
	UpdatedAt   string        `json:"updated_at"`
	Account     adminAccount  `json:"account"`
	Target      adminAccount  `json:"target_account"`
	Assigned    *adminAccount `json:"assigned_account"`
	ActionBy    *adminAccount `json:"action_taken_by_account"`
	Statuses    []status      `json:"statuses"`
	Rules       []string      `json:"rules"`
}

// adminAccount tells no more of somebody than everybody is told: who animates a community has no more
// to know, and administrators have the site.
type adminAccount struct {
	ID        string   `json:"id"`
	Username  string   `json:"username"`
	Domain    *string  `json:"domain"`
	CreatedAt string   `json:"created_at"`
	Email     string   `json:"email"`
	IP        *string  `json:"ip"`
	IPs       []string `json:"ips"`
	Locale    string   `json:"locale"`
	Request   *string  `json:"invite_request"`
	Confirmed bool     `json:"confirmed"`
	Approved  bool     `json:"approved"`
	Disabled  bool     `json:"disabled"`
	Silenced  bool     `json:"silenced"`
	Suspended bool     `json:"suspended"`
	Sensitive bool     `json:"sensitized"`
	Role      *role    `json:"role"`
	Account   account  `json:"account"`
}

func (h *Handler) adminAccountOf(a actors.Actor) adminAccount {
	v := adminAccount{ID: id(a.ID), Username: a.Name, CreatedAt: stamp(a.Published), IPs: []string{}, Confirmed: true, Approved: true,
		Account: h.accountOf(a)}
	if !a.Local() {
		v.Domain = orNull(a.Host)
	}
	return v
}

// judged are the reports that the member may settle, those that wait before the others.
func (h *Handler) judged(c *call) (all []moderation.Report, err error) {
	j := c.judge()
	groups, err := h.animated(c)
	if err != nil {
		return nil, err
	}
	if j.Admin {
		groups = append([]actors.ID{0}, groups...)
	}
	if len(groups) == 0 {
		return nil, errNoJudge
	}
	for _, g := range groups {
		found, err := h.Moderation.Queue(c.r.Context(), j, g)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b moderation.Report) int { return cmp.Compare(b.ID, a.ID) })
	return slices.CompactFunc(all, func(a, b moderation.Report) bool { return a.ID == b.ID }), nil
}

// reports are those that wait, or, where they are asked for, those that were settled.
func (h *Handler) reports(c *call) (any, error) {
	all, err := h.judged(c)
	if err != nil {
		return nil, err
	}
	settled, target, before := c.yes("resolved"), c.number("target_account_id"), c.number("max_id")
	shown, most := []adminReport{}, c.limit(100, 200)
	for _, r := range all {
		if (r.SettledAt != nil) != settled || target != 0 && int64(r.Person) != target || before != 0 && r.ID >= before || len(shown) == most {
			continue
		}
		v, err := h.adminReportOf(c, r.ID)
		if fault.Is(err, fault.NotFound) { // it is about the member
			continue
		}
		if err != nil {
			return nil, err
		}
		shown = append(shown, v)
	}
	if len(shown) > 0 {
		h.linkTo(c, shown[0].ID, shown[len(shown)-1].ID)
	}
	return shown, nil
}

// adminReportOf is a report for who may settle it. Who reported it is told to administrators alone:
// to who animates, the community stands in their place.
func (h *Handler) adminReportOf(c *call, number int64) (adminReport, error) {
	r, seat, err := h.Moderation.ReportFor(c.r.Context(), c.judge(), number)
	if err == nil && seat == moderation.Complainant {
		err = errNone
	}
	if err != nil {
		return adminReport{}, err
	}
	by := r.By
	if seat != moderation.Admin {
		by = r.Community
	}
	people, err := h.Directory.ByIDs(c.r.Context(), []actors.ID{by, r.Person, r.SettledBy})
	if err != nil {
		return adminReport{}, err
	}
	server, err := h.Directory.Application(c.r.Context())
	if err != nil {
		return adminReport{}, err
	}
	for _, who := range []actors.ID{by, r.Person} { // apps want somebody
		if _, ok := people[who]; !ok {
			people[who] = server
		}
	}
	v := adminReport{ID: id(r.ID), Category: "other", Comment: r.Reason, Forwarded: r.Forwarded, CreatedAt: stamp(r.At), UpdatedAt: stamp(r.At),
		Account: h.adminAccountOf(people[by]), Target: h.adminAccountOf(people[r.Person]), Rules: []string{}}
	if r.SettledAt != nil {
		v.ActionTaken, v.ActionAt, v.UpdatedAt = true, orNull(stamp(*r.SettledAt)), stamp(*r.SettledAt)
		if a, ok := people[r.SettledBy]; ok && r.SettledBy != 0 {
			settledBy := h.adminAccountOf(a)
			v.ActionBy = &settledBy
		}
	}
	v.Statuses, err = h.reported(c, r, seat)
	return v, err
}

// reported are the posts of a report that the member may see as they are now; for who animates, of
// their community alone.
func (h *Handler) reported(c *call, r moderation.Report, seat moderation.Seat) ([]status, error) {
	var all []posts.Post
	for _, iri := range r.About {
		p, err := h.Posts.ByIRI(c.r.Context(), c.reader(), iri)
		switch {
		case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone):
			continue // it is a person, or not there any more
		case err != nil:
			return nil, err
		case seat == moderation.Animator && (p.Community == nil || p.Community.ID != r.Community):
			continue
		}
		all = append(all, p)
	}
	return h.statuses(c, all)
}

func (h *Handler) oneReport(c *call) (any, error) { return h.adminReportOf(c, c.path("id")) }

// resolveReport settles a report, in words that who reported it reads: those of the app, or that it
// is settled.
func (h *Handler) resolveReport(c *call) (any, error) {
	words := strings.TrimSpace(c.params.Get("comment"))
	if words == "" {
		var err error
		if words, err = say(h.Language, "report.settled", nil); err != nil {
			return nil, err
		}
	}
	if err := h.Moderation.Settle(c.r.Context(), c.judge(), c.path("id"), words); err != nil {
		return nil, err
	}
	return h.adminReportOf(c, c.path("id"))
}
