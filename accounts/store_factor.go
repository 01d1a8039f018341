package accounts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const noFactor = "Verification in two steps is not on."

// factor is the second factor of a member.
type factor struct {
	Member   actors.ID
	Secret   []byte // sealed
	LastStep int64  // of the latest code that was taken
}

func hasFactor(ctx context.Context, q storage.Querier, id actors.ID) (has bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM second_factors WHERE member = $1)`, id).Scan(&has)
	return has, err
}

func insertFactor(ctx context.Context, tx storage.Tx, f factor, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO second_factors (member, secret, last_step, at)
		VALUES ($1, $2, $3, $4)`, f.Member, f.Secret, f.LastStep, at)
	return storage.Conflict(err, "second_factors_pkey", "Verification in two steps is on already.")
}

// lockFactor makes those who show codes at once do so one after another.
func lockFactor(ctx context.Context, tx storage.Tx, id actors.ID) (factor, error) {
	rows, _ := tx.Query(ctx, `
		SELECT member, secret, last_step
		FROM second_factors
		WHERE member = $1
		FOR UPDATE`, id) // CollectExactlyOneRow returns Query's error
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[factor])
	return f, storage.NotFound(err, noFactor)
}

func updateStep(ctx context.Context, tx storage.Tx, id actors.ID, step int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE second_factors
		SET last_step = $2
		WHERE member = $1`, id, step)
	return err
}

// deleteFactor forgets the recovery codes too, and the passkeys, which hang on it.
func deleteFactor(ctx context.Context, tx storage.Tx, id actors.ID) error {
	for _, sql := range []string{
		`DELETE FROM second_factors WHERE member = $1`,
		`DELETE FROM recovery_codes WHERE member = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return err
		}
	}
	return nil
}

func replaceRecoveries(ctx context.Context, tx storage.Tx, id actors.ID, hashes [][]byte) error {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE member = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO recovery_codes (member, hash)
		SELECT $1, unnest($2::bytea[])`, id, hashes)
	return err
}

func useRecovery(ctx context.Context, tx storage.Tx, id actors.ID, hash []byte, at time.Time) (used bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE recovery_codes
		SET used_at = $3
		WHERE member = $1
			AND hash = $2
			AND used_at IS NULL`, id, hash, at)
	return tag.RowsAffected() == 1, err
}

// deleteTries forgets what was counted of a subject.
func deleteTries(ctx context.Context, tx storage.Tx, subject string) error {
	_, err := tx.Exec(ctx, `DELETE FROM tries WHERE subject = $1`, subject)
	return err
}

func insertHalf(ctx context.Context, q storage.Querier, half int64, id actors.ID, at time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO half_sign_ins (id, member, created_at)
		VALUES ($1, $2, $3)`, half, id, at)
	return err
}

func memberByHalf(ctx context.Context, q storage.Querier, half int64, since time.Time) (id actors.ID, err error) {
	err = q.QueryRow(ctx, `
		SELECT member
		FROM half_sign_ins
		WHERE id = $1
			AND created_at > $2`, half, since).Scan(&id)
	return id, storage.NotFound(err, noMember)
}

func deleteHalf(ctx context.Context, tx storage.Tx, half int64) (there bool, err error) {
	tag, err := tx.Exec(ctx, `DELETE FROM half_sign_ins WHERE id = $1`, half)
	return tag.RowsAffected() == 1, err
}

// factorStand is without the changes.
func factorStand(ctx context.Context, q storage.Querier, id actors.ID) (f FactorStand, err error) {
	var since *time.Time
	err = q.QueryRow(ctx, `
		SELECT (SELECT at FROM second_factors WHERE member = $1),
			(SELECT count(*) FROM recovery_codes WHERE member = $1 AND used_at IS NULL)`, id).Scan(&since, &f.Left)
	if since != nil {
		f.On, f.Since = true, *since
	}
	return f, err
}

func insertFactorChange(ctx context.Context, tx storage.Tx, id int64, who actors.ID, c FactorChange) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO factor_changes (id, member, kind, at)
		VALUES ($1, $2, $3, $4)`, id, who, string(c.Kind), c.At)
	return err
}

func factorChangeByID(ctx context.Context, q storage.Querier, id int64) (who actors.ID, c FactorChange, err error) {
	err = q.QueryRow(ctx, `
		SELECT member, kind, at
		FROM factor_changes
		WHERE id = $1`, id).Scan(&who, &c.Kind, &c.At)
	return who, c, storage.NotFound(err, noMember)
}

func factorChanges(ctx context.Context, q storage.Querier, id actors.ID, since time.Time) ([]FactorChange, error) {
	rows, _ := q.Query(ctx, `
		SELECT kind, at
		FROM factor_changes
		WHERE member = $1
			AND at > $2
		ORDER BY id DESC
		LIMIT 50`, id, since) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[FactorChange])
}

func deleteFactorChanges(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM factor_changes
		WHERE id IN (SELECT id FROM factor_changes WHERE at < @before LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
