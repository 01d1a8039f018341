package documents

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/"

// nodeinfoIndex says where NodeInfo is.
func (h *Handler) nodeinfoIndex(w http.ResponseWriter, r *http.Request) error {
	type link struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	}
	return h.sendJSON(w, r, "application/json; charset=utf-8", map[string][]link{"links": {
		{nodeInfoSchema + "2.0", h.IRIs.Origin + "/nodeinfo/2.0"},
		{nodeInfoSchema + "2.1", h.IRIs.Origin + "/nodeinfo/2.1"},
		{"https://www.w3.org/ns/activitystreams#Application", h.IRIs.Application()},
	}})
}

type nodeInfo struct {
	Version  string   `json:"version"`
	Software software `json:"software"`

	Protocols []string            `json:"protocols"`
	Services  map[string][]string `json:"services"`

	OpenRegistrations bool          `json:"openRegistrations"`
	Usage             nodeInfoUsage `json:"usage"`
	Metadata          metadata      `json:"metadata"`
}

type software struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
	Homepage   string `json:"homepage,omitempty"`
}

type nodeInfoUsage struct {
	Users         userCount `json:"users"`
	LocalPosts    int       `json:"localPosts"`
	LocalComments int       `json:"localComments"`
}

type userCount struct {
	Total          int `json:"total"`
	ActiveMonth    int `json:"activeMonth"`
	ActiveHalfYear int `json:"activeHalfyear"`
}

// metadata names upstream "mastodon": clients built with Megalodon refuse to go on when
// they know neither the software nor that.
type metadata struct {
	NodeName        string            `json:"nodeName"`
	NodeDescription string            `json:"nodeDescription"`
	Upstream        map[string]string `json:"upstream,omitempty"`
}

// nodeinfo says what this server runs and how large it is.
func (h *Handler) nodeinfo(w http.ResponseWriter, r *http.Request) error {
	u, err := h.usage.get(r.Context(), h)
	if err != nil {
		return err
	}
	version := pathVar(r, "version")
	return h.sendJSON(w, r, `application/json; profile="`+nodeInfoSchema+version+`#"; charset=utf-8`, nodeInfo{
		Version: version, Software: software{Name: Software, Version: h.Version},
		Protocols: []string{"activitypub"}, Services: map[string][]string{"inbound": {}, "outbound": {}},
		Usage: nodeInfoUsage{
			Users:      userCount{u.Members, u.ActiveMonth, u.ActiveHalfYear},
			LocalPosts: u.Posts, LocalComments: u.Comments,
		},
		Metadata: metadata{NodeName: h.Name, Upstream: map[string]string{"name": "mastodon"}},
	})
}

// usageCache counts once in five minutes: crawlers come in crowds.
type usageCache struct {
	mu    sync.Mutex
	last  usage
	until time.Time
}

func (c *usageCache) get(ctx context.Context, h *Handler) (usage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := h.Now()
	if now.Before(c.until) {
		return c.last, nil
	}
	u, err := countUsage(ctx, h.DB, now.AddDate(0, -1, 0).UnixMilli()<<21, now.AddDate(0, -6, 0).UnixMilli()<<21)
	if err == nil {
		c.last, c.until = u, now.Add(5*time.Minute)
	}
	return u, err
}

// Usage says how large this server is: its members, those who wrote within a month, their posts
// and replies that anybody may read.
func (h *Handler) Usage(ctx context.Context) (members, activeMonth, posts int, err error) {
	u, err := h.usage.get(ctx, h)
	return u.Members, u.ActiveMonth, u.Posts + u.Comments, err
}

// sendJSON answers what any site may read.
func (h *Handler) sendJSON(w http.ResponseWriter, r *http.Request, contentType string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return sendOpen(w, r, contentType, body)
}

func sendOpen(w http.ResponseWriter, r *http.Request, contentType string, body []byte) error {
	head := w.Header()
	head.Set("Content-Type", contentType)
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "public, max-age=60")
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // fails only if who asked has gone
	}
	return nil
}

// Week is how lively this server was in a week that begins on a Monday, in UTC.
type Week struct {
	Begins                  time.Time
	Posts, Authors, Members int // said that anybody may read; by how many; who came
}

// Weeks gives the last ones, the present one first.
func (h *Handler) Weeks(ctx context.Context, n int) ([]Week, error) {
	today := h.Now().UTC().Truncate(24 * time.Hour)
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	return weeks(ctx, h.DB, monday.AddDate(0, 0, -7*(n-1)), n)
}
