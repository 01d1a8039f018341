package actors

import (
	"context"
	"errors"
	"strings"
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
		s, err = storeActor(ctx, tx, a, document.Raw, keys)
		return err
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

// Find finds the actor that a person typed: a handle or an address.
func (d *Directory) Find(ctx context.Context, text string) (Actor, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return d.findAddress(ctx, text)
	}
	name, host, err := federation.SplitHandle(text)
	if err != nil || host == d.ourHost() {
		name, _ = splitHandle(strings.TrimPrefix(strings.TrimPrefix(text, "acct:"), "!"))
		return d.ByName(ctx, strings.ToLower(name))
	}
	if err := d.allowed(ctx, host); err != nil {
		return Actor{}, err
	}
	found, err := d.client.FindHandle(ctx, text)
	if err != nil {
		if a, err := d.ByHandleKnown(ctx, name+"@"+host); err == nil {
			return a, nil
		}
		return Actor{}, err
	}
	a, err := d.Resolve(ctx, found.IRI)
	if err != nil {
		return a, err
	}
	if !strings.EqualFold(a.Handle(), "@"+found.Subject) {
		return Actor{}, fault.New(fault.NotFound, "The account does not say that this handle is its own.")
	}
	return a, nil
}

// findAddress finds by the id of an actor or by its page.
func (d *Directory) findAddress(ctx context.Context, iri string) (Actor, error) {
	if !d.ours(iri) {
		if a, err := d.Resolve(ctx, iri); err == nil || !fault.Is(err, fault.NotFound) {
			return a, err
		}
		return Actor{}, errNobody
	}
	for _, page := range []string{"/@", "/c/"} {
		if name, ok := strings.CutPrefix(iri, d.iris.Origin+page); ok {
			if strings.Contains(name, "@") {
				return d.ByHandleKnown(ctx, name)
			}
			return d.ByName(ctx, strings.ToLower(name))
		}
	}
	return d.ByIRI(ctx, iri)
}
