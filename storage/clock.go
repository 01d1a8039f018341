package storage

import (
	"context"
	"time"
)

// Clock tells the database's time, to compare with ours.
func (db *DB) Clock(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := db.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&at)
	return at.UTC(), err
}
