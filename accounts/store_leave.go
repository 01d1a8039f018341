package accounts

import (
	"context"
	"fmt"

	"passerelles/actors"
	"passerelles/storage"
)

// closeMember forgets the address too, so that nothing more is sent there, and with it what was
// asked for in its name.
func closeMember(ctx context.Context, tx storage.Tx, id actors.ID, nobodys string) error {
	if _, err := tx.Exec(ctx, `
		DELETE FROM resets
		WHERE lower(email) = (SELECT lower(email) FROM members WHERE actor = $1)`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		DELETE FROM sign_ups
		WHERE lower(email) = (SELECT lower(email) FROM members WHERE actor = $1)`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM address_changes WHERE member = $1`, id); err != nil {
		return err
	}
	if err := deleteFactor(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM factor_changes WHERE member = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		DELETE FROM sign_in_failures
		WHERE subject IN (
			SELECT unnest(ARRAY['login ' || lower(m.email), 'login ' || a.name])
			FROM members m
			JOIN actors a ON a.id = m.actor
			WHERE m.actor = $1)`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE members
		SET password = $2, email = $3, admin = false
		WHERE actor = $1`, id, nobodys, fmt.Sprintf("%d@gone.invalid", id))
	return err
}

func eraseMember(ctx context.Context, tx storage.Tx, id actors.ID) error {
	for _, sql := range []string{
		`DELETE FROM tokens WHERE member = $1`,
		`DELETE FROM sign_ins WHERE member = $1`,
		`DELETE FROM members WHERE actor = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return err
		}
	}
	return nil
}
