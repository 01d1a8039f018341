package communities

import (
	"context"
	"html"
	"strconv"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/outbox"
	"passerelles/storage"
	"passerelles/text"
)

const (
	closedKind = "community-closed" // its followers elsewhere are asked to join
	endedKind  = "community-ended"  // what it said is blanked
	notesEach  = 100                // notes in one transaction
)

// Register has the engine do what takes long.
func (s *Service) Register(e *jobs.Engine) {
	e.Handle(closedKind, s.askFollowersAway)
	e.Handle(endedKind, s.eraseSaid)
}

// jobGroup is the community that a job is about.
func (s *Service) jobGroup(ctx context.Context, j jobs.Job) (actors.Actor, error) {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return actors.Actor{}, jobs.Abandon(err)
	}
	return s.dir.ByID(ctx, actors.ID(id))
}

// askFollowersAway writes to each person elsewhere who follows a community that closed. It can
// be cut short anywhere: the ids of the notes are made of the two, so that nobody gets a second.
func (s *Service) askFollowersAway(ctx context.Context, j jobs.Job) error {
	group, err := s.jobGroup(ctx, j)
	if fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := s.ByID(ctx, group.ID)
	if err != nil || c.Access != actors.ForMembers {
		return err // it is open again
	}
	for after := actors.ID(0); ; {
		who, err := followersAway(ctx, s.db, group.ID, after, notesEach)
		if err != nil || len(who) == 0 {
			return err
		}
		if err := s.askSome(ctx, c, who); err != nil {
			return err
		}
		s.poke()
		after = who[len(who)-1]
	}
}

func (s *Service) askSome(ctx context.Context, c Community, who []actors.ID) error {
	known, err := s.dir.ByIDs(ctx, who)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		for _, id := range who {
			if err := s.askOne(ctx, tx, c, known[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// askOne sends a direct note, which people read in whatever software they follow with.
func (s *Service) askOne(ctx context.Context, tx storage.Tx, c Community, who actors.Actor) error {
	language := text.Spoken(c.Language)
	said, err := say(language, "closed.note", map[string]any{"Title": html.EscapeString(c.Actor.DisplayName()),
		"Page": html.EscapeString(c.Actor.URL), "Who": html.EscapeString(who.Handle()), "Whose": html.EscapeString(who.IRI)})
	if err != nil {
		return err
	}
	id := s.iris.Activity(key(c.Actor.IRI, who.IRI, "closed"))
	note := vocab.Note{ID: id + "#note", Type: "Note", AttributedTo: c.Actor.IRI, Content: said, Language: language, To: []string{who.IRI},
		Published: s.now(), Tags: []vocab.Tag{{Type: "Mention", Name: who.Handle(), Href: who.IRI}}}
	object, err := note.Embed()
	if err != nil {
		return err
	}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{who.ID}}, c.Actor, vocab.Activity{ID: id, Type: "Create", Actor: c.Actor.IRI,
		Object: object, To: []string{who.IRI}, Published: s.now()})
}
