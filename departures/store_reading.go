package departures

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// keptBy reads it in one round trip; each list is empty rather than nil.
func keptBy(ctx context.Context, q storage.Querier, member actors.ID) (k kept, err error) {
	b := &pgx.Batch{}
	b.Queue(`
		SELECT ARRAY(SELECT p.iri FROM bookmarks k JOIN posts p ON p.id = k.post WHERE k.member = $1 AND p.deleted_at IS NULL ORDER BY k.id),
			ARRAY(SELECT name FROM followed_tags WHERE member = $1 ORDER BY tag),
			ARRAY(SELECT h.name FROM host_mutes m JOIN hosts h ON h.id = m.host WHERE m.muter = $1 UNION ALL SELECT host FROM early_host_mutes WHERE muter = $1 ORDER BY 1)`, member).
		QueryRow(func(row pgx.Row) error { return row.Scan(&k.Bookmarks, &k.Hashtags, &k.Servers) })
	b.Queue(`
		SELECT l.title, ARRAY(SELECT a.iri FROM list_accounts x JOIN actors a ON a.id = x.who WHERE x.list = l.id ORDER BY a.iri)
		FROM lists l
		WHERE l.member = $1
		ORDER BY l.id`, member).Query(func(rows pgx.Rows) (err error) {
		k.Lists, err = pgx.CollectRows(rows, pgx.RowToStructByPos[keptList])
		return err
	})
	b.Queue(`
		SELECT f.title, f.contexts, f.action, f.expires_at, ARRAY(SELECT word FROM filter_words w WHERE w.filter = f.id ORDER BY w.id)
		FROM filters f
		WHERE f.member = $1
		ORDER BY f.id`, member).Query(func(rows pgx.Rows) (err error) {
		k.Filters, err = pgx.CollectRows(rows, pgx.RowToStructByPos[keptFilter])
		return err
	})
	b.Queue(`
		SELECT a.iri, n.words
		FROM account_notes n
		JOIN actors a ON a.id = n.who
		WHERE n.member = $1
		ORDER BY a.iri`, member).Query(func(rows pgx.Rows) (err error) {
		k.Notes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[keptNote])
		return err
	})
	return k, q.SendBatch(ctx, b).Close()
}
