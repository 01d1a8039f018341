package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const selectThemes = `
	SELECT id, community, iri, name, description, place, retired_at IS NOT NULL AS retired
	FROM themes
	WHERE `

// inOrder puts those that are retired last.
const inOrder = `
	ORDER BY retired_at IS NOT NULL, place, id`

func themesOf(ctx context.Context, q storage.Querier, community actors.ID) ([]Theme, error) {
	rows, _ := q.Query(ctx, selectThemes+`community = $1`+inOrder, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Theme])
}

func themesByIRI(ctx context.Context, q storage.Querier, community actors.ID, iris []string) ([]Theme, error) {
	rows, _ := q.Query(ctx, selectThemes+`community = $1 AND iri = ANY($2)`+inOrder, community, iris) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Theme])
}

func themesAt(ctx context.Context, q storage.Querier, iri string) ([]Theme, error) {
	rows, _ := q.Query(ctx, selectThemes+`iri = $1 ORDER BY id LIMIT 10`, iri) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Theme])
}

func insertTheme(ctx context.Context, tx storage.Tx, t Theme) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO themes (id, community, ours, iri, name, folded, description, place)
		VALUES (@id, @community, true, @iri, @name, @folded, @description, @place)`,
		pgx.NamedArgs{"id": t.ID, "community": t.Community, "iri": t.IRI, "name": t.Name, "folded": foldTheme(t.Name),
			"description": t.Description, "place": t.Place})
	return storage.Conflict(err, "themes_name", noThemeName)
}

func updateTheme(ctx context.Context, tx storage.Tx, t Theme) error {
	_, err := tx.Exec(ctx, `
		UPDATE themes
		SET name = @name, folded = @folded, description = @description
		WHERE id = @id`,
		pgx.NamedArgs{"id": t.ID, "name": t.Name, "folded": foldTheme(t.Name), "description": t.Description})
	return storage.Conflict(err, "themes_name", noThemeName)
}

func placeThemes(ctx context.Context, tx storage.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE themes
		SET place = o.place
		FROM unnest($1::bigint[]) WITH ORDINALITY AS o (id, place)
		WHERE themes.id = o.id`, ids)
	return err
}

// retireTheme with a nil time takes it in again.
func retireTheme(ctx context.Context, tx storage.Tx, id int64, at *time.Time, place int) error {
	_, err := tx.Exec(ctx, `
		UPDATE themes
		SET retired_at = $2, place = $3
		WHERE id = $1`, id, at, place)
	return err
}

// replaceThemes writes the themes of a community elsewhere as it names them now. Of those that it
// names no more, what no post needs goes.
func replaceThemes(ctx context.Context, tx storage.Tx, community actors.ID, named []Theme, now time.Time) error {
	b, iris := &pgx.Batch{}, make([]string, 0, len(named))
	for i, t := range named {
		iris = append(iris, t.IRI)
		b.Queue(`
			INSERT INTO themes (id, community, ours, iri, name, folded, description, place)
			VALUES (@id, @community, false, @iri, @name, @folded, @description, @place)
			ON CONFLICT (community, iri) DO UPDATE
			SET name = excluded.name, folded = excluded.folded, description = excluded.description, place = excluded.place,
				retired_at = NULL`,
			pgx.NamedArgs{"id": storage.NewID(now) + int64(i), "community": community, "iri": t.IRI, "name": t.Name,
				"folded": foldTheme(t.Name), "description": t.Description, "place": t.Place})
	}
	b.Queue(`
		UPDATE themes
		SET retired_at = $3
		WHERE community = $1 AND retired_at IS NULL AND iri <> ALL($2)`, community, iris, now)
	b.Queue(`
		DELETE FROM themes
		WHERE community = $1 AND retired_at IS NOT NULL
			AND NOT EXISTS (SELECT FROM post_themes p WHERE p.theme = themes.id)`, community)
	return tx.SendBatch(ctx, b).Close()
}
