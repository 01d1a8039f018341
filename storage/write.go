package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// attempts is how often a Write runs its function at most.
const attempts = 3

// Write runs fn in one transaction and commits it, or none of it.
//
// A serialization failure or a deadlock runs fn again from its start, three
// times in all: fn must have no effect but through tx. An error of COMMIT is
// returned and never taken for success; when the connection was lost during
// COMMIT nobody knows the outcome, so callers make their writes idempotent.
func (db *DB) Write(ctx context.Context, fn func(tx Tx) error) error {
	return db.write(ctx, pgx.TxOptions{}, fn)
}

// WriteSoft is Write for what is done once more if it is lost: its COMMIT does
// not wait for the disk. A crash of PostgreSQL may take it back whole, with all
// that came after it, never a part.
func (db *DB) WriteSoft(ctx context.Context, fn func(tx Tx) error) error {
	return db.write(ctx, soft, fn)
}

var soft = pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit = off"}

func (db *DB) write(ctx context.Context, how pgx.TxOptions, fn func(tx Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.writeOnce(ctx, how, fn)
		if attempt == attempts || !again(err) {
			return translate(err)
		}
	}
}

func (db *DB) writeOnce(ctx context.Context, how pgx.TxOptions, fn func(tx Tx) error) (err error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.release()
	tx, err := c.BeginTx(ctx, how)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { err = errors.Join(err, rollback(ctx, tx)) }()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// rollback ends what was not committed, also when ctx has ended or fn panics.
// It tells nothing of a connection that is lost: the server then rolls back.
func rollback(ctx context.Context, tx Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) && !Away(err) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}
