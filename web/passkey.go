package web

import (
	"passerelles/accounts"
)

// keyForm asks a device for a passkey; without a challenge there is none.
type keyForm struct {
	accounts.Challenge
	To, Kind, Says string // address, "get" or "create", key of the text of its button
	Next           string
	Name           string // of a new one
}

func answered(v *visit) accounts.Answered {
	return accounts.Answered{Sealed: v.r.PostFormValue("challenge"), Answer: v.r.PostFormValue("answer")}
}

type passkeyPage struct {
	Key   keyForm
	Error string
}

// offerPasskey has the device of a member make a passkey, once the member proved to be it.
func (h *Handler) offerPasskey(v *visit) error {
	c, err := h.Accounts.OfferPasskey(v.r.Context(), *v.member, credentialsOf(v, "password"))
	if err != nil {
		return h.factorAgain(v, "passkey", err)
	}
	key := keyForm{Challenge: c, To: "/settings/passkeys/add", Kind: "create", Says: "passkeys.make", Name: v.r.PostFormValue("name")}
	return h.show(v, "passkey", page{Title: "passkeys.add", Hidden: true, Body: passkeyPage{Key: key}})
}

// addPasskey keeps what the device made.
func (h *Handler) addPasskey(v *visit) error {
	err := h.Accounts.AddPasskey(v.r.Context(), *v.member, accounts.NewKey{Name: v.r.PostFormValue("name"), Answered: answered(v)})
	if err != nil {
		return h.factorAgain(v, "passkey", err)
	}
	return h.done(v, "done.passkey.added", "/settings/factor")
}

func (h *Handler) endPasskey(v *visit) error {
	id, err := number(v.r.PostFormValue("passkey"))
	if err == nil {
		err = h.Accounts.EndPasskey(v.r.Context(), *v.member, id)
	}
	if err != nil {
		return err
	}
	return h.done(v, "done.passkey.ended", "/settings/factor")
}

// enterByPasskey signs in by a passkey alone.
func (h *Handler) enterByPasskey(v *visit) error {
	form, err := h.signInForm(v, signInPage{Next: localPath(v.r.PostFormValue("next"))})
	if err != nil {
		return err
	}
	m, session, err := h.Accounts.EnterByPasskey(v.r.Context(), answered(v), visitorOf(v))
	if err != nil {
		return h.formAgain(v, err, &form.Error, "sign-in", page{Title: "signin.title", Hidden: true, Body: &form})
	}
	if err := h.fresh(v); err != nil {
		return err
	}
	return h.whole(v, m, session, arrival{"done.entered", form.Next})
}

// passByPasskey takes one in the place of a code.
func (h *Handler) passByPasskey(v *visit) error {
	half, m, begin, err := h.half(v)
	if err != nil {
		return err
	}
	if begin {
		return h.beginAgain(v)
	}
	in, session, err := h.Accounts.PassByPasskey(v.r.Context(), half, answered(v), visitorOf(v))
	if err != nil {
		return h.codeAgain(v, m, err)
	}
	return h.whole(v, in, session, h.arrival(v))
}
