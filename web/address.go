package web

import (
	"passerelles/accounts"
)

type addressPage struct {
	Email, Error, Ticket, Name string
	Sends, Factor              bool
}

// moving asks a member for another e-mail address.
func (h *Handler) moving(v *visit) error {
	return h.show(v, "address", page{Title: "address.title", Hidden: true, Body: addressPage{Sends: h.sends(), Factor: v.member.Factor}})
}

// askMove has a link sent there.
func (h *Handler) askMove(v *visit) error {
	n := accounts.NewAddress{Email: v.r.PostFormValue("email"), Credentials: credentialsOf(v, "password")}
	if err := h.Accounts.AskAddress(v.r.Context(), *v.member, n); err != nil {
		form := addressPage{Email: n.Email, Sends: h.sends(), Factor: v.member.Factor}
		return h.formAgain(v, err, &form.Error, "address", page{Title: "address.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.address.asked", "/settings")
}

// moves asks who opens the link whether they mean it: what reads mails for viruses opens links too.
func (h *Handler) moves(v *visit) error {
	ticket := pathVar(v.r, "ticket")
	m, email, err := h.Accounts.Moves(v.r.Context(), ticket)
	if err != nil {
		return err
	}
	return h.show(v, "moves", page{Title: "address.confirm", Hidden: true, Body: addressPage{Ticket: ticket, Name: m.Name, Email: email}})
}

// move changes it.
func (h *Handler) move(v *visit) error {
	if err := h.Accounts.Move(v.r.Context(), pathVar(v.r, "ticket")); err != nil {
		return err
	}
	return h.done(v, "done.address", "/")
}
