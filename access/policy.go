package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// What may be decided about a server, the stricter the later.
const (
	Unjudged  = "none"
	Silenced  = "silenced"  // what its people write is shown to who follows them
	Suspended = "suspended" // no talk with it, nor with its subdomains
)

// Policy is what was decided about a server and its subdomains.
type Policy struct {
	Host, Policy, Reason string
	Since                time.Time
	RejectMedia          bool // no picture of it is fetched or shown
	Listed               bool // it is talked to where only listed servers are; its subdomains are not
}

// severity orders policies.
var severity = map[string]int{Unjudged: 0, Silenced: 1, Suspended: 2}

// Stricter is both policies together: the stricter of each, and the reason of the later
// where it gives one.
func (p Policy) Stricter(than Policy) Policy {
	if severity[than.Policy] > severity[p.Policy] {
		p.Policy = than.Policy
	}
	if than.Reason != "" {
		p.Reason = than.Reason
	}
	p.RejectMedia, p.Listed = p.RejectMedia || than.RejectMedia, p.Listed || than.Listed
	return p
}

// idle says whether a policy decides nothing.
func (p Policy) idle() bool { return p.Policy == Unjudged && !p.RejectMedia && !p.Listed }

// Decide changes what is decided about a server, in the caller's transaction: change is given
// what stood there. It gives what stands there now. Forget follows the commit.
func (h *Hosts) Decide(ctx context.Context, tx storage.Tx, host string, change func(Policy) Policy) (Policy, error) {
	name, err := canonicalHost(host)
	if err != nil {
		return Policy{}, err
	}
	was, err := lockPolicy(ctx, tx, name)
	if fault.Is(err, fault.NotFound) {
		was, err = Policy{Host: name, Policy: Unjudged, Since: h.now()}, nil
	}
	if err != nil {
		return Policy{}, err
	}
	p := change(was)
	p.Host = name
	if p.idle() {
		_, err := deletePolicy(ctx, tx, name)
		return p, err
	}
	return p, upsertPolicy(ctx, tx, p)
}

// Suspend ends all talk with a server and its subdomains. What else follows from it is for
// package moderation.
func (h *Hosts) Suspend(ctx context.Context, host, reason string) error {
	return h.write(ctx, host, func(p Policy) Policy { return p.Stricter(Policy{Policy: Suspended, Reason: reason}) })
}

// Restore takes back all that was decided against a server, in the caller's transaction; that it
// is listed stays. Forget follows the commit.
func (h *Hosts) Restore(ctx context.Context, tx storage.Tx, host string) (Policy, error) {
	var was Policy
	p, err := h.Decide(ctx, tx, host, func(p Policy) Policy {
		was = p
		return Policy{Policy: Unjudged, Listed: p.Listed, Since: p.Since}
	})
	if err == nil && was.Policy == Unjudged && !was.RejectMedia {
		err = fault.New(fault.NotFound, "Nothing is decided against this server.")
	}
	return p, err
}

func (h *Hosts) write(ctx context.Context, host string, change func(Policy) Policy) error {
	defer h.Forget()
	return h.db.Write(ctx, func(tx storage.Tx) error {
		_, err := h.Decide(ctx, tx, host, change)
		return err
	})
}

// List gives the policies, by host.
func (h *Hosts) List(ctx context.Context) ([]Policy, error) { return policies(ctx, h.db) }

// About gives all that is decided about a server, by its own name or by a domain above it, the
// stricter of each. It is as it stands now.
func (h *Hosts) About(ctx context.Context, host string) (Policy, error) {
	name, err := canonicalHost(host)
	if err != nil {
		return Policy{}, err
	}
	d, err := readDecided(ctx, h.db)
	if err != nil {
		return Policy{}, err
	}
	all := Policy{Host: name, Policy: Unjudged}
	for _, covers := range covering(name) {
		if p, found := d.policies[covers]; found {
			p.Listed = false // of those below nothing is said
			all = all.Stricter(p)
		}
	}
	all.Listed = d.lists(name)
	return all, nil
}

// ListedOnly says whether only servers that are listed are talked to.
func (h *Hosts) ListedOnly(ctx context.Context) (bool, error) { return listedOnly(ctx, h.db) }

// SetListedOnly says it, in the caller's transaction; changed tells whether it was otherwise.
// Forget follows the commit.
func (h *Hosts) SetListedOnly(ctx context.Context, tx storage.Tx, only bool) (changed bool, err error) {
	was, err := listedOnly(ctx, tx)
	if err != nil {
		return false, err
	}
	return was != only, upsertMode(ctx, tx, only, h.now())
}

// Forget has what was decided read anew: it was changed.
func (h *Hosts) Forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readAt = time.Time{}
}

// FromSilenced says whether somebody lives on a server that is silenced or suspended.
func FromSilenced(ctx context.Context, q storage.Querier, who actors.ID) (bool, error) {
	return onSilencedHost(ctx, q, who)
}

// Suspend hides what somebody wrote from everybody. That a member of ours does not sign in
// any more is for package accounts. by is 0 for the command line. changed tells whether there was none yet.
func Suspend(ctx context.Context, tx storage.Tx, who, by actors.ID, reason string, at time.Time) (changed bool, err error) {
	return insertSuspension(ctx, tx, suspension{who, by, reason, at})
}

// Unsuspend takes it back; changed tells whether there was a suspension.
func Unsuspend(ctx context.Context, tx storage.Tx, who actors.ID) (changed bool, err error) {
	return deleteSuspension(ctx, tx, who)
}

// IsSuspended says whether somebody is suspended.
func IsSuspended(ctx context.Context, q storage.Querier, who actors.ID) (bool, error) {
	return suspended(ctx, q, who)
}
