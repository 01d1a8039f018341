package accounts

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertSignIn(ctx context.Context, q storage.Querier, id actors.ID, s Session) error {
	_, err := q.Exec(ctx, `
		INSERT INTO sign_ins (id, member, device, address, created_at, used_at)
		VALUES (@id, @member, @device, @address, @at, @at)`,
		pgx.NamedArgs{"id": s.ID, "member": id, "device": s.Device, "address": s.Address, "at": s.CreatedAt})
	return err
}

func memberBySignIn(ctx context.Context, q storage.Querier, session int64, since time.Time) (Member, time.Time, error) {
	rows, _ := q.Query(ctx, `
		SELECT `+memberColumns+`, i.used_at
		FROM sign_ins i
		JOIN members m ON m.actor = i.member
		JOIN actors a ON a.id = m.actor
		WHERE i.id = $1
			AND i.created_at > $2
			AND a.gone_at IS NULL`, session, since) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Member
		UsedAt time.Time
	}])
	return r.Member, r.UsedAt, storage.NotFound(err, noMember)
}

func touchSignIn(ctx context.Context, q storage.Querier, session int64, at time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE sign_ins
		SET used_at = $2
		WHERE id = $1`, session, at)
	return err
}

func signIns(ctx context.Context, q storage.Querier, id actors.ID, since time.Time) ([]Session, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, device, address, created_at, used_at
		FROM sign_ins
		WHERE member = $1
			AND created_at > $2
		ORDER BY used_at DESC, id`, id, since) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Session])
}

func deleteSignIn(ctx context.Context, q storage.Querier, id actors.ID, session int64) error {
	_, err := q.Exec(ctx, `DELETE FROM sign_ins WHERE member = $1 AND id = $2`, id, session)
	return err
}

// deleteSignIns ends all but one, 0 for all, and those that are half begun.
func deleteSignIns(ctx context.Context, tx storage.Tx, id actors.ID, but int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM half_sign_ins WHERE member = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM sign_ins WHERE member = $1 AND id <> $2`, id, but)
	return err
}

func keysOf(ctx context.Context, q storage.Querier, id actors.ID, now time.Time) ([]Key, error) {
	rows, _ := q.Query(ctx, `
		SELECT hash, label, created_at, expires_at
		FROM tokens
		WHERE member = $1
			AND (expires_at IS NULL OR expires_at > $2)
		ORDER BY created_at DESC`, id, now) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Key])
}

func deleteKey(ctx context.Context, q storage.Querier, id actors.ID, hash []byte) error {
	_, err := q.Exec(ctx, `DELETE FROM tokens WHERE member = $1 AND hash = $2`, id, hash)
	return err
}

func memberByEmail(ctx context.Context, q storage.Querier, email string) (Member, error) {
	rows, _ := q.Query(ctx, selectMember+` AND lower(m.email) = lower($1)`, email) // CollectExactlyOneRow returns Query's error
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	return m, storage.NotFound(err, noMember)
}

func insertReset(ctx context.Context, tx storage.Tx, r reset) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO resets (id, email, created_at)
		VALUES ($1, $2, $3)`, r.ID, r.Email, r.CreatedAt)
	return err
}

// resetByID finds one that was not used and was asked for since then.
func resetByID(ctx context.Context, q storage.Querier, id int64, since time.Time) (reset, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, email, created_at, used_at
		FROM resets
		WHERE id = $1
			AND used_at IS NULL
			AND created_at > $2`, id, since) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[reset])
	return r, storage.NotFound(err, noLink)
}

// lockReset makes those who use it at once do so one after another.
func lockReset(ctx context.Context, tx storage.Tx, id int64) error {
	_, err := tx.Exec(ctx, `SELECT FROM resets WHERE id = $1 FOR UPDATE`, id)
	return err
}

// useResets ends the links that were sent to a member.
func useResets(ctx context.Context, tx storage.Tx, id actors.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE resets
		SET used_at = $2
		WHERE used_at IS NULL
			AND lower(email) = (SELECT lower(email) FROM members WHERE actor = $1)`, id, at)
	return err
}

// countTry notes a try unless there were as many as may be: then it gives the time of the
// one that has to pass first.
func countTry(ctx context.Context, tx storage.Tx, l limit, now time.Time) (full time.Time, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "tries "+l.subject); err != nil {
		return full, err
	}
	err = tx.QueryRow(ctx, `
		SELECT at
		FROM tries
		WHERE subject = @subject
			AND at > @since
		ORDER BY at DESC
		LIMIT 1 OFFSET @skip`,
		pgx.NamedArgs{"subject": l.subject, "since": now.Add(-l.within), "skip": l.most - 1}).Scan(&full)
	if !errors.Is(err, pgx.ErrNoRows) {
		return full, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO tries (subject, at)
		VALUES ($1, $2)`, l.subject, now)
	return time.Time{}, err
}

// deleteOld forgets tries, resets, changes of address, challenges and what was half begun of
// before, and sessions that ended.
func deleteOld(ctx context.Context, q storage.Querier, before, ended time.Time) error {
	for _, sql := range []string{
		`DELETE FROM tries WHERE ctid = ANY(ARRAY(SELECT ctid FROM tries WHERE at < @before LIMIT @most))`,
		`DELETE FROM resets WHERE id IN (SELECT id FROM resets WHERE created_at < @before LIMIT @most)`,
		`DELETE FROM address_changes WHERE id IN (SELECT id FROM address_changes WHERE created_at < @before LIMIT @most)`,
		`DELETE FROM answered_challenges WHERE hash IN (SELECT hash FROM answered_challenges WHERE at < @before LIMIT @most)`,
		`DELETE FROM half_sign_ins WHERE id IN (SELECT id FROM half_sign_ins WHERE created_at < @before LIMIT @most)`,
		`DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE created_at <= @ended LIMIT @most)`,
	} {
		if _, err := storage.InBatches(ctx, q, sql, pgx.NamedArgs{"before": before, "ended": ended}); err != nil {
			return err
		}
	}
	return nil
}

func settings(ctx context.Context, q storage.Querier) (map[string]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT name, value
		FROM settings`) // ForEachRow returns Query's error
	set := map[string]string{}
	var name, value string
	_, err := pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		set[name] = value
		return nil
	})
	return set, err
}

func upsertSettings(ctx context.Context, tx storage.Tx, set map[string]string, at time.Time) error {
	names := slices.Sorted(maps.Keys(set))
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = set[name]
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO settings (name, value, at)
		SELECT unnest($1::text[]), unnest($2::text[]), $3
		ON CONFLICT (name) DO UPDATE
		SET value = excluded.value, at = excluded.at`, names, values, at)
	return err
}
