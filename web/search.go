package web

import (
	"context"
	"net/url"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/text"
)

const mostNames = 12 // people and communities on a page of results

type searchPage struct {
	Query string
	Error string
	Found []actors.Actor
	List  list
	Me    bool
}

// search leads to what is called or lies so, or lists what holds the words.
func (h *Handler) search(v *visit) error {
	body := searchPage{Query: strings.TrimSpace(text.Storable(v.r.URL.Query().Get("q"))), Me: v.member != nil}
	p := page{Title: "search.title", Hidden: true}
	if oneThing(body.Query) {
		to, err := h.lead(v, body.Query)
		if err == nil {
			return v.redirect(to)
		}
		if body.Error = h.words.fault(v.language, fault.Message(err)); body.Error == "" {
			return err
		}
		p.Body = body
		return h.render(v, h.weigh(v, err).Status(), "search", p)
	}
	var err error
	if v.before() == 0 {
		if body.Found, err = h.Directory.Search(v.r.Context(), body.Query, mostNames); err != nil {
			return err
		}
	}
	found, err := h.Timelines.Search(v.r.Context(), v.reader(), body.Query, v.part())
	if err != nil {
		return err
	}
	body.List = listOf(found, "/search?q="+url.QueryEscape(body.Query))
	p.Body = body
	return h.show(v, "search", p)
}

// oneThing says whether a handle or an address was typed.
func oneThing(typed string) bool {
	if strings.HasPrefix(typed, "https://") || strings.HasPrefix(typed, "http://") {
		return true
	}
	name, isName := strings.CutPrefix(typed, "@")
	if isName && name != "" && !strings.ContainsAny(name, " \t@") {
		return true
	}
	_, _, err := federation.SplitHandle(typed)
	return err == nil
}

// lead gives the page of what is called or lies so: of what is here, or for members of
// what its server shows.
func (h *Handler) lead(v *visit, typed string) (string, error) {
	to, err := h.leadHere(v, typed)
	if v.member == nil || !fault.Is(err, fault.NotFound) || h.local(typed) {
		return to, err
	}
	return h.leadAway(v, typed)
}

func (h *Handler) local(typed string) bool {
	return strings.HasPrefix(typed, h.Origin+"/") || !strings.Contains(typed, ":") && !strings.Contains(strings.TrimLeft(typed, "@!"), "@")
}

// leadHere asks no other server.
func (h *Handler) leadHere(v *visit, typed string) (string, error) {
	ctx := v.r.Context()
	if path, ours := strings.CutPrefix(typed, h.Origin+"/"); ours && !strings.HasPrefix(path, "actors/") {
		return localPath("/" + path), nil
	}
	if strings.HasPrefix(typed, "http") && strings.Contains(typed, "://") {
		if p, err := h.Posts.ByIRI(ctx, v.reader(), typed); err == nil || !fault.Is(err, fault.NotFound) {
			return place(p), err
		}
		a, err := h.Directory.ByIRI(ctx, typed)
		a, err = h.unlessHidden(v, a, err)
		return actorPath(a), err
	}
	a, err := h.Directory.ByHandleKnown(ctx, strings.TrimLeft(strings.TrimPrefix(typed, "acct:"), "@!"))
	a, err = h.unlessHidden(v, a, err)
	return actorPath(a), err
}

// leadAway asks the server: for somebody, and where an address is nobody's for a post.
func (h *Handler) leadAway(v *visit, typed string) (string, error) {
	a, err := h.findAway(v, typed)
	if err == nil {
		return actorPath(a), h.History.Sight(v.r.Context(), a)
	}
	if !fault.Is(err, fault.Invalid) || !strings.Contains(typed, "://") {
		return "", err
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), lookFor)
	defer cancel()
	iri, err := h.History.Fetch(ctx, typed)
	if err != nil {
		return "", tooLong(ctx, err)
	}
	p, err := h.Posts.ByIRI(v.r.Context(), v.reader(), iri)
	if fault.Is(err, fault.NotFound) {
		err = errNobody // as of an address where nothing is
	}
	return place(p), err
}
