package web

import (
	"context"
	"encoding/xml"
	"fmt"
	"sync"
	"time"
)

const (
	mostListed  = 50_000 // the protocol's bound: https://www.sitemaps.org/protocol.html
	keepSitemap = 10 * time.Minute
)

// urlset is a sitemap.
type urlset struct {
	XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	Pages   []listed `xml:"url"`
}

type listed struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// keptSitemap is the one made last: whoever asks again costs nothing.
type keptSitemap struct {
	mu    sync.Mutex
	body  []byte
	until time.Time
}

// sitemap lists the pages that search engines may show.
func (h *Handler) sitemap(v *visit) error {
	body, err := h.kept.get(h.Now(), func() ([]byte, error) { return h.encodeSitemap(v.r.Context()) })
	if err == nil {
		sendOpen(v, "application/xml; charset=utf-8", body)
	}
	return err
}

// get makes it anew when it is old, for all who ask meanwhile.
func (k *keptSitemap) get(now time.Time, build func() ([]byte, error)) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Before(k.until) {
		return k.body, nil
	}
	body, err := build()
	if err == nil {
		k.body, k.until = body, now.Add(keepSitemap)
	}
	return body, err
}

func (h *Handler) encodeSitemap(ctx context.Context) ([]byte, error) {
	all, err := h.pagesToIndex(ctx, mostListed)
	if err != nil {
		return nil, err
	}
	return encodeXML(all)
}

func (h *Handler) pagesToIndex(ctx context.Context, most int) (all urlset, err error) {
	names, err := h.Timelines.IndexedCommunities(ctx, most)
	if err != nil {
		return all, err
	}
	for _, name := range names {
		all.Pages = append(all.Pages, listed{Address: h.Origin + "/c/" + name})
	}
	threads, err := h.Timelines.IndexedThreads(ctx, most-len(names))
	for _, t := range threads {
		all.Pages = append(all.Pages, listed{h.Origin + postPath(t.Post), atomTime(t.Changed)})
	}
	return all, err
}

// robots tells search engines where the sitemap is.
func (h *Handler) robots(v *visit) error {
	sendOpen(v, "text/plain; charset=utf-8", fmt.Appendf(nil, "User-agent: *\nDisallow: /sign-in\n\nSitemap: %s/sitemap.xml\n", h.Origin))
	return nil
}
