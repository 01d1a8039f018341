package web

import (
	"strconv"

	"passerelles/posts"
)

type deletePage struct {
	Post posts.Post
	Mine bool
	Back string
}

// deleting asks whether a post is really to be deleted.
func (h *Handler) deleting(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	return h.show(v, "delete", page{Title: "delete.title", Hidden: true,
		Body: deletePage{p, p.Author.ID == v.member.ID, place(p)}})
}

// delete deletes it.
func (h *Handler) delete(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if err := h.Posts.Delete(v.r.Context(), v.member.ID, p.ID); err != nil {
		return err
	}
	return h.done(v, "done.deleted", after(p))
}

// after is where to go once a post is no more.
func after(p posts.Post) string {
	switch {
	case p.Root != p.ID:
		return postPath(p.Root)
	case p.Community != nil:
		return actorPath(*p.Community)
	}
	return "/"
}

// like tells that a member likes a post.
func (h *Handler) like(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if err := h.Posts.Like(v.r.Context(), v.member.ID, p.ID); err != nil {
		return err
	}
	return h.done(v, "done.liked", place(p))
}

// vote chooses in the poll of a post.
func (h *Handler) vote(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	var choices []int
	for _, text := range v.r.PostForm["choice"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // which is none
		}
		choices = append(choices, n)
	}
	if _, err := h.Posts.Vote(v.r.Context(), v.member.ID, p.ID, choices); err != nil {
		return err
	}
	return h.done(v, "done.voted", place(p))
}

// unlike takes it back.
func (h *Handler) unlike(v *visit) error {
	p, err := h.seen(v)
	if err != nil {
		return err
	}
	if err := h.Posts.Unlike(v.r.Context(), v.member.ID, p.ID); err != nil {
		return err
	}
	return h.done(v, "done.unliked", place(p))
}
