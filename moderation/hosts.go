package moderation

import (
	"context"

	"passerelles/access"
	"passerelles/outbox"
	"passerelles/storage"
)

// DecideHost makes what is decided about a server stricter.
func (s *Service) DecideHost(ctx context.Context, p access.Policy) error {
	return s.decide(ctx, p.Host, func(was access.Policy) access.Policy { return was.Stricter(p) })
}

// UnlistHost takes a server from the list of those that are talked to where only listed ones are.
func (s *Service) UnlistHost(ctx context.Context, host string) error {
	return s.decide(ctx, host, func(was access.Policy) access.Policy {
		was.Listed = false
		return was
	})
}

// decide writes what is decided about a server. Where that is no more talk with it, the follows
// and the memberships from and to there end, and what waits for it is given up: to lift it brings
// none of it back.
func (s *Service) decide(ctx context.Context, host string, change func(access.Policy) access.Policy) error {
	err := s.DB.Write(ctx, func(tx storage.Tx) error {
		p, err := s.Hosts.Decide(ctx, tx, host, change)
		if err != nil || p.Policy != access.Suspended {
			return err
		}
		return s.cutOff(ctx, tx, p.Host)
	})
	s.Hosts.Forget()
	return err
}

func (s *Service) cutOff(ctx context.Context, tx storage.Tx, host string) error {
	if err := s.Directory.EndFollowsUnder(ctx, tx, host); err != nil {
		return err
	}
	names, err := s.Directory.HostsUnder(ctx, tx, host)
	if err != nil {
		return err
	}
	if err := s.Communities.CutOff(ctx, tx, names); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := outbox.DropWaiting(ctx, tx, name, s.Now()); err != nil {
			return err
		}
	}
	return nil
}
