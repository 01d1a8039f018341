package web

import (
	"context"
	"time"

	"github.com/alexedwards/scs/v2"

	"passerelles/accounts"
	"passerelles/actors"
)

const (
	sessionLife = 30 * 24 * time.Hour

	memberKey = "member" // in a session: who signed in
	noticeKey = "notice" // and what the next page is to say
)

func newSessions(o Options) *scs.SessionManager {
	s := scs.New()
	s.Store = sessionStore{o.DB, o.Now}
	s.Lifetime = sessionLife
	s.HashTokenInStore = true // who reads the table cannot take a session over
	s.Cookie.Secure = o.Secure
	return s
}

// signIn begins a session under a new token, so that one that was planted in
// the browser before is worth nothing.
func (h *Handler) signIn(ctx context.Context, m accounts.Member) error {
	if err := h.sessions.RenewToken(ctx); err != nil {
		return err
	}
	h.sessions.Put(ctx, memberKey, int64(m.ID))
	return nil
}

// Sweep forgets the sessions that have expired. It is for a scheduled run.
func (h *Handler) Sweep(ctx context.Context) error { return deleteExpired(ctx, h.DB, h.Now()) }

// sessionMember gives who signed in, 0 for nobody.
func (h *Handler) sessionMember(ctx context.Context) actors.ID {
	return actors.ID(h.sessions.GetInt64(ctx, memberKey))
}
