// Package notifications tells members what concerns them, on the site and by e-mail.
//
// Tell notes it in the transaction in which it happens, and Posted has a job find out whom a
// post concerns. A notice holds no words: what it says is looked up, and asked whether it may
// still be known, each time it is read (For) or written about (noticeLetter).
//
// A mail is a row of jobs, put in the transaction of what it tells of (Add). What it
// says is asked of its writer when it leaves (Write): no secret lies in the queue,
// and what has been settled meanwhile is not told any more. A Mailer carries it by
// SMTP; on a server that is only tried out it is caught, for a page to show.
package notifications

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"passerelles/jobs"
	"passerelles/storage"
	"passerelles/text"
)

const jobKind = "mail"

// Mail is what its writer says: to whom, in which language, and which text with
// what in it. The texts <Text>.subject and <Text>.body stand in texts.
type Mail struct {
	To       string // an address
	Language string // fr or en
	Text     string
	Values   map[string]any // what the text names; Site and Origin are there anyway
	End      string         // address that ends such mails (RFC 8058); "": they are not to be ended
}

// ErrSettled is a writer's answer when nothing is to be told any more.
var ErrSettled = errors.New("there is nothing to tell any more")

// Writer writes the mail about the thing with an id.
type Writer func(ctx context.Context, id string) (Mail, error)

// Options say how mails leave.
type Options struct {
	DB     *storage.DB
	SMTP   SMTP // without an address none leaves
	Catch  bool // without SMTP, keep them here to be looked at
	Site   string
	Origin string
	Key    []byte           // signs the links that end mails
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: nothing is logged
	Poke   func()           // nil: nobody

	// Also is told of each notice, in its transaction; nil: nobody.
	Also func(ctx context.Context, tx storage.Tx, n Notice) error
}

// Service sends mails.
type Service struct {
	Options
	mailer  *mailer
	words   *text.Words
	writers map[string]Writer

	newcomers *newcomers
}

// NewService builds the service.
func NewService(o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Poke == nil {
		o.Poke = func() {}
	}
	s := &Service{Options: o, writers: map[string]Writer{}, newcomers: newNewcomers()}
	s.Write(noticeMail, s.noticeLetter)
	var err error
	if s.words, err = text.ReadWords(texts, "texts"); err != nil {
		return nil, err
	}
	if o.SMTP.Address != "" {
		s.mailer, err = newMailer(o.SMTP)
	}
	return s, err
}

// Sends says whether a mail reaches anybody, be it only the page of those caught.
func (s *Service) Sends() bool { return s.mailer != nil || s.Catch }

// Catches says whether mails stay here.
func (s *Service) Catches() bool { return s.mailer == nil && s.Catch }

// Write says who writes the mails of a kind, before the engine runs.
func (s *Service) Write(kind string, w Writer) { s.writers[kind] = w }

// Register has the engine send, and tell of posts.
func (s *Service) Register(e *jobs.Engine) {
	e.Handle(jobKind, s.send)
	e.Handle(postedKind, s.tellPosted)
}

// Add queues the mail of a kind about the thing with an id, in the caller's
// transaction; one waits per kind and id. Poke after the commit.
func (s *Service) Add(ctx context.Context, tx storage.Querier, kind, id string) error {
	return jobs.Add(ctx, tx, jobKind, kind+" "+id, nil, s.Now())
}

// send is asked again after an error, unless it is known to help nothing.
func (s *Service) send(ctx context.Context, j jobs.Job) error {
	kind, id, _ := strings.Cut(j.Key, " ")
	write := s.writers[kind]
	if write == nil {
		return jobs.Abandon(fmt.Errorf("nobody writes mails of the kind %q", kind))
	}
	m, err := write(ctx, id)
	if errors.Is(err, ErrSettled) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the mail %s: %w", j.Key, err)
	}
	said, err := s.compose(m, fmt.Sprintf("%d.%s", j.ID, kind))
	if err != nil {
		return jobs.Abandon(err)
	}
	if s.mailer != nil {
		return s.mailer.carry(ctx, said)
	}
	if !s.Catch {
		return jobs.Abandon(errors.New("no SMTP server is set, so that no mail leaves"))
	}
	return s.catch(ctx, said)
}
