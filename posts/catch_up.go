package posts

import (
	"context"

	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// catchUp has a community announce how a post that it restores reads now: what changed while it was
// away was told to nobody.
func (s *Service) catchUp(ctx context.Context, tx storage.Tx, t target, restored communities.What) error {
	if t.Updated == nil || !t.Announced {
		return nil
	}
	body, err := lastUpdate(ctx, tx, t.ID)
	if err != nil || len(body) == 0 {
		return err
	}
	a, err := vocab.ReadActivity(body)
	if err != nil || a.Type != "Update" {
		return nil // it was asked for: no activity tells of it
	}
	spoken, err := s.toldToGroupAlone(a, t)
	if err != nil {
		return err
	}
	if spoken {
		author, err := s.dir.ByID(ctx, t.Author)
		if err != nil && !fault.Is(err, fault.Gone) {
			return err
		}
		return s.speak(ctx, tx, s.bare(t, author), "Update")
	}
	what := restored
	what.Activity, what.ActivityIRI, what.ActivityType = body, a.ID, a.Type
	return s.communities.Announce(ctx, tx, t.group(), what)
}

// toldToGroupAlone says whether what came was addressed so that the community tells it itself.
func (s *Service) toldToGroupAlone(a vocab.Activity, t target) (bool, error) {
	d, err := a.Object.Document()
	if err != nil {
		return false, err
	}
	n, err := d.Note()
	if err != nil {
		return false, err
	}
	group := t.group()
	return In{Note: n, Told: s.iris.EchoID(n.InReplyTo) != 0}.toGroupAlone(&group), nil
}
