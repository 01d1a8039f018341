package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// mayFound reads what package accounts keeps: who administers, and what is set.
func mayFound(ctx context.Context, q storage.Querier, who actors.ID) (may bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM members m
			WHERE m.actor = $1
				AND (m.admin OR EXISTS (SELECT FROM settings s WHERE s.name = 'founders' AND s.value = 'members')))`, who).Scan(&may)
	return may, err
}

func foundedSince(ctx context.Context, q storage.Querier, who actors.ID, since time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM communities
		WHERE created_by = $1 AND created_at > $2`, who, since).Scan(&n)
	return n, err
}
