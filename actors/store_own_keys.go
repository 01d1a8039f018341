package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// ownKey is a key of ours as it lies in the database.
type ownKey struct {
	ID        string
	PublicPEM string
	Private   []byte // sealed
	MadeAt    time.Time
}

func ownKeyOf(ctx context.Context, q storage.Querier, id ID) (ownKey, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, public_pem, private, fetched_at AS made_at
		FROM keys
		WHERE actor = $1
			AND private IS NOT NULL
			AND retired_at IS NULL`, id) // CollectExactlyOneRow returns Query's error
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ownKey])
	return k, storage.NotFound(err, "This account or community does not sign here.")
}

func insertOwnKey(ctx context.Context, tx storage.Tx, actor ID, k ownKey, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO keys (id, actor, public_pem, private, fetched_at)
		VALUES (@id, @actor, @public, @private, @now)`,
		pgx.NamedArgs{"id": k.ID, "actor": actor, "public": k.PublicPEM, "private": k.Private, "now": now})
	return err
}

func proofKeyOf(ctx context.Context, q storage.Querier, id ID) (ownKey, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, public_pem, private, made_at
		FROM ed25519_keys
		WHERE actor = $1
			AND retired_at IS NULL`, id) // CollectExactlyOneRow returns Query's error
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ownKey])
	return k, storage.NotFound(err, "This account or community does not sign here.")
}

// insertProofKey leaves a key that is there already.
func insertProofKey(ctx context.Context, q storage.Querier, actor ID, k ownKey, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO ed25519_keys (id, actor, public_pem, private, made_at)
		VALUES (@id, @actor, @public, @private, @now)
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"id": k.ID, "actor": actor, "public": k.PublicPEM, "private": k.Private, "now": now})
	return err
}

// shownKeysOf gives the keys of an actor of ours that are not retired, RSA first, and
// then those that were retired only since then.
func shownKeysOf(ctx context.Context, q storage.Querier, id ID, since time.Time) ([]ownKey, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, public_pem, made_at
		FROM (
			SELECT id, public_pem, fetched_at AS made_at, retired_at, 1 AS kind
			FROM keys
			WHERE actor = @actor AND private IS NOT NULL
			UNION ALL
			SELECT id, public_pem, made_at, retired_at, 2
			FROM ed25519_keys
			WHERE actor = @actor) AS k
		WHERE retired_at IS NULL OR retired_at > @since
		ORDER BY kind, retired_at DESC NULLS FIRST`,
		pgx.NamedArgs{"actor": id, "since": since}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByNameLax[ownKey])
}

// retireOwnKeys ends the keys of an actor of ours, whose private halves are not kept,
// and notes that its document changed.
func retireOwnKeys(ctx context.Context, tx storage.Tx, id ID, now time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE keys
		SET retired_at = @now, private = ''
		WHERE actor = @actor
			AND private IS NOT NULL
			AND retired_at IS NULL`, pgx.NamedArgs{"actor": id, "now": now})
	batch.Queue(`
		UPDATE ed25519_keys
		SET retired_at = @now, private = ''
		WHERE actor = @actor
			AND retired_at IS NULL`, pgx.NamedArgs{"actor": id, "now": now})
	batch.Queue(`
		UPDATE actors
		SET refreshed_at = @now
		WHERE id = @actor`, pgx.NamedArgs{"actor": id, "now": now})
	return tx.SendBatch(ctx, batch).Close()
}

// silenced gives some deleted actors of ours who could still sign, and of whom nothing waits to
// be sent.
func silenced(ctx context.Context, q storage.Querier) ([]ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT DISTINCT a.id
		FROM actors a
		JOIN keys k ON k.actor = a.id
		WHERE a.host IS NULL
			AND a.gone_at IS NOT NULL
			AND k.private IS NOT NULL
			AND k.retired_at IS NULL
		ORDER BY a.id
		LIMIT 100`) // CollectRows returns Query's error
	gone, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	rows, _ = q.Query(ctx, `
		SELECT g.id
		FROM unnest($1::bigint[]) AS g (id)
		WHERE g.id NOT IN (
			SELECT c.actor
			FROM deliveries d
			JOIN activities c ON c.id = d.activity
			WHERE c.actor = ANY($1))`, gone) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[ID])
}
