package web

import (
	"passerelles/actors"
	"passerelles/posts"
)

// echoPage is one post, shown to who has a link of their own to it and is not signed in.
type echoPage struct {
	Post     posts.Post
	Reader   actors.Actor
	Pictures int // that are shown to who is signed in only
}

// echo shows what is behind a personal link: to nobody else, in no cache, with no way on.
func (h *Handler) echo(v *visit) error {
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return err
	}
	p, reader, err := h.Posts.Opened(v.r.Context(), id, v.r.URL.Query().Get("key"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "private, no-store")
	body := echoPage{Post: p, Reader: reader, Pictures: len(p.Pictures)}
	body.Post.Pictures = nil
	return h.show(v, "echo", page{Title: headline(p), Named: true, Hidden: true, Body: body})
}
