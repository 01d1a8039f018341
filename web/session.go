package web

import (
	"context"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/mileusna/useragent"

	"passerelles/accounts"
	"passerelles/pace"
)

const (
	sessionKey = "session" // in a cookie's session: the number of who signed in with what
	noticeKey  = "notice"  // and what the next page is to say
	halfKey    = "half"    // the number of who showed the password and has to show a code
	goalKey    = "goal"    // where that leads
	welcomeKey = "welcome" // and the key of what is said then
)

func newSessions(o Options) *scs.SessionManager {
	s := scs.New()
	s.Store = sessionStore{o.DB, o.Now}
	s.Lifetime = accounts.SessionLife
	s.HashTokenInStore = true // who reads the table cannot take a session over
	s.Cookie.Secure = o.Secure
	return s
}

// fresh begins under a new token, so that one that was planted in the browser before is
// worth nothing. What was begun before in this browser ends.
func (h *Handler) fresh(v *visit) error {
	ctx := v.r.Context()
	if v.member != nil && v.session != 0 {
		if err := h.Accounts.EndSession(ctx, v.member.ID, v.session); err != nil {
			return err
		}
	}
	if err := h.sessions.RenewToken(ctx); err != nil {
		return err
	}
	h.sessions.Remove(ctx, sessionKey)
	return nil
}

// signIn begins a session, or half of one for who has to show a code.
func (h *Handler) signIn(v *visit, m accounts.Member) (whole bool, err error) {
	if err := h.fresh(v); err != nil {
		return false, err
	}
	ctx := v.r.Context()
	entry, err := h.Accounts.BeginSession(ctx, m.ID, visitorOf(v))
	if err != nil || entry.Session == 0 {
		h.sessions.Put(ctx, halfKey, entry.Half)
		return false, err
	}
	h.sessions.Put(ctx, sessionKey, entry.Session)
	return true, nil
}

// visitorOf is from where, and with what, somebody comes.
func visitorOf(v *visit) accounts.Visitor {
	return accounts.Visitor{Device: device(v.r.UserAgent()), Address: pace.Visitor(v.r)}
}

// device tells in words with what somebody came, and no more than that.
func device(userAgent string) string {
	if len(userAgent) > 1000 {
		return ""
	}
	found := useragent.Parse(userAgent)
	if found.Name == "" || found.OS == "" {
		return ""
	}
	return strings.TrimSpace(found.Name + ", " + found.OS)
}

// Sweep forgets the sessions that have expired. It is for a scheduled run.
func (h *Handler) Sweep(ctx context.Context) error { return deleteExpired(ctx, h.DB, h.Now()) }

// sessionOf gives the number of the session that a browser holds, 0 for none.
func (h *Handler) sessionOf(ctx context.Context) int64 { return h.sessions.GetInt64(ctx, sessionKey) }
