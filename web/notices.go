package web

import (
	"fmt"
	"net/http"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/posts"
)

const noticesPerPage = 30

// noticeLine is a notice with what it is about.
type noticeLine struct {
	notifications.Notice
	Post      *posts.Post   // nil: it is about none
	Who       *actors.Actor // nil: nobody is named
	Community *actors.Actor
}

type noticesPage struct {
	Lines  []noticeLine
	Last   int64 // the latest that is shown; 0: none
	Unread bool
	Older  string // address of those before; "": there are none
}

// notices shows what a member was told, the latest first.
func (h *Handler) notices(v *visit) error {
	found, err := h.Mails.For(v.r.Context(), v.member.ID, notifications.Page{Before: v.before(), Limit: noticesPerPage + 1})
	if err != nil {
		return err
	}
	body := noticesPage{}
	if len(found) > noticesPerPage {
		found = found[:noticesPerPage]
		body.Older = fmt.Sprintf("/notifications?before=%d", found[len(found)-1].ID)
	}
	if body.Lines, err = h.noticeLines(v, found); err != nil {
		return err
	}
	for _, n := range body.Lines {
		body.Last, body.Unread = max(body.Last, n.ID), body.Unread || n.ReadAt == nil
	}
	return h.show(v, "notices", page{Title: "notices.title", Hidden: true, Body: body})
}

// noticeLines finds what notices are about; what the reader may not see any more is left out.
func (h *Handler) noticeLines(v *visit, found []notifications.Notice) (lines []noticeLine, err error) {
	var about []int64
	var named []actors.ID
	for _, n := range found {
		about, named = append(about, n.Post), append(named, n.By, n.Community)
	}
	shown, err := h.Posts.ByIDs(v.r.Context(), v.reader(), about)
	if err != nil {
		return nil, err
	}
	people, err := h.Directory.ByIDs(v.r.Context(), named)
	if err != nil {
		return nil, err
	}
	for _, n := range found {
		line := noticeLine{Notice: n, Who: personIn(people, n.By), Community: personIn(people, n.Community)}
		if at := slices.IndexFunc(shown, func(p posts.Post) bool { return p.ID == n.Post }); at >= 0 {
			line.Post = &shown[at]
		} else if n.Post != 0 {
			continue
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func personIn(people map[actors.ID]actors.Actor, id actors.ID) *actors.Actor {
	if a, ok := people[id]; ok && id != 0 && !a.Gone {
		return &a
	}
	return nil
}

// notice goes to what a notice is about, and notes that it was read.
func (h *Handler) notice(v *visit) error {
	id, err := number(pathVar(v.r, "notice"))
	if err != nil {
		return err
	}
	n, err := h.Mails.Read(v.r.Context(), v.member.ID, id)
	if err != nil {
		return err
	}
	lines, err := h.noticeLines(v, []notifications.Notice{n})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return v.redirect(target(lines[0]))
}

// target is the page of what a notice is about.
func target(n noticeLine) string {
	switch {
	case n.Post != nil:
		return place(*n.Post)
	case n.Kind == notifications.Unsent:
		return "/settings/scheduled"
	case n.Kind == notifications.Report || n.Kind == notifications.Settled:
		return fmt.Sprintf("/reports/%d", n.Ref)
	case n.Kind == notifications.Held && n.Community != nil:
		return actorPath(*n.Community) + "/posting"
	case n.Kind == notifications.Appeal || n.Kind == notifications.Answered:
		return rulingPath(n.Ref)
	case n.Kind == notifications.Asked:
		return "/follow"
	case n.Kind == notifications.Followed && n.Who != nil:
		return actorPath(*n.Who)
	case n.Community != nil && n.Kind == notifications.Request:
		return actorPath(*n.Community) + "/requests"
	case n.Community != nil:
		return actorPath(*n.Community)
	}
	return "/notifications"
}

// readNotices notes that a member read all that the page showed.
func (h *Handler) readNotices(v *visit) error {
	last, err := number(v.r.PostFormValue("last"))
	if err != nil {
		return err
	}
	if err := h.Mails.ReadAll(v.r.Context(), v.member.ID, last); err != nil {
		return err
	}
	return h.done(v, "done.read", "/notifications")
}

// unread counts what a member has not read; 0 where nobody is signed in.
func (h *Handler) unread(v *visit) (int, error) {
	if v.member == nil || h.Mails == nil {
		return 0, nil
	}
	return h.Mails.Unread(v.r.Context(), v.member.ID, nil)
}

// handed takes a form from whoever holds the address to which it is sent: a mail program, which
// has no page of ours.
func (h *Handler) handed(f action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, largestForm)
		v := h.stranger(w, r)
		err := readForm(r)
		if err == nil {
			err = f(v)
		}
		if err != nil {
			h.fail(v, err)
		}
	})
}

// toldWords say what happened, with a name and without.
var toldWords = map[string][2]string{
	notifications.Reply: {"told.reply", "told.reply"}, notifications.Mention: {"told.mention", "told.mention"},
	notifications.New: {"told.new", "told.new"}, notifications.Request: {"told.request", "told.request"},
	notifications.Approved: {"told.approved", "told.approved.unnamed"}, notifications.Declined: {"told.declined", "told.declined.unnamed"},
	notifications.Invited: {"told.invited", "told.invited.unnamed"}, notifications.Removed: {"told.removed", "told.removed.unnamed"},
	notifications.Promoted: {"told.promoted", "told.promoted.unnamed"}, notifications.Owner: {"told.owner", "told.owner.unnamed"},
	notifications.Demoted: {"told.demoted", "told.demoted.unnamed"}, notifications.Report: {"told.report", "told.report"},
	notifications.Appeal: {"told.appeal", "told.appeal"}, notifications.Held: {"told.held", "told.held"}, notifications.Settled: {"told.settled", "told.settled"},
	notifications.Answered: {"told.answered", "told.answered"}, notifications.Liked: {"told.liked", "told.liked"},
	notifications.Boosted: {"told.boosted", "told.boosted"}, notifications.Followed: {"told.followed", "told.followed"},
	notifications.Quoted: {"told.quoted", "told.quoted"}, notifications.Requoted: {"told.requoted", "told.requoted"},
	notifications.Asked: {"told.asked", "told.asked"}, notifications.Ended: {"told.ended", "told.ended"},
	notifications.Unsent: {"told.unsent", "told.unsent"},
}

var listWords = map[string]string{notifications.Answers: "list.answers", notifications.Posts: "list.posts",
	notifications.Membership: "list.membership", notifications.Work: "list.work", notifications.Outcomes: "list.outcomes",
	notifications.Signs: "list.signs"}

var howWords = map[string]string{"": "how.inherit", notifications.None: "how.none", notifications.Site: "how.site", notifications.ByMail: "how.mail"}

// noticed says what happened.
func (h *Handler) noticed(language string, n noticeLine) (string, error) {
	who, err := h.words.say(language, "told.somebody")
	if err != nil {
		return "", err
	}
	if n.Who != nil {
		who = n.Who.DisplayName()
	}
	keys, community := toldWords[n.Kind], ""
	key := keys[1]
	if n.Community != nil {
		key, community = keys[0], n.Community.DisplayName()
	}
	return h.words.say(language, key, "Who", who, "Community", community)
}
