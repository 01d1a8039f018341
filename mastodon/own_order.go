package mastodon

import (
	"passerelles/actors"
	"passerelles/moderation"
)

// complaint is a report, as those who settle it read it in a list.
type complaint struct {
	ID        string    `json:"id"`
	Person    *somebody `json:"account"` // about whom it is; null: nobody known
	About     []string  `json:"about"`   // IRIs of posts and people
	Reason    string    `json:"reason"`
	At        string    `json:"created_at"`
	Forwarded bool      `json:"forwarded"` // to another server too
	SettledAt *string   `json:"settled_at"`
	Answer    string    `json:"answer"`
}

// judge is the caller, as those who settle reports.
func (c *call) judge() moderation.Judge {
	return moderation.Judge{ID: c.member().ID, Admin: c.member().Admin}
}

// communityReports are those that wait for who animates a community, and then those that were settled.
func (h *Handler) communityReports(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	all, err := h.Moderation.Queue(c.r.Context(), c.judge(), g.Actor.ID)
	if err != nil {
		return nil, err
	}
	return h.complaints(c, all)
}

func (h *Handler) complaints(c *call, all []moderation.Report) ([]complaint, error) {
	var ids []actors.ID
	for _, r := range all {
		ids = append(ids, r.Person)
	}
	people, err := h.Directory.ByIDs(c.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	shown := make([]complaint, 0, len(all))
	for _, r := range all {
		v := complaint{ID: id(r.ID), About: r.About, Reason: r.Reason, At: stamp(r.At), Forwarded: r.Forwarded,
			SettledAt: stampOrNull(r.SettledAt), Answer: r.Answer}
		if a, there := people[r.Person]; there {
			v.Person = orNobody(&a)
		}
		shown = append(shown, v)
	}
	return shown, nil
}

// settleReport ends one, with words that who reported it reads.
func (h *Handler) settleReport(c *call) (any, error) {
	ctx, number := c.r.Context(), c.path("report")
	if err := h.Moderation.Settle(ctx, c.judge(), number, c.params.Get("words")); err != nil {
		return nil, err
	}
	r, _, err := h.Moderation.ReportFor(ctx, c.judge(), number)
	if err != nil {
		return nil, err
	}
	shown, err := h.complaints(c, []moderation.Report{r})
	if err != nil {
		return nil, err
	}
	return shown[0], nil
}

// ruled is what was done in a community to keep order.
type ruled struct {
	ID     string    `json:"id"`
	Act    string    `json:"act"`
	By     *somebody `json:"by"`
	Post   *string   `json:"status_id"` // null: of none, or of one that the caller does not see
	Person *somebody `json:"account"`   // whom it is about; null: nobody, or not told
	Words  string    `json:"words"`     // what else it is about: a theme, a role, a server
	Reason string    `json:"reason"`
	At     string    `json:"created_at"`
	Until  *string   `json:"until"` // of a ban; null: without end
}

// communityRulings are the log of a community, the latest first, for whom it chose.
func (h *Handler) communityRulings(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	most := c.limit(40, 80)
	all, err := h.Communities.Rulings(c.r.Context(), c.reader().ID, g.Actor.ID, c.number("before"), most+1)
	if err != nil {
		return nil, err
	}
	if len(all) > most {
		all = all[:most]
		h.next(c, "before", id(all[most-1].ID))
	}
	entries, err := h.Moderation.Entries(c.r.Context(), c.reader(), all)
	shown := make([]ruled, 0, len(entries))
	for _, e := range entries {
		v := ruled{ID: id(e.ID), Act: e.Act, By: orNobody(e.By), Person: orNobody(e.Person), Words: e.Words, Reason: e.Reason,
			At: stamp(e.At), Until: stampOrNull(e.Until)}
		if e.Shown {
			v.Post = orNull(id(e.Post))
		}
		shown = append(shown, v)
	}
	return shown, err
}
