package mastodon

import (
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/media"
)

// Entities are written as https://docs.joinmastodon.org/entities/ describes them.

// stamp writes a time as every client reads it: in UTC, with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

type account struct {
	ID             string   `json:"id"`
	Username       string   `json:"username"`
	Acct           string   `json:"acct"` // name@host; of ours the name alone
	DisplayName    string   `json:"display_name"`
	Locked         bool     `json:"locked"`
	Bot            bool     `json:"bot"`
	Discoverable   bool     `json:"discoverable"`
	Indexable      bool     `json:"indexable"`
	Group          bool     `json:"group"`
	CreatedAt      string   `json:"created_at"`
	Note           string   `json:"note"`
	URL            string   `json:"url"`
	URI            string   `json:"uri"`
	Avatar         string   `json:"avatar"`
	AvatarStatic   string   `json:"avatar_static"`
	Header         string   `json:"header"`
	HeaderStatic   string   `json:"header_static"`
	Followers      int      `json:"followers_count"`
	Following      int      `json:"following_count"`
	Statuses       int      `json:"statuses_count"`
	LastStatusAt   *string  `json:"last_status_at"`
	HideCollection *bool    `json:"hide_collections"`
	Emojis         []string `json:"emojis"`
	Fields         []field  `json:"fields"`
	Roles          []string `json:"roles"`

	Source *accountSource `json:"source,omitempty"`
	Role   *role          `json:"role,omitempty"`
}

type field struct {
	Name       string  `json:"name"`
	Value      string  `json:"value"`
	VerifiedAt *string `json:"verified_at"`
}

type accountSource struct {
	Privacy        string  `json:"privacy"`
	Sensitive      bool    `json:"sensitive"`
	Language       string  `json:"language"`
	Note           string  `json:"note"`
	Fields         []field `json:"fields"`
	FollowRequests int     `json:"follow_requests_count"`
	Quotable       string  `json:"quote_policy"`
}

type role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
	Color       string `json:"color"`
	Highlighted bool   `json:"highlighted"`
}

func acct(a actors.Actor) string { return a.Handle()[1:] }

// accountOf is somebody without counts, which lists of posts do not show.
func (h *Handler) accountOf(a actors.Actor) account {
	v := account{ID: id(a.ID), Username: a.Name, Acct: acct(a), DisplayName: a.DisplayName(), Locked: a.Approves || a.Access.Closed(),
		Bot: a.Kind == actors.Service || a.Kind == actors.Application, Discoverable: a.Discoverable, Indexable: a.Indexable,
		Group: a.Kind == actors.Group, CreatedAt: stamp(a.Published), Note: a.Summary, URL: a.URL, URI: a.IRI,
		Emojis: []string{}, Fields: fieldRows(a.Lines()), Roles: []string{}}
	if v.URL == "" {
		v.URL = a.IRI
	}
	v.Avatar = h.avatar(a)
	v.Header = v.Avatar
	if a.Banner != "" && !a.Local() {
		v.Header = h.IRIs.Origin + h.Media.Address(media.Ref{Kind: media.Banner, Owner: int64(a.ID)}, a.Banner)
	}
	v.AvatarStatic, v.HeaderStatic = v.Avatar, v.Header
	return v
}

// accountIn is accountOf, made once for a list in which somebody stands often.
func (h *Handler) accountIn(c *call, a actors.Actor) account {
	v, made := c.accounts[a.ID]
	if !made {
		v = h.accountOf(a)
		if c.accounts == nil {
			c.accounts = map[actors.ID]account{}
		}
		c.accounts[a.ID] = v
	}
	return v
}

// avatar is never empty, since apps show it without asking.
func (h *Handler) avatar(a actors.Actor) string {
	switch {
	case a.Local() && a.Icon != "":
		return a.Icon
	case a.Icon != "":
		return h.IRIs.Origin + h.Media.Address(media.Ref{Kind: media.Avatar, Owner: int64(a.ID)}, a.Icon)
	}
	return h.IRIs.Origin + avatarPath
}
