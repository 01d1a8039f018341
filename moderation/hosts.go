package moderation

import (
	"context"

	"passerelles/access"
	"passerelles/acts"
	"passerelles/outbox"
	"passerelles/storage"
)

// DecideHost makes what is decided about a server stricter.
func (s *Service) DecideHost(ctx context.Context, by acts.By, p access.Policy) error {
	return s.decide(ctx, by, p.Host, func(was access.Policy) (access.Policy, []acts.Kind) {
		now := was.Stricter(p)
		return now, stricter(was, now)
	})
}

// stricter says what was decided anew; that only the reason is another is to decide it again.
func stricter(was, now access.Policy) (kinds []acts.Kind) {
	if now.Policy == access.Suspended && (was.Policy != now.Policy || was.Reason != now.Reason) {
		kinds = append(kinds, acts.SuspendServer)
	}
	if now.Policy == access.Silenced && (was.Policy != now.Policy || was.Reason != now.Reason) {
		kinds = append(kinds, acts.SilenceServer)
	}
	if now.RejectMedia && !was.RejectMedia {
		kinds = append(kinds, acts.RejectMedia)
	}
	if now.Listed && !was.Listed {
		kinds = append(kinds, acts.AllowServer)
	}
	return kinds
}

// UnlistHost takes a server from the list of those that are talked to where only listed ones are.
func (s *Service) UnlistHost(ctx context.Context, by acts.By, host string) error {
	return s.decide(ctx, by, host, func(was access.Policy) (access.Policy, []acts.Kind) {
		now := was
		now.Listed = false
		if was.Listed {
			return now, []acts.Kind{acts.DisallowServer}
		}
		return now, nil
	})
}

// RestoreHost takes back all that was decided against a server; that it is listed stays, and
// follows that ended do not come back.
func (s *Service) RestoreHost(ctx context.Context, by acts.By, host string) error {
	defer s.Hosts.Forget()
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		p, err := s.Hosts.Restore(ctx, tx, host)
		if err != nil {
			return err
		}
		return acts.Record(ctx, tx, acts.Act{At: s.Now(), Kind: acts.RestoreServer, By: by, About: p.Host})
	})
}

// SetListedOnly says whether only servers that are listed are talked to.
func (s *Service) SetListedOnly(ctx context.Context, by acts.By, only bool) error {
	defer s.Hosts.Forget()
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		changed, err := s.Hosts.SetListedOnly(ctx, tx, only)
		if err != nil || !changed {
			return err
		}
		mode := "open"
		if only {
			mode = "list"
		}
		return acts.Record(ctx, tx, acts.Act{At: s.Now(), Kind: acts.ChangeMode, By: by, Words: mode})
	})
}

// decide writes what is decided about a server. Where that is no more talk with it, the follows
// and the memberships from and to there end, and what waits for it is given up: to lift it brings
// none of it back.
func (s *Service) decide(ctx context.Context, by acts.By, host string, change func(access.Policy) (access.Policy, []acts.Kind)) error {
	err := s.DB.Write(ctx, func(tx storage.Tx) error {
		var kinds []acts.Kind
		p, err := s.Hosts.Decide(ctx, tx, host, func(was access.Policy) (now access.Policy) {
			now, kinds = change(was)
			return now
		})
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			a := acts.Act{At: s.Now(), Kind: kind, By: by, About: p.Host, Words: p.Reason}
			if err := acts.Record(ctx, tx, a); err != nil {
				return err
			}
		}
		if p.Policy != access.Suspended {
			return nil
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
