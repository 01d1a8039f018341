package mastodon

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/timelines"
)

const lookFor = 10 * time.Second // for other servers to answer, while somebody waits

type found struct {
	Accounts []account    `json:"accounts"`
	Statuses []status     `json:"statuses"`
	Hashtags []tagWithUse `json:"hashtags"`
}

// search finds people, communities and posts by their names, addresses or words. Where asked to
// resolve, it asks the other server, for members.
func (h *Handler) search(c *call) (any, error) { return h.searched(c) }

func (h *Handler) searched(c *call) (found, error) {
	typed := strings.TrimSpace(c.params.Get("q"))
	only := c.params.Get("type")
	v := found{[]account{}, []status{}, []tagWithUse{}}
	if typed == "" || c.number("offset") > 0 {
		return v, nil
	}
	if only == "" || only == "accounts" {
		people, err := h.people(c, typed, c.limit(20, 40))
		if err != nil {
			return v, err
		}
		if v.Accounts, err = h.accounts(c, people); err != nil {
			return v, err
		}
	}
	if only == "" || only == "statuses" {
		all, err := h.written(c, typed)
		if err != nil {
			return v, err
		}
		if v.Statuses, err = h.statuses(c, all); err != nil {
			return v, err
		}
	}
	if only == "" || only == "hashtags" {
		if err := h.findTags(c, typed, &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

// findTags finds the hashtags that begin so.
func (h *Handler) findTags(c *call, typed string, v *found) error {
	if strings.ContainsAny(typed, " /@:") {
		return nil
	}
	uses, err := h.Timelines.FindTags(c.r.Context(), typed, c.limit(20, 40))
	for _, u := range uses {
		v.Hashtags = append(v.Hashtags, h.used(u.Name, nil))
	}
	return err
}

type olderFound struct {
	Accounts []account `json:"accounts"`
	Statuses []status  `json:"statuses"`
	Hashtags []string  `json:"hashtags"`
}

// olderSearch is search as it was first answered.
func (h *Handler) olderSearch(c *call) (any, error) {
	v, err := h.searched(c)
	names := []string{}
	for _, t := range v.Hashtags {
		names = append(names, t.Name)
	}
	return olderFound{v.Accounts, v.Statuses, names}, err
}

// people finds them by name, or the one whom a handle or an address names.
func (h *Handler) people(c *call, typed string, most int) ([]actors.Actor, error) {
	address := strings.HasPrefix(typed, "https://") || strings.HasPrefix(typed, "http://")
	if _, _, err := federation.SplitHandle(typed); err != nil && !address {
		return h.Directory.Search(c.r.Context(), strings.TrimPrefix(typed, "@"), most)
	}
	var a actors.Actor
	var err error
	if address {
		a, err = h.at(c, typed)
	} else {
		a, err = h.called(c, typed)
	}
	if fault.Is(err, fault.NotFound) && c.member() != nil && c.yes("resolve") {
		a, err = h.askAway(c, typed)
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		return []actors.Actor{a}, nil
	case kind == fault.Internal:
		return nil, err
	}
	return nil, nil // it was not found, or cannot be had: no error for who searches
}

// at finds who has an address: the id of an actor, or a page of ours.
func (h *Handler) at(c *call, address string) (actors.Actor, error) {
	rest, ours := strings.CutPrefix(address, h.IRIs.Origin+"/")
	name, person := strings.CutPrefix(rest, "@")
	if !person {
		name, person = strings.CutPrefix(rest, "c/")
	}
	if !ours || !person || strings.Contains(name, "/") {
		return h.Directory.ByIRI(c.r.Context(), address)
	}
	return h.called(c, name)
}

// mayAsk counts what members have us ask of other servers.
func (h *Handler) mayAsk(c *call) error {
	if wait, may := h.Asked.Take(c.member().ID, rand.Text(), h.Now()); !may {
		return fault.Later(fault.TooMany, "Too many requests", wait)
	}
	return nil
}

// askAway asks another server for somebody.
func (h *Handler) askAway(c *call, typed string) (actors.Actor, error) {
	if err := h.mayAsk(c); err != nil {
		return actors.Actor{}, err
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), lookFor)
	defer cancel()
	a, err := h.Directory.Find(ctx, typed)
	if err == nil {
		err = h.History.Sight(c.r.Context(), a)
	}
	return a, err
}

// written finds posts by their words, or the one at an address.
func (h *Handler) written(c *call, typed string) ([]posts.Post, error) {
	if !strings.HasPrefix(typed, "https://") && !strings.HasPrefix(typed, "http://") {
		return h.Timelines.Search(c.r.Context(), c.reader(), typed, timelines.Page{Limit: c.limit(20, 40)})
	}
	p, err := h.Posts.ByIRI(c.r.Context(), c.reader(), typed)
	if fault.Is(err, fault.NotFound) && c.member() != nil && c.yes("resolve") && !strings.HasPrefix(typed, h.IRIs.Origin+"/") {
		p, err = h.fetch(c, typed)
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		return []posts.Post{p}, nil
	case kind == fault.Internal:
		return nil, err
	}
	return nil, nil // as above
}

func (h *Handler) fetch(c *call, typed string) (posts.Post, error) {
	if err := h.mayAsk(c); err != nil {
		return posts.Post{}, err
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), lookFor)
	defer cancel()
	iri, err := h.History.Fetch(ctx, typed)
	if err != nil {
		return posts.Post{}, fault.Wrap(fault.NotFound, fault.Message(errNone), err)
	}
	return h.Posts.ByIRI(c.r.Context(), c.reader(), iri)
}
