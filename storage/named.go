package storage

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Named is pgx.NamedArgs for a long statement that is asked often: where its names stand is found
// once. Each name in the statement has to be given, if only as nil.
type Named map[string]any

type positional struct {
	sql   string
	names []any
}

// rewritten holds statements by their text; a program has few.
var rewritten sync.Map

// RewriteQuery implements pgx.QueryRewriter.
func (n Named) RewriteQuery(ctx context.Context, conn *pgx.Conn, sql string, _ []any) (string, []any, error) {
	known, ok := rewritten.Load(sql)
	if !ok {
		names := make(pgx.NamedArgs, len(n))
		for name := range n {
			names[name] = name
		}
		text, order, err := names.RewriteQuery(ctx, conn, sql, nil)
		if err != nil || slices.Contains(order, nil) { // a name that was not given
			return pgx.NamedArgs(n).RewriteQuery(ctx, conn, sql, nil)
		}
		known, _ = rewritten.LoadOrStore(sql, positional{text, order})
	}
	q := known.(positional)
	args := make([]any, len(q.names))
	for i, name := range q.names {
		args[i] = n[name.(string)]
	}
	return q.sql, args, nil
}
