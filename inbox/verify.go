package inbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
)

// prove establishes who signed.
func (in *Inbox) prove(ctx context.Context, r *http.Request, e envelope) (actors.Actor, federation.Signed, error) {
	key, err := in.Directory.KeyByID(ctx, e.key)
	if err != nil {
		if actors.AskedInVain(err) {
			in.Vain(r)
		}
		return actors.Actor{}, federation.Signed{}, keyFault(err)
	}
	signed, err := federation.Verify(r, e.body, key.Public, in.Now())
	if fault.Is(err, fault.Unauthenticated) {
		// Keys change: it is asked for once more, at most once in ten minutes.
		if fresh, again := in.Directory.RefetchKey(ctx, e.key); again == nil {
			key = fresh
			signed, err = federation.Verify(r, e.body, key.Public, in.Now())
		}
	}
	if err != nil {
		return actors.Actor{}, federation.Signed{}, err
	}
	if err := in.mine(r.Host); err != nil {
		return actors.Actor{}, federation.Signed{}, err
	}
	return key.Owner, signed, nil
}

// mine refuses a request that was signed for another host.
func (in *Inbox) mine(host string) error {
	scheme, _, _ := strings.Cut(in.IRIs.Origin, "://")
	ours := in.IRIs.Host()
	if theirs := federation.Host(scheme + "://" + host); theirs != "" && theirs == ours {
		return nil
	}
	return unproven("the signature is for another server")
}

// neighbours are the types that a server may send for one of its people with the key of
// another, say of a moderator. Never what binds a person: Follow, Accept, Undo…
var neighbours = []string{"Create", "Update", "Delete", "Announce"}

// speaker gives who proves that the actor did it: who signed the request, if they may
// speak for the actor, or the actor by a proof in the activity. What Mastodon forwards
// for others with another proof is taken and ignored: its author sends it too.
func (in *Inbox) speaker(ctx context.Context, signer actors.Actor, e envelope) (actors.Actor, error) {
	switch {
	case signer.IRI == e.Actor:
		return signer, nil
	case federation.SameOrigin(signer.IRI, e.Actor) && slices.Contains(neighbours, e.Type) && !e.bySelf():
		return signer, nil
	}
	by, err := in.provenSender(ctx, e)
	switch {
	case err == nil:
		return by, nil
	case !errors.Is(err, errUnproven):
		return actors.Actor{}, err
	case e.forwarded():
		return signer, nil // recorded as ignored: see receipt
	}
	return actors.Actor{}, forbidden("the key that signed is not the actor's")
}

// keyFault says what a sender hears whose key cannot be had: 401 if it is not there,
// 503 if we do not know.
func keyFault(err error) error {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Gone, fault.Invalid, fault.Forbidden, fault.Unauthenticated, fault.Conflict:
		return fault.Wrap(fault.Unauthenticated, "the key that signed cannot be had from its owner", err)
	case fault.Unavailable, fault.TooMany:
		return later(err, max(fault.After(err), 10*time.Second))
	}
	return err
}
