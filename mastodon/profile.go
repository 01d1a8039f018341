package mastodon

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
)

const (
	profilePath = "/api/v1/accounts/update_credentials"
	mostSaid    = 60 // fields of a form that changes a profile
)

func (h *Handler) profileWays() []way {
	return []way{
		{http.MethodPatch, profilePath, aMember, "write:accounts", h.updateProfile},
		{http.MethodDelete, "/api/v1/profile/avatar", aMember, "write:accounts", h.dropAvatar},
		{http.MethodDelete, "/api/v1/profile/header", aMember, "write:accounts", h.verifyAccount}, // there is none
	}
}

// updateProfile changes what the member says of themselves, and how they write; what the app does not
// name stays. That there is no header here, and that members are no robots, the answer shows.
func (h *Handler) updateProfile(c *call) (any, error) {
	picture, err := h.profileSent(c)
	if err == nil {
		err = h.changeProfile(c)
	}
	if err == nil && picture != nil {
		err = h.Accounts.SetPicture(c.r.Context(), c.member().ID, picture)
	}
	if err != nil {
		return nil, err
	}
	m, err := h.Accounts.ByID(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	c.access.Member = &m
	return h.verifyAccount(c)
}

// changeProfile tells others only if it names something that they see. All is changed, or nothing.
func (h *Handler) changeProfile(c *call) error {
	rows := c.rows("fields_attributes")
	_, cleared := c.params["fields_attributes"] // as an empty list
	seen := []string{"display_name", "note", "source[language]", "discoverable", "indexable", "locked"}
	habits := habitsIn(c)
	switch {
	case slices.ContainsFunc(seen, c.params.Has) || len(rows) > 0 || cleared:
	case habits == c.member().Habits:
		return nil
	default:
		return h.Accounts.SetHabits(c.r.Context(), c.member().ID, habits)
	}
	a, err := h.Directory.ByID(c.r.Context(), c.member().ID)
	if err != nil {
		return err
	}
	p := accounts.Profile{Title: a.Title, Source: a.Source, Change: &accounts.Openness{Discoverable: a.Discoverable, Indexable: a.Indexable},
		Approves: &a.Approves, Habits: &habits}
	for name, field := range map[string]*string{"display_name": &p.Title, "note": &p.Source, "source[language]": &p.Language} {
		if c.params.Has(name) {
			*field = c.params.Get(name)
		}
	}
	if c.params.Has("note") {
		p.Source = asTyped(p.Source)
	}
	for name, field := range map[string]*bool{"discoverable": &p.Change.Discoverable, "indexable": &p.Change.Indexable, "locked": p.Approves} {
		if c.params.Has(name) {
			*field = c.yes(name)
		}
	}
	if len(rows) > 0 || cleared {
		p.Fields = []actors.Field{}
	}
	for _, row := range rows {
		p.Fields = append(p.Fields, actors.Field{Name: row["name"], Value: row["value"]})
	}
	_, err = h.Accounts.UpdateProfile(c.r.Context(), c.member().ID, p)
	return err
}

// habitsIn are how the member writes from now on.
func habitsIn(c *call) accounts.Habits {
	to := c.member().Habits
	for name, habit := range map[string]*string{"source[privacy]": &to.Visibility, "source[quote_policy]": &to.Quotable} {
		if c.params.Get(name) != "" {
			*habit = c.params.Get(name)
		}
	}
	if c.params.Has("source[sensitive]") {
		to.Sensitive = c.yes("source[sensitive]")
	}
	return to
}

func (h *Handler) dropAvatar(c *call) (any, error) {
	if err := h.Accounts.SetPicture(c.r.Context(), c.member().ID, nil); err != nil {
		return nil, err
	}
	return h.verifyAccount(c)
}

// profileSent reads a form that may hold a picture, nil for none; of any other all is read already.
func (h *Handler) profileSent(c *call) (picture *media.Portrait, err error) {
	if !withParts(c.r) {
		return nil, nil // no picture came, which is no error
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, largestBody+2*h.Media.Files.Size) // and a header, passed over
	if err := media.Patient(c.w); err != nil {
		return nil, err
	}
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, unread(err)
	}
	body, left := url.Values{}, int64(largestBody)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			lay(c.params, body)
			return picture, nil
		case err != nil:
			return nil, unread(err)
		case n == mostSaid || len(part.FormName()) > longestField:
			return nil, errForm
		case part.FormName() == "avatar" && part.FileName() != "":
			picture, err = h.portrayed(c, part.FileName(), part)
		case part.FileName() != "":
			_, err = io.Copy(io.Discard, part)
			err = unread(err)
		default:
			var value []byte
			value, err = io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value)); left < 0 {
				return nil, fault.New(fault.TooLarge, "This is more than a request can take.")
			}
			body.Add(part.FormName(), string(value))
			err = unread(err)
		}
		if err != nil {
			return nil, err
		}
	}
}

// portrayed makes the member's portrait of a file, which is not kept.
func (h *Handler) portrayed(c *call, name string, from io.Reader) (*media.Portrait, error) {
	f, err := h.Media.Take(c.r.Context(), c.member().ID, strings.ToValidUTF8(name, ""), from)
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			err = unread(large)
		}
		return nil, err
	}
	defer h.takeBack(c, f)
	p, err := h.Media.Portray(c.r.Context(), f)
	return &p, err
}
