package accounts

import (
	"context"
	"strings"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
	"passerelles/text"
)

// Profile is what a member says of itself.
type Profile struct {
	Title, Source string         // Source in Markdown
	Language      string         // of the pages; empty: as it was
	Change        *Openness      // nil: as it was
	Approves      *bool          // that followers are asked for; nil: as it was
	Fields        []actors.Field // nil: as they were
	Habits        *Habits        // which nobody else is told; nil: as they were
}

// Openness is how somebody wants to be found and followed. All is off until they say so,
// for the law wants it (Loi 25, s. 9.1).
type Openness struct {
	Discoverable bool // in lists and searches, by feed
	Indexable    bool // by search engines, and what is said by its words
}

// ByID finds a member.
func (s *Service) ByID(ctx context.Context, id actors.ID) (Member, error) {
	return memberByID(ctx, s.db, id)
}

// ByName finds a member by the name of its handle.
func (s *Service) ByName(ctx context.Context, name string) (Member, error) {
	return memberByName(ctx, s.db, strings.ToLower(name))
}

// List gives all members by name.
func (s *Service) List(ctx context.Context) ([]Member, error) { return members(ctx, s.db) }

// UpdateProfile changes a profile and tells it to those who follow.
func (s *Service) UpdateProfile(ctx context.Context, id actors.ID, p Profile) (Member, error) {
	p.Title, p.Source = text.OneLine(p.Title), strings.TrimSpace(p.Source)
	if err := p.check(); err != nil {
		return Member{}, err
	}
	fields, err := p.fields()
	if err != nil {
		return Member{}, err
	}
	was, err := s.dir.ByID(ctx, id)
	if err != nil {
		return Member{}, err
	}
	open := Openness{was.Discoverable, was.Indexable}
	if p.Change != nil {
		open = *p.Change
	}
	approves := was.Approves
	if p.Approves != nil {
		approves = *p.Approves
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := updateLanguage(ctx, tx, id, p.Language); err != nil {
			return err
		}
		if p.Habits != nil {
			if err := updateHabits(ctx, tx, id, *p.Habits); err != nil {
				return err
			}
		}
		a, err := s.dir.UpdateLocal(ctx, tx, id, actors.Profile{Title: p.Title, Source: p.Source, Icon: was.Icon, Fields: fields,
			Summary:  text.Markdown(p.Source, text.Options{}).HTML,
			Approves: approves, Discoverable: open.Discoverable, Indexable: open.Indexable})
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
	if err != nil {
		return Member{}, err
	}
	s.poke()
	return s.ByID(ctx, id)
}

// SetLanguage changes the language of a member's pages, which nobody else is told.
func (s *Service) SetLanguage(ctx context.Context, id actors.ID, language string) error {
	if err := (Profile{Language: language}).check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error { return updateLanguage(ctx, tx, id, language) })
}

// NoteTold keeps that a member was told, before the first post, that posts leave the server.
func (s *Service) NoteTold(ctx context.Context, id actors.ID) error {
	return noteTold(ctx, s.db, id, s.now())
}

// SendUpdate tells those who follow a member how its document is now.
func (s *Service) SendUpdate(ctx context.Context, tx storage.Tx, a actors.Actor) error {
	keys, err := s.dir.PublicKeys(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	document, err := actors.Document(a, keys, s.iris).Embed()
	if err != nil {
		return err
	}
	return s.send(ctx, tx, outbox.Audience{FollowersOf: []actors.ID{a.ID}}, a, vocab.Activity{Type: "Update",
		Object: document,
		To:     []string{vocab.Public}, Cc: []string{a.Followers}})
}

// send sends an activity of a member's, under a new id unless it has one.
func (s *Service) send(ctx context.Context, tx storage.Tx, to outbox.Audience, by actors.Actor, a vocab.Activity) error {
	a.Actor, a.Published = by.IRI, s.now()
	if a.ID == "" {
		a.ID = s.iris.NewActivity()
	}
	body, err := s.dir.Prove(ctx, tx, by.ID, a)
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, to, outbox.Activity{IRI: a.ID, Type: a.Type, Object: a.Object.ID, Actor: by.ID,
		Body: body, Thread: int64(by.ID), Published: a.Published})
}

func (p Profile) fields() (*actors.Fields, error) {
	if p.Fields == nil {
		return nil, nil // as they were, which is no error
	}
	fields, err := actors.TypedFields(p.Fields)
	return &fields, err
}

func (p Profile) check() error {
	switch {
	case utf8.RuneCountInString(p.Title) > longestTitle:
		return fault.New(fault.Invalid, "The name that people read may have 100 characters.")
	case utf8.RuneCountInString(p.Source) > longestSource:
		return fault.New(fault.Invalid, "What you say of yourself may have 10,000 characters.")
	case p.Language != "" && !text.ValidLanguage(p.Language):
		return fault.New(fault.Invalid, "This language code is not one.")
	case p.Habits != nil:
		return p.Habits.check()
	}
	return nil
}
