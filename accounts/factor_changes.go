package accounts

import (
	"context"
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/storage"
)

// FactorKind is what changed about a second factor.
type FactorKind string

// The kinds.
const (
	TurnedOn     FactorKind = "on"
	TurnedOff    FactorKind = "off"
	TakenAway    FactorKind = "taken"    // by an administrator
	NewCodes     FactorKind = "codes"    // the recovery codes of before hold no more
	UsedRecovery FactorKind = "recovery" // a recovery code
	AddedPasskey FactorKind = "passkey"
	EndedPasskey FactorKind = "passkey-end"
)

const (
	factorMail = "factor"
	changesFor = 365 * 24 * time.Hour
)

// FactorChange is a change about a second factor, of which its owner was told.
type FactorChange struct {
	Kind FactorKind
	At   time.Time
}

// FactorStand is what a member sees of their second factor.
type FactorStand struct {
	On      bool
	Since   time.Time
	Left    int // recovery codes that were not used
	Changes []FactorChange
}

// Factor gives how it stands for a member, with the changes of a year, the latest first.
func (s *Service) Factor(ctx context.Context, id actors.ID) (FactorStand, error) {
	stand, err := factorStand(ctx, s.db, id)
	if err != nil {
		return stand, err
	}
	stand.Changes, err = factorChanges(ctx, s.db, id, s.now().Add(-changesFor))
	return stand, err
}

// noteFactor keeps a change, and tells its owner by mail.
func (s *Service) noteFactor(ctx context.Context, tx storage.Tx, who actors.ID, kind FactorKind) error {
	now := s.now()
	id := storage.NewID(now)
	if err := insertFactorChange(ctx, tx, id, who, FactorChange{Kind: kind, At: now}); err != nil {
		return err
	}
	return s.mail(ctx, tx, factorMail, id)
}

// factorMail tells of a change.
func (s *Service) factorMail(ctx context.Context, id string) (notifications.Mail, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	who, c, err := factorChangeByID(ctx, s.db, number)
	if err != nil {
		return notifications.Mail{}, settled(err)
	}
	m, err := s.ByID(ctx, who)
	return notifications.Mail{To: m.Email, Language: m.Language, Text: factorMail + "-" + string(c.Kind),
		Values: map[string]any{"Name": m.Name}}, settled(err)
}
