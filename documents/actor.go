package documents

import (
	"fmt"
	"net/http"
	"strconv"

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
	if _, err := h.reader(r); err != nil {
		return err
	}
	a, err := h.Directory.ByName(r.Context(), lower(pathVar(r, "name")))
	if err == nil && a.Kind != kind {
		err = fault.New(fault.NotFound, "nobody has this name")
	}
	return h.sendFound(w, r, a, err)
}

// actor shows a person or a community by its id; a browser is sent to its page.
func (h *Handler) actor(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	if _, err := h.reader(r); err != nil {
		return err
	}
	a, err := h.local(r)
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

// local finds the actor of ours that the address names.
func (h *Handler) local(r *http.Request) (actors.Actor, error) {
	id, err := strconv.ParseInt(pathVar(r, "id"), 10, 64)
	if err != nil {
		return actors.Actor{}, fault.New(fault.NotFound, "nobody is here")
	}
	a, err := h.Directory.ByID(r.Context(), actors.ID(id))
	if (err == nil || fault.Is(err, fault.Gone)) && (!a.Local() || a.IRI != h.IRIs.Actor(id)) {
		return actors.Actor{}, fault.New(fault.NotFound, "nobody is here")
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

func (h *Handler) sendActor(w http.ResponseWriter, r *http.Request, a actors.Actor) error {
	name := fmt.Sprintf("actor %d %d %s", a.ID, a.RefreshedAt.UnixNano(), a.Title)
	e, err := h.cache.get(name, h.Now(), func() (encoded, error) {
		keys, err := h.Directory.PublicKeys(r.Context(), h.DB, a.ID)
		if err != nil {
			return encoded{}, err
		}
		body, err := actors.Document(a, keys, h.IRIs).Encode()
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
	return h.send(w, r, e)
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
