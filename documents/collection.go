package documents

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/outbox"
)

const pageSize = 20

// sendCollection writes a collection for who may read it.
func (h *Handler) sendCollection(w http.ResponseWriter, r *http.Request, who access.Reader, c vocab.Collection) error {
	body, err := c.Encode()
	if err != nil {
		return err
	}
	e := encode(body)
	e.public = anybody(who)
	return h.send(w, r, e)
}

// owner finds the actor of ours whose collection is asked for.
func (h *Handler) owner(r *http.Request) (access.Reader, actors.Actor, error) {
	if err := acceptable(r); err != nil {
		return access.Reader{}, actors.Actor{}, err
	}
	who, err := h.reader(r)
	if err != nil {
		return who, actors.Actor{}, err
	}
	a, err := h.local(r, who)
	return who, a, err
}

// outbox lists what an actor sent to everybody, newest first. Lemmy reads no pages: of a
// community the newest stand in the collection itself.
func (h *Handler) outbox(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	c := vocab.Collection{ID: a.Outbox, Type: "OrderedCollection", Ordered: true}
	page := query.Has("page") || query.Has("before")
	if page || a.Kind == actors.Group {
		before, err := beforeOf(r)
		if err != nil {
			return err
		}
		if c, err = h.outboxPage(r, who, a, c, before, page); err != nil {
			return err
		}
	}
	if !page {
		total, err := outbox.CollectionSize(r.Context(), h.DB, who, a.ID)
		if err != nil {
			return err
		}
		c.Total, c.First = &total, a.Outbox+"?page=true"
		c.Next = ""
	}
	return h.sendCollection(w, r, who, c)
}

func (h *Handler) outboxPage(r *http.Request, who access.Reader, a actors.Actor, c vocab.Collection, before int64, page bool) (vocab.Collection, error) {
	sent, err := outbox.Collection(r.Context(), h.DB, who, a.ID, before, pageSize)
	if err != nil {
		return c, err
	}
	for _, s := range sent {
		item, err := vocab.Embed(s.Body)
		if err != nil {
			return c, err
		}
		c.Items = append(c.Items, item)
	}
	if !page {
		return c, nil
	}
	c.Type, c.PartOf = "OrderedCollectionPage", a.Outbox
	c.ID = a.Outbox + "?page=true"
	if before > 0 {
		c.ID = a.Outbox + "?before=" + strconv.FormatInt(before, 10)
	}
	if len(sent) == pageSize {
		c.Next = a.Outbox + "?before=" + strconv.FormatInt(sent[len(sent)-1].ID, 10)
	}
	return c, nil
}

func beforeOf(r *http.Request) (int64, error) {
	text := r.URL.Query().Get("before")
	if text == "" {
		return 0, nil
	}
	before, err := strconv.ParseInt(text, 10, 64)
	if err != nil || before <= 0 {
		return 0, fault.New(fault.Invalid, "before is not a number of this collection")
	}
	return before, nil
}

// followers and following say how many, not who: that is nobody's business.
func (h *Handler) followers(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("is_follower") {
		return h.isFollower(w, r, who, a)
	}
	ties, err := h.Directory.TiesOf(r.Context(), h.DB, []actors.ID{a.ID})
	if err != nil {
		return err
	}
	n := ties[a.ID].Followers
	return h.sendCollection(w, r, who, vocab.Collection{ID: a.Followers, Type: "Collection", Total: &n})
}

// isFollower answers the question that Lemmy asks the server of a private community before it
// shows somebody what stands there: whether they may read it. It is answered to whom may read
// it themselves; to all others it is as if there were nobody.
func (h *Handler) isFollower(w http.ResponseWriter, r *http.Request, who access.Reader, a actors.Actor) error {
	level, err := access.LevelOf(r.Context(), h.DB, a.ID)
	if err != nil {
		return err
	}
	if a.Kind != actors.Group || !level.Closed() {
		return fault.New(fault.Invalid, "this is asked of a community for members")
	}
	asks, err := access.Belongs(r.Context(), h.DB, who, a.ID)
	if err != nil {
		return err
	}
	if !asks {
		return errNobody
	}
	of, err := h.readerNamed(r.Context(), r.URL.Query().Get("is_follower"))
	if err != nil {
		return err
	}
	reads, err := access.Belongs(r.Context(), h.DB, of, a.ID)
	if err == nil && !reads {
		err = errNobody
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

// askFor is how long the server of somebody may take to say who that is.
const askFor = 5 * time.Second

// readerNamed is the reader that would sign as this actor: a server, or a person.
func (h *Handler) readerNamed(ctx context.Context, iri string) (access.Reader, error) {
	if err := h.welcome(ctx, federation.Host(iri)); err != nil {
		return access.Reader{}, errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	a, err := h.Directory.Resolve(ctx, iri)
	switch {
	case fault.Is(err, fault.Internal):
		return access.Reader{}, err
	case err != nil || a.Gone:
		return access.Reader{}, errNobody
	case a.Kind == actors.Application:
		return access.Reader{Host: a.Host}, nil
	}
	return access.Reader{ID: a.ID}, nil
}

func (h *Handler) following(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	ties, err := h.Directory.TiesOf(r.Context(), h.DB, []actors.ID{a.ID})
	if err != nil {
		return err
	}
	n := ties[a.ID].Following
	return h.sendCollection(w, r, who, vocab.Collection{ID: a.Following, Type: "Collection", Total: &n})
}

// members says how many belong to a community, not who.
func (h *Handler) members(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	if a.Kind != actors.Group {
		return fault.New(fault.NotFound, "only a community has members")
	}
	n, err := h.Communities.CountMembers(r.Context(), h.DB, a.ID)
	if err != nil {
		return err
	}
	return h.sendCollection(w, r, who, vocab.Collection{ID: a.Members, Type: "Collection", Total: &n, AttributedTo: a.IRI})
}

// moderators lists who animates a community.
func (h *Handler) moderators(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	if a.Kind != actors.Group {
		return fault.New(fault.NotFound, "only a community has animators")
	}
	list, err := h.Communities.Animators(r.Context(), h.DB, a.ID)
	if err != nil {
		return err
	}
	n := len(list)
	c := vocab.Collection{ID: a.Moderators, Type: "OrderedCollection", Ordered: true, Total: &n, AttributedTo: a.IRI}
	for _, animator := range list {
		c.Items = append(c.Items, vocab.Link(animator.IRI))
	}
	return h.sendCollection(w, r, who, c)
}

// featured is what stands first: what a community of ours features.
func (h *Handler) featured(w http.ResponseWriter, r *http.Request) error {
	who, a, err := h.owner(r)
	if err != nil {
		return err
	}
	list, err := h.Posts.FeaturedIn(r.Context(), h.DB, who, a.ID)
	if err != nil {
		return err
	}
	n := len(list)
	c := vocab.Collection{ID: a.Featured, Type: "OrderedCollection", Ordered: true, Total: &n}
	for _, iri := range list {
		c.Items = append(c.Items, vocab.Link(iri))
	}
	return h.sendCollection(w, r, who, c)
}

// applicationCount is any collection of the server itself, which says nothing to the public.
func (h *Handler) applicationCount(w http.ResponseWriter, r *http.Request) error {
	none := 0
	return h.sendCollection(w, r, access.Reader{}, vocab.Collection{
		ID: h.IRIs.Origin + r.URL.Path, Type: "OrderedCollection", Ordered: true, Total: &none,
	})
}
