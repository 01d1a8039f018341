package mastodon

import (
	"context"

	"passerelles/actors"
	"passerelles/communities"
)

// theme is one of a community's.
type theme struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Retired     bool   `json:"retired"`
}

func themeOf(t communities.Theme) theme { return theme{id(t.ID), t.Name, t.Description, t.Retired} }

func (h *Handler) themesOf(c *call, community actors.ID) ([]theme, error) {
	all, err := h.Communities.Themes(c.r.Context(), h.DB, community)
	shown := make([]theme, 0, len(all))
	for _, t := range all {
		shown = append(shown, themeOf(t))
	}
	return shown, err
}

// ownThemes are those that may be chosen, in their order.
func (h *Handler) ownThemes(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	return h.themesOf(c, g.Actor.ID)
}

func (h *Handler) addTheme(c *call) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	t, err := h.Communities.AddTheme(c.r.Context(), c.member().ID, g.Actor.ID, worded(c))
	return themeOf(t), err
}

func worded(c *call) communities.Worded {
	return communities.Worded{Name: c.params.Get("name"), Description: c.params.Get("description")}
}

// changeTheme leaves what it is not told.
func (h *Handler) changeTheme(c *call) (any, error) {
	return h.actOnTheme(c, func(ctx context.Context, animator, community actors.ID, t communities.Theme) error {
		w := worded(c)
		if !c.params.Has("name") {
			w.Name = t.Name
		}
		if !c.params.Has("description") {
			w.Description = t.Description
		}
		return h.Communities.ChangeTheme(ctx, animator, community, t.ID, w)
	})
}

func (h *Handler) retireTheme(c *call) (any, error) {
	return h.actOnTheme(c, func(ctx context.Context, animator, community actors.ID, t communities.Theme) error {
		return h.Communities.RetireTheme(ctx, animator, community, t.ID)
	})
}

func (h *Handler) restoreTheme(c *call) (any, error) {
	return h.actOnTheme(c, func(ctx context.Context, animator, community actors.ID, t communities.Theme) error {
		return h.Communities.RestoreTheme(ctx, animator, community, t.ID)
	})
}

// actOnTheme does something to a theme, and gives it as it is then.
func (h *Handler) actOnTheme(c *call, do func(ctx context.Context, animator, community actors.ID, t communities.Theme) error) (any, error) {
	g, err := h.ours(c)
	if err != nil {
		return nil, err
	}
	ctx := c.r.Context()
	t, err := h.Communities.ThemeByID(ctx, h.DB, g.Actor.ID, c.path("theme"))
	if err != nil {
		return nil, err
	}
	if err := do(ctx, c.member().ID, g.Actor.ID, t); err != nil {
		return nil, err
	}
	t, err = h.Communities.ThemeByID(ctx, h.DB, g.Actor.ID, t.ID)
	return themeOf(t), err
}
