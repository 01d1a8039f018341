package reading

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// keptOf reads all in one round trip.
func keptOf(ctx context.Context, q storage.Querier, member actors.ID, posts, roots []int64) (Kept, error) {
	k := Kept{Bookmarked: map[int64]bool{}, Muted: map[int64]bool{}}
	b := &pgx.Batch{}
	b.Queue(`
		SELECT true, post FROM bookmarks WHERE member = $1 AND post = ANY($2)
		UNION ALL
		SELECT false, root FROM muted_threads WHERE member = $1 AND root = ANY($3)`, member, posts, roots).Query(k.read)
	b.Queue(selectFilters, member).Query(func(rows pgx.Rows) (err error) {
		k.Filters, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Filter])
		return err
	})
	return k, q.SendBatch(ctx, b).Close()
}

func (k Kept) read(rows pgx.Rows) error {
	var bookmarked bool
	var id int64
	_, err := pgx.ForEachRow(rows, []any{&bookmarked, &id}, func() error {
		if bookmarked {
			k.Bookmarked[id] = true
		} else {
			k.Muted[id] = true
		}
		return nil
	})
	return err
}

func insertBookmark(ctx context.Context, q storage.Querier, id int64, member actors.ID, post int64) error {
	_, err := q.Exec(ctx, `
		INSERT INTO bookmarks (id, member, post)
		VALUES ($1, $2, $3)
		ON CONFLICT (member, post) DO NOTHING`, id, member, post)
	return err
}

func deleteBookmark(ctx context.Context, q storage.Querier, member actors.ID, post int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM bookmarks
		WHERE member = $1 AND post = $2`, member, post)
	return err
}

func insertMutedThread(ctx context.Context, q storage.Querier, member actors.ID, root int64) error {
	_, err := q.Exec(ctx, `
		INSERT INTO muted_threads (member, root)
		VALUES ($1, $2)
		ON CONFLICT DO NOTHING`, member, root)
	return err
}

func deleteMutedThread(ctx context.Context, q storage.Querier, member actors.ID, root int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM muted_threads
		WHERE member = $1 AND root = $2`, member, root)
	return err
}

func upsertNote(ctx context.Context, q storage.Querier, member, who actors.ID, words string) error {
	_, err := q.Exec(ctx, `
		INSERT INTO account_notes (member, who, words)
		VALUES ($1, $2, $3)
		ON CONFLICT (member, who) DO UPDATE
		SET words = excluded.words`, member, who, words)
	return err
}

func deleteNote(ctx context.Context, q storage.Querier, member, who actors.ID) error {
	_, err := q.Exec(ctx, `
		DELETE FROM account_notes
		WHERE member = $1 AND who = $2`, member, who)
	return err
}

func notesOf(ctx context.Context, q storage.Querier, member actors.ID, about []actors.ID) (map[actors.ID]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT who, words
		FROM account_notes
		WHERE member = $1 AND who = ANY($2)`, member, about) // ForEachRow returns Query's error
	notes := map[actors.ID]string{}
	var who actors.ID
	var words string
	_, err := pgx.ForEachRow(rows, []any{&who, &words}, func() error {
		notes[who] = words
		return nil
	})
	return notes, err
}
