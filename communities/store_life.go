package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func updateArchived(ctx context.Context, tx storage.Tx, community actors.ID, archived bool, now time.Time) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE communities
		SET archived_at = CASE WHEN @archived::boolean THEN @now::timestamptz END
		WHERE actor = @community AND (archived_at IS NOT NULL) <> @archived`,
		pgx.NamedArgs{"community": community, "archived": archived, "now": now})
	return tag.RowsAffected() > 0, err
}

func isArchived(ctx context.Context, q storage.Querier, community actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM communities WHERE actor = $1 AND archived_at IS NOT NULL)`, community).Scan(&yes)
	return yes, err
}

func updateAccess(ctx context.Context, tx storage.Tx, community actors.ID, access actors.Access) error {
	_, err := tx.Exec(ctx, `
		UPDATE communities
		SET access = $2
		WHERE actor = $1`, community, string(access))
	return err
}

func deleteNoticesOf(ctx context.Context, tx storage.Tx, community actors.ID, kind string) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM community_notices
		WHERE community = $1 AND kind = $2`, community, kind)
	return err
}

// followersAway gives some people elsewhere who follow a community and are no members, after
// one of them.
func followersAway(ctx context.Context, q storage.Querier, community, after actors.ID, most int) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT f.follower
		FROM follows f
		JOIN actors a ON a.id = f.follower
		WHERE f.followee = $1 AND f.state = 'accepted' AND f.follower > $2
			AND a.host IS NOT NULL AND a.gone_at IS NULL AND a.kind = 'person'
			AND NOT EXISTS (SELECT FROM memberships m WHERE m.community = f.followee AND m.who = f.follower)
		ORDER BY f.follower
		LIMIT $3`, community, after, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// askingAway gives who elsewhere asks to be a member, or is invited: they know of the community
// without following it.
func askingAway(ctx context.Context, q storage.Querier, community actors.ID) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.id
		FROM (
			SELECT who FROM join_requests WHERE community = $1
			UNION
			SELECT who FROM invitations WHERE community = $1) AS w
		JOIN actors a ON a.id = w.who
		WHERE a.host IS NOT NULL
		ORDER BY a.id`, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// endCommunity ends what anybody is in a community. Who was a member of one of ours is
// remembered: they alone know that there was a confidential one.
func endCommunity(ctx context.Context, tx storage.Tx, community actors.ID, now time.Time) error {
	args := pgx.NamedArgs{"community": community, "now": now}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM join_requests WHERE community = @community`, args)
	for _, table := range []string{"invitations", "join_answers", "letters", "bans", "animators_notes"} {
		b.Queue(`DELETE FROM `+table+` WHERE community = @community`, args)
	}
	b.Queue(`
		WITH ended AS (
			DELETE FROM memberships
			WHERE community = @community
			RETURNING community, who
		)
		INSERT INTO former_members (community, who, ended_at)
		SELECT e.community, e.who, @now
		FROM ended e
		JOIN communities c ON c.actor = e.community
		ORDER BY e.who
		ON CONFLICT (community, who) DO UPDATE
		SET ended_at = excluded.ended_at`, args)
	for _, table := range []string{"roles_elsewhere", "charter_acceptances", "charters", "join_questions", "letters", "invitation_links",
		"bans", "animators_notes"} {
		b.Queue(`DELETE FROM `+table+` WHERE community = @community`, args)
	}
	b.Queue(`
		UPDATE communities
		SET archived_at = coalesce(archived_at, @now)
		WHERE actor = @community`, args)
	return tx.SendBatch(ctx, b).Close()
}
