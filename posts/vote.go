package posts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/outbox"
	"passerelles/storage"
)

const (
	pollKind    = "poll"     // of the job that tells others how a poll stands
	pollEndKind = "poll-end" // of that which tells that it is over

	tellEach = time.Minute // others are told how a poll stands
)

var (
	errPollOver = fault.New(fault.Invalid, "This poll is over.")
	errVoted    = fault.New(fault.Conflict, "You have already voted in this poll.")
	errNoOption = fault.New(fault.Invalid, "This poll has no such answer.")
)

// keyOf is the key of jobs about a post.
func keyOf(post int64) string { return strconv.FormatInt(post, 10) }

// ballot is what somebody chooses.
type ballot struct {
	post    int64
	who     actors.ID
	choices []int    // from 0; none: what is called name
	name    string   // as other servers say it
	iris    []string // of what we send of each choice; nil: nothing
	at      time.Time
}

// Vote has a member choose among the options of a poll that they may see, counted from 0, once.
func (s *Service) Vote(ctx context.Context, who actors.ID, id int64, choices []int) (Post, error) {
	r := access.Reader{ID: who}
	p, err := s.ByID(ctx, r, id)
	if err != nil {
		return p, err
	}
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return p, err
	}
	switch {
	case p.Poll == nil:
		return p, fault.New(fault.NotFound, noPost)
	case p.Author.ID == who:
		return p, fault.New(fault.Invalid, "Who asks does not vote.")
	}
	slices.Sort(choices)
	choices = slices.Compact(choices)
	if err := s.db.Write(ctx, func(tx storage.Tx) error { return s.vote(ctx, tx, by, p, choices) }); err != nil {
		return p, err
	}
	s.poke()
	return s.ByID(ctx, r, id)
}

func (s *Service) vote(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, choices []int) error {
	if err := s.mayVote(ctx, tx, by, p.IRI); err != nil {
		return err
	}
	if p.Community != nil {
		if err := s.communities.MayWriteTo(ctx, tx, *p.Community, by); err != nil {
			return err
		}
	}
	b := ballot{post: p.ID, who: by.ID, choices: choices, at: s.now()}
	if !p.Local {
		for range choices {
			b.iris = append(b.iris, fmt.Sprintf("%s#votes/%d", by.IRI, storage.NewID(b.at)))
		}
	}
	if err := s.cast(ctx, tx, b, false); err != nil {
		return err
	}
	if !p.Local {
		return s.sendVote(ctx, tx, by, p, b)
	}
	return s.tellLater(ctx, tx, p.ID)
}

// mayVote is for who may see a post, and take part in its community.
func (s *Service) mayVote(ctx context.Context, tx storage.Tx, by actors.Actor, post string) error {
	t, deleted, err := liked(ctx, tx, post)
	if err != nil {
		return err
	}
	if deleted || t == nil {
		return fault.New(fault.Gone, "This post was deleted.")
	}
	sees, err := access.CanSee(ctx, tx, access.Reader{ID: by.ID}, t.item())
	if err == nil && !sees {
		err = fault.New(fault.NotFound, noPost)
	}
	if err != nil {
		return err
	}
	if err := s.mayReact(ctx, tx, by, *t); err != nil {
		return err
	}
	return access.RefuseBlocked(ctx, tx, t.Author, by.ID)
}

// cast counts a ballot. Several add up where their server sends each choice of one by itself.
func (s *Service) cast(ctx context.Context, tx storage.Tx, b ballot, several bool) error {
	poll, chosen, err := pollFor(ctx, tx, b.post, b.who)
	if err != nil {
		return err
	}
	if b.choices == nil && b.name != "" {
		b.choices = []int{slices.Index(poll.Options, b.name)}
	}
	switch {
	case poll.EndsAt != nil && !b.at.Before(*poll.EndsAt):
		return errPollOver
	case len(b.choices) == 0 || len(b.choices) > 1 && !poll.Multiple:
		return fault.New(fault.Invalid, "Choose an answer, or several where the poll lets you.")
	case b.choices[0] < 0 || b.choices[len(b.choices)-1] >= len(poll.Options):
		return errNoOption
	case len(chosen) > 0 && !(several && poll.Multiple && !slices.Contains(chosen, b.choices[0])):
		return errVoted
	}
	if !poll.Local {
		if err := countVote(ctx, tx, b); err != nil {
			return err
		}
		if poll.EndsAt != nil {
			if err := jobs.Add(ctx, tx, pollEndKind, keyOf(b.post), nil, *poll.EndsAt); err != nil {
				return err
			}
		}
	}
	return insertVotes(ctx, tx, b)
}

// sendVote tells the author alone what a member chose: a Note for each choice that says nothing but
// its name.
func (s *Service) sendVote(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, b ballot) error {
	for i, choice := range b.choices {
		n := vocab.Note{ID: b.iris[i], Type: "Note", AttributedTo: by.IRI, InReplyTo: p.IRI, Name: p.Poll.Options[choice].Name,
			To: []string{p.Author.IRI}, Published: b.at}
		note, err := n.Embed()
		if err != nil {
			return err
		}
		a := vocab.Activity{ID: s.iris.NewActivity(), Type: "Create", Actor: by.IRI, To: n.To, Published: b.at, Object: note}
		body, err := s.dir.Prove(ctx, tx, by.ID, a)
		if err != nil {
			return err
		}
		err = outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{p.Author.ID}}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: n.ID,
			Actor: by.ID, Body: body, Thread: p.Root, Published: b.at})
		if err != nil {
			return err
		}
	}
	return nil
}

// isVote says whether what came is a choice in a poll of ours, or would be one.
func (s *Service) isVote(in In) bool {
	n := in.Note
	return n.Name != "" && n.Content == "" && n.Source == "" && len(n.Attachments) == 0 && n.Poll == nil && s.iris.PostID(n.InReplyTo) != 0
}

// receiveVote counts what somebody elsewhere chose; counted says whether what it answers is a poll at
// all. It counts once, within its time, of who may see the poll and take part, and as their server itself tells;
// what does not count is passed over.
func (s *Service) receiveVote(ctx context.Context, tx storage.Tx, in In) (counted bool, err error) {
	post := s.iris.PostID(in.Note.InReplyTo)
	poll, _, err := pollFor(ctx, tx, post, in.Author.ID)
	if fault.Is(err, fault.NotFound) || err == nil && !poll.Local {
		return false, nil
	}
	if err != nil || in.Announced || in.Activity == nil || s.checkIn(in) != nil {
		return true, err
	}
	err = s.mayVote(ctx, tx, in.Author, in.Note.InReplyTo)
	if err == nil {
		err = s.cast(ctx, tx, ballot{post: post, who: in.Author.ID, name: in.Note.Name, at: s.now()}, true)
	}
	if err == nil {
		err = s.tellLater(ctx, tx, post)
	}
	if fault.KindOf(err) == fault.Internal {
		return true, err
	}
	return true, nil
}

// tellLater has others told how a poll of ours stands, once a minute at most.
func (s *Service) tellLater(ctx context.Context, tx storage.Tx, post int64) error {
	return jobs.Add(ctx, tx, pollKind, keyOf(post), nil, s.now().Add(tellEach))
}
