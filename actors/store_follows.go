package actors

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// upsertFollow gives the follower's delivery inbox, 0 for one of ours.
func upsertFollow(ctx context.Context, tx storage.Tx, f Follow) (int64, error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO follows (followee, follower, state, iri, delivery, asked_at, answered_at)
		SELECT @followee, a.id, @state, @iri, a.delivery, @asked,
			CASE WHEN @state = 'pending' THEN NULL ELSE @asked::timestamptz END
		FROM actors a
		WHERE a.id = @follower
		ON CONFLICT (followee, follower) DO UPDATE
		SET state = CASE WHEN follows.state = 'accepted' AND excluded.state = 'pending'
				THEN 'accepted' ELSE excluded.state END,
			iri = excluded.iri,
			delivery = excluded.delivery,
			asked_at = excluded.asked_at,
			answered_at = CASE WHEN follows.state = 'accepted' AND excluded.state = 'pending'
				THEN follows.answered_at ELSE excluded.answered_at END,
			ended_at = CASE WHEN excluded.state IN ('pending', 'accepted') THEN NULL ELSE excluded.asked_at END
		RETURNING COALESCE(delivery, 0)`,
		pgx.NamedArgs{
			"followee": f.Followee, "follower": f.Follower, "state": string(f.State),
			"iri": f.IRI, "asked": f.AskedAt,
		}) // CollectExactlyOneRow returns Query's error
	delivery, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	return delivery, storage.NotFound(err, errNobody.Error())
}

func acceptFollow(ctx context.Context, tx storage.Tx, followee, follower ID, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE follows
		SET state = 'accepted', answered_at = @at
		WHERE followee = @followee
			AND follower = @follower
			AND state = 'pending'`,
		pgx.NamedArgs{"followee": followee, "follower": follower, "at": at})
	return tag.RowsAffected() > 0, err
}

// rejectFollow also takes back what was accepted; ended_at then tells that posts were sent.
func rejectFollow(ctx context.Context, tx storage.Tx, followee, follower ID, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE follows
		SET state = 'rejected', answered_at = @at,
			ended_at = CASE WHEN state = 'accepted' THEN @at::timestamptz END
		WHERE followee = @followee
			AND follower = @follower
			AND state IN ('pending', 'accepted')`,
		pgx.NamedArgs{"followee": followee, "follower": follower, "at": at})
	return tag.RowsAffected() > 0, err
}

func endFollow(ctx context.Context, tx storage.Tx, followee, follower ID, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE follows
		SET state = 'ended', ended_at = @at
		WHERE followee = @followee
			AND follower = @follower
			AND state IN ('pending', 'accepted')`,
		pgx.NamedArgs{"followee": followee, "follower": follower, "at": at})
	return tag.RowsAffected() > 0, err
}

// endFollowsOf ends every follow from and to an actor, in the order of the key.
func endFollowsOf(ctx context.Context, tx storage.Tx, id ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH theirs AS (
			SELECT followee, follower
			FROM follows
			WHERE (followee = @id OR follower = @id)
				AND state IN ('pending', 'accepted')
			ORDER BY followee, follower
			FOR UPDATE
		)
		UPDATE follows f
		SET state = 'ended', ended_at = @at
		FROM theirs t
		WHERE f.followee = t.followee
			AND f.follower = t.follower`,
		pgx.NamedArgs{"id": id, "at": at})
	return err
}

type followRow struct {
	Followee, Follower  ID
	State               State
	IRI                 string
	AskedAt             time.Time
	AnsweredAt, EndedAt *time.Time
}

const selectFollow = `
	SELECT followee, follower, state, iri, asked_at, answered_at, ended_at
	FROM follows`

func followOf(ctx context.Context, q storage.Querier, followee, follower ID) (Follow, error) {
	return oneFollow(ctx, q, `
	WHERE followee = $1
		AND follower = $2`, followee, follower)
}

func followByIRI(ctx context.Context, q storage.Querier, iri string) (Follow, error) {
	return oneFollow(ctx, q, `
	WHERE iri = $1
	ORDER BY asked_at DESC
	LIMIT 1`, iri)
}

func oneFollow(ctx context.Context, q storage.Querier, where string, args ...any) (Follow, error) {
	rows, _ := q.Query(ctx, selectFollow+where, args...) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[followRow])
	f := Follow{Followee: r.Followee, Follower: r.Follower, State: r.State, IRI: r.IRI, AskedAt: r.AskedAt}
	if r.AnsweredAt != nil {
		f.AnsweredAt = *r.AnsweredAt
	}
	if r.EndedAt != nil {
		f.EndedAt = *r.EndedAt
	}
	return f, storage.NotFound(err, "Nobody follows so.")
}

const (
	followers = `
	JOIN follows f ON f.follower = a.id
	WHERE f.followee = @id
		AND f.follower < @before
		AND f.state = 'accepted'
	ORDER BY f.follower DESC
	LIMIT @limit`
	following = `
	JOIN follows f ON f.followee = a.id
	WHERE f.follower = @id
		AND f.followee < @before
		AND f.state = 'accepted'
	ORDER BY f.followee DESC
	LIMIT @limit`
)

type pageOf struct {
	id, before ID
	limit      int
}

func followPage(ctx context.Context, q storage.Querier, which string, p pageOf) ([]Actor, error) {
	if p.before == 0 {
		p.before = math.MaxInt64
	}
	rows, _ := q.Query(ctx, selectKnown+which,
		pgx.NamedArgs{"id": p.id, "before": p.before, "limit": p.limit}) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[known])
	return plain(all), err
}

func tiesOf(ctx context.Context, q storage.Querier, ids []ID) (map[ID]Ties, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.id,
			(SELECT count(*) FROM follows f WHERE f.followee = a.id AND f.state = 'accepted'),
			(SELECT count(*) FROM follows f WHERE f.follower = a.id AND f.state = 'accepted')
		FROM unnest($1::bigint[]) AS a (id)`, ids) // ForEachRow returns Query's error
	ties := make(map[ID]Ties, len(ids))
	var id ID
	var t Ties
	_, err := pgx.ForEachRow(rows, []any{&id, &t.Followers, &t.Following}, func() error {
		ties[id] = t
		return nil
	})
	return ties, err
}

func followsBetween(ctx context.Context, q storage.Querier, me ID, others []ID) (to, from map[ID]State, err error) {
	rows, _ := q.Query(ctx, `
		SELECT followee, true, state FROM follows WHERE follower = $1 AND followee = ANY($2)
		UNION ALL
		SELECT follower, false, state FROM follows WHERE followee = $1 AND follower = ANY($2)`, me, others) // ForEachRow returns Query's error
	to, from = map[ID]State{}, map[ID]State{}
	var other ID
	var mine bool
	var state State
	_, err = pgx.ForEachRow(rows, []any{&other, &mine, &state}, func() error {
		if mine {
			to[other] = state
		} else {
			from[other] = state
		}
		return nil
	})
	return to, from, err
}
