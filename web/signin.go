package web

import (
	"passerelles/accounts"
	"passerelles/pace"
	"passerelles/storage"
)

type signInPage struct {
	Login, Next, Error string
	SignsUp            bool // somebody without an account may have one
	Resets             bool // a new password can be sent
	Key                keyForm
}

// signingIn shows the form, which leads back to where one came from.
func (h *Handler) signingIn(v *visit) error {
	next := localPath(v.r.URL.Query().Get("next"))
	if v.member != nil {
		return v.redirect(next)
	}
	form, err := h.signInForm(v, signInPage{Next: next})
	if err != nil {
		return err
	}
	return h.show(v, "sign-in", page{Title: "signin.title", Hidden: true, Body: form})
}

func (h *Handler) signInForm(v *visit, form signInPage) (signInPage, error) {
	mode, err := h.Accounts.SignUpMode(v.r.Context())
	form.SignsUp = mode == accounts.Open || mode == accounts.Approval
	form.Resets = h.sends()
	if err != nil {
		return form, err
	}
	form.Key = keyForm{To: "/sign-in/passkey", Kind: "get", Says: "passkeys.enter", Next: form.Next}
	form.Key.Challenge, err = h.Accounts.AskAnybody()
	return form, err
}

// enter signs in.
func (h *Handler) enter(v *visit) error {
	form, err := h.signInForm(v, signInPage{Login: v.r.PostFormValue("login"), Next: localPath(v.r.PostFormValue("next"))})
	if err != nil {
		return err
	}
	m, err := h.Accounts.SignIn(v.r.Context(), form.Login, v.r.PostFormValue("password"), pace.Visitor(v.r))
	if err != nil {
		return h.formAgain(v, err, &form.Error, "sign-in", page{Title: "signin.title", Hidden: true, Body: &form})
	}
	return h.comeIn(v, m, "done.entered", form.Next)
}

// leave signs out.
func (h *Handler) leave(v *visit) error {
	if v.member != nil && v.session != 0 {
		if err := h.Accounts.EndSession(v.r.Context(), v.member.ID, v.session); err != nil {
			return err
		}
	}
	if err := h.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return h.done(v, "done.left", "/")
}

type aboutPage struct{ Charge accounts.Charge }

// about says what this server is, who answers for it, and where posts go.
func (h *Handler) about(v *visit) error {
	set, err := h.Accounts.Settings(v.r.Context())
	if err != nil && !storage.Away(err) { // without a database too people are told whom to write to
		return err
	}
	return h.show(v, "about", page{Title: "about.title", Body: aboutPage{set.Charge}})
}
