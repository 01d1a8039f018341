package history

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
)

// insertWant says whether it was written: a host of which very much is wanted waits. Of
// two wishes for the same the larger holds.
func insertWant(ctx context.Context, tx storage.Tx, w want) (made bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO wanted (host, kind, iri, community, thread, budget, again)
		SELECT @host, @kind, @iri, nullif(@community::bigint, 0), @thread, @budget, @again
		WHERE (SELECT count(*) FROM wanted WHERE host = @host) < @most
		ON CONFLICT (kind, iri) DO UPDATE
		SET budget = greatest(wanted.budget, excluded.budget),
			again = wanted.again OR excluded.again,
			community = coalesce(wanted.community, excluded.community)`,
		pgx.NamedArgs{"host": w.Host, "kind": w.Kind, "iri": w.IRI, "community": int64(w.Community),
			"thread": w.Thread, "budget": w.Budget, "again": w.Again, "most": mostWanted})
	return tag.RowsAffected() > 0, err
}

// nextWant gives what failed least, then what was wanted first. Its host's job alone
// takes it, so that nothing is locked.
func nextWant(ctx context.Context, q storage.Querier, host string) (w want, found bool, err error) {
	rows, _ := q.Query(ctx, `
		SELECT id, host, kind, iri, coalesce(community, 0) AS community, thread, budget, again, attempts
		FROM wanted
		WHERE host = $1
		ORDER BY attempts, id
		LIMIT 1`, host) // CollectExactlyOneRow returns Query's error
	w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[want])
	if errors.Is(err, pgx.ErrNoRows) {
		return w, false, nil
	}
	return w, err == nil, err
}

// deleteWant leaves a wish that has become larger while it was served.
func deleteWant(ctx context.Context, q storage.Querier, w want) error {
	_, err := q.Exec(ctx, `
		DELETE FROM wanted
		WHERE id = @id AND budget = @budget AND again = @again AND coalesce(community, 0) = @community`,
		pgx.NamedArgs{"id": w.ID, "budget": w.Budget, "again": w.Again, "community": int64(w.Community)})
	return err
}

func postponeWant(ctx context.Context, q storage.Querier, w want) error {
	_, err := q.Exec(ctx, `
		UPDATE wanted
		SET attempts = attempts + 1
		WHERE id = $1`, w.ID)
	return err
}

// restsUntil is zero for a host that does not rest.
func restsUntil(ctx context.Context, q storage.Querier, host string) (until time.Time, err error) {
	err = q.QueryRow(ctx, `
		SELECT until
		FROM host_rests
		WHERE host = $1`, host).Scan(&until)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	return until, err
}

// setRest also forgets the rests that are over.
func setRest(ctx context.Context, q storage.Querier, host string, until, now time.Time) error {
	_, err := q.Exec(ctx, `
		WITH over AS (
			DELETE FROM host_rests
			WHERE until < @now AND host <> @host)
		INSERT INTO host_rests (host, until)
		VALUES (@host, @until)
		ON CONFLICT (host) DO UPDATE SET until = excluded.until`,
		pgx.NamedArgs{"host": host, "until": until, "now": now})
	return err
}

// outboxReadAt is zero for one that never was.
func outboxReadAt(ctx context.Context, q storage.Querier, actor actors.ID) (at time.Time, err error) {
	err = q.QueryRow(ctx, `
		SELECT at
		FROM outbox_reads
		WHERE actor = $1`, actor).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, err
}

func setOutboxRead(ctx context.Context, q storage.Querier, actor actors.ID, at time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO outbox_reads (actor, at)
		VALUES ($1, $2)
		ON CONFLICT (actor) DO UPDATE SET at = excluded.at`, actor, at)
	return err
}

// followedOutboxes are those of the actors elsewhere whom somebody here follows, the
// communities first.
func followedOutboxes(ctx context.Context, q storage.Querier, most int) ([]want, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.iri, a.outbox
		FROM actors a
		WHERE a.host IS NOT NULL AND a.gone_at IS NULL AND a.outbox <> '' AND EXISTS (
			SELECT
			FROM follows f
			JOIN actors m ON m.id = f.follower
			WHERE f.followee = a.id AND f.state = 'accepted' AND m.host IS NULL)
		ORDER BY a.kind <> 'group', a.id
		LIMIT $1`, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (want, error) {
		w := want{Kind: kindOutbox, Budget: missedPosts, Again: true}
		var outbox string
		err := row.Scan(&w.IRI, &outbox)
		w.Host = federation.Host(outbox)
		return w, err
	})
}
