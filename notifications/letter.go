package notifications

import (
	"context"
	"errors"
	"strconv"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/text"
)

const (
	noticeMail    = "notice" // kind of the mail about a notice
	longestQuoted = 600      // characters of a post that a mail holds
)

// noticeLetter writes the mail about a notice. It names nothing that is not for everybody: it
// passes through hands that nobody here knows. What was read on the site, taken back, or may
// not be known any more is not told.
func (s *Service) noticeLetter(ctx context.Context, id string) (Mail, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return Mail{}, jobs.Abandon(err)
	}
	n, to, err := letterOf(ctx, s.DB, number)
	if fault.Is(err, fault.NotFound) || err == nil && n.ReadAt != nil {
		return Mail{}, ErrSettled
	}
	if err != nil {
		return Mail{}, err
	}
	if n, err = noticeFor(ctx, s.DB, n.Reader, number); fault.Is(err, fault.NotFound) {
		return Mail{}, ErrSettled
	}
	if err != nil {
		return Mail{}, err
	}
	takes, err := takers(ctx, s.DB, listOf[n.Kind], n.Community, []actors.ID{n.Reader})
	if err != nil || len(takes) == 0 || takes[0].how(listOf[n.Kind]) != ByMail { // suspended, or chosen otherwise since
		return Mail{}, errors.Join(err, ErrSettled)
	}
	values, err := s.sayable(ctx, n)
	if err != nil {
		return Mail{}, err
	}
	values["Link"] = s.Origin + "/notifications/" + id
	end := s.Origin + "/unsubscribe/" + s.endOf(n.Reader, Choice{List: listOf[n.Kind], Community: n.Community})
	values["End"] = end
	return Mail{To: to.Email, Language: to.Language, Text: "notice." + n.Kind, Values: values, End: end}, nil
}

// sayable gives the names and the words of a notice that may stand in a mail: those that
// everybody may read.
func (s *Service) sayable(ctx context.Context, n Notice) (map[string]any, error) {
	about, err := aboutOf(ctx, s.DB, n)
	if err != nil {
		return nil, err
	}
	values := map[string]any{"Community": "", "Who": "", "Title": "", "Quoted": ""}
	if n.Community != 0 {
		known, err := access.Knows(ctx, s.DB, access.Reader{}, actors.Actor{ID: n.Community, Kind: actors.Group})
		if err != nil {
			return nil, err
		}
		if known {
			values["Community"] = text.OneLine(about.Community)
		}
	}
	if n.Post == 0 {
		return values, nil
	}
	it := access.Item{Post: n.Post, Author: about.Author, Community: n.Community, Scope: about.Scope}
	public, err := access.CanSee(ctx, s.DB, access.Reader{}, it)
	if err != nil || !public {
		return values, err
	}
	values["Who"], values["Title"] = text.OneLine(about.Who), text.OneLine(about.Title)
	if about.Warning == "" {
		values["Quoted"] = text.Excerpt(about.Content, longestQuoted)
	}
	return values, nil
}
