package web

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// sessionStore keeps sessions in PostgreSQL, so that a restart signs nobody out
// and several processes share them.
type sessionStore struct {
	q   storage.Querier
	now func() time.Time
}

// FindCtx gives the data of a session that has not expired.
func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.q.QueryRow(ctx, `
		SELECT data
		FROM sessions
		WHERE token = $1
			AND expiry > $2`, token, s.now()).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx writes a session.
func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.q.Exec(ctx, `
		INSERT INTO sessions (token, data, expiry)
		VALUES (@token, @data, @expiry)
		ON CONFLICT (token) DO UPDATE
		SET data = EXCLUDED.data, expiry = EXCLUDED.expiry`,
		pgx.NamedArgs{"token": token, "data": data, "expiry": expiry})
	return err
}

// DeleteCtx ends a session; one that is not there is no error.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.q.Exec(ctx, `
		DELETE FROM sessions
		WHERE token = $1`, token)
	return err
}

// Find, Commit and Delete are asked for by scs.Store; with a CtxStore scs calls
// only those above.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func deleteExpired(ctx context.Context, q storage.Querier, now time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM sessions
		WHERE token IN (
			SELECT token
			FROM sessions
			WHERE expiry <= @now
			LIMIT @most)`, pgx.NamedArgs{"now": now})
	return err
}
