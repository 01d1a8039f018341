package communities

import (
	"context"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
	"passerelles/text"
)

// UpdateProfile lets an animator change what the community says of itself, and
// tells it to those who follow.
func (s *Service) UpdateProfile(ctx context.Context, animator, id actors.ID, p Profile) (Community, error) {
	p.Title, p.Source = text.OneLine(p.Title), strings.TrimSpace(p.Source)
	if err := p.check(); err != nil {
		return Community{}, err
	}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, id, animator); err != nil {
			return err
		}
		was, err := looksOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Language == "" {
			p.Language = was.Language
		}
		if err := updateLanguage(ctx, tx, id, p.Language); err != nil {
			return err
		}
		a, err := s.dir.UpdateLocal(ctx, tx, id, actors.Profile{Title: p.Title, Summary: describe(p.Source),
			Source: p.Source, Icon: was.Icon, Discoverable: was.Discoverable, Indexable: was.Indexable})
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
	if err != nil {
		return Community{}, err
	}
	s.poke()
	return s.ByID(ctx, id)
}

func (s *Service) requireAnimator(ctx context.Context, tx storage.Querier, community, who actors.ID) error {
	is, err := s.IsAnimator(ctx, tx, community, who)
	if err == nil && !is {
		return fault.New(fault.Forbidden, "Only those who animate the community may do this.")
	}
	return err
}

// SendUpdate tells those who follow a community how its document is now.
func (s *Service) SendUpdate(ctx context.Context, tx storage.Tx, a actors.Actor) error {
	whole, err := s.Document(ctx, tx, a)
	if err != nil {
		return err
	}
	document, err := whole.Embed()
	if err != nil {
		return err
	}
	update := vocab.Activity{ID: s.iris.NewActivity(), Type: "Update", Actor: a.IRI,
		Object: document,
		To:     []string{vocab.Public}, Cc: []string{a.Followers}, Published: s.now()}
	level, err := access.LevelOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if level == actors.Confidential {
		update.To, update.Cc = []string{a.Followers}, nil
	}
	return send(ctx, tx, outbox.Audience{FollowersOf: []actors.ID{a.ID}}, a, update)
}
