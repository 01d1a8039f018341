package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func (n Notice) args() pgx.NamedArgs {
	return pgx.NamedArgs{"who": n.Who, "community": n.Community, "kind": n.Kind, "words": n.Words, "at": n.At}
}

// audienceHere chooses people of ours by what they are to a community, @community.
type audienceHere string

const (
	membersHere audienceHere = `
		SELECT m.who
		FROM memberships m
		JOIN actors a ON a.id = m.who
		WHERE m.community = @community AND a.host IS NULL`
	followersHere audienceHere = `
		SELECT f.follower
		FROM follows f
		JOIN actors a ON a.id = f.follower
		WHERE f.followee = @community AND f.state = 'accepted' AND a.host IS NULL
			AND NOT EXISTS (SELECT FROM memberships m WHERE m.community = f.followee AND m.who = f.follower)`
)

func insertNotices(ctx context.Context, tx storage.Tx, n Notice, to audienceHere) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO community_notices (who, community, kind, words, at)
		SELECT t.who, @community, @kind, @words, @at
		FROM (`+string(to)+`) AS t (who)
		ORDER BY t.who
		ON CONFLICT (who, community, kind) DO UPDATE
		SET words = excluded.words, at = excluded.at`, n.args())
	return err
}

func noticesOf(ctx context.Context, q storage.Querier, who actors.ID) ([]Notice, error) {
	rows, _ := q.Query(ctx, `
		SELECT who, community, kind, words, at
		FROM community_notices
		WHERE who = $1 AND kind IN ('closed', 'deleted')
		ORDER BY at DESC, community
		LIMIT 20`, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
}

func deleteNotice(ctx context.Context, q storage.Querier, n Notice) error {
	_, err := q.Exec(ctx, `
		DELETE FROM community_notices
		WHERE who = @who AND community = @community AND kind = @kind`, n.args())
	return err
}

func deleteNotices(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM community_notices
		WHERE (who, community, kind) IN (
			SELECT who, community, kind
			FROM community_notices
			WHERE at < @before
			ORDER BY at
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
