package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func forgetMember(ctx context.Context, tx storage.Tx, who actors.ID) error {
	b := &pgx.Batch{}
	for _, table := range []string{"memberships", "former_members", "join_requests", "invitations", "charter_acceptances", "letters", "bans", "community_notices"} {
		b.Queue(`DELETE FROM `+table+` WHERE who = $1`, who)
	}
	b.Queue(`DELETE FROM animators_notes WHERE about = $1 OR by = $1`, who)
	return tx.SendBatch(ctx, b).Close()
}
