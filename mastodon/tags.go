package mastodon

import (
	"strconv"
	"time"

	"passerelles/reading"
	"passerelles/text"
	"passerelles/timelines"
)

func (h *Handler) tagWays() []way {
	return []way{
		{"GET", "/api/v1/markers", aMember, "read:statuses", h.markers},
		{"POST", "/api/v1/markers", aMember, "write:statuses", h.setMarkers},
		{"GET", "/api/v1/tags/{tag}", anybody, "", h.oneTag},
		{"POST", "/api/v1/tags/{tag}/follow", aMember, "write:follows", h.followTag},
		{"POST", "/api/v1/tags/{tag}/unfollow", aMember, "write:follows", h.unfollowTag},
		{"GET", "/api/v1/followed_tags", aMember, "read:follows", h.followedTags},
		{"GET", "/api/v1/featured_tags", aMember, "read:accounts", nothing},
		{"GET", "/api/v1/trends", anybody, "", h.trendingTags},
		{"GET", "/api/v1/trends/tags", anybody, "", h.trendingTags},
		{"GET", "/api/v1/trends/statuses", anybody, "", h.talked},
		{"GET", "/api/v1/trends/links", anybody, "", nothing},
	}
}

type tag struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// tagWithUse is a hashtag by itself, with how often it was used.
type tagWithUse struct {
	tag
	History   []use `json:"history"`
	Following *bool `json:"following,omitempty"`
}

type use struct {
	Day      string `json:"day"` // its first second, since 1970
	Uses     string `json:"uses"`
	Accounts string `json:"accounts"`
}

func (h *Handler) tagOf(name string) tag {
	folded := text.FoldHashtag(name)
	return tag{folded, name, h.IRIs.Tag(folded)}
}

// used gives a hashtag the history of the last seven days, a day without use too.
func (h *Handler) used(name string, uses []timelines.Use) tagWithUse {
	v := tagWithUse{tag: h.tagOf(name), History: []use{}}
	byDay := map[int64]timelines.Use{}
	for _, u := range uses {
		byDay[u.Day.Unix()] = u
	}
	today := h.Now().UTC().Truncate(24 * time.Hour)
	for back := range 7 {
		day := today.AddDate(0, 0, -back).Unix()
		u := byDay[day]
		v.History = append(v.History, use{strconv.FormatInt(day, 10), strconv.Itoa(u.Posts), strconv.Itoa(u.Users)})
	}
	return v
}

// tagNamed is a hashtag with whether the member follows it.
func (h *Handler) tagNamed(c *call, name string) (tagWithUse, error) {
	uses, err := h.Timelines.Uses(c.r.Context(), name, h.Now())
	if err != nil {
		return tagWithUse{}, err
	}
	v := h.used(name, uses)
	if c.member() == nil {
		return v, nil
	}
	all, err := h.Reading.FollowedTags(c.r.Context(), c.member().ID)
	following := false
	for _, t := range all {
		following = following || t.Folded == v.ID
	}
	v.Following = &following
	return v, err
}

func (h *Handler) oneTag(c *call) (any, error) { return h.tagNamed(c, pathVar(c.r, "tag")) }

func (h *Handler) followTag(c *call) (any, error) {
	if err := h.Reading.FollowTag(c.r.Context(), c.member().ID, pathVar(c.r, "tag")); err != nil {
		return nil, err
	}
	return h.oneTag(c)
}

func (h *Handler) unfollowTag(c *call) (any, error) {
	if err := h.Reading.UnfollowTag(c.r.Context(), c.member().ID, pathVar(c.r, "tag")); err != nil {
		return nil, err
	}
	return h.oneTag(c)
}

func (h *Handler) followedTags(c *call) (any, error) {
	all, err := h.Reading.FollowedTags(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	shown, yes := make([]tagWithUse, 0, len(all)), true
	for _, t := range all {
		v := h.used(t.Name, nil)
		v.Following = &yes
		shown = append(shown, v)
	}
	return shown, nil
}

// trendingTags are those that most people wrote lately in what everybody may read.
func (h *Handler) trendingTags(c *call) (any, error) {
	uses, err := h.Timelines.Trends(c.r.Context(), h.Now(), c.limit(10, 20), int(min(c.number("offset"), 1000)))
	if err != nil {
		return nil, err
	}
	shown := []tagWithUse{}
	for len(uses) > 0 {
		n := 1
		for n < len(uses) && uses[n].Tag == uses[0].Tag {
			n++
		}
		shown, uses = append(shown, h.used(uses[0].Name, uses[:n])), uses[n:]
	}
	return shown, nil
}

// talked are the threads of communities that are answered and liked most.
func (h *Handler) talked(c *call) (any, error) {
	all, err := h.Timelines.Talked(c.r.Context(), c.reader(), h.Now(), c.limit(20, 40), int(min(c.number("offset"), 1000)))
	if err != nil {
		return nil, err
	}
	return h.statuses(c, all)
}

type marker struct {
	Last    string `json:"last_read_id"`
	Version int    `json:"version"`
	At      string `json:"updated_at"`
}

func markersOf(all ...reading.Mark) map[string]marker {
	shown := map[string]marker{}
	for _, m := range all {
		shown[m.Timeline] = marker{id(m.Last), m.Version, stamp(m.At)}
	}
	return shown
}

func (h *Handler) markers(c *call) (any, error) {
	all, err := h.Reading.Marks(c.r.Context(), c.member().ID, c.params["timeline"])
	return markersOf(all...), err
}

// setMarkers keeps how far the member has read; notices up to there are read on the site too.
func (h *Handler) setMarkers(c *call) (any, error) {
	var set []reading.Mark
	for _, timeline := range []string{reading.Home, reading.Notifications} {
		last := c.number(timeline + "[last_read_id]")
		if last == 0 {
			continue
		}
		m, err := h.Reading.SetMark(c.r.Context(), c.member().ID, timeline, last)
		if err != nil {
			return nil, err
		}
		if timeline == reading.Notifications {
			if err := h.Notices.ReadAll(c.r.Context(), c.member().ID, last); err != nil {
				return nil, err
			}
		}
		set = append(set, m)
	}
	return markersOf(set...), nil
}
