package web

import (
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/timelines"
)

const feedFile = "/feed.atom" // after the path of a community or a person

// communityFeed gives what the page of an open community of ours shows to a stranger.
func (h *Handler) communityFeed(v *visit) error {
	a, err := h.fed(v, actors.Group)
	if err != nil {
		return err
	}
	c, err := h.Communities.ByID(v.r.Context(), a.ID)
	if err != nil {
		return err
	}
	if c.Access != actors.Open {
		return nothingHere()
	}
	found, err := h.Timelines.Community(v.r.Context(), access.Reader{}, a.ID, timelines.Page{Limit: rowsPerPage})
	if err != nil {
		return err
	}
	return h.sendFeed(v, a, c.Language, found)
}

// profileFeed gives what the page of somebody of ours shows to a stranger, if
// they want to be discovered.
func (h *Handler) profileFeed(v *visit) error {
	a, err := h.fed(v, actors.Person)
	if err != nil {
		return err
	}
	if !a.Discoverable {
		return nothingHere()
	}
	found, err := h.Timelines.Profile(v.r.Context(), access.Reader{}, a.ID, timelines.Page{Limit: rowsPerPage})
	if err != nil {
		return err
	}
	return h.sendFeed(v, a, "", found)
}

// fed finds whose feed is asked for: an actor of ours. What there is and may not
// be known is answered like what there is not.
func (h *Handler) fed(v *visit, kind actors.Kind) (actors.Actor, error) {
	a, err := h.known(v, pathVar(v.r, "name"))
	if fault.Is(err, fault.NotFound) || err == nil && (a.Kind != kind || !a.Local()) {
		return a, nothingHere()
	}
	return a, err
}

func nothingHere() error { return fault.New(fault.NotFound, "There is nothing at this address.") }

func (h *Handler) sendFeed(v *visit, of actors.Actor, language string, found []posts.Post) error {
	page := h.Origin + actorPath(of)
	feed := atomFeed{
		ID: of.IRI, Title: of.DisplayName(), Language: language,
		Links: []atomLink{{"self", atomType, page + feedFile}, {"alternate", pageType, page}},
	}
	latest := of.Published
	for _, p := range found {
		e, err := h.entry(p)
		if err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, e)
		if at := changed(p); at.After(latest) {
			latest = at
		}
	}
	feed.Updated = atomTime(latest)
	body, err := encodeXML(feed)
	if err != nil {
		return err
	}
	sendOpen(v, atomType+"; charset=utf-8", body)
	return nil
}

// entry is a post in a feed: of one that comes with a warning, the warning alone.
func (h *Handler) entry(p posts.Post) (atomEntry, error) {
	title, err := h.told(ours(h.Language), p)
	e := atomEntry{
		ID: p.IRI, Title: title, Language: p.Language, Published: atomTime(p.Published), Updated: atomTime(changed(p)),
		Author: atomAuthor{p.Author.DisplayName(), h.homeOf(p.Author)},
		Links:  []atomLink{{"alternate", pageType, h.Origin + postPath(p.ID)}},
	}
	if !warned(p) {
		e.Content = &atomContent{"html", p.Content}
	}
	return e, err
}

// homeOf is the page of an actor, on its own server.
func (h *Handler) homeOf(a actors.Actor) string {
	if a.Local() {
		return h.Origin + actorPath(a)
	}
	return a.IRI
}

// changed is when a post was last written.
func changed(p posts.Post) time.Time {
	if p.Updated != nil {
		return *p.Updated
	}
	return p.Published
}

// told is what a post is called where nobody can choose to see more.
func (h *Handler) told(language string, p posts.Post) (string, error) {
	switch {
	case p.Summary != "":
		return p.Summary, nil
	case p.Sensitive:
		return h.words.say(language, "feed.sensitive")
	case headline(p) != "":
		return headline(p), nil
	}
	return h.words.say(language, "row.untitled")
}
