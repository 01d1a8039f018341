package web

import (
	"strconv"
	"time"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/notifications"
)

type signUpsPage struct {
	Waiting     []accounts.Waiting
	Invitations []invite
	Error       string
}

// invite is an invitation, and whether it has ended.
type invite struct {
	accounts.Invite
	Over bool
}

// signUps shows administrators who waits, and which invitations there are.
func (h *Handler) signUps(v *visit) error {
	body, err := h.signUpsPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "sign-ups", page{Title: "signups.title", Hidden: true, Body: body})
}

func (h *Handler) signUpsPage(v *visit) (p signUpsPage, err error) {
	if p.Waiting, err = h.Accounts.Waiting(v.r.Context()); err != nil {
		return p, err
	}
	all, err := h.Accounts.Invitations(v.r.Context())
	for _, i := range all {
		p.Invitations = append(p.Invitations, invite{i, i.Ended(h.Now())})
	}
	return p, err
}

// answerSignUp accepts somebody who waits, or declines.
func (h *Handler) answerSignUp(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("id"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "Choose whom to answer.")
	}
	if v.r.PostFormValue("answer") == "yes" {
		if _, err := h.Accounts.Accept(v.r.Context(), v.by(), id); err != nil {
			return err
		}
		return h.done(v, "done.accepted", "/admin/sign-ups")
	}
	if err := h.Accounts.Decline(v.r.Context(), v.by(), id, v.r.PostFormValue("word")); err != nil {
		return err
	}
	return h.done(v, "done.declined", "/admin/sign-ups")
}

// invite makes a link.
func (h *Handler) invite(v *visit) error {
	typed := v.r.PostFormValue
	most, _ := strconv.Atoi(typed("most")) // 0, which is refused, for what is no number
	days, _ := strconv.Atoi(typed("days")) // likewise
	if days > 366 {
		days = 0
	}
	_, err := h.Accounts.Invite(v.r.Context(), v.by(), typed("label"), most, time.Duration(days)*24*time.Hour)
	if err == nil {
		return h.done(v, "done.invited", "/admin/sign-ups")
	}
	form, other := h.signUpsPage(v)
	if other != nil {
		return other
	}
	return h.formAgain(v, err, &form.Error, "sign-ups", page{Title: "signups.title", Hidden: true, Body: &form})
}

// endInvitation lets nobody in by it any more.
func (h *Handler) endInvitation(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("id"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "Choose the invitation to end.")
	}
	if err := h.Accounts.EndInvitation(v.r.Context(), v.by(), id); err != nil {
		return err
	}
	return h.done(v, "done.uninvited", "/admin/sign-ups")
}

type serverPage struct {
	accounts.Settings
	Modes []accounts.Mode
	Sends bool // mails leave: otherwise nobody signs up
	Who   []accounts.Founders
	Error string
}

// serverSettings shows administrators what they may set.
func (h *Handler) serverSettings(v *visit) error {
	set, err := h.Accounts.Settings(v.r.Context())
	if err != nil {
		return err
	}
	return h.show(v, "server", page{Title: "server.title", Hidden: true, Body: h.serverPage(set)})
}

func (h *Handler) serverPage(set accounts.Settings) serverPage {
	return serverPage{Settings: set, Modes: accounts.Modes(), Sends: h.sends(),
		Who: []accounts.Founders{accounts.Administrators, accounts.EveryMember}}
}

// changeServer sets it.
func (h *Handler) changeServer(v *visit) error {
	typed := v.r.PostFormValue
	set := accounts.Settings{SignUp: accounts.Mode(typed("mode")), Founders: accounts.Founders(typed("founders")),
		Charge: accounts.Charge{Name: typed("name"), Role: typed("role"), Reach: typed("reach")}}
	if err := h.Accounts.ChangeSettings(v.r.Context(), v.by(), set); err != nil {
		form := h.serverPage(set)
		return h.formAgain(v, err, &form.Error, "server", page{Title: "server.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.server", "/admin/settings")
}

// mails shows those that stayed here, on a server that is only tried out.
func (h *Handler) mails(v *visit) error {
	if !h.catches() {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	caught, err := h.Mails.Caught(v.r.Context())
	if err != nil {
		return err
	}
	return h.show(v, "mails", page{Title: "mails.title", Hidden: true, Body: mailsPage{caught}})
}

type mailsPage struct{ Mails []notifications.Caught }
