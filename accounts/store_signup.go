package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const noSignUp = "Nobody waits under this number, or no longer."

var errNoRows = pgx.ErrNoRows

const selectSignUp = `
	SELECT id, name, email, title, language, password, words, invitation, created_at, confirmed_at, declined_at, answer
	FROM sign_ups
	WHERE `

func insertSignUp(ctx context.Context, tx storage.Tx, u signUp) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO sign_ups (id, name, email, title, language, password, words, invitation, created_at)
		VALUES (@id, @name, @email, @title, @language, @password, @words, @invitation, @at)`,
		pgx.NamedArgs{"id": u.ID, "name": u.Name, "email": u.Email, "title": u.Title, "language": u.Language,
			"password": u.Password, "words": u.Words, "invitation": u.Invitation, "at": u.CreatedAt})
	return storage.Conflict(err, "sign_ups_name", "This name is taken.")
}

// signUpByID finds one that was not declined.
func signUpByID(ctx context.Context, q storage.Querier, id int64) (signUp, error) {
	rows, _ := q.Query(ctx, selectSignUp+`id = $1 AND declined_at IS NULL`, id) // CollectExactlyOneRow returns Query's error
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[signUp])
	return u, storage.NotFound(err, noLink)
}

func lockSignUp(ctx context.Context, tx storage.Tx, id int64) (signUp, error) {
	rows, _ := tx.Query(ctx, selectSignUp+`id = $1 AND declined_at IS NULL FOR UPDATE`, id) // CollectExactlyOneRow returns Query's error
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[signUp])
	return u, storage.NotFound(err, noLink)
}

func declinedByID(ctx context.Context, q storage.Querier, id int64) (signUp, error) {
	rows, _ := q.Query(ctx, selectSignUp+`id = $1 AND declined_at IS NOT NULL`, id) // CollectExactlyOneRow returns Query's error
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[signUp])
	return u, storage.NotFound(err, noSignUp)
}

// signUpByLogin gives the latest by a name or an address, a zero one if there is none.
func signUpByLogin(ctx context.Context, q storage.Querier, login string) (signUp, error) {
	rows, _ := q.Query(ctx, selectSignUp+`declined_at IS NULL AND (lower(email) = $1 OR name = $1)
		ORDER BY id DESC
		LIMIT 1`, login) // CollectExactlyOneRow returns Query's error
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[signUp])
	if errors.Is(err, pgx.ErrNoRows) {
		return signUp{}, nil
	}
	return u, err
}

func confirmSignUp(ctx context.Context, tx storage.Tx, id int64, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE sign_ups
		SET confirmed_at = $2
		WHERE id = $1`, id, at)
	return err
}

// declineSignUp keeps what the mail needs.
func declineSignUp(ctx context.Context, tx storage.Tx, id int64, answer string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE sign_ups
		SET declined_at = @at, answer = @answer, password = '', words = '', title = ''
		WHERE id = @id`, pgx.NamedArgs{"id": id, "answer": answer, "at": at})
	return err
}

func deleteSignUp(ctx context.Context, tx storage.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM sign_ups WHERE id = $1`, id)
	return err
}

func waiting(ctx context.Context, q storage.Querier) ([]Waiting, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, name, title, email, words, confirmed_at
		FROM sign_ups
		WHERE confirmed_at IS NOT NULL
			AND declined_at IS NULL
		ORDER BY confirmed_at, id`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Waiting])
}

// deleteSignUps also gives back to invitations what they let in in vain.
func deleteSignUps(ctx context.Context, q storage.Querier, unconfirmed, unanswered, declined time.Time) error {
	_, err := q.Exec(ctx, `
		WITH gone AS (
			DELETE FROM sign_ups
			WHERE id IN (
				SELECT id
				FROM sign_ups
				WHERE confirmed_at IS NULL AND created_at < @unconfirmed
					OR confirmed_at < @unanswered
					OR declined_at < @declined
				LIMIT 5000)
			RETURNING invitation),
		vain AS (
			SELECT invitation, count(*) AS n
			FROM gone
			WHERE invitation IS NOT NULL
			GROUP BY invitation)
		UPDATE sign_up_invitations i
		SET used = i.used - vain.n
		FROM vain
		WHERE i.id = vain.invitation`,
		pgx.NamedArgs{"unconfirmed": unconfirmed, "unanswered": unanswered, "declined": declined})
	return err
}

func administrators(ctx context.Context, q storage.Querier) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT m.actor
		FROM members m
		JOIN actors a ON a.id = m.actor
		WHERE m.admin AND a.gone_at IS NULL
		ORDER BY m.actor`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

func insertInvitation(ctx context.Context, q storage.Querier, i Invite) error {
	_, err := q.Exec(ctx, `
		INSERT INTO sign_up_invitations (id, label, most, created_at, expires_at)
		VALUES (@id, @label, @most, @at, @ends)`,
		pgx.NamedArgs{"id": i.ID, "label": i.Label, "most": i.Most, "at": i.CreatedAt, "ends": i.ExpiresAt})
	return err
}

const selectInvitation = `
	SELECT id, label, most, used, created_at, expires_at, '' AS link
	FROM sign_up_invitations`

func invitations(ctx context.Context, q storage.Querier) ([]Invite, error) {
	rows, _ := q.Query(ctx, selectInvitation+` ORDER BY id DESC LIMIT 200`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Invite])
}

func invitationByID(ctx context.Context, q storage.Querier, id int64) (Invite, error) {
	rows, _ := q.Query(ctx, selectInvitation+` WHERE id = $1`, id) // CollectExactlyOneRow returns Query's error
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Invite])
	return i, storage.NotFound(err, noLink)
}

// useInvitation counts somebody, who may not be one too many; 0 is no invitation.
func useInvitation(ctx context.Context, tx storage.Tx, id int64, now time.Time) error {
	if id == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, `
		UPDATE sign_up_invitations
		SET used = used + 1
		WHERE id = $1
			AND used < most
			AND expires_at > $2`, id, now)
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.Forbidden, "This invitation has ended, or was used as often as it may be.")
	}
	return err
}

func endInvitation(ctx context.Context, q storage.Querier, id int64, now time.Time) (changed bool, err error) {
	tag, err := q.Exec(ctx, `
		UPDATE sign_up_invitations
		SET expires_at = $2
		WHERE id = $1
			AND expires_at > $2`, id, now)
	return tag.RowsAffected() > 0, err
}
