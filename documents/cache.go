package documents

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// encoded is a document ready to be sent.
type encoded struct {
	body   []byte
	etag   string
	links  string // Link header
	status int
	public bool
}

func encode(body []byte) encoded {
	sum := sha256.Sum256(body)
	return encoded{body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, status: http.StatusOK, public: true}
}

// send writes a document; 304 to who has it already.
func (h *Handler) send(w http.ResponseWriter, r *http.Request, e encoded) error {
	head := w.Header()
	head["Vary"] = []string{"Accept"}
	head["X-Content-Type-Options"] = []string{"nosniff"}
	if e.links != "" {
		head["Link"] = []string{e.links}
	}
	switch {
	case e.public && e.status == http.StatusOK:
		head["Cache-Control"] = []string{"public, max-age=10"}
		head["Etag"] = []string{e.etag}
	default:
		head["Cache-Control"] = []string{"private, no-store"}
	}
	if e.status == http.StatusOK && e.public && matches(r.Header.Get("If-None-Match"), e.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	head["Content-Type"] = []string{answerType(r)}
	head["Content-Length"] = []string{strconv.Itoa(len(e.body))}
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(e.body) // fails only if who asked has gone
	}
	return nil
}

func matches(asked, etag string) bool {
	if asked == "" {
		return false
	}
	for part := range strings.SplitSeq(asked, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}

const (
	keepFor = 3 * time.Second
	keepMax = 4096
)

// cache keeps documents that anybody may read, under a name that holds their version.
type cache struct {
	mu   sync.RWMutex
	kept map[string]keptDocument
}

type keptDocument struct {
	encoded
	until time.Time
}

// get gives what is kept under a name, or makes it and keeps it.
func (c *cache) get(name string, now time.Time, build func() (encoded, error)) (encoded, error) {
	c.mu.RLock()
	k, found := c.kept[name]
	c.mu.RUnlock()
	if found && now.Before(k.until) {
		return k.encoded, nil
	}
	e, err := build()
	if err != nil || !e.public {
		return e, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= keepMax {
		c.kept = make(map[string]keptDocument, keepMax)
	}
	c.kept[name] = keptDocument{e, now.Add(keepFor)}
	return e, nil
}
