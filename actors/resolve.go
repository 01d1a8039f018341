package actors

import (
	"context"
	"errors"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

const (
	freshness    = 24 * time.Hour
	refreshPause = 5 * time.Minute  // between two questions about one actor
	unknownPause = 30 * time.Second // the same while nothing is known of it
	patience     = 20 * time.Second // for the actor and its handle
)

// attempt is when a server was last asked about an actor, and what came of it.
type attempt struct {
	at  time.Time
	id  ID // whom the address led to: it may be a page, not an id
	err error
}

// Resolve finds an actor, asking its server when it is unknown or was last read
// a day ago or more. When that fails, what is known is given.
func (d *Directory) Resolve(ctx context.Context, iri string) (Actor, error) {
	k, err := d.knownByIRI(ctx, iri)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return Actor{}, err
	case d.ours(iri) || err == nil && k.Gone:
		return unlessGone(k, err)
	case err != nil:
		return d.ask(ctx, iri, unknownPause)
	case d.now().Sub(k.RefreshedAt) < freshness:
		return d.confirmOnce(ctx, k), nil
	}
	fresh, err := d.ask(ctx, iri, refreshPause)
	if err == nil || fault.Is(err, fault.Gone) {
		return fresh, err
	}
	return k.Actor, ctx.Err()
}

// Refresh asks the actor's server again, at most each five minutes: in between
// it gives what is known. With an error comes what was known before.
func (d *Directory) Refresh(ctx context.Context, iri string) (Actor, error) {
	k, err := d.knownByIRI(ctx, iri)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Actor{}, err
	}
	if d.ours(iri) || err == nil && (k.Gone || d.now().Sub(k.RefreshedAt) < refreshPause) {
		return unlessGone(k, err)
	}
	fresh, err := d.ask(ctx, iri, refreshPause)
	if err != nil && !fault.Is(err, fault.Gone) {
		return k.Actor, err
	}
	return fresh, err
}

// Learn stores an actor's document that its own server has proved in another
// way than by our fetching it: by a signature of that very actor.
func (d *Directory) Learn(ctx context.Context, document vocab.Actor) (Actor, error) {
	now := d.now()
	if d.ours(document.ID) {
		return Actor{}, fault.New(fault.Invalid, "This account is one of ours: nobody else tells about it.")
	}
	a, keys, err := fromDocument(document, now)
	if err != nil {
		return Actor{}, err
	}
	if err := d.allowed(ctx, a.Host); err != nil {
		return Actor{}, err
	}
	var s stored
	err = d.db.Write(ctx, func(tx storage.Tx) (err error) {
		if s, err = storeActor(ctx, tx, a, document.Raw, keys); err != nil {
			return err
		}
		if a.Kind == Group {
			if err := d.learned(ctx, tx, s.known.Actor, document); err != nil {
				return err
			}
		}
		if len(document.Implements) == 0 && a.Kind != Application {
			return nil
		}
		return noteEd25519(ctx, tx, s.known.HostID, federation.VerifiesEd25519(document.Implements))
	})
	if err != nil {
		return Actor{}, err
	}
	for _, id := range s.keys {
		d.public.Invalidate(id)
	}
	if s.newHost {
		d.poke()
	}
	d.actors.set(s.known)
	return unlessGone(s.known, nil)
}

// ask asks the actor's server, once for all who want to know at this time, and
// not again before the pause is over.
func (d *Directory) ask(ctx context.Context, iri string, pause time.Duration) (Actor, error) {
	if last, ok := d.attempts.GetIfPresent(iri); ok && d.now().Sub(last.at) < pause {
		if last.err != nil {
			return Actor{}, last.err
		}
		return d.ByID(ctx, last.id)
	}
	return together(ctx, &d.flights, "actor "+iri, patience, func(ctx context.Context) (Actor, error) {
		a, err := d.fetch(ctx, iri)
		d.attempts.Set(iri, attempt{at: d.now(), id: a.ID, err: err})
		return a, err
	})
}

func (d *Directory) fetch(ctx context.Context, iri string) (Actor, error) {
	if err := d.allowed(ctx, federation.Host(iri)); err != nil {
		return Actor{}, err
	}
	f, err := d.client.FetchObject(ctx, iri)
	if fault.Is(err, fault.Gone) {
		return Actor{}, errors.Join(errGone, d.bury(ctx, iri))
	}
	if err != nil {
		return Actor{}, err
	}
	document, err := vocab.Decode(f.Body)
	if err != nil {
		return Actor{}, unreadable(err)
	}
	if document.Kind == vocab.KindTombstone {
		return Actor{}, errors.Join(errGone, d.bury(ctx, f.ID))
	}
	actor, err := document.Actor()
	if err != nil {
		return Actor{}, unreadable(err)
	}
	if actor.ID != f.ID {
		return Actor{}, unreadable(errors.New("it has another id than it proved"))
	}
	a, err := d.Learn(ctx, actor)
	if err != nil {
		return a, err
	}
	return d.confirm(ctx, a, actor.Webfinger), nil
}

func unreadable(err error) error {
	return fault.Wrap(fault.Invalid, "The other server answers something that is not an account or a community.", err)
}

// bury marks as deleted an actor whose server says so.
func (d *Directory) bury(ctx context.Context, iri string) error {
	k, err := d.knownByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx storage.Tx) error { return d.MarkGone(ctx, tx, k.ID) })
}
