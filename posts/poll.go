package posts

import (
	"context"
	"html"
	"time"

	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/text"
)

// Poll is what a post of others asks. Nobody votes from here yet.
type Poll struct {
	Multiple bool
	Options  []PollOption
	Voters   int
	EndsAt   *time.Time
}

// PollOption is one answer and how many chose it.
type PollOption struct {
	Name  string
	Votes int
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
