package communities

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// roleOf gives "" for who is not a member.
func roleOf(ctx context.Context, q storage.Querier, community, who actors.ID) (string, error) {
	var role string
	err := q.QueryRow(ctx, `
		SELECT role
		FROM memberships
		WHERE community = $1 AND who = $2`, community, who).Scan(&role)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return role, err
}

func animatorIDs(ctx context.Context, q storage.Querier, id actors.ID) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT who
		FROM memberships
		WHERE community = $1 AND role IN ('owner', 'animator')
		ORDER BY role = 'owner' DESC, since, who`, id) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// insertMembership leaves a role that is there already, and ends what led to it.
func insertMembership(ctx context.Context, tx storage.Tx, m membership) error {
	args := pgx.NamedArgs{"community": m.Community, "who": m.Who, "role": m.Role, "since": m.Since}
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO memberships (community, who, role, since)
		VALUES (@community, @who, @role, @since)
		ON CONFLICT (community, who) DO NOTHING`, args)
	for _, table := range []string{"join_requests", "invitations", "former_members"} {
		b.Queue(`DELETE FROM `+table+` WHERE community = @community AND who = @who`, args)
	}
	return tx.SendBatch(ctx, b).Close()
}

// endMembership remembers that there was one in a community of ours, so that what was told
// to a member and is deleted later is told to them too.
func endMembership(ctx context.Context, tx storage.Tx, community, who actors.ID, now time.Time) error {
	args := pgx.NamedArgs{"community": community, "who": who, "now": now}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM join_requests WHERE community = @community AND who = @who`, args)
	b.Queue(`DELETE FROM invitations WHERE community = @community AND who = @who`, args)
	b.Queue(`DELETE FROM charter_acceptances WHERE community = @community AND who = @who`, args)
	b.Queue(`
		WITH ended AS (
			DELETE FROM memberships
			WHERE community = @community AND who = @who
			RETURNING community, who
		)
		INSERT INTO former_members (community, who, ended_at)
		SELECT e.community, e.who, @now
		FROM ended e
		JOIN communities c ON c.actor = e.community
		ON CONFLICT (community, who) DO UPDATE
		SET ended_at = excluded.ended_at`, args)
	return tx.SendBatch(ctx, b).Close()
}

// ownsAlone says whether nobody else owns what somebody owns.
func ownsAlone(ctx context.Context, q storage.Querier, community, who actors.ID) (alone bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce(bool_and(who = $2), false)
		FROM memberships
		WHERE community = $1 AND role = 'owner'`, community, who).Scan(&alone)
	return alone, err
}

func membersAmong(ctx context.Context, q storage.Querier, community actors.ID, who []actors.ID) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT who
		FROM memberships
		WHERE community = $1 AND who = ANY($2)`, community, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

func memberIDs(ctx context.Context, q storage.Querier, community, after actors.ID, limit int) ([]membership, error) {
	rows, _ := q.Query(ctx, `
		SELECT community, who, role, since
		FROM memberships
		WHERE community = $1 AND who > $2
		ORDER BY who
		LIMIT $3`, community, after, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[membership])
}

// unshownIDs gives members whose servers only know boosts.
func unshownIDs(ctx context.Context, q storage.Querier, community actors.ID, animators bool, after actors.ID, limit int) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT m.who
		FROM memberships m
		JOIN actors a ON a.id = m.who
		JOIN hosts h ON h.id = a.host
		WHERE m.community = @community AND m.who > @after AND h.dialect = @microblog AND a.gone_at IS NULL
		  AND (NOT @animators OR m.role IN ('animator', 'owner'))
		ORDER BY m.who
		LIMIT @limit`, pgx.NamedArgs{"community": community, "after": after, "microblog": actors.Microblog, "animators": animators,
		"limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

func countMembers(ctx context.Context, q storage.Querier, community actors.ID) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM memberships WHERE community = $1`, community).Scan(&n)
	return n, err
}

func countOnlookers(ctx context.Context, q storage.Querier, community actors.ID) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM follows f
		WHERE f.followee = $1 AND f.state = 'accepted'
			AND NOT EXISTS (SELECT FROM memberships m WHERE m.community = f.followee AND m.who = f.follower)`, community).Scan(&n)
	return n, err
}
