package media

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// FileColumns are those of a File, for who reads files by a join.
const FileColumns = `id, owner, coalesce(post, 0) AS post, place, name, type, alt, focus_x, focus_y, blurhash, width, height, size, sum, at`

func filesWhere(ctx context.Context, q storage.Querier, where string, args ...any) ([]File, error) {
	rows, _ := q.Query(ctx, `
		SELECT `+FileColumns+`
		FROM files
		WHERE `+where, args...) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[File])
}

func oneFile(ctx context.Context, q storage.Querier, where string, args ...any) (File, error) {
	all, err := filesWhere(ctx, q, where, args...)
	if err == nil && len(all) == 0 {
		err = errNothing
	}
	if err != nil {
		return File{}, err
	}
	return all[0], nil
}

func fileOf(ctx context.Context, q storage.Querier, owner actors.ID, id int64) (File, error) {
	return oneFile(ctx, q, `id = $1 AND owner = $2`, id, owner)
}

// openFile gives a file, and what says who may see it: its post, or while it waits for one
// that it is for its owner.
func openFile(ctx context.Context, q storage.Querier, id int64) (File, access.Item, error) {
	f, err := oneFile(ctx, q, `id = $1`, id)
	if err != nil {
		return f, access.Item{}, err
	}
	it := access.Item{Post: f.Post}
	if f.Post == 0 {
		it.Author, it.Scope = f.Owner, "direct"
		return f, it, nil
	}
	err = q.QueryRow(ctx, `
		SELECT author, coalesce(community, 0), scope, deleted_at IS NOT NULL
		FROM posts
		WHERE id = $1`, f.Post).Scan(&it.Author, &it.Community, &it.Scope, &it.Deleted)
	return f, it, orNothing(err)
}

// heldBy gives how many bytes somebody's files have. It makes others wait who would add to
// them at the same time.
func heldBy(ctx context.Context, tx storage.Tx, owner actors.ID) (size int64, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(owner)); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		SELECT coalesce(sum(size), 0)::bigint
		FROM files
		WHERE owner = $1`, owner).Scan(&size)
	return size, err
}

func insertFile(ctx context.Context, tx storage.Tx, f File) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO files (id, owner, name, type, blurhash, width, height, size, sum, at)
		VALUES (@id, @owner, @name, @type, @blurhash, @width, @height, @size, @sum, @at)`,
		pgx.NamedArgs{"id": f.ID, "owner": f.Owner, "name": f.Name, "type": f.Type, "blurhash": f.Blurhash,
			"width": f.Width, "height": f.Height, "size": f.Size, "sum": f.Sum, "at": f.At})
	return err
}

// lockFiles gives those of the files that their owner may have on a post.
func lockFiles(ctx context.Context, tx storage.Tx, owner actors.ID, post int64, ids []int64) ([]File, error) {
	return filesWhere(ctx, tx, `id = ANY($1) AND owner = $2 AND (post IS NULL OR post = $3) ORDER BY id FOR UPDATE`, ids, owner, post)
}

func hangFiles(ctx context.Context, tx storage.Tx, all []File) error {
	b := &pgx.Batch{}
	for _, f := range all {
		b.Queue(`
			UPDATE files
			SET post = @post, place = @place, alt = @alt, focus_x = @x, focus_y = @y
			WHERE id = @id`, pgx.NamedArgs{"id": f.ID, "post": f.Post, "place": f.Place, "alt": f.Alt, "x": f.FocusX, "y": f.FocusY})
	}
	return tx.SendBatch(ctx, b).Close()
}

func describeFile(ctx context.Context, tx storage.Tx, f File) error {
	_, err := tx.Exec(ctx, `
		UPDATE files
		SET alt = @alt, focus_x = @x, focus_y = @y
		WHERE id = @id`, pgx.NamedArgs{"id": f.ID, "alt": f.Alt, "x": f.FocusX, "y": f.FocusY})
	return err
}

func loosenFiles(ctx context.Context, tx storage.Tx, owner actors.ID, post int64, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE files
		SET post = NULL, place = 0, at = @at
		WHERE owner = @owner AND post = @post`, pgx.NamedArgs{"owner": owner, "post": post, "at": at})
	return err
}

func waitingFiles(ctx context.Context, q storage.Querier, owner actors.ID, ids []int64) ([]File, error) {
	return filesWhere(ctx, q, `id = ANY($1) AND owner = $2 AND post IS NULL ORDER BY array_position($1, id)`, ids, owner)
}

func filesBy(ctx context.Context, q storage.Querier, owner actors.ID) ([]File, error) {
	return filesWhere(ctx, q, `owner = $1 AND post IS NOT NULL ORDER BY id`, owner)
}

// knownFiles says which files have a row.
func knownFiles(ctx context.Context, q storage.Querier, ids []int64) (map[int64]bool, error) {
	rows, _ := q.Query(ctx, `
		SELECT id
		FROM files
		WHERE id = ANY($1)`, ids) // CollectRows returns Query's error
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	here := make(map[int64]bool, len(found))
	for _, id := range found {
		here[id] = true
	}
	return here, err
}

// The following delete rows, and give whose bytes are to go.

func deleteFiles(ctx context.Context, tx storage.Tx, where string, args ...any) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		DELETE FROM files
		WHERE `+where+`
		RETURNING id`, args...) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// deleteOthers deletes the files of a post but for some.
func deleteOthers(ctx context.Context, tx storage.Tx, post int64, keep []int64) ([]int64, error) {
	return deleteFiles(ctx, tx, `post = $1 AND NOT id = ANY(coalesce($2::bigint[], '{}'))`, post, keep)
}

func deleteFilesBy(ctx context.Context, tx storage.Tx, owner actors.ID) ([]int64, error) {
	return deleteFiles(ctx, tx, `owner = $1`, owner)
}

func deleteWaiting(ctx context.Context, tx storage.Tx, owner actors.ID, ids []int64) ([]int64, error) {
	return deleteFiles(ctx, tx, `id = ANY($1) AND owner = $2 AND post IS NULL`, ids, owner)
}

func deleteWaitingBefore(ctx context.Context, tx storage.Tx, before time.Time) ([]int64, error) {
	return deleteFiles(ctx, tx, `id = ANY(ARRAY(SELECT id FROM files WHERE post IS NULL AND at < $1 LIMIT $2))`, before, mostRows)
}
