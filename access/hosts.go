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

	mu     sync.Mutex
	readAt time.Time
	known  *decided
}

// decided is what stands in the tables, by host.
type decided struct {
	policies   map[string]Policy
	listedOnly bool
}

// NewHosts makes a Hosts; a nil now is time.Now.
func NewHosts(db *storage.DB, now func() time.Time) *Hosts {
	if now == nil {
		now = time.Now
	}
	return &Hosts{db: db, now: now}
}

// Allowed says whether we talk to host[:port]; what another process decided is
// known here 30 seconds later. What is no host is not talked to.
func (h *Hosts) Allowed(ctx context.Context, host string) (bool, error) {
	return h.ask(ctx, host, func(d *decided, names []string) bool {
		return d.none(names, Policy.suspends) && (!d.listedOnly || d.lists(names[0]))
	})
}

// ShowsMedia says whether pictures of host[:port] are fetched and shown, likewise.
func (h *Hosts) ShowsMedia(ctx context.Context, host string) (bool, error) {
	allowed, err := h.Allowed(ctx, host)
	if err != nil || !allowed {
		return false, err
	}
	return h.ask(ctx, host, func(d *decided, names []string) bool {
		return d.none(names, func(p Policy) bool { return p.RejectMedia })
	})
}

// ask answers about a host from what was decided; no to what is none.
func (h *Hosts) ask(ctx context.Context, host string, answer func(d *decided, names []string) bool) (bool, error) {
	canonical, err := canonicalHost(host)
	if err != nil {
		return false, nil
	}
	d, err := h.decided(ctx)
	if err != nil {
		return false, err
	}
	if len(d.policies) == 0 && !d.listedOnly {
		return true, nil
	}
	return answer(d, covering(canonical)), nil
}

func (p Policy) suspends() bool { return p.Policy == Suspended }

// none says whether no policy that covers a host is such.
func (d *decided) none(names []string, such func(Policy) bool) bool {
	for _, name := range names {
		if p, ok := d.policies[name]; ok && such(p) {
			return false
		}
	}
	return true
}

// lists says whether a host is on the list: itself, since a domain does not speak for what is below it.
func (d *decided) lists(host string) bool {
	return d.policies[host].Listed || d.policies[withoutPort(host)].Listed
}

// decided gives what was decided. One caller at a time reads it; should that
// fail, what was read before goes on to hold.
func (h *Hosts) decided(ctx context.Context) (*decided, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if h.known != nil && now.Sub(h.readAt) < policyMemory {
		return h.known, nil
	}
	d, err := readDecided(ctx, h.db)
	if err != nil {
		return h.known, orNil(err, h.known != nil)
	}
	h.known, h.readAt = d, now
	return d, nil
}

func readDecided(ctx context.Context, q storage.Querier) (*decided, error) {
	all, err := policies(ctx, q)
	if err != nil {
		return nil, err
	}
	d := &decided{policies: make(map[string]Policy, len(all))}
	for _, p := range all {
		d.policies[p.Host] = p
	}
	d.listedOnly, err = listedOnly(ctx, q)
	return d, err
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

var errNoHost = fault.New(fault.Invalid, "This is not the name of a server.")

func canonicalHost(host string) (string, error) {
	canonical := ""
	if !strings.ContainsAny(host, "/?#@") {
		canonical = federation.Host("https://" + host + "/")
	}
	if canonical == "" {
		return "", errNoHost
	}
	return canonical, nil
}
