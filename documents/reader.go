package documents

import (
	"context"
	"net/http"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
)

// reader says who asks: anybody, a server, or a person of one. A signature that does not
// hold is an error even for what anybody may see, so that its sender learns of it.
func (h *Handler) reader(r *http.Request) (access.Reader, error) {
	if !signed(r) {
		return access.Reader{}, nil
	}
	if err := h.Patient(r); err != nil {
		return access.Reader{}, err
	}
	ctx := r.Context()
	keyID, err := federation.KeyID(r)
	if err != nil {
		return access.Reader{}, err
	}
	if err := h.welcome(ctx, federation.Host(keyID)); err != nil {
		return access.Reader{}, err
	}
	key, err := h.Directory.KeyByID(ctx, keyID)
	if actors.AskedInVain(err) {
		h.Vain(r)
	}
	switch {
	case fault.Is(err, fault.Unavailable) || fault.Is(err, fault.TooMany):
		return access.Reader{}, nil // we cannot know who asks: what anybody sees, they see
	case err != nil:
		return access.Reader{}, fault.Wrap(fault.Unauthenticated, "the key that signed cannot be had from its owner", err)
	}
	if err := h.verify(r, key); err != nil {
		return access.Reader{}, err
	}
	if key.Owner.Kind == actors.Application {
		return access.Reader{Host: key.Owner.Host}, nil
	}
	return access.Reader{ID: key.Owner.ID}, nil
}

func signed(r *http.Request) bool {
	return len(r.Header["Signature"]) > 0 || len(r.Header["Signature-Input"]) > 0
}

// verify verifies, and once more with the key as it is now.
func (h *Handler) verify(r *http.Request, key actors.Key) error {
	_, err := federation.Verify(r, nil, key.Public, h.Now())
	if err == nil {
		return nil
	}
	fresh, again := h.Directory.RefetchKey(r.Context(), key.ID)
	if again != nil {
		return err
	}
	_, err = federation.Verify(r, nil, fresh.Public, h.Now())
	return err
}

func (h *Handler) welcome(ctx context.Context, host string) error {
	if host == "" {
		return fault.New(fault.Unauthenticated, "the key's id is not an address")
	}
	allowed, err := h.Hosts.Allowed(ctx, host)
	if err == nil && !allowed {
		err = fault.New(fault.Forbidden, "this server does not talk to yours")
	}
	return err
}

// anybody says whether a reader is nobody in particular.
func anybody(r access.Reader) bool { return r == access.Reader{} }
