package moderation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/text"
)

// Bounds of reports.
const (
	longestReason = 5_000 // characters
	mostAbout     = 50
	mostADay      = 20   // by one member
	mostWaiting   = 1000 // of one other server: what it reports beyond is passed over
)

// Report is what somebody says is wrong.
type Report struct {
	ID        int64
	IRI       string // of the Flag
	By        actors.ID
	About     []string // IRIs of posts and people
	Reason    string
	At        time.Time
	Community actors.ID // of ours, whose animators are asked; 0: none
	ToServer  bool      // the administrators are asked
	Person    actors.ID // about whom it is; 0: nobody known
	Forwarded bool      // to another server too
	SettledAt *time.Time
	SettledBy actors.ID // 0: from the command line
	Answer    string
}

// Complaint is what a member reports: a post, or a person.
type Complaint struct {
	By         actors.ID
	Post       int64     // 0: a person
	Person     actors.ID // where Post is 0
	Words      string
	Animators  bool // those of the post's community, of ours, are asked
	Forwarding bool // another server is told too, not who complains
}

// Report keeps what a member reports, for the animators of a community or the administrators.
func (s *Service) Report(ctx context.Context, c Complaint) (Report, error) {
	c.Words = strings.TrimSpace(c.Words)
	switch {
	case c.Words == "":
		return Report{}, fault.New(fault.Invalid, "Say in a few words what is wrong.")
	case utf8.RuneCountInString(c.Words) > longestReason:
		return Report{}, fault.New(fault.TooLarge, "A report may have 5,000 characters.")
	}
	r, person, err := s.aboutWhat(ctx, c)
	if err != nil {
		return r, err
	}
	err = s.DB.Write(ctx, func(tx storage.Tx) (err error) {
		r, err = s.keep(ctx, tx, r)
		if err == nil && r.Forwarded {
			err = s.forward(ctx, tx, r, person)
		}
		return err
	})
	if err == nil {
		s.Poke()
	}
	return r, err
}

// aboutWhat makes the report of a complaint. Who animates a community does not judge alone
// what is said of them: the administrators are asked too.
func (s *Service) aboutWhat(ctx context.Context, c Complaint) (r Report, person actors.Actor, err error) {
	r = Report{IRI: s.IRIs.NewActivity(), By: c.By, Reason: c.Words, At: s.Now().UTC().Truncate(time.Microsecond), ToServer: true}
	if c.Post != 0 {
		p, err := s.Posts.ByID(ctx, access.Reader{ID: c.By}, c.Post)
		if err != nil {
			return r, person, err
		}
		person, r.About = p.Author, []string{p.Author.IRI, p.IRI}
		if p.Community != nil && p.Community.Local() && c.Animators {
			r.Community = p.Community.ID
			if r.ToServer, err = s.Communities.IsAnimator(ctx, s.DB, r.Community, person.ID); err != nil {
				return r, person, err
			}
		}
	} else {
		if person, err = s.Directory.ByID(ctx, c.Person); err != nil {
			return r, person, err
		}
		r.About = []string{person.IRI}
	}
	if person.ID == c.By {
		return r, person, fault.New(fault.Invalid, "Nobody reports themselves.")
	}
	r.Person, r.Forwarded = person.ID, c.Forwarding && !person.Local()
	return r, person, nil
}

func (s *Service) keep(ctx context.Context, tx storage.Tx, r Report) (Report, error) {
	reported, today, err := reportedBefore(ctx, tx, r, s.Now().Add(-24*time.Hour))
	switch {
	case err != nil:
		return r, err
	case reported:
		return r, fault.New(fault.Conflict, "You have reported this already: it waits to be settled.")
	case today >= mostADay:
		return r, fault.New(fault.TooMany, "You have reported much today: come back tomorrow.")
	}
	if _, err := s.Posts.KeepWords(ctx, tx, r.About, r.At); err != nil {
		return r, err
	}
	if r.ID, err = insertReport(ctx, tx, r); err != nil {
		return r, err
	}
	return r, s.tellReport(ctx, tx, r)
}

// forward tells the server of the person, as this server: who complains is not named.
func (s *Service) forward(ctx context.Context, tx storage.Tx, r Report, person actors.Actor) error {
	server, err := s.Directory.Application(ctx)
	if err != nil {
		return err
	}
	flag := vocab.Activity{ID: r.IRI, Type: "Flag", Actor: server.IRI, Content: r.Reason, To: []string{person.IRI}, Published: r.At}
	for _, iri := range r.About {
		flag.Objects = append(flag.Objects, vocab.Link(iri))
	}
	body, err := flag.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{person.ID}}, outbox.Activity{IRI: r.IRI, Type: flag.Type,
		Object: r.About[len(r.About)-1], Actor: server.ID, Body: body, Thread: int64(person.ID), Published: r.At})
}

// ReceiveReport keeps a report from elsewhere, once, for those who settle it. It is passed on
// to nobody else: it tells who complained.
func (s *Service) ReceiveReport(ctx context.Context, tx storage.Tx, r Report) error {
	r.Reason = text.Excerpt(r.Reason, longestReason)
	r.About = r.About[:min(len(r.About), mostAbout)]
	many, err := hasWaiting(ctx, tx, r.By, mostWaiting)
	if err != nil || many {
		return err
	}
	words, err := s.Posts.KeepWords(ctx, tx, r.About, r.At)
	if err != nil {
		return err
	}
	r.ToServer = true
	if r.Community, r.Person, err = s.concerned(ctx, tx, r.About, words); err != nil {
		return err
	}
	if r.ID, err = insertReport(ctx, tx, r); err != nil || r.ID == 0 { // it came before
		return err
	}
	return s.tellReport(ctx, tx, r)
}

// concerned finds the community of ours in which the posts are, and whose they are.
func (s *Service) concerned(ctx context.Context, tx storage.Tx, about []string, words []posts.Words) (community, person actors.ID, err error) {
	for _, w := range words {
		if person == 0 {
			person = w.Author
		}
		if community != 0 || w.Community == 0 {
			continue
		}
		group, err := s.Directory.ByID(ctx, w.Community)
		if err != nil && !fault.Is(err, fault.Gone) {
			return 0, 0, err
		}
		if err == nil && group.Local() {
			community = group.ID
		}
	}
	if person != 0 {
		return community, person, nil
	}
	for _, iri := range about {
		a, err := s.Directory.ByIRI(ctx, iri)
		if err == nil {
			return community, a.ID, nil
		}
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone) {
			return 0, 0, err
		}
	}
	return community, 0, nil
}

// ReportsBy gives what somebody reported, the latest first, 100 at most.
func (s *Service) ReportsBy(ctx context.Context, by actors.ID) ([]Report, error) {
	return reportsBy(ctx, s.DB, by)
}
