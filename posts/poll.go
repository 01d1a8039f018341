package posts

import (
	"context"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/storage"
	"passerelles/text"
)

// Poll is what a post asks, as one reader sees it.
type Poll struct {
	Multiple   bool
	HideTotals bool // until it is over
	Options    []PollOption
	Voters     int
	EndsAt     *time.Time
	Over       bool
	Chosen     []int // by the reader, from 0
}

// PollOption is one answer and how many chose it.
type PollOption struct {
	Name  string
	Votes int
}

// Hidden says whether nobody is to know the counts yet.
func (p Poll) Hidden() bool { return p.HideTotals && !p.Over }

// Has says whether the reader chose an option, counted from 0.
func (p Poll) Has(option int) bool { return slices.Contains(p.Chosen, option) }

// Votes are all that were given.
func (p Poll) Votes() (n int) {
	for _, o := range p.Options {
		n += o.Votes
	}
	return n
}

// Asking is a poll as its author asks it.
type Asking struct {
	Options    []string
	Multiple   bool
	HideTotals bool
	For        time.Duration
}

// Bounds of a poll of ours.
const (
	MostOptions   = 8
	LongestOption = 100 // characters
	ShortestPoll  = 5 * time.Minute
	LongestPoll   = 31 * 24 * time.Hour
)

// check refuses what cannot be asked; nil is no poll.
func (a *Asking) check() (*Asking, error) {
	if a == nil {
		return nil, nil
	}
	asked := *a
	asked.Options = nil
	for _, o := range a.Options {
		if o = text.OneLine(o); o != "" && !slices.ContainsFunc(asked.Options, func(other string) bool { return strings.EqualFold(o, other) }) {
			asked.Options = append(asked.Options, o)
		}
	}
	switch {
	case len(asked.Options) < 2:
		return nil, fault.New(fault.Invalid, "A poll has two different answers at least.")
	case len(asked.Options) > MostOptions:
		return nil, fault.New(fault.Invalid, "A poll has eight answers at most.")
	case slices.ContainsFunc(asked.Options, func(o string) bool { return utf8.RuneCountInString(o) > LongestOption }):
		return nil, fault.New(fault.Invalid, "An answer of a poll may have 100 characters.")
	case asked.For < ShortestPoll || asked.For > LongestPoll:
		return nil, fault.New(fault.Invalid, "A poll lasts from five minutes to 31 days.")
	}
	return &asked, nil
}

// poll is what is asked from a time on; nil is none.
func (a *Asking) poll(at time.Time) *Poll {
	if a == nil {
		return nil
	}
	ends := at.Add(a.For)
	p := &Poll{Multiple: a.Multiple, HideTotals: a.HideTotals, EndsAt: &ends}
	for _, o := range a.Options {
		p.Options = append(p.Options, PollOption{Name: o})
	}
	return p
}

// ask writes the poll of a new post of ours.
func (s *Service) ask(ctx context.Context, tx storage.Tx, p Post) error {
	if p.Poll == nil {
		return nil
	}
	if _, err := upsertPoll(ctx, tx, p.ID, *p.Poll); err != nil {
		return err
	}
	return jobs.Add(ctx, tx, pollEndKind, keyOf(p.ID), nil, *p.Poll.EndsAt)
}

// asks makes of the Note of a post of ours the Question that it is.
func asks(p Post, n *vocab.Note) {
	if p.Poll == nil || !p.Local {
		return
	}
	n.Type = "Question"
	n.Poll = &vocab.Poll{Multiple: p.Poll.Multiple, Voters: p.Poll.Voters}
	if p.Poll.Hidden() {
		n.Poll.Voters = 0
	}
	for _, o := range p.Poll.Options {
		if p.Poll.Hidden() {
			o.Votes = 0
		}
		n.Poll.Options = append(n.Poll.Options, vocab.PollOption{Name: o.Name, Votes: o.Votes})
	}
	if p.Poll.EndsAt != nil {
		n.EndTime = *p.Poll.EndsAt
		if p.Poll.Over {
			n.Poll.ClosedAt = n.EndTime
		}
	}
}

// Bounds of a poll of others.
const (
	mostOptions   = 50
	longestOption = 200 // characters
	mostVotes     = 1 << 30
)

// pollOf cleans what a Question asks; nil if it asks nothing.
func pollOf(n vocab.Note) *Poll {
	if n.Poll == nil || len(n.Poll.Options) == 0 {
		return nil
	}
	p := &Poll{Multiple: n.Poll.Multiple, Voters: votes(n.Poll.Voters)}
	for _, o := range n.Poll.Options[:min(len(n.Poll.Options), mostOptions)] {
		name := text.Excerpt(html.EscapeString(o.Name), longestOption)
		p.Options = append(p.Options, PollOption{Name: name, Votes: votes(o.Votes)})
	}
	for _, at := range []time.Time{n.Poll.ClosedAt, n.EndTime} {
		if p.EndsAt == nil && !at.IsZero() {
			p.EndsAt = &at
		}
	}
	return p
}

func votes(n int) int { return min(max(n, 0), mostVotes) }

// receivePoll keeps how many chose what; counted tells whether that is new.
func (s *Service) receivePoll(ctx context.Context, tx storage.Tx, post int64, n vocab.Note) (counted bool, err error) {
	p := pollOf(n)
	if p == nil {
		return false, nil
	}
	return upsertPoll(ctx, tx, post, *p)
}
