package web

import (
	"net/url"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/pace"
)

// credentialsOf is what a form shows once more; the password stands in a field of that name.
func credentialsOf(v *visit, password string) accounts.Credentials {
	return accounts.Credentials{Password: v.r.PostFormValue(password), Code: v.r.PostFormValue("code"), Address: pace.Visitor(v.r)}
}

type codePage struct {
	Name, Error string
	Key         keyForm
}

// askCode leads who is half signed in to the page for the code, and keeps where that leads.
func (h *Handler) askCode(v *visit, key, to string) error {
	ctx := v.r.Context()
	h.sessions.Put(ctx, goalKey, to)
	h.sessions.Put(ctx, welcomeKey, key)
	return v.redirect("/sign-in/code")
}

// half is who is half signed in. Whoever is not, or no longer, begins again.
func (h *Handler) half(v *visit) (half int64, m accounts.Member, begin bool, err error) {
	half = h.sessions.GetInt64(v.r.Context(), halfKey)
	if half == 0 {
		return 0, m, true, nil
	}
	m, err = h.Accounts.ByHalf(v.r.Context(), half)
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.NotFound) {
		return 0, m, true, nil
	}
	return half, m, false, err
}

func (h *Handler) beginAgain(v *visit) error {
	ctx := v.r.Context()
	goal := localPath(h.sessions.GetString(ctx, goalKey))
	h.forgetHalf(v)
	return v.redirect("/sign-in?next=" + url.QueryEscape(goal))
}

func (h *Handler) forgetHalf(v *visit) {
	for _, key := range []string{halfKey, goalKey, welcomeKey} {
		h.sessions.Remove(v.r.Context(), key)
	}
}

// codeWanted asks who showed the password for a code.
func (h *Handler) codeWanted(v *visit) error {
	_, m, begin, err := h.half(v)
	if err != nil {
		return err
	}
	if begin {
		return h.beginAgain(v)
	}
	form, err := h.codePage(v, m)
	if err != nil {
		return err
	}
	return h.show(v, "code", page{Title: "code.title", Hidden: true, Body: form})
}

func (h *Handler) codePage(v *visit, m accounts.Member) (codePage, error) {
	c, err := h.Accounts.AskPasskey(v.r.Context(), m)
	return codePage{Name: m.Name, Key: keyForm{Challenge: c, To: "/sign-in/code/passkey", Kind: "get", Says: "passkeys.use"}}, err
}

func (h *Handler) codeAgain(v *visit, m accounts.Member, err error) error {
	form, other := h.codePage(v, m)
	if other != nil {
		return other
	}
	return h.formAgain(v, err, &form.Error, "code", page{Title: "code.title", Hidden: true, Body: &form})
}

// showCode signs in whose code is right.
func (h *Handler) showCode(v *visit) error {
	half, m, begin, err := h.half(v)
	if err != nil {
		return err
	}
	if begin {
		return h.beginAgain(v)
	}
	in, session, err := h.Accounts.Pass(v.r.Context(), half, v.r.PostFormValue("code"), visitorOf(v))
	if err != nil {
		return h.codeAgain(v, m, err)
	}
	return h.whole(v, in, session, h.arrival(v))
}

// arrival is where a sign-in leads, and the key of what is said there.
type arrival struct{ welcome, goal string }

func (h *Handler) arrival(v *visit) arrival {
	ctx := v.r.Context()
	return arrival{h.sessions.GetString(ctx, welcomeKey), localPath(h.sessions.GetString(ctx, goalKey))}
}

// whole goes on with a session, under a new token once more.
func (h *Handler) whole(v *visit, m accounts.Member, session int64, to arrival) error {
	ctx := v.r.Context()
	if err := h.sessions.RenewToken(ctx); err != nil {
		return err
	}
	h.forgetHalf(v)
	h.sessions.Put(ctx, sessionKey, session)
	v.language = ours(m.Language)
	return h.done(v, to.welcome, to.goal)
}
