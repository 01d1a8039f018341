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

type codePage struct{ Name, Error string }

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
	return h.show(v, "code", page{Title: "code.title", Hidden: true, Body: codePage{Name: m.Name}})
}

// showCode signs in whose code is right, under a new token once more.
func (h *Handler) showCode(v *visit) error {
	half, m, begin, err := h.half(v)
	if err != nil {
		return err
	}
	if begin {
		return h.beginAgain(v)
	}
	m, session, err := h.Accounts.Pass(v.r.Context(), half, v.r.PostFormValue("code"), visitorOf(v))
	if err != nil {
		form := codePage{Name: m.Name}
		return h.formAgain(v, err, &form.Error, "code", page{Title: "code.title", Hidden: true, Body: &form})
	}
	return h.whole(v, m, session)
}

// whole goes where the sign-in was to lead.
func (h *Handler) whole(v *visit, m accounts.Member, session int64) error {
	ctx := v.r.Context()
	if err := h.sessions.RenewToken(ctx); err != nil {
		return err
	}
	goal, welcome := localPath(h.sessions.GetString(ctx, goalKey)), h.sessions.GetString(ctx, welcomeKey)
	h.forgetHalf(v)
	h.sessions.Put(ctx, sessionKey, session)
	v.language = ours(m.Language)
	return h.done(v, welcome, goal)
}
