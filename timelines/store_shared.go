package timelines

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// listed are those whom a list holds.
const listed = `(SELECT who FROM list_accounts WHERE list = @list)`

// inList asks a list of its owner alone.
const inList = `EXISTS (SELECT FROM lists l WHERE l.id = @list AND l.member = @reader)
		AND (p.author IN ` + listed + ` OR p.community IN ` + listed + ` AND ` + letIn + `)
		AND (p.parent_iri = '' OR EXISTS (
			SELECT FROM posts up
			JOIN lists l ON l.id = @list
			WHERE up.id = p.parent
				AND (l.replies = 'list' AND up.author IN ` + listed + ` OR l.replies = 'followed' AND up.author IN ` + followed + `)))`

// notApart leaves out who is in a list that is read by itself.
func notApart(who, community string) string {
	return `NOT EXISTS (
		SELECT FROM list_accounts apart
		JOIN lists l ON l.id = apart.list
		WHERE l.member = @reader AND l.exclusive AND apart.who IN (` + who + `, ` + community + `))`
}

// entry is an Entry before its post is read.
type entry struct {
	ID, Post int64
	By       actors.ID
}

// sharedIDs gives posts and boosts in one order. Each half is a list by key of as many as
// are wanted, so that no more are read.
func sharedIDs(ctx context.Context, q storage.Querier, r access.Reader, p Page, of, boosts selection) ([]entry, error) {
	if of.where != profile {
		of, boosts = of.and("NOT "+access.ShunnedAuthor("p")), boosts.and("NOT "+access.Shuns("b.who"))
	}
	args := asked(r, p, of)
	maps.Copy(args, boosts.args)
	rows, _ := q.Query(ctx, `
		SELECT id, post, by
		FROM (
			(SELECT p.id, p.id AS post, 0::bigint AS by
			FROM posts p
			WHERE p.deleted_at IS NULL AND (`+of.where+`)`+p.between("p.id")+` AND `+access.Visible("p")+`
			ORDER BY p.id `+p.order()+`
			LIMIT @limit)
			UNION ALL
			(SELECT b.id, b.post, b.who
			FROM boosts b
			JOIN posts p ON p.id = b.post
			WHERE p.deleted_at IS NULL AND (`+boosts.where+`)`+p.between("b.id")+`
				AND `+access.Visible("p")+` AND NOT `+access.ShunnedAuthor("p")+`
			ORDER BY b.id `+p.order()+`
			LIMIT @limit)) e
		ORDER BY id `+p.order()+`
		LIMIT @limit`, args) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if p.Oldest {
		slices.Reverse(all)
	}
	return all, err
}

// wishes are what a member set up for the home timeline.
type wishes struct {
	Tags      []string
	Exclusive bool
}

func wishesOf(ctx context.Context, q storage.Querier, member actors.ID) (w wishes, err error) {
	err = q.QueryRow(ctx, `
		SELECT ARRAY(SELECT tag FROM followed_tags WHERE member = $1),
			EXISTS (SELECT FROM lists WHERE member = $1 AND exclusive)`, member).Scan(&w.Tags, &w.Exclusive)
	return w, err
}
