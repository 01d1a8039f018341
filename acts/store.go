package acts

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertAct(ctx context.Context, tx storage.Tx, a Act) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO acts (at, kind, by_line, account, name, target, about, words)
		VALUES (@at, @kind, @line, nullif(@account::bigint, 0),
			coalesce((SELECT name FROM actors WHERE id = @account::bigint), ''),
			nullif(@target::bigint, 0),
			coalesce((
				SELECT CASE WHEN c.access = 'confidential' THEN t.iri WHEN t.kind = 'application' THEN t.name ELSE '@' || t.name END
				FROM actors t
				LEFT JOIN communities c ON c.actor = t.id
				WHERE t.id = @target::bigint), @about::text),
			@words)`,
		pgx.NamedArgs{"at": a.At, "kind": string(a.Kind), "line": a.By.Line, "account": a.By.Account,
			"target": a.Target, "about": a.About, "words": a.Words})
	return err
}

func list(ctx context.Context, q storage.Querier, w Wanted) ([]Act, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, at, kind, by_line, coalesce(account, 0), name, coalesce(target, 0), about, words
		FROM acts
		WHERE (@before::bigint = 0 OR id < @before::bigint)
			AND (@kind::text = '' OR kind = @kind::text)
			AND (@name::text = '' OR name = @name::text)
		ORDER BY id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"before": w.Before, "kind": string(w.Kind), "name": w.Name, "limit": w.Limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Act, err error) {
		return a, row.Scan(&a.ID, &a.At, &a.Kind, &a.By.Line, &a.By.Account, &a.Name, &a.Target, &a.About, &a.Words)
	})
}

func blank(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if _, err := tx.Exec(ctx, `
		UPDATE acts
		SET name = ''
		WHERE account = $1 AND name <> ''`, who); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE acts
		SET about = '', words = ''
		WHERE target = $1 AND (about, words) <> ('', '')`, who)
	return err
}

// recordRestored is insertAct as the text of a statement; made is when the backup was.
func recordRestored(now, made time.Time) string {
	at, of := now.UTC().Format(time.RFC3339Nano), made.UTC().Format(time.RFC3339)
	return fmt.Sprintf(`
		DO $$
		BEGIN
			IF to_regclass('acts') IS NOT NULL THEN
				INSERT INTO acts (at, kind, by_line, about)
				VALUES ('%s', '%s', true, '%s');
			END IF;
		END $$`, at, Restore, of)
}
