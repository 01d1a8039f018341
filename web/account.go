package web

import (
	"strconv"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/oauth"
)

type settingsPage struct {
	Actor    actors.Actor
	Email    string
	Quotable string         // who may quote what they write, as a rule
	Fields   []actors.Field // the lines of the profile, and room for more
	Error    string

	NoPicture string // what was wrong with a picture
}

// settings shows what a member says of itself, and what may be changed.
func (h *Handler) settings(v *visit) error {
	a, err := h.Directory.ByID(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	return h.show(v, "settings", page{Title: "settings.title", Hidden: true, Body: settingsOf(v, a)})
}

func settingsOf(v *visit, a actors.Actor) settingsPage {
	return settingsPage{Actor: a, Email: v.member.Email, Quotable: v.member.Quotable, Fields: roomy(a.Fields.List())}
}

// roomy adds empty lines up to the most that there may be.
func roomy(lines []actors.Field) []actors.Field {
	return append(lines, make([]actors.Field, max(0, actors.MostFields-len(lines)))...)
}

// saveProfile changes what a member says of itself, and what is found of it.
func (h *Handler) saveProfile(v *visit) error {
	a, err := h.Directory.ByID(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	typed := v.r.PostFormValue
	approves, habits := typed("approves") != "", v.member.Habits
	habits.Quotable = typed("quotable")
	p := accounts.Profile{Title: typed("title"), Source: typed("text"), Change: &accounts.Openness{
		Discoverable: typed("discoverable") != "", Indexable: typed("indexable") != ""}, Approves: &approves, Fields: fieldsTyped(v), Habits: &habits}
	if _, err = h.Accounts.UpdateProfile(v.r.Context(), v.member.ID, p); err != nil {
		a.Title, a.Source, a.Approves = p.Title, p.Source, approves
		a.Discoverable, a.Indexable = p.Change.Discoverable, p.Change.Indexable
		form := settingsPage{Actor: a, Email: v.member.Email, Quotable: habits.Quotable, Fields: roomy(p.Fields)}
		return h.formAgain(v, err, &form.Error, "settings", page{Title: "settings.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.profile", "/settings")
}

// fieldsTyped reads the lines of a profile.
func fieldsTyped(v *visit) []actors.Field {
	names, values := v.r.PostForm["field-name"], v.r.PostForm["field-value"]
	lines := make([]actors.Field, 0, len(names))
	for i, name := range names[:min(len(names), 2*actors.MostFields)] {
		line := actors.Field{Name: name}
		if i < len(values) {
			line.Value = values[i]
		}
		lines = append(lines, line)
	}
	return lines
}

type sessionsPage struct {
	Sessions []accounts.Session
	Keys     []accounts.Key
	Apps     []oauth.Granted
	This     int64
	Factor   bool
	Error    string
}

// sessionList shows where a member is signed in, and what else acts for it.
func (h *Handler) sessionList(v *visit) error {
	body, err := h.sessionsPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "sessions", page{Title: "sessions.title", Hidden: true, Body: body})
}

func (h *Handler) sessionsPage(v *visit) (p sessionsPage, err error) {
	p.This, p.Factor = v.session, v.member.Factor
	if p.Sessions, err = h.Accounts.Sessions(v.r.Context(), v.member.ID); err != nil {
		return p, err
	}
	if p.Keys, err = h.Accounts.Keys(v.r.Context(), v.member.ID); err != nil {
		return p, err
	}
	p.Apps, err = h.Apps.Granted(v.r.Context(), v.member.ID)
	return p, err
}

// endSession ends one of a member's sessions, keys or apps.
func (h *Handler) endSession(v *visit) error {
	ctx := v.r.Context()
	if key := v.r.PostFormValue("key"); key != "" {
		if err := h.Accounts.EndKey(ctx, v.member.ID, key); err != nil {
			return err
		}
		return h.done(v, "done.key", "/settings/sessions")
	}
	if app := v.r.PostFormValue("app"); app != "" {
		id, err := number(app)
		if err == nil {
			err = h.Apps.End(ctx, v.member.ID, id)
		}
		if err != nil {
			return err
		}
		return h.done(v, "done.app", "/settings/sessions")
	}
	session, err := strconv.ParseInt(v.r.PostFormValue("session"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "Choose the session to end.")
	}
	if err := h.Accounts.EndSession(ctx, v.member.ID, session); err != nil {
		return err
	}
	return h.done(v, "done.session", "/settings/sessions")
}

// endOthers ends all but this one.
func (h *Handler) endOthers(v *visit) error {
	if err := h.Accounts.EndOtherSessions(v.r.Context(), v.member.ID, v.session); err != nil {
		return err
	}
	return h.done(v, "done.sessions", "/settings/sessions")
}

// changePassword is for who knows the old one. The session goes on under a new token.
func (h *Handler) changePassword(v *visit) error {
	err := h.Accounts.ChangePassword(v.r.Context(), *v.member, accounts.Change{Credentials: credentialsOf(v, "old"), New: v.r.PostFormValue("password"), Session: v.session})
	if err != nil {
		form, other := h.sessionsPage(v)
		if other != nil {
			return other
		}
		return h.formAgain(v, err, &form.Error, "sessions", page{Title: "sessions.title", Hidden: true, Body: &form})
	}
	if err := h.sessions.RenewToken(v.r.Context()); err != nil {
		return err
	}
	return h.done(v, "done.changed", "/settings/sessions")
}
