package web

import (
	"slices"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/pace"
)

type signUpPage struct {
	Mode                      accounts.Mode
	Invitation                string // the ticket of who was invited
	Invited                   bool
	Name, Email, Title, Words string
	Error                     string
}

// May says whether who looks may sign up.
func (p signUpPage) May() bool {
	return p.Mode == accounts.Open || p.Mode == accounts.Approval || p.Mode == accounts.Invitation && p.Invited
}

// Explains says whether somebody will read why.
func (p signUpPage) Explains() bool { return p.Mode == accounts.Approval && !p.Invited }

// signingUp shows the form, or why there is none.
func (h *Handler) signingUp(v *visit) error {
	form, err := h.signUpForm(v, v.r.URL.Query().Get("invitation"))
	if err != nil {
		return err
	}
	return h.show(v, "sign-up", page{Title: "signup.title", Hidden: true, Body: form})
}

func (h *Handler) signUpForm(v *visit, invitation string) (p signUpPage, err error) {
	p.Invitation = invitation
	if p.Mode, err = h.Accounts.SignUpMode(v.r.Context()); err != nil {
		return p, err
	}
	p.Invited, err = h.Accounts.MayInvited(v.r.Context(), invitation)
	return p, err
}

// signUp asks for an account. What is answered tells nothing about the address.
func (h *Handler) signUp(v *visit) error {
	typed := v.r.PostFormValue
	a := accounts.Asked{New: accounts.New{Name: typed("name"), Email: typed("email"), Password: typed("password"), Title: typed("title"), Language: v.language},
		Words: typed("words"), Invitation: typed("invitation"), Address: pace.Visitor(v.r)}
	err := h.Accounts.SignUp(v.r.Context(), a)
	if err == nil {
		return v.redirect("/sign-up/sent")
	}
	form, other := h.signUpForm(v, a.Invitation)
	if other != nil {
		return other
	}
	form.Name, form.Email, form.Title, form.Words = a.Name, a.Email, a.Title, a.Words
	return h.formAgain(v, err, &form.Error, "sign-up", page{Title: "signup.title", Hidden: true, Body: &form})
}

// formAgain shows a form with what is wrong with it; what is ours to mend is an error.
func (h *Handler) formAgain(v *visit, err error, said *string, name string, p page) error {
	shown := []fault.Kind{fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.TooMany}
	*said = h.words.fault(v.language, fault.Message(err))
	if !slices.Contains(shown, fault.KindOf(err)) || *said == "" {
		return err
	}
	return h.render(v, h.weigh(v, err).Status(), name, p)
}

// signUpSent tells what happens now.
func (h *Handler) signUpSent(v *visit) error {
	return h.show(v, "sent", page{Title: "sent.title", Hidden: true, Body: sentPage{SignUp: true, Caught: h.catches()}})
}

type sentPage struct{ SignUp, Caught bool }

// catches says whether mails are not sent, but shown to administrators.
func (h *Handler) catches() bool { return h.Mails != nil && h.Mails.Catches() }

type confirmPage struct{ Ticket, Name, Error string }

// confirming asks for the password that was chosen: who owns the address did not always ask.
func (h *Handler) confirming(v *visit) error {
	ticket := pathVar(v.r, "ticket")
	name, err := h.Accounts.Awaits(v.r.Context(), ticket)
	if err != nil {
		return err
	}
	return h.show(v, "confirm", page{Title: "confirm.title", Hidden: true, Body: confirmPage{Ticket: ticket, Name: name}})
}

// confirm makes a member of somebody, and signs in, or says that an answer will come.
func (h *Handler) confirm(v *visit) error {
	ticket := pathVar(v.r, "ticket")
	name, err := h.Accounts.Awaits(v.r.Context(), ticket)
	if err != nil {
		return err
	}
	m, waiting, err := h.Accounts.Confirm(v.r.Context(), ticket, v.r.PostFormValue("password"), pace.Visitor(v.r))
	switch {
	case err != nil:
		form := confirmPage{Ticket: ticket, Name: name}
		return h.formAgain(v, err, &form.Error, "confirm", page{Title: "confirm.title", Hidden: true, Body: &form})
	case waiting:
		return h.done(v, "done.waiting", "/")
	}
	return h.comeIn(v, m, "done.confirmed", h.goal(v, "/communities"))
}

// comeIn signs a member in and goes on, over the page that asks for a code where there is one
// to show.
func (h *Handler) comeIn(v *visit, m accounts.Member, key, to string) error {
	whole, err := h.signIn(v, m)
	if err != nil {
		return err
	}
	if !whole {
		return h.askCode(v, key, to)
	}
	v.language = ours(m.Language)
	v.attachSession(h)
	return h.done(v, key, to)
}

type resetPage struct {
	Email, Error, Ticket, Name string
	Sends                      bool
}

// resetting asks for the address to which a link is sent.
func (h *Handler) resetting(v *visit) error {
	return h.show(v, "reset", page{Title: "reset.title", Hidden: true, Body: resetPage{Sends: h.sends()}})
}

func (h *Handler) sends() bool { return h.Mails != nil && h.Mails.Sends() }

// askReset has it sent, if the address has an account; the answer does not tell.
func (h *Handler) askReset(v *visit) error {
	form := resetPage{Email: v.r.PostFormValue("email"), Sends: h.sends()}
	if err := h.Accounts.AskReset(v.r.Context(), form.Email, pace.Visitor(v.r)); err != nil {
		return h.formAgain(v, err, &form.Error, "reset", page{Title: "reset.title", Hidden: true, Body: &form})
	}
	return v.redirect("/reset/sent")
}

func (h *Handler) resetSent(v *visit) error {
	return h.show(v, "sent", page{Title: "sent.title", Hidden: true, Body: sentPage{Caught: h.catches()}})
}

// choosing shows the form for a new password to who holds a link.
func (h *Handler) choosing(v *visit) error {
	ticket := pathVar(v.r, "ticket")
	m, err := h.Accounts.Resets(v.r.Context(), ticket)
	if err != nil {
		return err
	}
	return h.show(v, "choose", page{Title: "choose.title", Hidden: true, Body: resetPage{Ticket: ticket, Name: m.Name}})
}

// choose sets it.
func (h *Handler) choose(v *visit) error {
	form := resetPage{Ticket: pathVar(v.r, "ticket")}
	m, err := h.Accounts.Resets(v.r.Context(), form.Ticket)
	if err != nil {
		return err
	}
	form.Name = m.Name
	if m, err = h.Accounts.Reset(v.r.Context(), form.Ticket, v.r.PostFormValue("password")); err != nil {
		return h.formAgain(v, err, &form.Error, "choose", page{Title: "choose.title", Hidden: true, Body: &form})
	}
	return h.comeIn(v, m, "done.password", "/")
}
