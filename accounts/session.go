package accounts

import (
	"context"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const (
	// SessionLife is how long somebody stays signed in.
	SessionLife = 30 * 24 * time.Hour
	// usedEach is how exactly we know when a session was last used.
	usedEach = 10 * time.Minute
)

// Session is a device with which a member is signed in.
type Session struct {
	ID                int64
	Device            string // in words
	Address           string // of the visitor when it began; kept as long as the session, 30 days
	CreatedAt, UsedAt time.Time
}

// Key is a token, as its owner sees it.
type Key struct {
	Hash      []byte
	Label     string
	CreatedAt time.Time
	ExpiresAt *time.Time
}

// ID names the key without telling it.
func (k Key) ID() string { return hex.EncodeToString(k.Hash) }

// Visitor is from where, and with what, somebody comes.
type Visitor struct {
	Device  string // in words
	Address string
}

// Entry is what a right password opens: a session, or half of one.
type Entry struct {
	Session int64 // 0: none yet
	Half    int64 // of who has to show a code too (Pass); 0: of nobody
}

// BeginSession notes that a member showed the password, and is signed in if that is enough.
func (s *Service) BeginSession(ctx context.Context, id actors.ID, v Visitor) (Entry, error) {
	factor, err := hasFactor(ctx, s.db, id)
	if err != nil {
		return Entry{}, err
	}
	if factor {
		return s.beginHalf(ctx, id)
	}
	session := s.newSession(v)
	return Entry{Session: session.ID}, insertSignIn(ctx, s.db, id, session)
}

func (s *Service) newSession(v Visitor) Session {
	if utf8.RuneCountInString(v.Device) > longestTitle {
		v.Device = ""
	}
	now := s.now()
	return Session{ID: storage.NewID(now), Device: v.Device, Address: v.Address, CreatedAt: now, UsedAt: now}
}

// BySession finds the member of a session that has not ended.
func (s *Service) BySession(ctx context.Context, session int64) (Member, error) {
	now := s.now()
	m, usedAt, err := memberBySignIn(ctx, s.db, session, now.Add(-SessionLife))
	if fault.Is(err, fault.NotFound) {
		return Member{}, fault.New(fault.Unauthenticated, "This session has ended.")
	}
	if err != nil || now.Sub(usedAt) < usedEach {
		return m, err
	}
	return m, touchSignIn(ctx, s.db, session, now)
}

// Sessions gives those of a member, the last used first.
func (s *Service) Sessions(ctx context.Context, id actors.ID) ([]Session, error) {
	return signIns(ctx, s.db, id, s.now().Add(-SessionLife))
}

// EndSession ends one of a member's; one that is not there is no error.
func (s *Service) EndSession(ctx context.Context, id actors.ID, session int64) error {
	return deleteSignIn(ctx, s.db, id, session)
}

// EndOtherSessions ends all but one, and the keys of programs.
func (s *Service) EndOtherSessions(ctx context.Context, id actors.ID, session int64) error {
	return s.db.Write(ctx, func(tx storage.Tx) error { return s.endOthers(ctx, tx, id, session) })
}

func (s *Service) endOthers(ctx context.Context, tx storage.Tx, id actors.ID, session int64) error {
	if err := deleteSignIns(ctx, tx, id, session); err != nil {
		return err
	}
	return s.endTokens(ctx, tx, id)
}

// Keys gives the tokens of a member that hold, the latest first.
func (s *Service) Keys(ctx context.Context, id actors.ID) ([]Key, error) {
	return keysOf(ctx, s.db, id, s.now())
}

// EndKey ends a token of a member by its ID.
func (s *Service) EndKey(ctx context.Context, id actors.ID, key string) error {
	hash, err := hex.DecodeString(key)
	if err != nil {
		return fault.New(fault.NotFound, noLink)
	}
	return deleteKey(ctx, s.db, id, hash)
}
