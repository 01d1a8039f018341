package mastodon

import (
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
)

// group is a community in a list.
type group struct {
	ID         string  `json:"id"` // as in Mastodon's API
	Acct       string  `json:"acct"`
	Title      string  `json:"title"`
	Summary    string  `json:"summary"` // HTML
	URL        string  `json:"url"`
	URI        string  `json:"uri"`
	Level      string  `json:"level"` // open, members or confidential
	Language   string  `json:"language"`
	Zone       string  `json:"zone"`
	CreatedAt  string  `json:"created_at"`
	ArchivedAt *string `json:"archived_at"`
	Followers  *int    `json:"followers_count"` // null: not for the caller
	Posts      *int    `json:"posts_count"`     // likewise
}

// wholeGroup is a community by itself.
type wholeGroup struct {
	group
	Charter   *charter   `json:"charter"`
	Questions []string   `json:"questions"` // that who would be a member answers
	Themes    []theme    `json:"themes"`
	Animators []somebody `json:"animators"`
	Standing  string     `json:"standing"` // of the caller: none, asking, invited or member
	Role      *string    `json:"role"`     // of a member: member, animator or owner
}

type charter struct {
	Version int    `json:"version"`
	HTML    string `json:"html"`
	At      string `json:"updated_at"`
}

func (h *Handler) groupOf(c *call, g communities.Community) (group, error) {
	v := group{ID: id(g.Actor.ID), Acct: acct(g.Actor), Title: g.Actor.DisplayName(), Summary: g.Actor.Summary, URL: g.Actor.URL, URI: g.Actor.IRI,
		Level: string(g.Access), Language: g.Language, Zone: g.Zone, CreatedAt: stamp(g.CreatedAt), ArchivedAt: stampOrNull(g.Archived)}
	if v.URL == "" {
		v.URL = g.Actor.IRI
	}
	if g.Access.Closed() {
		belongs, err := access.Belongs(c.r.Context(), h.DB, c.reader(), g.Actor.ID)
		if err != nil || !belongs {
			return v, err
		}
	}
	v.Followers, v.Posts = &g.Followers, &g.Posts
	return v, nil
}

func stampOrNull(at *time.Time) *string {
	if at == nil {
		return nil
	}
	text := stamp(*at)
	return &text
}

// ownCommunities lists those of this server that are not confidential, by name.
func (h *Handler) ownCommunities(c *call) (any, error) {
	most := c.limit(40, 80)
	all, err := h.Communities.List(c.r.Context(), c.params.Get("after"), most+1)
	if err != nil {
		return nil, err
	}
	if len(all) > most {
		all = all[:most]
		h.next(c, "after", all[most-1].Actor.Name)
	}
	shown := make([]group, 0, len(all))
	for _, g := range all {
		v, err := h.groupOf(c, g)
		if err != nil {
			return nil, err
		}
		shown = append(shown, v)
	}
	return shown, nil
}

func (h *Handler) ownCommunity(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	v := wholeGroup{Animators: []somebody{}}
	if v.group, err = h.groupOf(c, g); err != nil {
		return nil, err
	}
	ctx := c.r.Context()
	agreed, err := h.Communities.Charter(ctx, h.DB, g.Actor.ID)
	if err != nil {
		return nil, err
	}
	if agreed.Source != "" {
		v.Charter = &charter{agreed.Version, agreed.HTML(), stamp(agreed.At)}
	}
	if v.Questions, err = h.Communities.Questions(ctx, h.DB, g.Actor.ID); err != nil {
		return nil, err
	}
	if v.Questions == nil {
		v.Questions = []string{}
	}
	if v.Themes, err = h.themesOf(c, g.Actor.ID); err != nil {
		return nil, err
	}
	animators, err := h.Communities.Animators(ctx, h.DB, g.Actor.ID)
	for _, a := range animators {
		v.Animators = append(v.Animators, somebodyOf(a))
	}
	if err != nil {
		return nil, err
	}
	v.Standing, v.Role, err = h.standing(c, g.Actor.ID)
	return v, err
}

// standing is what the caller is in a community.
func (h *Handler) standing(c *call, community actors.ID) (standing string, role *string, err error) {
	m := c.member()
	if m == nil {
		return "none", nil, nil
	}
	is, err := h.Communities.StandingOf(c.r.Context(), h.DB, community, m.ID)
	if err != nil {
		return "", nil, err
	}
	if is == communities.Stranger {
		return "none", nil, nil
	}
	of, err := h.Communities.RoleOf(c.r.Context(), h.DB, community, m.ID)
	return string(is), orNull(of), err
}
