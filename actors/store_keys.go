package actors

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

func keyByID(ctx context.Context, q storage.Querier, keyID string) (heldKey, error) {
	var held heldKey
	err := q.QueryRow(ctx, `
		SELECT actor, public_pem
		FROM keys
		WHERE id = $1
			AND retired_at IS NULL`, keyID).Scan(&held.owner, &held.pem)
	if err != nil {
		return heldKey{}, storage.NotFound(err, errNoKey.Error())
	}
	held.public, err = federation.ParsePublicPEM(held.pem)
	return held, err
}

// storeKeys writes the keys that an actor lists and retires those that it does
// not list any more. An id that is another actor's stays that one's, unless it
// lies under this one's own address: neighbours on a server cannot take it first.
func storeKeys(ctx context.Context, tx storage.Tx, a known, keys []vocab.PublicKey) (touched []string, err error) {
	batch := &pgx.Batch{}
	listed := make([]string, len(keys))
	for i, k := range keys {
		listed[i] = k.ID
		if k.PEM == "" {
			continue // only named: it stays if it is here
		}
		batch.Queue(`
			INSERT INTO keys (id, actor, public_pem, fetched_at)
			VALUES (@id, @actor, @public, @now)
			ON CONFLICT (id) DO UPDATE
			SET actor = excluded.actor, public_pem = excluded.public_pem,
				fetched_at = excluded.fetched_at, retired_at = NULL
			WHERE (keys.actor = excluded.actor OR @under)
				AND keys.private IS NULL`,
			pgx.NamedArgs{"id": k.ID, "actor": a.ID, "public": k.PEM, "now": a.RefreshedAt, "under": under(k.ID, a.IRI)})
		batch.Queue(`
			DELETE FROM key_misses
			WHERE id = $1`, k.ID)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	retired, err := retireKeys(ctx, tx, a.ID, listed, a.RefreshedAt)
	if err != nil || len(retired) == 0 {
		return listed, err
	}
	return append(listed, retired...), forgetKeys(ctx, tx, a.ID)
}

// forgetKeys keeps of those that somebody elsewhere lists no more as many as may be listed:
// they may change them without end.
func forgetKeys(ctx context.Context, tx storage.Tx, actor ID) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM keys
		WHERE id IN (
			SELECT id
			FROM keys
			WHERE actor = @actor
				AND private IS NULL
				AND retired_at IS NOT NULL
			ORDER BY retired_at DESC, id
			OFFSET @most)`, pgx.NamedArgs{"actor": actor, "most": mostKeys})
	return err
}

func under(keyID, iri string) bool {
	rest, ok := strings.CutPrefix(keyID, iri)
	return ok && (rest == "" || strings.ContainsRune("#/?", rune(rest[0])))
}

// retireKeys retires the keys of somebody elsewhere, but for those to keep.
func retireKeys(ctx context.Context, tx storage.Tx, actor ID, keep []string, now time.Time) ([]string, error) {
	rows, _ := tx.Query(ctx, `
		UPDATE keys
		SET retired_at = @now
		WHERE actor = @actor
			AND private IS NULL
			AND retired_at IS NULL
			AND NOT id = ANY(@keep)
		RETURNING id`,
		pgx.NamedArgs{"actor": actor, "keep": keep, "now": now}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// claimKey lets one process ask for a key again, once in a while.
func claimKey(ctx context.Context, q storage.Querier, keyID string, now time.Time) (bool, error) {
	tag, err := q.Exec(ctx, `
		UPDATE keys
		SET fetched_at = @now
		WHERE id = @id
			AND private IS NULL
			AND fetched_at <= @before`,
		pgx.NamedArgs{"id": keyID, "now": now, "before": now.Add(-refetchPause)})
	return tag.RowsAffected() > 0, err
}

// miss is a key that could not be had.
type miss struct {
	Away    bool
	TriedAt time.Time
}

func missOf(ctx context.Context, q storage.Querier, keyID string) (miss, error) {
	rows, _ := q.Query(ctx, `
		SELECT away, tried_at
		FROM key_misses
		WHERE id = $1`, keyID) // CollectExactlyOneRow returns Query's error
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[miss])
	return m, storage.NotFound(err, "This key was not missed.")
}

// storeMiss remembers a key that could not be had, retires it where its server
// denied it, and forgets some old misses, so that strangers cannot fill the table.
func storeMiss(ctx context.Context, db *storage.DB, keyID string, away bool, now time.Time) error {
	return db.Write(ctx, func(tx storage.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`
			INSERT INTO key_misses (id, away, tried_at)
			VALUES (@id, @away, @now)
			ON CONFLICT (id) DO UPDATE
			SET away = excluded.away, tried_at = excluded.tried_at`,
			pgx.NamedArgs{"id": keyID, "away": away, "now": now})
		batch.Queue(`
			UPDATE keys
			SET retired_at = @now
			WHERE id = @id
				AND NOT @away
				AND private IS NULL`,
			pgx.NamedArgs{"id": keyID, "away": away, "now": now})
		batch.Queue(`
			DELETE FROM key_misses
			WHERE id IN (
				SELECT id
				FROM key_misses
				WHERE tried_at < $1
				LIMIT 100
				FOR UPDATE SKIP LOCKED
			)`, now.Add(-missMemory))
		return tx.SendBatch(ctx, batch).Close()
	})
}

func deleteMisses(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM key_misses
		WHERE id IN (
			SELECT id
			FROM key_misses
			WHERE tried_at < @before
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
