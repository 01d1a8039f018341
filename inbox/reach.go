package inbox

import (
	"context"
	"errors"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// Bounds of what one activity may make us do.
const (
	reachFor = 30 * time.Second
	fetches  = 10
)

// reach finds what an activity names: here, and if the network may be used, elsewhere.
type reach struct {
	in      *Inbox
	network bool
	left    int
	known   map[string]bool // posts that were asked for already: whether they are here
	asked   int64           // the posts.Turn in which an origin was first asked for a document; 0: none was
}

// spend takes one fetch, or says why there is none.
func (h *reach) spend() error {
	if !h.network {
		return errSlow
	}
	if h.left <= 0 {
		return refused("it takes too many fetches")
	}
	h.left--
	return nil
}

// knows says whether a post is here, deleted or not.
func (h *reach) knows(ctx context.Context, iri string) (bool, error) {
	if known, asked := h.known[iri]; asked {
		return known, nil
	}
	return h.in.Posts.Known(ctx, h.in.DB, iri)
}

// actor finds somebody; those of hosts that we do not talk to are refused.
func (h *reach) actor(ctx context.Context, iri string) (actors.Actor, error) {
	if err := h.allowed(ctx, iri); err != nil {
		return actors.Actor{}, err
	}
	a, err := h.in.Directory.ByIRI(ctx, iri)
	if err == nil && a.Gone {
		return a, refused("its author is gone")
	}
	if !fault.Is(err, fault.NotFound) {
		return a, err
	}
	if h.in.IRIs.Local(iri) {
		return a, refused("it names somebody of ours who does not exist")
	}
	if err := h.spend(); err != nil {
		return a, err
	}
	return h.in.Directory.Resolve(ctx, iri)
}

// object fetches a document from its origin.
func (h *reach) object(ctx context.Context, iri string) (vocab.Document, error) {
	if h.in.IRIs.Local(iri) {
		return vocab.Document{}, refused("it is ours")
	}
	if err := h.allowed(ctx, iri); err != nil {
		return vocab.Document{}, err
	}
	if err := h.spend(); err != nil {
		return vocab.Document{}, err
	}
	var err error
	if h.asked == 0 {
		if h.asked, err = h.in.Posts.Turn(ctx); err != nil {
			return vocab.Document{}, err
		}
	}
	f, err := h.in.Client.FetchObject(ctx, iri)
	if err != nil {
		return vocab.Document{}, err
	}
	d, err := vocab.Decode(f.Body)
	if err != nil {
		return d, fault.Wrap(fault.Invalid, "what its origin shows cannot be read", err)
	}
	if d.ID != f.ID {
		return d, refused("its origin shows something else")
	}
	return d, nil
}

// gone asks the origin whether it deleted something: nil if so.
func (h *reach) gone(ctx context.Context, iri string) error {
	d, err := h.object(ctx, iri)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		return nil
	case err != nil:
		return err
	case d.Kind == vocab.KindTombstone:
		return nil
	}
	return refused("its origin still shows it")
}

// allowed refuses what belongs to a host that we do not talk to, by whatever way it came.
func (h *reach) allowed(ctx context.Context, iri string) error {
	host := federation.Host(iri)
	if host == "" {
		return refused("it names what is not an address")
	}
	ok, err := h.in.Hosts.Allowed(ctx, host)
	if err == nil && !ok {
		err = refused("it is of " + host + ", to which we do not talk")
	}
	return err
}

// here finds somebody without the network, of ours or known; found false if not.
func (h *reach) here(ctx context.Context, iri string) (a actors.Actor, found bool, err error) {
	a, err = h.in.Directory.ByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return actors.Actor{}, false, nil
	}
	return a, err == nil && !a.Gone, err
}

// orEnd makes a refusal of an error that only says that something is not there.
func orEnd(err error) error {
	var over end
	if err == nil || errors.As(err, &over) || !final(err) {
		return err
	}
	return refused(err.Error())
}
