package access

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
)

// policyMemory is how long what another process decided may stay unknown here.
const policyMemory = 30 * time.Second

// Hosts knows which servers we talk to.
type Hosts struct {
	db  *storage.DB
	now func() time.Time

	mu        sync.Mutex
	readAt    time.Time
	suspended map[string]bool
}

// NewHosts makes a Hosts; a nil now is time.Now.
func NewHosts(db *storage.DB, now func() time.Time) *Hosts {
	if now == nil {
		now = time.Now
	}
	return &Hosts{db: db, now: now}
}

// Policy is what was decided about a server and its subdomains.
type Policy struct {
	Host, Policy, Reason string
	Since                time.Time
}

// Allowed says whether we talk to host[:port]; what another process decided is
// known here 30 seconds later. What is no host is not talked to.
func (h *Hosts) Allowed(ctx context.Context, host string) (bool, error) {
	canonical, err := canonicalHost(host)
	if err != nil {
		return false, nil
	}
	suspended, err := h.list(ctx)
	if err != nil || len(suspended) == 0 {
		return err == nil, err
	}
	for _, name := range covering(canonical) {
		if suspended[name] {
			return false, nil
		}
	}
	return true, nil
}

// list gives the suspended hosts. One caller at a time reads them; should that
// fail, the list that was read before goes on to hold.
func (h *Hosts) list(ctx context.Context) (map[string]bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if h.suspended != nil && now.Sub(h.readAt) < policyMemory {
		return h.suspended, nil
	}
	all, err := policies(ctx, h.db)
	if err != nil {
		return h.suspended, orNil(err, h.suspended != nil)
	}
	suspended := make(map[string]bool, len(all))
	for _, p := range all {
		suspended[p.Host] = p.Policy == "suspended"
	}
	h.suspended, h.readAt = suspended, now
	return suspended, nil
}

func orNil(err error, survives bool) error {
	if survives {
		return nil
	}
	return err
}

// covering are the names under which a policy applies to a host: itself, with
// and without its port, and every domain above it.
func covering(host string) []string {
	names := []string{host}
	name := withoutPort(host)
	if name != host {
		names = append(names, name)
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return names
	}
	for {
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return names
		}
		names = append(names, parent)
		name = parent
	}
}

func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}

func canonicalHost(host string) (string, error) {
	canonical := ""
	if !strings.ContainsAny(host, "/?#@") {
		canonical = federation.Host("https://" + host + "/")
	}
	if canonical == "" {
		return "", fault.New(fault.Invalid, "This is not the name of a server.")
	}
	return canonical, nil
}

// Suspend ends all talk with a server and its subdomains.
func (h *Hosts) Suspend(ctx context.Context, host, reason string) error {
	name, err := canonicalHost(host)
	if err != nil {
		return err
	}
	defer h.forget()
	return upsertPolicy(ctx, h.db, Policy{Host: name, Policy: "suspended", Reason: reason, Since: h.now()})
}

// Restore takes a suspension back.
func (h *Hosts) Restore(ctx context.Context, host string) error {
	name, err := canonicalHost(host)
	if err != nil {
		return err
	}
	defer h.forget()
	changed, err := deletePolicy(ctx, h.db, name)
	if err == nil && !changed {
		return fault.New(fault.NotFound, "This server is not suspended.")
	}
	return err
}

// List gives the policies, by host.
func (h *Hosts) List(ctx context.Context) ([]Policy, error) { return policies(ctx, h.db) }

func (h *Hosts) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readAt = time.Time{}
}
