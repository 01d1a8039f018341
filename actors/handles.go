package actors

import (
	"context"
	"strings"
	"time"

	"passerelles/fault"
)

// settling is how long an actor that came by its key alone is left to those who
// may ask about it anyway.
const settling = 10 * time.Second

// DueHandles picks remote actors whose handles were never asked about; nobody
// else is given them.
func (d *Directory) DueHandles(ctx context.Context, now time.Time) (iris []string, err error) {
	return claimHandles(ctx, d.db, now)
}

// ConfirmHandle asks about the handle of an actor that DueHandles gave.
func (d *Directory) ConfirmHandle(ctx context.Context, iri string) error {
	k, err := d.knownByIRI(ctx, iri)
	if err != nil {
		return err
	}
	k.ConfirmedAt = nil
	d.confirmOnce(ctx, k)
	return ctx.Err()
}

// confirmOnce asks WebFinger about an actor that came by its key alone.
func (d *Directory) confirmOnce(ctx context.Context, k known) Actor {
	if k.ConfirmedAt != nil {
		return k.Actor
	}
	a, err := together(ctx, &d.flights, "handle "+k.IRI, patience, func(ctx context.Context) (Actor, error) {
		return d.confirm(ctx, k.Actor, ""), nil
	})
	if err != nil {
		return k.Actor // whoever asked went away
	}
	return a
}

// confirm asks whether the actor may be called as it says, which both the host
// of the handle and the actor must affirm. Until then, and if not, it is called
// under the host that answers for it. A failure changes nothing else.
func (d *Directory) confirm(ctx context.Context, a Actor, webfinger string) Actor {
	if a.Kind != Application {
		name, host, err := d.client.HandleOf(ctx, a.IRI, a.Name, webfinger)
		switch {
		case err == nil && validRemoteName(name):
			if !strings.EqualFold(a.Name, name) {
				a.Name = name
			}
			a.Domain = ""
			if host != a.Host {
				a.Domain = host
			}
		case !fault.Is(err, fault.Unavailable):
			a.Domain = ""
		}
	}
	k, err := storeHandle(ctx, d.db, a, d.now())
	if err != nil {
		return a // the next one who resolves it asks again
	}
	d.actors.set(k)
	return k.Actor
}
