package mastodon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/oauth"
	"passerelles/pace"
	"passerelles/posts"
	"passerelles/streaming"
	"passerelles/text"
)

const streamPath = "/api/v1/streaming"

// streamWays are the addresses of streams. What a stream itself needs is asked again by streaming.
func (h *Handler) streamWays() []way {
	const get, statuses = http.MethodGet, "read:statuses"
	all := []way{
		{get, streamPath, aMember, "read:statuses|read:notifications", h.socket},
		{get, streamPath + "/health", anybody, "", h.streamHealth},
		{get, "/health", anybody, "", h.health},
		{get, streamPath + "/user/notification", aMember, "read:notifications", h.events("user:notification")},
	}
	for _, path := range []string{"user", "public", "public/local", "hashtag", "hashtag/local", "list", "direct"} {
		all = append(all, way{get, streamPath + "/" + path, aMember, statuses, h.events(strings.ReplaceAll(path, "/", ":"))})
	}
	return all
}

// streams says whether what is answered there is a stream: browsers cannot send a token along as they do elsewhere.
func (w way) streams() bool { return strings.HasPrefix(w.path, streamPath) }

// streamToken is a token in the address, or where pages of browsers can put it.
func streamToken(r *http.Request) string {
	if secret := r.URL.Query().Get("access_token"); secret != "" {
		return secret
	}
	if streaming.IsSocket(r) {
		return streaming.Offered(r)
	}
	return ""
}

// streamHealth tells that there are streams.
func (h *Handler) streamHealth(c *call) (any, error) {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.Header().Set("Cache-Control", "private, no-store")
	_, _ = c.w.Write([]byte("OK")) // fails only if the app has gone
	return answered, nil
}

// health tells that the server answers, as JSON to who wants no other.
func (h *Handler) health(c *call) (any, error) {
	if strings.Contains(c.r.Header.Get("Accept"), "json") {
		return map[string]string{"status": "OK"}, nil
	}
	return h.streamHealth(c)
}

func (h *Handler) asked(c *call, stream string) (streaming.Caller, streaming.Ask) {
	return streaming.Caller{Token: c.access.Token, Member: c.member().ID, Scopes: c.access.Scopes, Visitor: visitorOf(c.r)},
		streaming.Ask{Stream: stream, Tag: c.params.Get("tag"), List: c.params.Get("list")}
}

// visitorOf is whose streams are counted together: nobody's within a private network, where a proxy
// brings everybody.
func visitorOf(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	if ip := from.Addr().Unmap(); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return ""
	}
	return pace.Visitor(r)
}

// socket is a WebSocket, on which an app asks for streams as it goes along.
func (h *Handler) socket(c *call) (any, error) {
	if !streaming.IsSocket(c.r) {
		return nil, fault.New(fault.Invalid, "This address speaks WebSocket alone.")
	}
	caller, first := h.asked(c, c.params.Get("stream"))
	return h.streamed(h.Streams.Socket(c.w, c.r, caller, first))
}

// events is a stream of server-sent events.
func (h *Handler) events(stream string) action {
	return func(c *call) (any, error) {
		caller, ask := h.asked(c, stream)
		return h.streamed(h.Streams.Events(c.w, c.r, caller, ask))
	}
}

// streamed ends the action of a stream. How one that began ended is for no log: apps go as they come.
func (h *Handler) streamed(begun bool, err error) (any, error) {
	if begun {
		return answered, nil
	}
	return nil, err
}

// The handler words what streams tell.
var _ streaming.Words = (*Handler)(nil)

// as is a call of a reader whom a stream serves; 0: anybody.
func as(ctx context.Context, reader actors.ID) *call {
	c := &call{r: (&http.Request{}).WithContext(ctx)}
	if reader != 0 {
		c.access = &oauth.Access{Member: &accounts.Member{ID: reader}}
	}
	return c
}

// Shown words posts for a reader.
func (h *Handler) Shown(ctx context.Context, reader access.Reader, ids []int64) (map[int64]streaming.Shown, error) {
	c := as(ctx, reader.ID)
	found, err := h.Posts.ByIDs(ctx, c.reader(), ids)
	if err != nil {
		return nil, err
	}
	statuses, err := h.statuses(c, found)
	if err != nil {
		return nil, err
	}
	all := map[int64]streaming.Shown{}
	for i, p := range found {
		if all[p.ID], err = h.shownAs(c, statuses[i], p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (h *Handler) shownAs(c *call, s status, p posts.Post) (streaming.Shown, error) {
	v := streaming.Shown{Local: p.Local, Media: len(s.Media) > 0}
	for _, t := range s.Tags {
		v.Tags = append(v.Tags, text.FoldHashtag(t.Name))
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return v, err
	}
	v.Status, v.Home = string(plain), string(plain)
	if p.Community == nil || !p.Starter() {
		return v, nil
	}
	boost, err := json.Marshal(h.boosted(c, s, sharing{boostID(p.ID), *p.Community}))
	v.Home = string(boost)
	return v, err
}

// Names are the ids of a post, and of its boost.
func (h *Handler) Names(post int64) []string { return []string{id(post), id(boostID(post))} }
