package documents

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
)

// application shows the server itself. No signature is looked at: who verifies ours must
// be able to read this before we can verify theirs.
func (h *Handler) application(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	a, err := h.Directory.Application(r.Context())
	if err != nil {
		return err
	}
	return h.sendActor(w, r, a)
}

// person and group show who has a page at this address.
func (h *Handler) person(w http.ResponseWriter, r *http.Request) error {
	return h.named(w, r, actors.Person)
}

func (h *Handler) group(w http.ResponseWriter, r *http.Request) error {
	return h.named(w, r, actors.Group)
}

func (h *Handler) named(w http.ResponseWriter, r *http.Request, kind actors.Kind) error {
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	a, err := h.Directory.ByName(r.Context(), lower(pathVar(r, "name")))
	if fault.Is(err, fault.NotFound) || (err == nil || fault.Is(err, fault.Gone)) && a.Kind != kind {
		return errNobody
	}
	if err := h.hidden(r.Context(), who, a, err); err != nil {
		return err
	}
	return h.sendFound(w, r, a, err)
}

// errNobody is told of who is not here, and of who must not be known to be.
var errNobody = fault.New(fault.NotFound, "nobody is here")

// hidden refuses an actor that was found, unless the reader may know of it.
func (h *Handler) hidden(ctx context.Context, who access.Reader, a actors.Actor, found error) error {
	if found != nil && !fault.Is(found, fault.Gone) {
		return nil
	}
	knows, err := access.Knows(ctx, h.DB, who, a)
	if err == nil && !knows {
		err = errNobody
	}
	return err
}

// actor shows a person or a community by its id; a browser is sent to its page.
func (h *Handler) actor(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	a, err := h.local(r, who)
	if err == nil && prefersPage(r) {
		w.Header().Set("Vary", "Accept")
		http.Redirect(w, r, pageOf(h.IRIs.Origin, a), http.StatusSeeOther)
		return nil
	}
	return h.sendFound(w, r, a, err)
}

// prefersPage says whether HTML is named: at a machine's address a wildcard is not enough.
func prefersPage(r *http.Request) bool {
	document, page := weigh(r)
	return page > document && namesPage(r)
}

// local finds the actor of ours that the address names, if the reader may know of it.
func (h *Handler) local(r *http.Request, who access.Reader) (actors.Actor, error) {
	id, err := strconv.ParseInt(pathVar(r, "id"), 10, 64)
	if err != nil {
		return actors.Actor{}, errNobody
	}
	a, err := h.Directory.ByID(r.Context(), actors.ID(id))
	if fault.Is(err, fault.NotFound) || (err == nil || fault.Is(err, fault.Gone)) && (!a.Local() || a.IRI != h.IRIs.Actor(id)) {
		return actors.Actor{}, errNobody
	}
	if err := h.hidden(r.Context(), who, a, err); err != nil {
		return actors.Actor{}, err
	}
	return a, err
}

// sendFound shows an actor that was found, or what remains of it.
func (h *Handler) sendFound(w http.ResponseWriter, r *http.Request, a actors.Actor, err error) error {
	if fault.Is(err, fault.Gone) && a.IRI != "" {
		return h.sendTombstone(w, r, vocab.Tombstone{ID: a.IRI, FormerType: a.Kind.Type()})
	}
	if err != nil {
		return err
	}
	return h.sendActor(w, r, a)
}

// sendActor shows an actor. What not everybody may know of is kept by nobody on the way.
func (h *Handler) sendActor(w http.ResponseWriter, r *http.Request, a actors.Actor) error {
	name := fmt.Sprintf("actor %d %d %s %s", a.ID, a.RefreshedAt.UnixNano(), a.Title, a.Access)
	e, err := h.cache.get(name, h.Now(), func() (encoded, error) {
		document, err := h.documentOf(r.Context(), a)
		if err != nil {
			return encoded{}, err
		}
		body, err := document.Encode()
		if err != nil {
			return encoded{}, err
		}
		e := encode(body)
		if a.Kind != actors.Application {
			e.links = alternate(pageOf(h.IRIs.Origin, a))
		}
		return e, nil
	})
	if err != nil {
		return err
	}
	e.public = a.Access != actors.Confidential
	return h.send(w, r, e)
}

func (h *Handler) documentOf(ctx context.Context, a actors.Actor) (vocab.Actor, error) {
	if a.Kind == actors.Group {
		return h.Communities.Document(ctx, h.DB, a)
	}
	keys, err := h.Directory.PublicKeys(ctx, h.DB, a.ID)
	return actors.Document(a, keys, h.IRIs), err
}

func (h *Handler) sendTombstone(w http.ResponseWriter, r *http.Request, t vocab.Tombstone) error {
	body, err := t.Encode()
	if err != nil {
		return err
	}
	e := encode(body)
	e.status = http.StatusGone
	return h.send(w, r, e)
}

// pageOf is where people read of an actor of ours.
func pageOf(origin string, a actors.Actor) string {
	switch a.Kind {
	case actors.Group:
		return origin + "/c/" + a.Name
	case actors.Application:
		return origin + "/"
	}
	return origin + "/@" + a.Name
}

func alternate(page string) string { return `<` + page + `>; rel="alternate"; type="text/html"` }
