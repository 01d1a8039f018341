package reading

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// selectFilters reads the filters of a member whole.
const selectFilters = `
	SELECT f.id, f.title, f.contexts, f.action, f.expires_at,
		ARRAY(SELECT json_build_object('ID', w.id, 'Word', w.word, 'Whole', w.whole) FROM filter_words w WHERE w.filter = f.id ORDER BY w.id),
		ARRAY(SELECT json_build_object('ID', p.id, 'Post', p.post) FROM filter_posts p WHERE p.filter = f.id ORDER BY p.id)
	FROM filters f
	WHERE f.member = $1
	ORDER BY f.id`

func filtersOf(ctx context.Context, q storage.Querier, member actors.ID) ([]Filter, error) {
	rows, _ := q.Query(ctx, selectFilters, member) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Filter])
}

func insertFilter(ctx context.Context, tx storage.Tx, member actors.ID, f Filter) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO filters (id, member, title, contexts, action, expires_at)
		VALUES (@id, @member, @title, @contexts, @action, @expires)`, filterArgs(member, f))
	return err
}

func updateFilter(ctx context.Context, tx storage.Tx, member actors.ID, f Filter) error {
	tag, err := tx.Exec(ctx, `
		UPDATE filters
		SET title = @title, contexts = @contexts, action = @action, expires_at = @expires
		WHERE id = @id AND member = @member`, filterArgs(member, f))
	return orNoFilter(tag.RowsAffected(), err)
}

func filterArgs(member actors.ID, f Filter) pgx.NamedArgs {
	return pgx.NamedArgs{"id": f.ID, "member": member, "title": f.Title, "contexts": f.Contexts, "action": f.Action, "expires": f.ExpiresAt}
}

func orNoFilter(changed int64, err error) error {
	if err == nil && changed == 0 {
		err = errNoFilter
	}
	return err
}

func deleteFilter(ctx context.Context, q storage.Querier, member actors.ID, id int64) error {
	tag, err := q.Exec(ctx, `
		DELETE FROM filters
		WHERE id = $1 AND member = $2`, id, member)
	return orNoFilter(tag.RowsAffected(), err)
}

func insertWord(ctx context.Context, tx storage.Tx, filter int64, w Word) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO filter_words (id, filter, word, whole)
		VALUES ($1, $2, $3, $4)`, w.ID, filter, w.Word, w.Whole)
	return err
}

func updateWord(ctx context.Context, tx storage.Tx, filter int64, w Word) error {
	tag, err := tx.Exec(ctx, `
		UPDATE filter_words
		SET word = $3, whole = $4
		WHERE id = $1 AND filter = $2`, w.ID, filter, w.Word, w.Whole)
	return orNoFilter(tag.RowsAffected(), err)
}

func deleteWord(ctx context.Context, tx storage.Tx, filter, id int64) error {
	tag, err := tx.Exec(ctx, `
		DELETE FROM filter_words
		WHERE id = $1 AND filter = $2`, id, filter)
	return orNoFilter(tag.RowsAffected(), err)
}

func countFilters(ctx context.Context, tx storage.Tx, member actors.ID) (filters, words int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM filters WHERE member = $1),
			(SELECT count(*) FROM filter_words w JOIN filters f ON f.id = w.filter WHERE f.member = $1)`, member).Scan(&filters, &words)
	return filters, words, err
}

func insertFilteredPost(ctx context.Context, q storage.Querier, filter int64, p FilteredPost) (FilteredPost, error) {
	err := q.QueryRow(ctx, `
		INSERT INTO filter_posts (id, filter, post)
		VALUES ($1, $2, $3)
		ON CONFLICT (filter, post) DO UPDATE
		SET post = excluded.post
		RETURNING id`, p.ID, filter, p.Post).Scan(&p.ID)
	return p, err
}

func deleteFilteredPost(ctx context.Context, q storage.Querier, filter, id int64) error {
	tag, err := q.Exec(ctx, `
		DELETE FROM filter_posts
		WHERE id = $1 AND filter = $2`, id, filter)
	return orNoFilter(tag.RowsAffected(), err)
}
