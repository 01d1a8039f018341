package actors

import (
	"context"
	"crypto"

	"passerelles/federation"
)

// Key verifies what its owner signed.
type Key struct {
	ID     string
	Owner  Actor
	Public crypto.PublicKey
}

// Key gives the key with which an actor of ours signs, also a deleted one: its
// Delete is signed after.
func (d *Directory) Key(ctx context.Context, id ID) (federation.PrivateKey, error) {
	return federation.PrivateKey{}, errSoon
}

// PublicKey gives the public half of an actor's key, in PEM.
func (d *Directory) PublicKey(ctx context.Context, id ID) (string, error) { return "", errSoon }

// KeyByID gives a key by its id, asking its server within five seconds when it
// is unknown. fault.Unauthenticated: there is no such key; fault.Unavailable: it
// cannot be had now, come back after that long.
func (d *Directory) KeyByID(ctx context.Context, keyID string) (Key, error) { return Key{}, errSoon }

// RefetchKey asks for a key again, since it did not verify; once in ten minutes,
// else fault.Unauthenticated.
func (d *Directory) RefetchKey(ctx context.Context, keyID string) (Key, error) {
	return Key{}, errSoon
}
