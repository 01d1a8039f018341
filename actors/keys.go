package actors

import (
	"context"
	"crypto"
	"errors"
	"slices"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

const (
	keyPatience  = 5 * time.Second // a request waits meanwhile
	keysAtOnce   = 10              // questions open to one host
	vainAtOnce   = 100             // questions in vain, to all hosts, before no more are asked
	vainEach     = 100 * time.Millisecond
	keyRetry     = 30 * time.Second
	awayMemory   = time.Minute      // of a key whose server did not answer
	missMemory   = 10 * time.Minute // of a key that is not to be had
	refetchPause = 10 * time.Minute
)

// Key verifies what its owner signed.
type Key struct {
	ID     string
	Owner  Actor
	Public crypto.PublicKey
}

// heldKey is a Key whose owner is looked up each time, since it changes more often.
type heldKey struct {
	owner  ID
	pem    string
	public crypto.PublicKey
}

// vain is why a key cannot be had that was asked for just now, unless for a reason of our own.
type vain struct{ error }

func (v vain) Unwrap() error { return v.error }

// AskedInVain says of an error of KeyByID that whoever named the key is to answer for it: it
// was asked for, and is not to be had. Our own database may be away, or we ask too much
// already; and what we remember costs nobody a question.
func AskedInVain(err error) bool {
	var v vain
	return errors.As(err, &v)
}

var (
	errNoKey       = fault.New(fault.Unauthenticated, "The key of this signature cannot be had from its server.")
	errKeyAway     = fault.Later(fault.Unavailable, "The server of this signature's key does not answer now.", keyRetry)
	errAskedLately = errors.New("this key was asked for lately")
	errBusy        = fault.Later(fault.Unavailable, "Too many keys are being asked of this server.", keyRetry)
)

// KeyByID gives a key by its id, asking its server within five seconds when it
// is unknown. fault.Unauthenticated: there is no such key; fault.Unavailable: it
// cannot be had now, come back after that long.
func (d *Directory) KeyByID(ctx context.Context, keyID string) (Key, error) {
	known, err := d.KnownKey(ctx, keyID)
	switch {
	case !fault.Is(err, fault.NotFound):
		return known, err
	case d.ours(keyID):
		return Key{}, errNoKey
	}
	if err := d.missed(ctx, keyID); err != nil {
		return Key{}, err
	}
	return d.askKey(ctx, keyID, false)
}

// RefetchKey asks for a key again, since it did not verify; once in ten minutes,
// else fault.Unauthenticated.
func (d *Directory) RefetchKey(ctx context.Context, keyID string) (Key, error) {
	if d.ours(keyID) {
		return Key{}, errNoKey
	}
	before, _ := d.public.GetIfPresent(keyID)
	key, err := together(ctx, &d.flights, "again "+keyID, 2*keyPatience, func(ctx context.Context) (Key, error) {
		mayAsk, err := claimKey(ctx, d.db, keyID, d.now())
		if err != nil {
			return Key{}, err
		}
		if !mayAsk {
			return Key{}, errAskedLately
		}
		key, err := d.askKey(ctx, keyID, true)
		if held, ok := d.public.GetIfPresent(keyID); err == nil && ok && held.pem == before.pem {
			d.inVain() // somebody else signed
		}
		return key, err
	})
	if !errors.Is(err, errAskedLately) {
		return key, err
	}
	// Another process may have asked, and got a newer one than we held.
	held, err := keyByID(ctx, d.db, keyID)
	if fault.Is(err, fault.NotFound) || err == nil && held.pem == before.pem {
		return Key{}, errNoKey
	}
	if err != nil {
		return Key{}, err
	}
	d.public.Set(keyID, held)
	return d.withOwner(ctx, keyID, held)
}

// KnownKey is KeyByID without asking anybody; fault.NotFound: we do not have it.
func (d *Directory) KnownKey(ctx context.Context, keyID string) (Key, error) {
	if held, ok := d.public.GetIfPresent(keyID); ok {
		return d.withOwner(ctx, keyID, held)
	}
	if federation.CheckIRI(keyID) != nil {
		return Key{}, errNoKey
	}
	held, err := keyByID(ctx, d.db, keyID)
	if err != nil {
		return Key{}, err
	}
	d.public.Set(keyID, held)
	return d.withOwner(ctx, keyID, held)
}

func (d *Directory) withOwner(ctx context.Context, keyID string, held heldKey) (Key, error) {
	owner, err := d.ByID(ctx, held.owner)
	if fault.Is(err, fault.Gone) {
		return Key{}, errNoKey
	}
	return Key{ID: keyID, Owner: owner, Public: held.public}, err
}

// missed says that a key was asked for lately, in vain.
func (d *Directory) missed(ctx context.Context, keyID string) error {
	m, err := missOf(ctx, d.db, keyID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case m.Away && d.now().Sub(m.TriedAt) < awayMemory:
		return errKeyAway
	case !m.Away && d.now().Sub(m.TriedAt) < missMemory:
		return errNoKey
	}
	return nil
}

// askKey asks the key's server, once for all who wait for it. Unless it is asked for
// again, one that was brought since the caller looked will do.
func (d *Directory) askKey(ctx context.Context, keyID string, again bool) (Key, error) {
	return together(ctx, &d.flights, "key "+keyID, keyPatience, func(ctx context.Context) (Key, error) {
		if held, ok := d.public.GetIfPresent(keyID); ok && !again {
			return d.withOwner(ctx, keyID, held)
		}
		host := federation.Host(keyID)
		if err := d.allowed(ctx, host); err != nil {
			return Key{}, err
		}
		if d.vain.TokensAt(d.now()) < 1 || !d.asking.take(host, keysAtOnce) {
			return Key{}, errBusy
		}
		defer d.asking.free(host)
		key, err := d.fetchKey(ctx, keyID)
		if err == nil {
			return key, nil
		}
		if !AskedInVain(err) && (fault.Is(err, fault.Unavailable) || ctx.Err() != nil) {
			return Key{}, &fault.Error{Kind: fault.Unavailable, Msg: fault.Message(errBusy), After: keyRetry, Err: err} // our database is away, or slow
		}
		d.inVain()
		away := fault.Is(err, fault.Unavailable) || fault.Is(err, fault.TooMany) || ctx.Err() != nil
		// ctx may be over, and that is worth remembering.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyPatience)
		defer cancel()
		if err := storeMiss(ctx, d.db, keyID, away, d.now()); err != nil {
			return Key{}, err
		}
		if away {
			return Key{}, vain{&fault.Error{Kind: fault.Unavailable, Msg: fault.Message(errKeyAway), After: keyRetry, Err: err}}
		}
		return Key{}, vain{fault.Wrap(fault.Unauthenticated, errNoKey.Error(), err)}
	})
}

// inVain counts a question that brought nothing. Whoever makes up keys can have us ask
// for all of them, from many addresses; each answer costs us more than it costs them, so
// that strangers have to wait before those whom we know do.
func (d *Directory) inVain() { d.vain.ReserveN(d.now(), 1) }

// fetchKey learns the whole owner, whose document proves the key.
func (d *Directory) fetchKey(ctx context.Context, keyID string) (Key, error) {
	found, document, err := d.client.FetchKey(ctx, keyID)
	if err != nil {
		return Key{}, vain{err}
	}
	actor, err := vocab.ReadActor(document.Body)
	if err != nil {
		return Key{}, unreadable(err)
	}
	if slices.Contains(actor.KeyIDs, keyID) { // it was found beside the document
		pem, err := federation.PublicPEM(found.Key)
		if err != nil {
			return Key{}, err
		}
		actor.Keys = append(actor.Keys, vocab.PublicKey{ID: keyID, Owner: actor.ID, PEM: pem})
	}
	owner, err := d.Learn(ctx, actor)
	if err != nil {
		return Key{}, err
	}
	held, err := keyByID(ctx, d.db, keyID)
	if err != nil {
		return Key{}, err
	}
	if held.owner != owner.ID {
		return Key{}, fault.Wrap(fault.Invalid, errNoKey.Error(), errors.New("it is known as another actor's"))
	}
	d.public.Set(keyID, held)
	return Key{ID: keyID, Owner: owner, Public: held.public}, nil
}
