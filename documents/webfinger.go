package documents

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

type jrd struct {
	Subject string    `json:"subject"`
	Aliases []string  `json:"aliases,omitempty"`
	Links   []jrdLink `json:"links"`
}

type jrdLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

const jrdType = "application/jrd+json; charset=utf-8"

// webfinger says which actor has a handle, or an address (RFC 7033).
func (h *Handler) webfinger(w http.ResponseWriter, r *http.Request) error {
	resource := r.URL.Query().Get("resource")
	if resource == "" {
		return fault.New(fault.Invalid, "say which resource")
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	a, err := h.subject(r.Context(), resource)
	if err == nil {
		err = h.hidden(r.Context(), access.Reader{}, a, nil)
	}
	if fault.Is(err, fault.NotFound) {
		return errNobody
	}
	if err != nil {
		return err
	}
	page := pageOf(h.IRIs.Origin, a)
	return h.sendJSON(w, r, jrdType, jrd{
		Subject: "acct:" + a.Name + "@" + h.IRIs.Host(),
		Aliases: []string{page, a.IRI},
		Links: []jrdLink{
			{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: page},
			{Rel: "self", Type: vocab.MediaType, Href: a.IRI},
		},
	})
}

// subject finds who a resource names: acct:name@host, or the address of an actor or of its page.
func (h *Handler) subject(ctx context.Context, resource string) (actors.Actor, error) {
	nobody := fault.New(fault.NotFound, "nobody here has this name")
	if handle, found := cutPrefixFold(resource, "acct:"); found {
		name, host, found := strings.Cut(strings.TrimPrefix(handle, "@"), "@")
		if !found || name == "" {
			return actors.Actor{}, fault.New(fault.Invalid, "this handle is not name@host")
		}
		if !strings.EqualFold(host, h.IRIs.Host()) {
			return actors.Actor{}, nobody
		}
		return h.byName(ctx, lower(name), nobody)
	}
	u, err := url.Parse(resource)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return actors.Actor{}, fault.New(fault.Invalid, "this resource is neither acct: nor an address")
	}
	if origin, err := federation.Origin(resource); err != nil || origin != h.IRIs.Origin {
		return actors.Actor{}, nobody
	}
	return h.byPath(ctx, strings.TrimSuffix(u.Path, "/"), nobody)
}

func (h *Handler) byPath(ctx context.Context, path string, nobody error) (actors.Actor, error) {
	if path == "" || path == "/actor" {
		return h.Directory.Application(ctx)
	}
	if id := h.IRIs.ActorID(h.IRIs.Origin + path); id != 0 {
		a, err := h.Directory.ByID(ctx, actors.ID(id))
		if err == nil && !a.Local() {
			err = nobody
		}
		return a, err
	}
	if name, found := strings.CutPrefix(path, "/@"); found {
		return h.byNameKind(ctx, lower(name), actors.Person, nobody)
	}
	if name, found := strings.CutPrefix(path, "/c/"); found {
		return h.byNameKind(ctx, lower(name), actors.Group, nobody)
	}
	return actors.Actor{}, nobody
}

func (h *Handler) byNameKind(ctx context.Context, name string, kind actors.Kind, nobody error) (actors.Actor, error) {
	a, err := h.Directory.ByName(ctx, name)
	if err == nil && a.Kind != kind {
		err = nobody
	}
	return a, err
}

// byName also knows the server itself, whose name is its host's.
func (h *Handler) byName(ctx context.Context, name string, nobody error) (actors.Actor, error) {
	application, err := h.Directory.Application(ctx)
	if err != nil {
		return application, err
	}
	if name == lower(application.Name) {
		return application, nil
	}
	a, err := h.Directory.ByName(ctx, name)
	if fault.Is(err, fault.NotFound) {
		err = nobody
	}
	return a, err
}

// hostMeta says where WebFinger is, to those who still ask so.
func (h *Handler) hostMeta(w http.ResponseWriter, r *http.Request) error {
	if strings.Contains(r.Header.Get("Accept"), "json") {
		return h.hostMetaJSON(w, r)
	}
	w.Header().Set("Vary", "Accept")
	var template strings.Builder
	if err := xml.EscapeText(&template, []byte(h.webfingerTemplate())); err != nil {
		return err
	}
	return sendOpen(w, r, "application/xrd+xml; charset=utf-8", []byte(xml.Header+
		`<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">`+"\n"+
		`  <Link rel="lrdd" template="`+template.String()+`"/>`+"\n</XRD>\n"))
}

func (h *Handler) hostMetaJSON(w http.ResponseWriter, r *http.Request) error {
	return h.sendJSON(w, r, "application/json; charset=utf-8", map[string][]jrdLink{
		"links": {{Rel: "lrdd", Type: "application/jrd+json", Template: h.webfingerTemplate()}},
	})
}

func (h *Handler) webfingerTemplate() string {
	return h.IRIs.Origin + "/.well-known/webfinger?resource={uri}"
}

func lower(s string) string { return strings.ToLower(s) }

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
