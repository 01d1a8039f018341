package actors

import (
	"context"
	"strconv"

	"passerelles/storage"
)

// LocalAfter gives the ids of some actors of ours, in their order, after one of them.
func (d *Directory) LocalAfter(ctx context.Context, after ID) ([]ID, error) {
	return localAfter(ctx, d.db, after, 500)
}

// sweepKeys throws away the private keys of ours who are deleted, once all that they said last
// has reached everybody or was given up.
func (d *Directory) sweepKeys(ctx context.Context) error {
	ids, err := silenced(ctx, d.db)
	if err != nil || len(ids) == 0 {
		return err
	}
	return d.db.Write(ctx, func(tx storage.Tx) error {
		for _, id := range ids {
			if err := retireOwnKeys(ctx, tx, id, d.now()); err != nil {
				return err
			}
			d.private.Invalidate(id)
			d.proving.Invalidate(id)
		}
		return nil
	})
}

// RotateKeys gives an actor of ours new keys, under new ids, since there are peers that
// never ask again for a key that they have. The old ones sign nothing more; others find
// them in its document for a day. Tell that it changed, in the same transaction.
func (d *Directory) RotateKeys(ctx context.Context, tx storage.Tx, id ID) (Actor, error) {
	d.actors.unsettle(id)
	k, err := knownByID(ctx, tx, id)
	switch {
	case err != nil:
		return Actor{}, err
	case k.Gone:
		return Actor{}, errGone
	case !k.Local():
		return Actor{}, errNobody
	}
	now := d.now()
	if err := retireOwnKeys(ctx, tx, id, now); err != nil {
		return Actor{}, err
	}
	which := "-" + strconv.FormatInt(now.UnixMicro(), 10)
	main, err := d.newMainKey(k.IRI + mainKeyPart + which)
	if err != nil {
		return Actor{}, err
	}
	if err := insertOwnKey(ctx, tx, id, main, now); err != nil {
		return Actor{}, err
	}
	if _, err := d.newProofKey(ctx, tx, id, k.IRI+proofKeyPart+which); err != nil {
		return Actor{}, err
	}
	d.private.Invalidate(id)
	d.proving.Invalidate(id)
	k, err = knownByID(ctx, tx, id)
	return k.Actor, err
}
