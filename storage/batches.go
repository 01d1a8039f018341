package storage

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// mostRows is how many rows one statement of a sweep touches: it holds no lock
// for long, and leaves no long list of dead rows to one transaction.
const mostRows = 5000

// InBatches runs a statement that touches at most @most rows, again and again
// until it finds fewer, and says how many it touched in all.
func InBatches(ctx context.Context, q Querier, sql string, args pgx.NamedArgs) (touched int64, err error) {
	return inBatches(ctx, q, mostRows, sql, args)
}

func inBatches(ctx context.Context, q Querier, most int64, sql string, args pgx.NamedArgs) (touched int64, err error) {
	args["most"] = most
	for {
		tag, err := q.Exec(ctx, sql, args)
		if err != nil {
			return touched, err
		}
		touched += tag.RowsAffected()
		if tag.RowsAffected() < most {
			return touched, nil
		}
	}
}
