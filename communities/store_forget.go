package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// ownedAlone gives the names of the communities of which somebody is the only owner.
func ownedAlone(ctx context.Context, q storage.Querier, who actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.name
		FROM memberships m
		JOIN actors a ON a.id = m.community
		WHERE m.who = $1
			AND m.role = 'owner'
			AND a.gone_at IS NULL
			AND NOT EXISTS (
				SELECT FROM memberships o
				WHERE o.community = m.community
					AND o.role = 'owner'
					AND o.who <> m.who)
		ORDER BY a.name`, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func forgetMember(ctx context.Context, tx storage.Tx, who actors.ID) error {
	b := &pgx.Batch{}
	for _, table := range []string{"memberships", "former_members", "join_requests", "invitations", "charter_acceptances", "letters", "bans"} {
		b.Queue(`DELETE FROM `+table+` WHERE who = $1`, who)
	}
	b.Queue(`DELETE FROM animators_notes WHERE about = $1 OR by = $1`, who)
	return tx.SendBatch(ctx, b).Close()
}
