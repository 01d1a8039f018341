package access

import (
	"context"
	"time"

	"passerelles/storage"
)

// Hosts knows which servers we talk to.
type Hosts struct {
	db  *storage.DB
	now func() time.Time
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
// known here 30 seconds later.
func (h *Hosts) Allowed(ctx context.Context, host string) (bool, error) { return false, errSoon }

// Suspend ends all talk with a server and its subdomains.
func (h *Hosts) Suspend(ctx context.Context, host, reason string) error { return errSoon }

// Restore takes a suspension back.
func (h *Hosts) Restore(ctx context.Context, host string) error { return errSoon }

// List gives the policies, by host.
func (h *Hosts) List(ctx context.Context) ([]Policy, error) { return nil, errSoon }
