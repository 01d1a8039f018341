package web

import (
	"slices"
	"strconv"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/moderation"
	"passerelles/posts"
)

const rulingsPerPage = 50

type rulePage struct {
	Post  posts.Post
	Error string
	Typed string
	Back  string

	Themes []communities.Theme // that a thread may have, or has
	Chosen []int64             // of those
	Wrong  string              // with the choice
}

// ruling shows what who animates a community may do to a post.
func (h *Handler) ruling(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if _, err := h.animated(v, p); err != nil {
		return err
	}
	body, err := h.rulePage(v, p)
	if err != nil {
		return err
	}
	return h.show(v, "rule", page{Title: "rule.title", Hidden: true, Body: body})
}

func (h *Handler) rulePage(v *visit, p posts.Post) (rulePage, error) {
	body := rulePage{Post: p, Back: place(p), Chosen: idsOf(p.Themes)}
	if !p.Starter() {
		return body, nil
	}
	all, err := h.Communities.AllThemes(v.r.Context(), h.DB, p.Community.ID)
	for _, t := range all {
		if !t.Retired || slices.Contains(body.Chosen, t.ID) {
			body.Themes = append(body.Themes, t)
		}
	}
	return body, err
}

// animated refuses who does not animate the community of a post.
func (h *Handler) animated(v *visit, p posts.Post) (bool, error) {
	if p.Community != nil {
		me, err := h.Directory.ByID(v.r.Context(), v.member.ID)
		if err != nil {
			return false, err
		}
		if yes, err := h.Communities.Moderates(v.r.Context(), h.DB, *p.Community, me); yes || err != nil {
			return yes, err
		}
	}
	return false, fault.New(fault.Forbidden, "Only who animates a community does this.")
}

// rule does it.
func (h *Handler) rule(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if v.r.PostFormValue("act") == "themes" {
		return h.ruleThemes(v, p)
	}
	r := posts.Ruling{Act: v.r.PostFormValue("act"), Reason: v.r.PostFormValue("reason")}
	if err := h.Posts.Rule(v.r.Context(), v.member.ID, p.ID, r); err != nil {
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		body, failed := h.rulePage(v, p)
		if failed != nil {
			return failed
		}
		body.Error, body.Typed = h.words.fault(v.language, fault.Message(err)), r.Reason
		return h.render(v, h.weigh(v, err).Status(), "rule", page{Title: "rule.title", Hidden: true, Body: body})
	}
	return h.done(v, "done.ruled", place(p))
}

type rulingsPage struct {
	Community actors.Actor
	Rows      []moderation.Entry
	More      string
	Animates  bool
	ShownTo   string
	Choices   []string
	Appeals   []int64
}

// communityRulings shows what was done to keep order in a community, to whom it chose.
func (h *Handler) communityRulings(v *visit) error {
	ctx := v.r.Context()
	c, err := h.ourCommunity(v)
	if err != nil {
		return err
	}
	reader := v.reader().ID
	all, err := h.Communities.Rulings(ctx, reader, c.ID, v.before(), rulingsPerPage+1)
	if err != nil {
		return err
	}
	body := rulingsPage{Community: c, Choices: []string{communities.ShownToAll, communities.ShownToMembers, communities.ShownToAnimators}}
	if len(all) > rulingsPerPage {
		all = all[:rulingsPerPage]
		body.More = actorPath(c) + "/rulings?before=" + strconv.FormatInt(all[rulingsPerPage-1].ID, 10)
	}
	if body.Rows, err = h.Moderation.Entries(ctx, v.reader(), all); err != nil {
		return err
	}
	if body.Animates, err = h.Communities.IsAnimator(ctx, h.DB, c.ID, reader); err != nil {
		return err
	}
	if body.ShownTo, err = h.Communities.RulingsShown(ctx, c.ID); err != nil {
		return err
	}
	if body.Appeals, err = h.Moderation.AppealsFor(ctx, reader, c.ID); err != nil {
		return err
	}
	return h.show(v, "rulings", page{Title: "rulings.title", Hidden: true, Body: body})
}

// showRulings chooses who reads them.
func (h *Handler) showRulings(v *visit) error {
	c, err := h.ourCommunity(v)
	if err != nil {
		return err
	}
	if err := h.Communities.ShowRulings(v.r.Context(), v.member.ID, c.ID, v.r.PostFormValue("shown")); err != nil {
		return err
	}
	return h.done(v, "done.saved", actorPath(c)+"/rulings")
}

type rulingPage struct {
	moderation.Entry
	Appeal  *moderation.Appeal
	Appeals bool // the reader may
	Answers bool // likewise
}

// oneRuling shows one, with the appeal against it to whom it concerns and to those who animate.
func (h *Handler) oneRuling(v *visit) error {
	ctx := v.r.Context()
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return err
	}
	r, err := h.Communities.RulingByID(ctx, h.DB, v.member.ID, id)
	if err != nil {
		return err
	}
	rows, err := h.Moderation.Entries(ctx, v.reader(), []communities.Ruling{r})
	if err != nil {
		return err
	}
	body := rulingPage{Entry: rows[0]}
	if body.Appeals, err = h.Moderation.MayAppeal(ctx, v.member.ID, r); err != nil {
		return err
	}
	animates, err := h.Communities.IsAnimator(ctx, h.DB, r.Community, v.member.ID)
	if err != nil {
		return err
	}
	if animates || v.member.ID == r.Person {
		appeal, err := h.Moderation.AppealOf(ctx, id)
		if err == nil {
			body.Appeal = &appeal
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if body.Appeal != nil && body.Appeal.AnsweredAt == nil {
		if body.Answers, err = h.Moderation.MayAnswer(ctx, h.DB, v.member.ID, r); err != nil {
			return err
		}
	}
	return h.show(v, "ruling", page{Title: "ruling.title", Hidden: true, Body: body})
}

// appeal asks another animator to look again.
func (h *Handler) appeal(v *visit) error {
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return err
	}
	if err := h.Moderation.Appeal(v.r.Context(), v.member.ID, id, v.r.PostFormValue("words")); err != nil {
		return err
	}
	return h.done(v, "done.appealed", rulingPath(id))
}

// answerAppeal ends an appeal.
func (h *Handler) answerAppeal(v *visit) error {
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return err
	}
	granted := v.r.PostFormValue("granted") == "yes"
	if err := h.Moderation.AnswerAppeal(v.r.Context(), v.member.ID, id, granted, v.r.PostFormValue("words")); err != nil {
		return err
	}
	return h.done(v, "done.answered", rulingPath(id))
}

func rulingPath(id int64) string { return "/rulings/" + strconv.FormatInt(id, 10) }

var actWords = map[string]string{
	communities.Pin: "act.pin", communities.Unpin: "act.unpin", communities.Lock: "act.lock", communities.Unlock: "act.unlock",
	communities.Remove: "act.remove", communities.Restore: "act.restore", communities.Admit: "act.admit", communities.Erase: "act.delete",
	communities.Banish: "act.ban", communities.Pardon: "act.unban",
	communities.PutUnder: "act.theme", communities.TakeFrom: "act.untheme",
	communities.Name + " " + communities.RoleOwner: "act.owner", communities.Name + " " + communities.RoleAnimator: "act.animator",
	communities.Name + " " + communities.RoleMember: "act.member",
	communities.Part + " " + communities.RoleOwner:  "act.part", communities.Part + " " + communities.RoleAnimator: "act.part",
	communities.Forget: "act.purge", communities.Forgot: "act.purged",
}

// actKey is what is said of an act; where its words are a role, that says it too.
func actKey(act, words string) string {
	if key := actWords[act+" "+words]; key != "" {
		return key
	}
	return actWords[act]
}

// aboutAct are the words of an act that actKey does not say.
func aboutAct(act, words string) string {
	if actWords[act+" "+words] != "" {
		return ""
	}
	return words
}

var shownWords = map[string]string{
	communities.ShownToAll: "rulings.all", communities.ShownToMembers: "rulings.members", communities.ShownToAnimators: "rulings.animators",
}
