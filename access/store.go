package access

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// level is what decides who enters a community.
type level struct {
	Access actors.Access // "" is that of a community elsewhere which says nothing
	Host   string        // where it lives; "": here
	Ended  bool          // it is no more
}

func levelOf(ctx context.Context, q storage.Querier, community actors.ID) (level, error) {
	rows, _ := q.Query(ctx, `
		SELECT coalesce(c.access, a.access), coalesce(h.name, ''), a.gone_at IS NOT NULL
		FROM actors a
		LEFT JOIN communities c ON c.actor = a.id
		LEFT JOIN hosts h ON h.id = a.host
		WHERE a.id = $1`, community) // CollectExactlyOneRow returns Query's error
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[level])
	if errors.Is(err, pgx.ErrNoRows) {
		return level{Access: actors.Confidential}, nil // in doubt
	}
	return l, err
}

func hostAllowed(ctx context.Context, q storage.Querier, community actors.ID, host string) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM community_hosts c
			JOIN hosts h ON h.id = c.host
			WHERE c.community = $1
				AND h.name = $2
		)`, community, host).Scan(&yes)
	return yes, err
}

func invited(ctx context.Context, q storage.Querier, community, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM invitations
			WHERE community = $1
				AND who = $2
		)`, community, who).Scan(&yes)
	return yes, err
}

// leftLast says whether somebody was a member of a community until it was no more.
func leftLast(ctx context.Context, q storage.Querier, community, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM former_members f
			JOIN actors a ON a.id = f.community
			WHERE f.community = $1
				AND f.who = $2
				AND f.ended_at >= a.gone_at
		)`, community, who).Scan(&yes)
	return yes, err
}

func rolesOf(ctx context.Context, q storage.Querier, community, who actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT role
		FROM memberships
		WHERE community = $1
			AND who = $2`, community, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// rolesAt gives the roles of those members who live on a server.
func rolesAt(ctx context.Context, q storage.Querier, community actors.ID, host string) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT DISTINCT m.role
		FROM memberships m
		JOIN actors a ON a.id = m.who
		JOIN hosts h ON h.id = a.host
		WHERE m.community = $1
			AND h.name = $2`, community, host) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func mentioned(ctx context.Context, q storage.Querier, post int64, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM post_mentions
			WHERE post = $1
				AND who = $2
		)`, post, who).Scan(&yes)
	return yes, err
}

// removed says whether a post's community took it away, announces it no longer, or not yet.
func removed(ctx context.Context, q storage.Querier, post int64, community actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM posts p
			JOIN post_marks m ON m.post = p.iri
			WHERE p.id = $1
				AND m.community = $2
				AND m.mark IN ('removed', 'withdrawn', 'held')
				AND m.holds
		)`, post, community).Scan(&yes)
	return yes, err
}

// leftSince says whether somebody who belonged to a community does so no more, since a moment.
func leftSince(ctx context.Context, q storage.Querier, community actors.ID, since time.Time) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM former_members
			WHERE community = $1
				AND ended_at >= $2
		)`, community, since).Scan(&yes)
	return yes, err
}

func insertBlock(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO blocks (blocker, blocked, since)
		VALUES (@blocker, @blocked, @at)
		ON CONFLICT (blocker, blocked) DO NOTHING`,
		pgx.NamedArgs{"blocker": blocker, "blocked": blocked, "at": at})
	return err
}

func deleteBlock(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID) (bool, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM blocks
		WHERE blocker = $1
			AND blocked = $2`, blocker, blocked)
	return tag.RowsAffected() > 0, err
}

func blockExists(ctx context.Context, q storage.Querier, blocker, blocked actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM blocks
			WHERE blocker = $1
				AND blocked = $2
		)`, blocker, blocked).Scan(&yes)
	return yes, err
}
