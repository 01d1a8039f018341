package federation

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"unicode"

	"passerelles/fault"
)

// Found is what WebFinger says of a handle.
type Found struct {
	IRI     string // of the actor
	Subject string // name@host, which its own host confirms
}

// jrd is a WebFinger or host-meta answer.
type jrd struct {
	Subject string
	Links   []link
}

type link struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Href     string `xml:"href,attr"`
	Template string `xml:"template,attr"`
}

// FindHandle finds an actor by its handle: @name@host, !name@host, name@host or
// acct:name@host. A server may give the handle another host (its subject):
// that host is asked in turn, once, and must say the same.
func (c *Client) FindHandle(ctx context.Context, handle string) (Found, error) {
	name, host, err := SplitHandle(handle)
	if err != nil {
		return Found{}, err
	}
	found, err := c.finger(ctx, name, host)
	if err != nil || sameHandle(found.Subject, name, host) {
		return found, err
	}
	if name, host, err = SplitHandle(found.Subject); err != nil {
		return Found{}, err
	}
	if found, err = c.finger(ctx, name, host); err != nil {
		return Found{}, err
	}
	if !sameHandle(found.Subject, name, host) {
		return Found{}, fault.New(fault.Invalid, "the servers do not agree on this handle")
	}
	return found, nil
}

// HandleOf finds the handle of an actor and confirms it both ways: the host of
// the handle must name this actor. The FEP-2c59 property is asked first, then
// the name that it prefers at its own host.
func (c *Client) HandleOf(ctx context.Context, iri, preferredUsername, webfinger string) (name, host string, err error) {
	candidates := []string{webfinger, preferredUsername + "@" + Host(iri)}
	err = fault.New(fault.Invalid, "this actor has no name")
	for _, handle := range candidates {
		if handle == "" || strings.HasPrefix(handle, "@") {
			continue
		}
		var found Found
		if found, err = c.FindHandle(ctx, handle); err != nil {
			continue
		}
		if found.IRI == iri {
			return SplitHandle(found.Subject)
		}
		err = fault.New(fault.Invalid, "the handle belongs to another actor")
	}
	return "", "", err
}

// SplitHandle reads a handle into its name, as written, and its canonical host.
func SplitHandle(handle string) (name, host string, err error) {
	bad := fault.New(fault.Invalid, "this is not a handle like @name@server.example")
	handle = strings.TrimPrefix(strings.TrimSpace(handle), "acct:")
	handle = strings.TrimLeft(handle, "@!")
	name, host, ok := strings.Cut(handle, "@")
	if !ok || name == "" || len(name) > 255 || strings.ContainsFunc(name, notInName) {
		return "", "", bad
	}
	u, err := hostOrigin(host)
	if err != nil {
		return "", "", bad
	}
	return name, u.Host, nil
}

func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_-.~+%!$&'*=", r)
}

func sameHandle(subject, name, host string) bool {
	n, h, err := SplitHandle(subject)
	return err == nil && strings.EqualFold(n, name) && h == host
}

// finger asks one host for one name. Found.Subject is what it answered.
func (c *Client) finger(ctx context.Context, name, host string) (Found, error) {
	query := "?resource=" + url.QueryEscape("acct:"+name+"@"+host)
	body, err := c.discover(ctx, host, "/.well-known/webfinger"+query, jrdTypes)
	if fault.Is(err, fault.NotFound) {
		body, err = c.fingerByHostMeta(ctx, name, host, err)
	}
	if err != nil {
		return Found{}, err
	}
	return c.readJRD(body)
}

const (
	jrdTypes      = "application/jrd+json, application/json"
	hostMetaTypes = "application/xrd+xml, application/jrd+json"
)

// discover asks for a well-known document, by https, or where http is allowed
// by either.
func (c *Client) discover(ctx context.Context, host, path, accept string) ([]byte, error) {
	ask := request{accept: accept, limit: maxDiscovery}
	f, err := c.fetch(ctx, "https://"+host+path, ask)
	if c.guard.http && fault.Is(err, fault.Unavailable) && neverAnswered(err) {
		f, err = c.fetch(ctx, "http://"+host+path, ask)
	}
	return f.Body, err
}

func neverAnswered(err error) bool {
	switch causeOf(err) {
	case NoTLS, NoDial, Refused, Broken:
		return true
	}
	return false
}

// fingerByHostMeta asks where WebFinger is, for servers that moved it.
func (c *Client) fingerByHostMeta(ctx context.Context, name, host string, missing error) ([]byte, error) {
	body, err := c.discover(ctx, host, "/.well-known/host-meta", hostMetaTypes)
	if err != nil {
		return nil, missing
	}
	template, ok := lrdd(body)
	if !ok {
		return nil, missing
	}
	at := strings.ReplaceAll(template, "{uri}", url.QueryEscape("acct:"+name+"@"+host))
	f, err := c.fetch(ctx, at, request{accept: jrdTypes, limit: maxDiscovery})
	return f.Body, err
}

// lrdd finds the template of WebFinger in a host-meta document, XML or JSON.
func lrdd(body []byte) (template string, ok bool) {
	var meta struct {
		Links []link `xml:"Link"`
	}
	if json.Unmarshal(body, &meta) != nil && xml.Unmarshal(body, &meta) != nil {
		return "", false
	}
	for _, l := range meta.Links {
		if l.Rel == "lrdd" && strings.Contains(l.Template, "{uri}") {
			return l.Template, true
		}
	}
	return "", false
}

// readJRD takes the subject and the self link, whose type must be exactly one
// of ActivityPub's: other servers and other protocols have self links too.
func (c *Client) readJRD(body []byte) (Found, error) {
	var answer jrd
	if err := json.Unmarshal(body, &answer); err != nil {
		return Found{}, fault.Wrap(fault.Invalid, "the other server answers a handle that cannot be read", err)
	}
	if !strings.HasPrefix(answer.Subject, "acct:") {
		return Found{}, fault.New(fault.Invalid, "the other server does not say whose handle this is")
	}
	for _, l := range answer.Links {
		if l.Rel != "self" || l.Type != activityJSON && l.Type != linkedJSON {
			continue
		}
		u, err := parseIRI(l.Href)
		if err != nil {
			return Found{}, err
		}
		if err := c.guard.checkURL(u); err != nil {
			return Found{}, fault.Wrap(fault.Invalid, "the actor of this handle is not under https", err)
		}
		return Found{IRI: l.Href, Subject: strings.TrimPrefix(answer.Subject, "acct:")}, nil
	}
	return Found{}, fault.New(fault.NotFound, "nobody here is reached by ActivityPub under this handle")
}
