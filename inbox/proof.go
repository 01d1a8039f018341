package inbox

import (
	"context"
	"errors"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// Proofs inside activities (FEP-8b32) say what their actor's own server would say if it
// were asked. They prove the actor alone, not its neighbours, and only what is
// recognised for ever when somebody sends it again: Create, Update and Delete, but of
// the actor itself, whose old keys must not come back. One that fails proves nothing,
// and refuses nothing: then the origin is asked.

const mostProofs = 2 // looked at in one activity: each may take a question to its server

var errUnproven = errors.New("no proof of the actor is in it")

// provenSender finds the actor by a proof in what somebody else sent.
func (in *Inbox) provenSender(ctx context.Context, e envelope) (actors.Actor, error) {
	d, err := vocab.Decode(e.body)
	if err != nil {
		return actors.Actor{}, errUnproven
	}
	by, err := in.proven(ctx, d, e.Activity, in.Directory.KeyByID)
	if fault.Is(err, fault.Unavailable) {
		err = keyFault(err)
	}
	return by, err
}

// proven finds the actor of an activity by a proof in it: errUnproven if there is none.
func (in *Inbox) proven(ctx context.Context, d vocab.Document, a vocab.Activity, keyOf func(context.Context, string) (actors.Key, error)) (actors.Actor, error) {
	if !slices.Contains(onceTypes, a.Type) || a.Object.ID == a.Actor || !federation.SameOrigin(a.ID, a.Actor) {
		return actors.Actor{}, errUnproven
	}
	if own, err := in.ownWords(ctx, a); err != nil || !own {
		return actors.Actor{}, errors.Join(err, errUnproven)
	}
	proofs := federation.IntegrityProofs(d, in.Now())
	for _, p := range proofs[:min(len(proofs), mostProofs)] {
		if !federation.SameOrigin(p.Method, a.Actor) {
			continue
		}
		key, err := keyOf(ctx, p.Method)
		switch {
		case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone), fault.Is(err, fault.Invalid):
			continue
		case err != nil:
			return actors.Actor{}, err
		}
		if key.Owner.IRI == a.Actor && p.Verify(key.Public) {
			return key.Owner, nil
		}
	}
	return actors.Actor{}, errUnproven
}

// ownWords says whether an activity is about a post of its actor.
func (in *Inbox) ownWords(ctx context.Context, a vocab.Activity) (bool, error) {
	if len(a.Objects) > 1 || !federation.SameOrigin(a.Object.ID, a.Actor) {
		return false, nil
	}
	if a.Type != "Delete" {
		d, err := a.Object.Document()
		if err != nil {
			return a.Object.Raw == nil, nil // its origin is asked
		}
		n, err := d.Note()
		return err == nil && n.AttributedTo == a.Actor, nil
	}
	author, err := authorOf(ctx, in.DB, a.Object.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil // nobody here knows whose it is
	}
	if err != nil {
		return false, err
	}
	by, err := in.anyActor(ctx, author)
	return by.IRI == a.Actor, err
}

// vouches says on whose word a post that a community announces is believed: of its own
// server, or of the author who proves it. Else its origin is asked.
func (in *Inbox) vouches(ctx context.Context, a arrival, ref vocab.Ref) (string, error) {
	if ref.Raw == nil || a.inside.Raw == nil || federation.SameOrigin(ref.ID, a.Actor) {
		return a.Actor, nil
	}
	by, err := in.provenInside(ctx, a)
	if errors.Is(err, errUnproven) {
		return a.Actor, nil
	}
	return by.IRI, err
}

// deletedBy sees that who wrote a post, or its server, says that it is gone.
func (in *Inbox) deletedBy(ctx context.Context, a arrival, iri string) error {
	_, err := in.provenInside(ctx, a)
	if errors.Is(err, errUnproven) {
		return orEnd(a.reach.gone(ctx, iri))
	}
	return err
}

// provenInside is proven for the activity that a community announces.
func (in *Inbox) provenInside(ctx context.Context, a arrival) (actors.Actor, error) {
	inner, err := a.inside.Activity()
	if err != nil {
		return actors.Actor{}, errUnproven
	}
	by, err := in.proven(ctx, a.inside, inner, a.reach.key)
	if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Forbidden) {
		err = errUnproven
	}
	return by, err
}

// key finds a key: here, and if the network may be used, at its server.
func (h *reach) key(ctx context.Context, id string) (actors.Key, error) {
	if err := h.allowed(ctx, id); err != nil {
		return actors.Key{}, errUnproven
	}
	key, err := h.in.Directory.KnownKey(ctx, id)
	if !fault.Is(err, fault.NotFound) {
		return key, err
	}
	if h.in.IRIs.Local(id) {
		return key, errUnproven
	}
	if err := h.spend(); err != nil {
		return key, err
	}
	return h.in.Directory.KeyByID(ctx, id)
}
