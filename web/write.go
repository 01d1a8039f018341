package web

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/posts"
)

type writePage struct {
	Composer composer
	Context  *posts.Post // what is answered or changed
}

// publish shares a new post in a community.
func (h *Handler) publish(v *visit) error {
	draft := draftOf(v)
	form := composer{ID: "new", Action: "/posts", Draft: draft}
	quoted, err := h.quotedIn(v, draft)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.r.PostFormValue("community"), 10, 64)
	if err != nil || id <= 0 {
		return h.again(v, form, quoted, fault.New(fault.Invalid, "Choose the community in which to publish."))
	}
	community, err := h.Directory.ByID(v.r.Context(), actors.ID(id))
	if community, err = h.unlessHidden(v, community, err); err != nil {
		return err
	}
	draft.Community, form.Community = community.ID, &community
	if form.Scopes, err = h.Posts.ScopesFor(v.r.Context(), v.member.ID, community.ID); err != nil {
		return err
	}
	form.Scope = cmp.Or(draft.Scope, form.Scopes[0])
	if err := h.offerThemes(v, &form); err != nil {
		return err
	}
	if err := h.unwelcome(v); err != nil {
		return h.again(v, form, quoted, err)
	}
	if untold, err := h.untold(v); err != nil || untold {
		form.Draft = draft
		return h.tell(v, form, quoted, err)
	}
	p, err := h.Posts.Publish(v.r.Context(), v.member.ID, draft)
	if err != nil {
		return h.again(v, form, quoted, err)
	}
	return h.done(v, "done.published", postPath(p.ID))
}

// reply shares a reply.
func (h *Handler) reply(v *visit) error {
	parent, err := h.seen(v)
	if err != nil {
		return err
	}
	draft := draftOf(v)
	draft.InReplyTo = parent.ID
	if err := h.unwelcome(v); err != nil {
		form := replyTo(parent)
		form.Draft = draft
		return h.again(v, *form, &parent, err)
	}
	if untold, err := h.untold(v); err != nil || untold {
		form := replyTo(parent)
		form.Draft = draft
		return h.tell(v, *form, &parent, err)
	}
	p, err := h.Posts.Publish(v.r.Context(), v.member.ID, draft)
	if err != nil {
		form := replyTo(parent)
		form.Draft = draft
		return h.again(v, *form, &parent, err)
	}
	return h.done(v, "done.replied", place(p))
}

// again shows what was written and why it was not taken, so that nothing of it
// is lost.
func (h *Handler) again(v *visit, form composer, context *posts.Post, err error) error {
	kind := fault.KindOf(err)
	form.Error = h.saidOf(v, err)
	if kind == fault.Internal || form.Error == "" {
		return err
	}
	if err := h.keep(v, &form); err != nil {
		return err
	}
	if form.Community == nil && !form.Reply && !form.Edit {
		groups, err := h.groups(v)
		if err != nil {
			return err
		}
		form.Choice = groups
	}
	h.weigh(v, err)
	return h.render(v, kind.Status(), "write", page{Title: "write.again", Hidden: true, Body: writePage{form, context}})
}

// saidOf is what a reader is told of an error, "" where that is nothing of theirs.
func (h *Handler) saidOf(v *visit, err error) string {
	if told := (*toldError)(nil); errors.As(err, &told) {
		return told.said
	}
	if fault.KindOf(err) == fault.Internal {
		return ""
	}
	return h.words.fault(v.language, fault.Message(err))
}

// done goes to another page, which says first what happens now.
func (h *Handler) done(v *visit, key, to string) error {
	notice, err := h.words.say(v.language, key)
	if err != nil {
		return err
	}
	v.remember(notice)
	return v.redirect(to)
}

// editing shows a post of the member's to be changed.
func (h *Handler) editing(v *visit) error {
	p, err := h.mine(v)
	if err != nil {
		return err
	}
	form := editOf(p)
	form.Draft, form.Files = posts.Draft{Title: p.Title, Text: p.Source, Themes: idsOf(p.Themes), Quotable: p.QuotableBy()}, p.Files
	if err := h.offerThemes(v, &form); err != nil {
		return err
	}
	return h.render(v, http.StatusOK, "write", page{Title: "write.edit", Hidden: true, Body: writePage{form, nil}})
}

// edit changes a post of the member's.
func (h *Handler) edit(v *visit) error {
	p, err := h.mine(v)
	if err != nil {
		return err
	}
	draft := draftOf(v)
	draft.Kind, draft.InReplyTo, draft.Summary, draft.Sensitive = p.Kind, p.ParentID, p.Summary, p.Sensitive
	err = h.unwelcome(v)
	var changed posts.Post
	if err == nil {
		changed, err = h.Posts.Edit(v.r.Context(), v.member.ID, p.ID, draft)
	}
	if err != nil {
		form := editOf(p)
		form.Draft = draft
		if err := h.offerThemes(v, &form); err != nil {
			return err
		}
		return h.again(v, form, nil, err)
	}
	return h.done(v, "done.edited", place(changed))
}

func editOf(p posts.Post) composer {
	return composer{ID: "edit", Action: postPath(p.ID) + "/edit", Edit: true, Reply: !p.Starter(), Scope: p.Scope, Community: p.Community, changed: &p}
}

// mine is the post that an address names, if it is the member's.
func (h *Handler) mine(v *visit) (posts.Post, error) {
	p, err := h.seen(v)
	if err != nil {
		return p, err
	}
	if p.Author.ID != v.member.ID || !p.Local {
		return p, fault.New(fault.Forbidden, "Only its author edits a post.")
	}
	return p, nil
}
