package web

import (
	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

// echoPage is one post, shown to who has a link of their own to it and is not signed in.
type echoPage struct {
	Post     posts.Post
	Reader   actors.Actor
	Pictures int // that are shown to who is signed in only
	Files    []handed
}

// handed is a file with its address for one reader, for an hour.
type handed struct{ Name, Address string }

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
	for _, f := range p.Files {
		body.Files = append(body.Files, handed{f.Name, f.Path() + h.Media.GrantTo(access.Reader{ID: reader.ID}, f)})
	}
	body.Post.Pictures, body.Post.Files = nil, nil
	return h.show(v, "echo", page{Title: headline(p), Named: true, Hidden: true, Body: body})
}
