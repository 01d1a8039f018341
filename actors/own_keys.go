package actors

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// An actor of ours has two keys: one of RSA, which every peer verifies, and one of
// Ed25519, for proofs and for peers that ask for it.

const (
	mainKeyPart  = "#main-key"
	proofKeyPart = "#ed25519-key"

	// retiredLasts is how long a key stays in the document after its time: for what is
	// on its way, and for peers that read the document then.
	retiredLasts = 24 * time.Hour
)

// Key gives the key with which an actor of ours signs, also a deleted one: its
// Delete is signed after.
func (d *Directory) Key(ctx context.Context, id ID) (federation.PrivateKey, error) {
	if key, ok := d.private.GetIfPresent(id); ok {
		return key, nil
	}
	row, err := ownKeyOf(ctx, d.db, id)
	if err != nil {
		return federation.PrivateKey{}, err
	}
	key, err := d.opened(row)
	if err != nil {
		return federation.PrivateKey{}, fmt.Errorf("open the key of actor %d: %w", id, err)
	}
	d.private.Set(id, key)
	return key, nil
}

// ProofKey gives the Ed25519 key of an actor of ours, made now if it has none: those who
// came before there were such keys. It is read, and made, where the caller is.
func (d *Directory) ProofKey(ctx context.Context, q storage.Querier, id ID) (federation.PrivateKey, error) {
	if key, ok := d.proving.GetIfPresent(id); ok {
		return key, nil
	}
	row, err := proofKeyOf(ctx, q, id)
	if fault.Is(err, fault.NotFound) {
		if row, err = d.firstProofKey(ctx, q, id); err != nil {
			return federation.PrivateKey{}, err
		}
	}
	if err != nil {
		return federation.PrivateKey{}, err
	}
	key, err := d.opened(row)
	if err != nil {
		return federation.PrivateKey{}, fmt.Errorf("open the key of actor %d: %w", id, err)
	}
	if q == storage.Querier(d.db) || d.now().Sub(row.MadeAt) > unsettledly { // else the transaction that made it may still fail
		d.proving.Set(id, key)
	}
	return key, nil
}

// firstProofKey makes the key of who has none. Another may do so at the same time.
func (d *Directory) firstProofKey(ctx context.Context, q storage.Querier, id ID) (ownKey, error) {
	main, err := ownKeyOf(ctx, q, id) // who does not sign here has no such key either
	if err != nil {
		return ownKey{}, err
	}
	if _, err := d.newProofKey(ctx, q, id, federation.OwnerOf(main.ID)+proofKeyPart); err != nil {
		return ownKey{}, err
	}
	return proofKeyOf(ctx, q, id)
}

func (d *Directory) newProofKey(ctx context.Context, q storage.Querier, actor ID, keyID string) (ownKey, error) {
	private, err := federation.NewEd25519Key()
	if err != nil {
		return ownKey{}, fmt.Errorf("make key %s: %w", keyID, err)
	}
	key, err := d.sealedKey(keyID, private)
	if err != nil {
		return ownKey{}, err
	}
	return key, insertProofKey(ctx, q, actor, key, d.now())
}

func (d *Directory) newMainKey(keyID string) (ownKey, error) {
	private, err := federation.NewRSAKey()
	if err != nil {
		return ownKey{}, fmt.Errorf("make key %s: %w", keyID, err)
	}
	return d.sealedKey(keyID, private)
}

func (d *Directory) sealedKey(id string, private crypto.Signer) (ownKey, error) {
	publicPEM, err := federation.PublicPEM(private.Public())
	if err != nil {
		return ownKey{}, err
	}
	privatePEM, err := federation.PrivatePEM(private)
	if err != nil {
		return ownKey{}, err
	}
	box, err := seal(d.secret, []byte(privatePEM), id)
	return ownKey{ID: id, PublicPEM: publicPEM, Private: box}, err
}

func (d *Directory) opened(row ownKey) (federation.PrivateKey, error) {
	text, err := open(d.secret, row.Private, row.ID)
	if err != nil {
		return federation.PrivateKey{}, err
	}
	signer, err := federation.ParsePrivatePEM(string(text))
	return federation.PrivateKey{ID: row.ID, Signer: signer}, err
}

// PublicKeys gives what the document of an actor of ours shows: the keys of now, then
// those of yesterday. They are read where the caller is.
func (d *Directory) PublicKeys(ctx context.Context, q storage.Querier, id ID) ([]vocab.PublicKey, error) {
	if _, err := d.ProofKey(ctx, q, id); err != nil {
		return nil, err
	}
	rows, err := shownKeysOf(ctx, q, id, d.now().Add(-retiredLasts))
	if err != nil {
		return nil, err
	}
	keys := make([]vocab.PublicKey, len(rows))
	for i, row := range rows {
		if keys[i], err = row.public(); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// public writes a key as others read it: RSA in PEM, Ed25519 as FEP-521a wants it.
func (k ownKey) public() (vocab.PublicKey, error) {
	public, err := federation.ParsePublicPEM(k.PublicPEM)
	if err != nil {
		return vocab.PublicKey{}, fmt.Errorf("read key %s: %w", k.ID, err)
	}
	shown := vocab.PublicKey{ID: k.ID, Owner: federation.OwnerOf(k.ID)}
	if edwards, ok := public.(ed25519.PublicKey); ok {
		shown.Multibase = federation.Multikey(edwards)
	} else {
		shown.PEM = k.PublicPEM
	}
	return shown, nil
}

// Prove writes an activity of somebody of ours, with a proof that others can pass on.
func (d *Directory) Prove(ctx context.Context, q storage.Querier, by ID, a vocab.Activity) ([]byte, error) {
	key, err := d.ProofKey(ctx, q, by)
	if err != nil {
		return nil, err
	}
	body, err := a.EncodeToProve()
	if err != nil {
		return nil, err
	}
	return federation.Prove(body, key, d.now())
}
