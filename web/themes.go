package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
)

type themesPage struct {
	Community communities.Community
	Themes    []communities.Theme
	Retired   []communities.Theme
	Typed     communities.Worded // of a new one
	Error     string             // what was wrong with that
	Wrong     int64              // or with this theme
}

// themes shows those who animate what a community sorts its threads by.
func (h *Handler) themes(v *visit) error {
	body, err := h.themesPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "themes", page{Title: "themes.title", Hidden: true, Body: body})
}

func (h *Handler) themesPage(v *visit) (body themesPage, err error) {
	form, err := h.managed(v)
	if err != nil {
		return body, err
	}
	body.Community = form.Community
	all, err := h.Communities.AllThemes(v.r.Context(), h.DB, form.Community.Actor.ID)
	for _, t := range all {
		if t.Retired {
			body.Retired = append(body.Retired, t)
		} else {
			body.Themes = append(body.Themes, t)
		}
	}
	return body, err
}

// changeThemes changes one of them, or adds one.
func (h *Handler) changeThemes(v *visit) error {
	body, err := h.themesPage(v)
	if err != nil {
		return err
	}
	worded := communities.Worded{Name: v.r.PostFormValue("name"), Description: v.r.PostFormValue("description")}
	id, _ := strconv.ParseInt(v.r.PostFormValue("theme"), 10, 64) // anything else is none of them
	if err := h.changeTheme(v, body.Community.Actor.ID, id, worded); err != nil {
		if body.Wrong = id; id == 0 {
			body.Typed = worded
		}
		return h.formAgain(v, err, &body.Error, "themes", page{Title: "themes.title", Hidden: true, Body: &body})
	}
	return h.done(v, "done.themes", actorPath(body.Community.Actor)+"/themes")
}

func (h *Handler) changeTheme(v *visit, community actors.ID, id int64, worded communities.Worded) (err error) {
	ctx, who := v.r.Context(), v.member.ID
	switch v.r.PostFormValue("act") {
	case "add":
		_, err = h.Communities.AddTheme(ctx, who, community, worded)
	case "change":
		err = h.Communities.ChangeTheme(ctx, who, community, id, worded)
	case "retire":
		err = h.Communities.RetireTheme(ctx, who, community, id)
	case "restore":
		err = h.Communities.RestoreTheme(ctx, who, community, id)
	case "up", "down":
		t, found := h.Communities.ThemeByID(ctx, h.DB, community, id)
		if found != nil {
			return found
		}
		err = h.Communities.MoveTheme(ctx, who, community, id, t.Place+map[string]int{"up": -1, "down": 1}[v.r.PostFormValue("act")])
	default:
		err = fault.New(fault.Invalid, "This is not done to themes.")
	}
	return err
}

// themeAsked finds the theme by which the page of a community is asked for; nil for none.
func (h *Handler) themeAsked(v *visit, community actors.ID) (*communities.Theme, error) {
	asked := v.r.URL.Query().Get("theme")
	if asked == "" {
		return nil, nil // no theme, and no error either: all is shown
	}
	id, err := number(asked)
	if err != nil {
		return nil, err
	}
	t, err := h.Communities.ThemeByID(v.r.Context(), h.DB, community, id)
	if fault.Is(err, fault.NotFound) {
		err = nothingHere()
	}
	return &t, err
}

// offerThemes lets a thread's themes be chosen in the form, among those of its community.
func (h *Handler) offerThemes(v *visit, form *composer) error {
	if form.Reply || form.Community == nil {
		return nil
	}
	all, err := h.Communities.AllThemes(v.r.Context(), h.DB, form.Community.ID)
	for _, t := range all {
		has := form.changed != nil && slices.ContainsFunc(form.changed.Themes, func(p posts.Theme) bool { return p.ID == t.ID })
		ruled := has && slices.ContainsFunc(form.changed.Themes, func(p posts.Theme) bool { return p.ID == t.ID && p.Ruled })
		switch {
		case ruled:
			form.Ruled = append(form.Ruled, t.Name)
		case has || !t.Retired:
			form.Themes = append(form.Themes, t)
		}
	}
	return err
}

// themesTyped are those that a form names; nil where it offered none.
func themesTyped(v *visit) []int64 {
	if v.r.PostFormValue("themed") == "" {
		return nil
	}
	ids := []int64{}
	for _, typed := range v.r.PostForm["theme"] {
		id, _ := strconv.ParseInt(typed, 10, 64) // anything else is none of them, which is said
		ids = append(ids, id)
	}
	return ids
}

// idsOf are the themes of a post, for its form.
func idsOf(all []posts.Theme) []int64 {
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	return ids
}

// ruleThemes has who animates choose the themes of a thread.
func (h *Handler) ruleThemes(v *visit, p posts.Post) error {
	if err := h.Posts.SetThemes(v.r.Context(), v.member.ID, p.ID, themesTyped(v), v.r.PostFormValue("why")); err != nil {
		body, failed := h.rulePage(v, p)
		return cmp.Or(failed, h.formAgain(v, err, &body.Wrong, "rule", page{Title: "rule.title", Hidden: true, Body: &body}))
	}
	return h.done(v, "done.ruled", place(p))
}

// themePath is the page of a community's threads under a theme.
func themePath(community *actors.Actor, id int64) string {
	return fmt.Sprintf("%s?theme=%d", actorPath(*community), id)
}
