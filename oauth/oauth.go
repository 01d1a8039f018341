// Package oauth lets programs act for members, as far as these agreed to.
//
// A program registers itself (App), a member consents to some of what it asks for (Grant), and
// the program exchanges the code that this gives for a Token. The protocol is OAuth 2.0
// (RFC 6749, 7636, 7009) as Mastodon speaks it: tokens do not expire, secrets are optional
// where a proof (PKCE, S256 alone) stands for them, an app may have a token of its own. The
// core is go-oauth2 (grant.go joins it to our tables); of secrets, codes and tokens only hashes
// are kept.
package oauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/go-oauth2/oauth2/v4/manage"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const (
	codeLife  = 10 * time.Minute
	usedEach  = 10 * time.Minute   // how exactly we know when a token was last used
	idleSince = 7 * 24 * time.Hour // apps that nobody let in are forgotten
)

// Options are the parts that apps need.
type Options struct {
	DB       *storage.DB
	Accounts *accounts.Service
	Now      func() time.Time // nil: time.Now
}

// Service applies the rules of apps.
type Service struct {
	db       *storage.DB
	accounts *accounts.Service
	now      func() time.Time
	core     *manage.Manager
}

// NewService builds the service.
func NewService(o Options) *Service {
	s := &Service{db: o.DB, accounts: o.Accounts, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	s.core = newCore(s)
	return s
}

// Access is what a token allows: an app, with some rights, for a member or for itself.
type Access struct {
	Token  int64 // its number, by which it can be asked whether it still holds
	App    App
	Member *accounts.Member // nil: the app acts for itself
	Scopes Scopes
}

// Verify finds what a token allows; fault.Unauthenticated: nothing, or no longer.
func (s *Service) Verify(ctx context.Context, secret string) (Access, error) {
	t, err := tokenByHash(ctx, s.db, hash(secret))
	if fault.Is(err, fault.NotFound) {
		return Access{}, errToken
	}
	if err != nil {
		return Access{}, err
	}
	a := Access{Token: t.ID, App: t.app(), Scopes: ParseScopes(t.Scopes)}
	if t.Member != nil {
		m, err := s.accounts.AdmittedByID(ctx, *t.Member)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
			return Access{}, errToken
		}
		if err != nil {
			return Access{}, err
		}
		a.Member = &m
	}
	if now := s.now(); now.Sub(t.UsedAt) >= usedEach {
		return a, touchToken(ctx, s.db, t.ID, now)
	}
	return a, nil
}

// Holds says which tokens, by their numbers, Verify would still let in.
func (s *Service) Holds(ctx context.Context, tokens []int64) (map[int64]bool, error) {
	return holding(ctx, s.db, tokens)
}

var errToken = fault.New(fault.Unauthenticated, "The access token is invalid")

// Revoke ends a token of the app that names itself; one that is not there is no error.
func (s *Service) Revoke(ctx context.Context, client, secret, token string) error {
	a, err := s.proven(ctx, client, secret)
	if err != nil {
		return err
	}
	return deleteTokenOf(ctx, s.db, a.ID, hash(token))
}

// Granted is an app that acts for a member, as the member sees it.
type Granted struct {
	ID                int64
	App, Website      string
	Scopes            string
	CreatedAt, UsedAt time.Time
}

// Granted gives the apps that act for a member, the last used first.
func (s *Service) Granted(ctx context.Context, who actors.ID) ([]Granted, error) {
	return granted(ctx, s.db, who)
}

// End ends what a member granted; what is not there is no error.
func (s *Service) End(ctx context.Context, who actors.ID, id int64) error {
	return deleteToken(ctx, s.db, who, id)
}

// EndAll ends all that apps may do for somebody, with whatever else opens their account.
func (s *Service) EndAll(ctx context.Context, tx storage.Tx, who actors.ID) error {
	return deleteAll(ctx, tx, who)
}

// Sweep forgets codes that have had their time and apps that nobody let in. It is for a
// scheduled run.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return sweep(ctx, s.db, now, now.Add(-idleSince))
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newSecret has 256 bits or more that nobody guesses.
func newSecret() string { return rand.Text() + rand.Text() }
