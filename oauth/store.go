package oauth

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const noApp = "There is no such app."

// appRow is an app as it is stored.
type appRow struct {
	ID        int64
	Client    string
	Secret    []byte
	Name      string
	Website   string
	Redirects []string
	Scopes    string
	CreatedAt time.Time
}

func (r appRow) app() App {
	return App{ID: r.ID, Client: r.Client, Name: r.Name, Website: r.Website, Redirects: r.Redirects,
		Scopes: ParseScopes(r.Scopes), CreatedAt: r.CreatedAt}
}

func insertApp(ctx context.Context, q storage.Querier, a App, secret []byte) error {
	_, err := q.Exec(ctx, `
		INSERT INTO apps (id, client, secret, name, website, redirects, scopes, created_at)
		VALUES (@id, @client, @secret, @name, @website, @redirects, @scopes, @created)`,
		pgx.NamedArgs{"id": a.ID, "client": a.Client, "secret": secret, "name": a.Name, "website": a.Website,
			"redirects": a.Redirects, "scopes": a.Scopes.String(), "created": a.CreatedAt})
	return err
}

func appByClient(ctx context.Context, q storage.Querier, client string) (App, []byte, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, client, secret, name, website, redirects, scopes, created_at
		FROM apps
		WHERE client = $1`, client) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[appRow])
	return r.app(), r.Secret, storage.NotFound(err, noApp)
}

// code is what a member's consent gave.
type code struct {
	Hash      []byte
	App       int64
	Client    string
	Member    actors.ID
	Redirect  string
	Scopes    string
	Challenge string
	ExpiresAt time.Time
}

func insertCode(ctx context.Context, q storage.Querier, c code) error {
	_, err := q.Exec(ctx, `
		INSERT INTO app_codes (hash, app, member, redirect, scopes, challenge, expires_at)
		SELECT @hash, id, @member, @redirect, @scopes, @challenge, @expires
		FROM apps
		WHERE client = @client`,
		pgx.NamedArgs{"hash": c.Hash, "client": c.Client, "member": c.Member, "redirect": c.Redirect,
			"scopes": c.Scopes, "challenge": c.Challenge, "expires": c.ExpiresAt})
	return err
}

// codeByHash gives a code that holds, used or not.
func codeByHash(ctx context.Context, q storage.Querier, hash []byte, now time.Time) (code, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.hash, c.app, a.client, c.member, c.redirect, c.scopes, c.challenge, c.expires_at
		FROM app_codes c
		JOIN apps a ON a.id = c.app
		WHERE c.hash = $1
			AND c.expires_at > $2`, hash, now) // CollectExactlyOneRow returns Query's error
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[code])
	return c, storage.NotFound(err, noCode)
}

// useCode uses a code up. Used before, it is void, and with it what came of it.
func useCode(ctx context.Context, tx storage.Tx, hash []byte, now time.Time) (first bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE app_codes
		SET used_at = $2
		WHERE hash = $1
			AND used_at IS NULL`, hash, now)
	if err != nil || tag.RowsAffected() == 1 {
		return err == nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE app_codes SET void = true WHERE hash = $1`, hash); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM app_tokens WHERE code = $1`, hash)
	return false, err
}

// tokenRow is a token with its app.
type tokenRow struct {
	ID     int64
	Member *actors.ID
	Scopes string
	UsedAt time.Time
	App    appRow
}

func (r tokenRow) app() App { return r.App.app() }

func tokenByHash(ctx context.Context, q storage.Querier, hash []byte) (r tokenRow, err error) {
	err = q.QueryRow(ctx, `
		SELECT t.id, t.member, t.scopes, t.used_at, a.id, a.client, a.name, a.website, a.redirects, a.scopes, a.created_at
		FROM app_tokens t
		JOIN apps a ON a.id = t.app
		WHERE t.hash = $1`, hash).
		Scan(&r.ID, &r.Member, &r.Scopes, &r.UsedAt, &r.App.ID, &r.App.Client, &r.App.Name, &r.App.Website,
			&r.App.Redirects, &r.App.Scopes, &r.App.CreatedAt)
	return r, storage.NotFound(err, noToken)
}

// holding gives those of the tokens that are there, and whose member is not suspended.
func holding(ctx context.Context, q storage.Querier, tokens []int64) (map[int64]bool, error) {
	rows, _ := q.Query(ctx, `
		SELECT t.id
		FROM app_tokens t
		WHERE t.id = ANY($1::bigint[])
			AND NOT EXISTS (SELECT FROM suspensions s WHERE s.actor = t.member)`, tokens) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	holds := make(map[int64]bool, len(ids))
	for _, id := range ids {
		holds[id] = true
	}
	return holds, err
}

// issue is a token to be kept.
type issue struct {
	ID     int64
	Hash   []byte
	Client string
	Member *actors.ID
	Scopes string
	Code   []byte // nil: of no code
}

// insertToken keeps a token, unless its code was used twice meanwhile: fault.Invalid.
func insertToken(ctx context.Context, tx storage.Tx, t issue, now time.Time) error {
	if t.Code != nil {
		var holds bool
		err := tx.QueryRow(ctx, `SELECT NOT void FROM app_codes WHERE hash = $1 FOR UPDATE`, t.Code).Scan(&holds)
		if err != nil {
			return storage.NotFound(err, noCode)
		}
		if !holds {
			return fault.New(fault.NotFound, noCode)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO app_tokens (hash, id, app, member, scopes, code, created_at, used_at)
		SELECT @hash, @id, id, @member, @scopes, @code, @now, @now
		FROM apps
		WHERE client = @client`,
		pgx.NamedArgs{"hash": t.Hash, "id": t.ID, "client": t.Client, "member": t.Member, "scopes": t.Scopes, "code": t.Code, "now": now})
	return err
}

func touchToken(ctx context.Context, q storage.Querier, id int64, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE app_tokens SET used_at = $2 WHERE id = $1`, id, now)
	return err
}

func deleteTokenOf(ctx context.Context, q storage.Querier, app int64, hash []byte) error {
	_, err := q.Exec(ctx, `DELETE FROM app_tokens WHERE hash = $2 AND app = $1`, app, hash)
	return err
}

func deleteToken(ctx context.Context, q storage.Querier, who actors.ID, id int64) error {
	_, err := q.Exec(ctx, `DELETE FROM app_tokens WHERE member = $1 AND id = $2`, who, id)
	return err
}

// deleteAll ends the codes too, which could become tokens.
func deleteAll(ctx context.Context, tx storage.Tx, who actors.ID) error {
	for _, sql := range []string{
		`DELETE FROM app_codes WHERE member = $1`,
		`DELETE FROM app_tokens WHERE member = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, who); err != nil {
			return err
		}
	}
	return nil
}

func granted(ctx context.Context, q storage.Querier, who actors.ID) ([]Granted, error) {
	rows, _ := q.Query(ctx, `
		SELECT t.id, a.name, a.website, t.scopes, t.created_at, t.used_at
		FROM app_tokens t
		JOIN apps a ON a.id = t.app
		WHERE t.member = $1
		ORDER BY t.used_at DESC, t.id DESC`, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Granted])
}

func sweep(ctx context.Context, q storage.Querier, now, idle time.Time) error {
	for _, sql := range []string{`
		DELETE FROM app_codes
		WHERE hash IN (
			SELECT hash
			FROM app_codes
			WHERE expires_at <= @now
			LIMIT @most)`, `
		DELETE FROM apps
		WHERE id IN (
			SELECT id
			FROM apps a
			WHERE created_at <= @idle
				AND NOT EXISTS (SELECT FROM app_tokens t WHERE t.app = a.id)
				AND NOT EXISTS (SELECT FROM app_codes c WHERE c.app = a.id)
			LIMIT @most)`,
	} {
		if _, err := storage.InBatches(ctx, q, sql, pgx.NamedArgs{"now": now, "idle": idle}); err != nil {
			return err
		}
	}
	return nil
}
