package media

import (
	"context"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/federation"
)

// errNothing is told of all that is not, or not for whoever asks.
var errNothing = fault.New(fault.NotFound, "There is nothing at this address.")

// Source is a picture of another server that hangs on something here.
type Source struct {
	Ref
	url  string
	host string      // where its owner lives
	item access.Item // the post; none for an actor
}

// Find reads an address of ours: fault.NotFound if we did not write it, if the
// picture is not there any more, or if its server is suspended.
func (s *Service) Find(ctx context.Context, signature, ref string) (Source, error) {
	r, ok := parseRef(ref)
	if !ok {
		return Source{}, errNothing
	}
	src, err := sourceOf(ctx, s.DB, r)
	if err != nil {
		return Source{}, err
	}
	if !s.signed(r, src.url, signature) {
		return Source{}, errNothing
	}
	for _, host := range src.hosts() {
		allowed, err := s.Hosts.ShowsMedia(ctx, host)
		if err != nil {
			return Source{}, err
		}
		if !allowed {
			return Source{}, errNothing
		}
	}
	return src, nil
}

// hosts are the servers by whose leave the picture is shown.
func (src Source) hosts() []string { return []string{federation.Host(src.url), src.host} }

// narrow says whether the picture hangs on what is not for everybody: its server may want to
// know who asks.
func (src Source) narrow() bool {
	return src.Kind == Picture && src.item.Scope != "public" && src.item.Scope != "unlisted"
}

// Sees says whether a reader may see what the picture hangs on. Those of actors
// are for everybody.
func (s *Service) Sees(ctx context.Context, r access.Reader, src Source) (bool, error) {
	if src.Kind != Picture {
		return true, nil
	}
	return access.CanSee(ctx, s.DB, r, src.item)
}
