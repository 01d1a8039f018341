package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const noMember = "There is no such member."

const (
	memberColumns = `m.actor AS id, a.name, a.title, m.email, m.language, m.admin, m.created_at, m.told_at IS NOT NULL AS told, m.visibility, m.sensitive, m.quotable,
		EXISTS (SELECT FROM second_factors f WHERE f.member = m.actor) AS factor`
	fromMembers = `
	FROM members m
	JOIN actors a ON a.id = m.actor
	WHERE a.gone_at IS NULL`
	selectMember   = "SELECT " + memberColumns + fromMembers
	selectAdmitted = "SELECT " + memberColumns + ", EXISTS (SELECT FROM suspensions s WHERE s.actor = m.actor) AS suspended" + fromMembers + " AND m.actor = $1"
)

func insertMember(ctx context.Context, tx storage.Tx, m Member, hash string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO members (actor, email, password, language, admin, created_at)
		VALUES (@actor, @email, @password, @language, @admin, @at)`,
		pgx.NamedArgs{"actor": m.ID, "email": m.Email, "password": hash, "language": m.Language, "admin": m.Admin,
			"at": m.CreatedAt})
	return storage.Conflict(err, "members_email", "Somebody has this e-mail address already.")
}

func memberByID(ctx context.Context, q storage.Querier, id actors.ID) (Member, error) {
	rows, _ := q.Query(ctx, selectMember+` AND m.actor = $1`, id) // CollectExactlyOneRow returns Query's error
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	return m, storage.NotFound(err, noMember)
}

// admittedByID also says whether the member is suspended.
func admittedByID(ctx context.Context, q storage.Querier, id actors.ID) (m Member, suspended bool, err error) {
	rows, _ := q.Query(ctx, selectAdmitted, id) // CollectExactlyOneRow returns Query's error
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Member
		Suspended bool
	}])
	return a.Member, a.Suspended, storage.NotFound(err, noMember)
}

func memberByName(ctx context.Context, q storage.Querier, name string) (Member, error) {
	rows, _ := q.Query(ctx, selectMember+` AND a.host IS NULL AND a.name = $1`, name) // CollectExactlyOneRow returns Query's error
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	return m, storage.NotFound(err, noMember)
}

func members(ctx context.Context, q storage.Querier) ([]Member, error) {
	rows, _ := q.Query(ctx, selectMember+` ORDER BY a.name`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Member])
}

// memberByLogin also gives the hash of the password.
func memberByLogin(ctx context.Context, q storage.Querier, login string) (Member, string, error) {
	var id actors.ID
	var hash string
	err := q.QueryRow(ctx, `
		SELECT m.actor, m.password
		FROM members m
		JOIN actors a ON a.id = m.actor
		WHERE a.gone_at IS NULL AND (lower(m.email) = $1 OR a.host IS NULL AND a.name = $1)
		LIMIT 1`, login).Scan(&id, &hash)
	if err != nil {
		return Member{}, "", storage.NotFound(err, noMember)
	}
	m, err := memberByID(ctx, q, id)
	return m, hash, err
}

func updatePassword(ctx context.Context, tx storage.Tx, id actors.ID, hash string) error {
	tag, err := tx.Exec(ctx, `
		UPDATE members
		SET password = $2
		WHERE actor = $1`, id, hash)
	if err == nil && tag.RowsAffected() == 0 {
		err = storage.NotFound(pgx.ErrNoRows, noMember)
	}
	return err
}

// updateLanguage leaves it when none is given.
func updateLanguage(ctx context.Context, tx storage.Tx, id actors.ID, language string) error {
	_, err := tx.Exec(ctx, `
		UPDATE members
		SET language = coalesce(nullif($2, ''), language)
		WHERE actor = $1`, id, language)
	return err
}

func updateHabits(ctx context.Context, q storage.Querier, id actors.ID, to Habits) error {
	_, err := q.Exec(ctx, `
		UPDATE members
		SET visibility = @visibility, sensitive = @sensitive, quotable = @quotable
		WHERE actor = @id`,
		pgx.NamedArgs{"id": id, "visibility": to.Visibility, "sensitive": to.Sensitive, "quotable": to.Quotable})
	return err
}

func noteTold(ctx context.Context, q storage.Querier, id actors.ID, at time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE members
		SET told_at = $2
		WHERE actor = $1
			AND told_at IS NULL`, id, at)
	return err
}

type token struct {
	Hash      []byte
	Member    actors.ID
	Label     string
	CreatedAt time.Time
	ExpiresAt *time.Time
}

func insertToken(ctx context.Context, q storage.Querier, t token) error {
	_, err := q.Exec(ctx, `
		INSERT INTO tokens (hash, member, label, created_at, expires_at)
		VALUES (@hash, @member, @label, @created, @expires)`,
		pgx.NamedArgs{"hash": t.Hash, "member": t.Member, "label": t.Label, "created": t.CreatedAt, "expires": t.ExpiresAt})
	return err
}

func memberByToken(ctx context.Context, q storage.Querier, hash []byte, now time.Time) (Member, error) {
	rows, _ := q.Query(ctx, selectMember+`
		AND m.actor = (SELECT member FROM tokens WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2))`,
		hash, now) // CollectExactlyOneRow returns Query's error
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	return m, storage.NotFound(err, noMember)
}

func deleteToken(ctx context.Context, q storage.Querier, hash []byte) error {
	_, err := q.Exec(ctx, `DELETE FROM tokens WHERE hash = $1`, hash)
	return err
}

func deleteTokens(ctx context.Context, tx storage.Tx, member actors.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM tokens WHERE member = $1`, member)
	return err
}

func insertFailures(ctx context.Context, q storage.Querier, at time.Time, subjects ...string) error {
	_, err := q.Exec(ctx, `
		INSERT INTO sign_in_failures (subject, at)
		SELECT unnest($1::text[]), $2`, subjects, at)
	return err
}

// nthFailure gives the time of the nth last failure, zero if there were fewer since.
func nthFailure(ctx context.Context, q storage.Querier, subject string, since time.Time, n int) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, `
		SELECT at
		FROM sign_in_failures
		WHERE subject = @subject AND at > @since
		ORDER BY at DESC
		LIMIT 1 OFFSET @skip`,
		pgx.NamedArgs{"subject": subject, "since": since, "skip": n - 1}).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, err
}

// deleteSpent forgets the tokens that have expired and the failures that count no more.
func deleteSpent(ctx context.Context, q storage.Querier, now, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM tokens
		WHERE hash IN (
			SELECT hash
			FROM tokens
			WHERE expires_at <= @now
			LIMIT @most)`, pgx.NamedArgs{"now": now})
	if err != nil {
		return err
	}
	_, err = storage.InBatches(ctx, q, `
		DELETE FROM sign_in_failures
		WHERE ctid = ANY(ARRAY(
			SELECT ctid
			FROM sign_in_failures
			WHERE at < @before
			LIMIT @most))`, pgx.NamedArgs{"before": before})
	return err
}

// deleteFailures forgets those of a login that came in, and all that count no more.
func deleteFailures(ctx context.Context, q storage.Querier, subject string, before time.Time) error {
	_, err := q.Exec(ctx, `
		DELETE FROM sign_in_failures
		WHERE subject = $1 OR at < $2`, subject, before)
	return err
}
