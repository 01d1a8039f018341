package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Durable says what keeps PostgreSQL from keeping what it says is kept, "" if nothing does.
func (db *DB) Durable(ctx context.Context) (because string, err error) {
	rows, _ := db.Query(ctx, `
		SELECT name || ' = ' || setting
		FROM pg_settings
		WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
		ORDER BY name`) // CollectRows returns Query's error
	lax, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(lax) == 0 {
		return "", err
	}
	return fmt.Sprintf("PostgreSQL has %s: a power failure may lose what others were told is taken, or the whole database. "+
		"Set it on in postgresql.conf, and for the database and its role", strings.Join(lax, ", ")), nil
}
