package web

import (
	"context"
	"fmt"
	"net/http"

	"passerelles/actors"
	"passerelles/notifications"
)

const mostChoices = 200 // communities that the page of choices lists

// choiceRow is how a member takes a list, in a field of the page of choices.
type choiceRow struct {
	Field, List, How string
	Hows             []string // to choose from; "": as everywhere
}

type communityChoices struct {
	Community actors.Actor
	Rows      []choiceRow
}

type choicesPage struct {
	Everywhere  []choiceRow
	Communities []communityChoices
}

// choices shows how a member wants to be told.
func (h *Handler) choices(v *visit) error {
	body, err := h.choicesPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "choices", page{Title: "choices.title", Hidden: true, Body: body})
}

func (h *Handler) choicesPage(v *visit) (body choicesPage, err error) {
	said, err := h.Mails.Choices(v.r.Context(), v.member.ID)
	if err != nil {
		return body, err
	}
	how := func(list string, community actors.ID) string {
		for _, c := range said {
			if c.List == list && c.Community == community {
				return c.How
			}
		}
		return ""
	}
	row := func(list string, community actors.ID) choiceRow {
		r := choiceRow{Field: choiceField(list, community), List: list, How: how(list, community), Hows: notifications.Hows}
		if community != 0 {
			r.Hows = append([]string{""}, r.Hows...)
		}
		return r
	}
	for _, list := range notifications.Lists {
		body.Everywhere = append(body.Everywhere, row(list, 0))
	}
	mine, err := h.belongsTo(v.r.Context(), v.member.ID)
	for _, m := range mine {
		one := communityChoices{Community: m.Community, Rows: []choiceRow{row(notifications.Posts, m.Community.ID), row(notifications.Answers, m.Community.ID)}}
		if m.Animates {
			one.Rows = append(one.Rows, row(notifications.Work, m.Community.ID))
		}
		body.Communities = append(body.Communities, one)
	}
	return body, err
}

func choiceField(list string, community actors.ID) string {
	return fmt.Sprintf("%s-%d", list, community)
}

// belonging is a community that somebody is a member of.
type belonging struct {
	Community actors.Actor
	Animates  bool
}

func (h *Handler) belongsTo(ctx context.Context, who actors.ID) (all []belonging, err error) {
	mine, err := h.Communities.BelongingsOf(ctx, h.DB, who, mostChoices)
	if err != nil {
		return nil, err
	}
	var ids []actors.ID
	for _, m := range mine {
		ids = append(ids, m.Community)
	}
	known, err := h.Directory.ByIDs(ctx, ids)
	for _, m := range mine {
		if c, ok := known[m.Community]; ok && !c.Gone {
			all = append(all, belonging{c, m.Animates && c.Local()})
		}
	}
	return all, err
}

// saveChoices keeps what was chosen, of what the page showed.
func (h *Handler) saveChoices(v *visit) error {
	shown, err := h.choicesPage(v)
	if err != nil {
		return err
	}
	save := func(rows []choiceRow, community actors.ID) error {
		for _, r := range rows {
			if _, sent := v.r.PostForm[r.Field]; !sent || v.r.PostFormValue(r.Field) == r.How {
				continue
			}
			c := notifications.Choice{List: r.List, Community: community, How: v.r.PostFormValue(r.Field)}
			if err := h.Mails.Choose(v.r.Context(), v.member.ID, c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := save(shown.Everywhere, 0); err != nil {
		return err
	}
	for _, c := range shown.Communities {
		if err := save(c.Rows, c.Community.ID); err != nil {
			return err
		}
	}
	return h.done(v, "done.choices", "/settings/notifications")
}

type unsubscribePage struct {
	Address, List, Community string
	Ended                    bool
}

// unsubscribing asks whether the mails of a list are to end; no one is signed in.
func (h *Handler) unsubscribing(v *visit) error { return h.endMails(v, false) }

// unsubscribe ends them, at once: a mail program does it for its reader (RFC 8058).
func (h *Handler) unsubscribe(v *visit) error {
	if err := h.Mails.End(v.r.Context(), pathVar(v.r, "end")); err != nil {
		return err
	}
	return h.endMails(v, true)
}

func (h *Handler) endMails(v *visit, ended bool) error {
	_, c, language, err := h.Mails.ReadEnd(v.r.Context(), pathVar(v.r, "end"))
	if err != nil {
		return err
	}
	v.language = ours(language)
	body := unsubscribePage{Address: v.r.URL.EscapedPath(), List: c.List, Ended: ended}
	if c.Community != 0 {
		// Whoever holds the mail is not known: what is confidential is not named.
		a, err := h.Directory.ByID(v.r.Context(), c.Community)
		if a, err = h.unlessHidden(v, a, err); err == nil {
			body.Community = a.DisplayName()
		}
	}
	return h.render(v, http.StatusOK, "unsubscribe", page{Title: "unsubscribe.title", Hidden: true, Body: body})
}
