package web

import (
	"net/url"
	"strings"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/posts"
)

type communitiesPage struct {
	Communities []communities.Community
	More        string // address of the next page
	Me          bool
	Founds      bool // the reader may make one
}

// communities lists those of this server.
func (h *Handler) communities(v *visit) error {
	all, err := h.Communities.List(v.r.Context(), v.r.URL.Query().Get("after"), tilesPerPage+1)
	if err != nil {
		return err
	}
	body := communitiesPage{Communities: all, Me: v.member != nil}
	if v.member != nil {
		err := h.Communities.MayFound(v.r.Context(), h.DB, v.member.ID)
		if err != nil && !fault.Is(err, fault.Forbidden) {
			return err
		}
		body.Founds = err == nil
	}
	if len(all) > tilesPerPage {
		body.Communities = all[:tilesPerPage]
		body.More = "/communities?after=" + url.QueryEscape(all[tilesPerPage-1].Actor.Name)
	}
	return h.show(v, "communities", page{Title: "communities.title", Body: body})
}

type communityPage struct {
	Bond      bond
	Ours      *communities.Community // nil: of another server
	Standing  communities.Standing   // of who is signed in, in one of ours
	Animates  bool
	Owns      bool
	Waiting   int // who asks to join, for those who animate
	Held      int // what waits to be let in, likewise
	Animators []actors.Actor
	Address   string // by which people elsewhere follow it
	Composer  *composer
	Refused   string // why the reader may not write here
	List      list
	Pinned    list // what stands first, on its first page

	Themes []communities.Theme
	Theme  *communities.Theme // under which what is shown stands; nil: all is

	Charter   communities.Charter // of one of ours, as it stands
	AsksAgain communities.Charter // which the reader, a member, has not accepted yet
	Questions []string
	Ban       *communities.Ban    // the reader is kept out; nil: they are not
	Typed     communities.Joining // what was typed to join it
	JoinError string              // and what was wrong with that
}

// Inside says whether all that is said is for members, and the reader is none.
func (p communityPage) Inside() bool {
	access := p.Bond.Actor.Access
	if p.Ours != nil {
		access = p.Ours.Access
	}
	return access.Closed() && p.Standing != communities.Member
}

// Here is the community.
func (p communityPage) Here() *actors.Actor { return &p.Bond.Actor }

// Still says whether the community is archived.
func (p communityPage) Still() bool { return p.Ours != nil && p.Ours.Archived != nil }

// community shows a community of ours, or what came here of one elsewhere.
func (h *Handler) community(v *visit) error {
	name := pathVar(v.r, "name")
	a, err := h.known(v, name)
	if fault.Is(err, fault.NotFound) && v.member != nil && strings.Contains(name, "@") {
		return v.redirect("/follow?who=" + url.QueryEscape("@"+name)) // members may ask its server
	}
	if err != nil {
		return err
	}
	if a.Kind != actors.Group || a.Local() && !strings.EqualFold(a.Name, name) { // a person, or what was called so
		return v.redirect(actorPath(a))
	}
	body, err := h.communityPage(v, a)
	if err != nil {
		return err
	}
	p := page{Title: a.DisplayName(), Named: true, Hidden: true, Document: a.IRI, Body: body}
	if body.Theme != nil {
		p.Title = body.Theme.Name + " · " + p.Title
		return h.show(v, "community", p)
	}
	if body.Ours != nil && body.Ours.Access == actors.Open {
		p.Hidden, p.Feed, p.Card = !a.Indexable, actorPath(a)+feedFile, h.cardOf(a)
	}
	return h.show(v, "community", p)
}

func (h *Handler) communityPage(v *visit, a actors.Actor) (communityPage, error) {
	ctx := v.r.Context()
	body, err := h.communityThreads(v, a)
	if err != nil {
		return body, err
	}
	body.Address, body.List.Named, body.Pinned.Named = h.address(a), true, true
	if v.before() == 0 && body.Theme == nil {
		if body.Pinned.Posts, err = h.Posts.Featured(ctx, v.reader(), a.ID); err != nil {
			return body, err
		}
	}
	if body.Bond, err = h.bondWith(v, a); err != nil {
		return body, err
	}
	if err := h.mayWrite(v, a, &body); err != nil {
		return body, err
	}
	if !a.Local() {
		return body, h.tellStandingElsewhere(v, a.ID, &body)
	}
	c, err := h.Communities.ByID(ctx, a.ID)
	if err != nil {
		return body, err
	}
	body.Ours = &c
	if body.Charter, err = h.Communities.Charter(ctx, h.DB, a.ID); err != nil {
		return body, err
	}
	if body.Animators, err = h.Communities.Animators(ctx, h.DB, a.ID); err != nil || v.member == nil {
		return body, err
	}
	err = h.tellStanding(v, a.ID, &body)
	return body, err
}

// communityThreads finds what a page of a community shows, and its themes.
func (h *Handler) communityThreads(v *visit, a actors.Actor) (body communityPage, err error) {
	ctx := v.r.Context()
	if body.Theme, err = h.themeAsked(v, a.ID); err != nil {
		return body, err
	}
	if body.Themes, err = h.Communities.Themes(ctx, h.DB, a.ID); err != nil {
		return body, err
	}
	if body.Theme != nil {
		found, err := h.Timelines.Themed(ctx, v.reader(), a.ID, body.Theme.ID, v.part())
		body.List = listOf(found, themePath(&a, body.Theme.ID))
		return body, err
	}
	found, err := h.Timelines.Community(ctx, v.reader(), a.ID, v.part())
	body.List = listOf(found, actorPath(a))
	return body, err
}

// tellStandingElsewhere says what the reader is in a community elsewhere, as its server told.
func (h *Handler) tellStandingElsewhere(v *visit, community actors.ID, body *communityPage) (err error) {
	if v.member == nil {
		return nil
	}
	if body.Standing, err = h.Communities.StandingOf(v.r.Context(), h.DB, community, v.member.ID); err != nil {
		return err
	}
	body.Ban, err = h.banOf(v, community)
	if body.Ban != nil {
		body.Composer = nil
	}
	return err
}

// banOf gives the ban of the reader, nil for want of one.
func (h *Handler) banOf(v *visit, community actors.ID) (*communities.Ban, error) {
	ban, err := h.Communities.BanOf(v.r.Context(), h.DB, community, v.member.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &ban, err
}

// tellStanding says what the reader is in a community of ours.
func (h *Handler) tellStanding(v *visit, community actors.ID, body *communityPage) (err error) {
	ctx := v.r.Context()
	if body.Standing, err = h.Communities.StandingOf(ctx, h.DB, community, v.member.ID); err != nil {
		return err
	}
	if body.Ban, err = h.banOf(v, community); err != nil {
		return err
	}
	if body.Standing == communities.Member {
		body.AsksAgain, err = h.Communities.AsksAgain(ctx, h.DB, community, v.member.ID)
	} else {
		body.Questions, err = h.Communities.Questions(ctx, h.DB, community)
	}
	if err != nil {
		return err
	}
	role, err := h.Communities.RoleOf(ctx, h.DB, community, v.member.ID)
	body.Owns, body.Animates = role == communities.RoleOwner, role == communities.RoleOwner || role == communities.RoleAnimator
	if err != nil || !body.Animates {
		return err
	}
	list, err := h.Communities.Requests(ctx, v.member.ID, community, mostRequests)
	if err != nil {
		return err
	}
	body.Waiting = len(list)
	body.Held, err = h.Posts.CountHeld(ctx, community)
	return err
}

// mayWrite offers the composer to those whose posts the community takes.
func (h *Handler) mayWrite(v *visit, community actors.Actor, body *communityPage) error {
	if v.member == nil {
		return nil
	}
	me, err := h.Directory.ByID(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	if community.Local() {
		err = h.Communities.MayPublishFor(v.r.Context(), h.DB, communities.Publication{Community: community.ID, Author: me.ID, Starts: true})
	} else {
		err = h.Communities.MayBegin(v.r.Context(), h.DB, community, me)
	}
	if fault.Is(err, fault.Forbidden) {
		body.Refused = h.words.fault(v.language, fault.Message(err))
		return nil
	}
	if err != nil {
		return err
	}
	scopes, err := h.Posts.ScopesFor(v.r.Context(), v.member.ID, community.ID)
	if err != nil {
		return err
	}
	body.Composer = &composer{ID: "new", Action: "/posts", Community: &community, Scope: scopes[0], Scopes: scopes, Draft: posts.Draft{Quotable: v.member.Quotable}}
	if body.Theme != nil && !body.Theme.Retired {
		body.Composer.Draft.Themes = []int64{body.Theme.ID}
	}
	return h.offerThemes(v, body.Composer)
}

// address is how people on other servers find an actor.
func (h *Handler) address(a actors.Actor) string {
	if !a.Local() {
		return a.Handle()
	}
	_, host, _ := strings.Cut(h.Origin, "://")
	return a.Handle() + "@" + host
}
