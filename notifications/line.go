package notifications

import (
	"context"
	"fmt"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/text"
)

// Line is a notice in one line, for who is told outside the site.
type Line struct {
	Reader, By  actors.ID
	Kind        string
	At          time.Time
	Language    string
	Title, Body string // Body may be empty
}

// Line words a notice as the mail about it would be worded, with no more in it: it passes through hands
// that nobody here knows. ErrSettled: it was read, or may not be known any more.
func (s *Service) Line(ctx context.Context, id int64) (Line, error) {
	n, to, err := letterOf(ctx, s.DB, id)
	if fault.Is(err, fault.NotFound) || err == nil && n.ReadAt != nil {
		return Line{}, ErrSettled
	}
	if err != nil {
		return Line{}, err
	}
	if n, err = noticeFor(ctx, s.DB, n.Reader, id); fault.Is(err, fault.NotFound) {
		return Line{}, ErrSettled
	}
	if err != nil {
		return Line{}, err
	}
	values, err := s.sayable(ctx, n)
	if err != nil {
		return Line{}, err
	}
	values["Site"], values["Origin"], values["Link"] = s.Site, s.Origin, ""
	l := Line{Reader: n.Reader, By: n.By, Kind: n.Kind, At: n.At, Language: text.Spoken(to.Language), Body: fmt.Sprint(values["Quoted"])}
	said, err := s.words.Say(l.Language, "notice."+n.Kind+".subject", values)
	l.Title = text.OneLine(said)
	return l, err
}
