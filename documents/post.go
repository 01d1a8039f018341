package documents

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// noPost is told of what is not here, and of what the reader may not see: as posts tells it.
const noPost = "This post does not exist, or not for you."

// post shows a post of ours to who may see it; its Tombstone, with 410, once it is deleted.
// Who asks for a post of others is sent to its own server.
func (h *Handler) post(w http.ResponseWriter, r *http.Request) error {
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if !anybody(who) {
		e, err := h.encodePost(r.Context(), who, id)
		if err != nil {
			return err
		}
		return h.sendPost(w, r, e)
	}
	version, err := postVersion(r.Context(), h.DB, id)
	if err != nil {
		return err
	}
	e, err := h.cache.get("post "+strconv.FormatInt(id, 10)+" "+version, h.Now(), func() (encoded, error) {
		return h.encodePost(r.Context(), who, id)
	})
	if err != nil {
		return err
	}
	return h.sendPost(w, r, e)
}

func (h *Handler) sendPost(w http.ResponseWriter, r *http.Request, e encoded) error {
	if e.status == http.StatusFound {
		w.Header().Set("Vary", "Accept")
		http.Redirect(w, r, string(e.body), http.StatusFound)
		return nil
	}
	return h.send(w, r, e)
}

func (h *Handler) encodePost(ctx context.Context, who access.Reader, id int64) (encoded, error) {
	p, err := h.Posts.ByID(ctx, who, id)
	if fault.Is(err, fault.Gone) {
		return h.encodeTombstone(ctx, who, id)
	}
	if err != nil {
		return encoded{}, err
	}
	if !p.Local {
		return encoded{body: []byte(p.IRI), status: http.StatusFound}, nil
	}
	body, err := h.Posts.DocumentFor(p, who).Encode()
	if err != nil {
		return encoded{}, fmt.Errorf("write post %d: %w", id, err)
	}
	e := encode(body)
	e.public = p.Scope == posts.Public || p.Scope == posts.Unlisted
	e.links = alternate(p.IRI)
	return e, nil
}

func (h *Handler) encodeTombstone(ctx context.Context, who access.Reader, id int64) (encoded, error) {
	t, err := h.Posts.Tombstone(ctx, who, id)
	if err != nil {
		return encoded{}, err
	}
	if !h.IRIs.Local(t.ID) {
		return encoded{}, fault.New(fault.Gone, "this post was deleted")
	}
	body, err := t.Encode()
	if err != nil {
		return encoded{}, err
	}
	e := encode(body)
	e.status = http.StatusGone
	return e, nil
}

// echo shows what a community wrote to one member to the server of that member.
func (h *Handler) echo(w http.ResponseWriter, r *http.Request) error {
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	note, err := h.Posts.EchoFor(r.Context(), who, id)
	if err != nil {
		return err
	}
	body, err := note.Encode()
	if err != nil {
		return err
	}
	e := encode(body)
	e.public = false
	return h.send(w, r, e)
}

// thread is the collection of the posts of a thread, oldest first (FEP-7888).
func (h *Handler) thread(w http.ResponseWriter, r *http.Request) error {
	who, root, err := h.visible(r)
	if err != nil {
		return err
	}
	all, err := h.Posts.Thread(r.Context(), who, root.Root)
	if err != nil {
		return err
	}
	c := vocab.Collection{ID: h.IRIs.Context(root.ID), Type: "OrderedCollection", Ordered: true}
	if root.Community != nil {
		c.AttributedTo = root.Community.IRI
	}
	return h.sendCollection(w, r, who, links(c, all))
}

// replies is the collection of direct answers.
func (h *Handler) replies(w http.ResponseWriter, r *http.Request) error {
	who, p, err := h.visible(r)
	if err != nil {
		return err
	}
	all, err := h.Posts.RepliesTo(r.Context(), who, p.ID)
	if err != nil {
		return err
	}
	c := vocab.Collection{ID: p.IRI + "/replies", Type: "Collection"}
	return h.sendCollection(w, r, who, links(c, all))
}

// likes says how many like a post, and not who.
func (h *Handler) likes(w http.ResponseWriter, r *http.Request) error {
	who, p, err := h.visible(r)
	if err != nil {
		return err
	}
	return h.sendCollection(w, r, who, vocab.Collection{ID: p.IRI + "/likes", Type: "Collection", Total: &p.Likes})
}

// visible finds the post of ours that the address names, if the reader may see it.
func (h *Handler) visible(r *http.Request) (access.Reader, posts.Post, error) {
	if err := acceptable(r); err != nil {
		return access.Reader{}, posts.Post{}, err
	}
	who, err := h.reader(r)
	if err != nil {
		return who, posts.Post{}, err
	}
	id, err := pathID(r)
	if err != nil {
		return who, posts.Post{}, err
	}
	p, err := h.Posts.ByID(r.Context(), who, id)
	if err == nil && !p.Local {
		err = fault.New(fault.NotFound, "this post is not of this server")
	}
	return who, p, err
}

func links(c vocab.Collection, list []posts.Post) vocab.Collection {
	n := 0
	for _, p := range list {
		if p.Deleted {
			continue
		}
		c.Items = append(c.Items, vocab.Link(p.IRI))
		n++
	}
	c.Total = &n
	return c
}

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(pathVar(r, "id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.NotFound, noPost)
	}
	return id, nil
}
