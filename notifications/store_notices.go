package notifications

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// takers gives those who are members here and not suspended, with what they said of a list.
func takers(ctx context.Context, q storage.Querier, list string, community actors.ID, who []actors.ID) ([]taker, error) {
	rows, _ := q.Query(ctx, `
		SELECT m.actor,
			coalesce((SELECT c.how FROM notice_choices c WHERE c.member = m.actor AND c.list = @list AND c.community = @community::bigint AND @community::bigint <> 0), ''),
			coalesce((SELECT c.how FROM notice_choices c WHERE c.member = m.actor AND c.list = @list AND c.community = 0), '')
		FROM members m
		WHERE m.actor = ANY(@who)
			AND NOT EXISTS (SELECT FROM suspensions s WHERE s.actor = m.actor)
		ORDER BY m.actor`, pgx.NamedArgs{"list": list, "community": int64(community), "who": who}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[taker])
}

// insertNotice says whether there is something to tell: of a post, not twice.
func insertNotice(ctx context.Context, tx storage.Tx, n Notice) (told bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO notices (id, reader, kind, subject, by, community, post, ref, at)
		VALUES (@id, @reader, @kind, @subject, nullif(@by::bigint, 0), nullif(@community::bigint, 0), nullif(@post::bigint, 0), nullif(@ref::bigint, 0), @at)
		ON CONFLICT (reader, subject) DO UPDATE
		SET id = excluded.id, kind = excluded.kind, by = excluded.by, at = excluded.at, read_at = NULL
		WHERE excluded.post IS NULL AND (notices.kind, excluded.kind) <> ('followed', 'followed')`,
		pgx.NamedArgs{"id": n.ID, "reader": n.Reader, "kind": n.Kind, "subject": n.subject(), "by": int64(n.By),
			"community": int64(n.Community), "post": n.Post, "ref": n.Ref, "at": n.At})
	return tag.RowsAffected() > 0, err
}

// stillFor says what of the notices n their reader, @reader, may still know of: what they may
// see, of those whom they do not shun, and, where it asks for their work, while it is theirs
// and waits.
var stillFor = `(
	n.reader = @reader::bigint
	AND (n.post IS NULL OR EXISTS (
		SELECT FROM posts p
		WHERE p.id = n.post AND ` + access.Visible("p") + ` AND NOT ` + access.ShunnedAuthor("p") + `))
	AND (n.community IS NULL OR EXISTS (SELECT FROM actors a WHERE a.id = n.community AND a.gone_at IS NULL AND ` + access.Known("a") + `))
	AND (n.kind NOT IN ('request', 'report', 'appeal', 'held')
		OR n.community IS NULL AND EXISTS (SELECT FROM members m WHERE m.actor = n.reader AND m.admin)
		OR EXISTS (SELECT FROM memberships t WHERE t.community = n.community AND t.who = n.reader AND t.role IN ('animator', 'owner')))
	AND (n.kind NOT IN ('liked', 'boosted', 'requoted', 'followed', 'asked') OR NOT ` + access.Shuns("n.by") + `)
	AND CASE n.kind
		WHEN 'liked' THEN EXISTS (SELECT FROM likes l WHERE l.post = n.post AND l.who = n.by)
		WHEN 'boosted' THEN EXISTS (SELECT FROM boosts b WHERE b.post = n.post AND b.who = n.by)
		WHEN 'quoted' THEN EXISTS (SELECT FROM quotations u WHERE u.post = n.post AND u.state = 'accepted')
		WHEN 'followed' THEN EXISTS (SELECT FROM follows f WHERE f.followee = n.reader AND f.follower = n.by AND f.state = 'accepted')
		WHEN 'asked' THEN EXISTS (SELECT FROM follows f WHERE f.followee = n.reader AND f.follower = n.by AND f.state = 'pending')
		WHEN 'request' THEN EXISTS (SELECT FROM join_requests j WHERE j.community = n.community AND j.who = n.by)
		WHEN 'report' THEN EXISTS (SELECT FROM reports r WHERE r.id = n.ref AND r.settled_at IS NULL)
		WHEN 'appeal' THEN EXISTS (SELECT FROM appeals r WHERE r.ruling = n.ref AND r.answered_at IS NULL)
		WHEN 'held' THEN EXISTS (
			SELECT FROM posts p
			JOIN post_marks k ON k.post = p.iri AND k.mark = 'held' AND k.holds
			WHERE p.id = n.ref AND p.deleted_at IS NULL)
		ELSE true
	END
)`

const noticeColumns = `n.id, n.reader, n.kind, coalesce(n.by, 0) AS by, coalesce(n.community, 0) AS community,
			coalesce(n.post, 0) AS post, coalesce(n.ref, 0) AS ref, n.at, n.read_at`

func noticesFor(ctx context.Context, q storage.Querier, reader actors.ID, p Page) ([]Notice, error) {
	order := "DESC"
	if p.Oldest {
		order = "ASC"
	}
	rows, _ := q.Query(ctx, `
		SELECT `+noticeColumns+`
		FROM notices n
		WHERE (@before::bigint = 0 OR n.id < @before::bigint) AND n.id > @after
			AND (@kinds::text[] IS NULL OR n.kind = ANY(@kinds)) AND (@by::bigint = 0 OR n.by = @by) AND `+stillFor+`
		ORDER BY n.id `+order+`
		LIMIT @limit`, pgx.NamedArgs{"reader": reader, "before": p.Before, "after": p.After, "kinds": p.Kinds, "by": int64(p.By),
		"limit": p.Limit}) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
	if p.Oldest {
		slices.Reverse(all)
	}
	return all, err
}

func deleteNotices(ctx context.Context, q storage.Querier, reader actors.ID, first, last int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM notices
		WHERE reader = $1 AND id BETWEEN $2 AND $3`, reader, first, last)
	return err
}

func noticeFor(ctx context.Context, q storage.Querier, reader actors.ID, id int64) (Notice, error) {
	rows, _ := q.Query(ctx, `
		SELECT `+noticeColumns+`
		FROM notices n
		WHERE n.id = @id AND `+stillFor,
		pgx.NamedArgs{"reader": reader, "id": id}) // CollectExactlyOneRow returns Query's error
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Notice])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return n, err
}

func countUnread(ctx context.Context, q storage.Querier, reader actors.ID, kinds []string) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM (
			SELECT FROM notices n
			WHERE n.read_at IS NULL AND (@kinds::text[] IS NULL OR n.kind = ANY(@kinds)) AND `+stillFor+`
			LIMIT 100) AS waiting`, pgx.NamedArgs{"reader": reader, "kinds": kinds}).Scan(&n)
	return n, err
}

func markRead(ctx context.Context, q storage.Querier, reader actors.ID, id int64, at time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE notices
		SET read_at = $3
		WHERE reader = $1 AND id = $2 AND read_at IS NULL`, reader, id, at)
	return err
}

func markAllRead(ctx context.Context, q storage.Querier, reader actors.ID, until int64, at time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE notices
		SET read_at = $3
		WHERE reader = $1 AND id <= $2 AND read_at IS NULL`, reader, until, at)
	return err
}

// concern is whom a post concerns, and why: the first reason counts.
type concern struct {
	Who  actors.ID
	Kind string
}

// concernedBy gives the members whom a post concerns, but who wrote it, and those who do
// not want to hear of who did. Of a post that is deleted, nobody.
func concernedBy(ctx context.Context, q storage.Querier, post int64) (access.Item, []concern, error) {
	it := access.Item{Post: post}
	err := q.QueryRow(ctx, `
		SELECT author, coalesce(community, 0), scope
		FROM posts
		WHERE id = $1 AND deleted_at IS NULL`, post).Scan(&it.Author, &it.Community, &it.Scope)
	if errors.Is(err, pgx.ErrNoRows) {
		return it, nil, nil
	}
	if err != nil {
		return it, nil, err
	}
	rows, _ := q.Query(ctx, `
		SELECT DISTINCT ON (w.who) w.who, w.kind
		FROM (
			SELECT parent.author AS who, 'reply' AS kind, 0 AS place
			FROM posts p
			JOIN posts parent ON parent.id = p.parent
			WHERE p.id = @post
			UNION ALL
			SELECT who, 'mention', 1
			FROM post_mentions
			WHERE post = @post
			UNION ALL
			SELECT c.member, 'new', 2
			FROM notice_choices c
			WHERE c.list = 'posts' AND c.how <> 'none' AND c.community = @community
			UNION ALL
			SELECT t.who, 'new', 3
			FROM memberships t
			JOIN notice_choices c ON c.member = t.who AND c.list = 'posts' AND c.how <> 'none' AND c.community = 0
			WHERE t.community = @community
		) w
		JOIN members m ON m.actor = w.who
		WHERE w.who <> @author
			AND NOT EXISTS (SELECT FROM blocks b WHERE b.blocker = w.who AND b.blocked = @author)
			AND NOT EXISTS (SELECT FROM mutes b WHERE b.muter = w.who AND b.muted = @author)
			AND NOT EXISTS (
				SELECT FROM host_mutes b
				JOIN actors a ON a.host = b.host
				WHERE b.muter = w.who AND a.id = @author)
			AND NOT EXISTS (
				SELECT FROM muted_threads b
				JOIN posts p ON p.root = b.root
				WHERE b.member = w.who AND p.id = @post)
		ORDER BY w.who, w.place`,
		pgx.NamedArgs{"post": post, "author": int64(it.Author), "community": int64(it.Community)}) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[concern])
	return it, all, err
}

func awaited(ctx context.Context, q storage.Querier, communities []actors.ID) (map[actors.ID]bool, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.id
		FROM unnest($1::bigint[]) AS c (id)
		WHERE EXISTS (
				SELECT FROM notice_choices n
				WHERE n.list = 'posts' AND n.how <> 'none' AND n.community = c.id)
			OR EXISTS (
				SELECT FROM notice_choices n
				JOIN memberships m ON m.who = n.member AND m.community = c.id
				WHERE n.list = 'posts' AND n.how <> 'none' AND n.community = 0)`, communities) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[actors.ID])
	wanted := make(map[actors.ID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	return wanted, err
}

func choicesOf(ctx context.Context, q storage.Querier, member actors.ID) ([]Choice, error) {
	rows, _ := q.Query(ctx, `
		SELECT list, community, how
		FROM notice_choices
		WHERE member = $1
		ORDER BY list, community`, member) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Choice])
}

func upsertChoice(ctx context.Context, q storage.Querier, member actors.ID, c Choice) error {
	_, err := q.Exec(ctx, `
		INSERT INTO notice_choices (member, list, community, how)
		VALUES (@member, @list, @community, @how)
		ON CONFLICT (member, list, community) DO UPDATE
		SET how = excluded.how`,
		pgx.NamedArgs{"member": member, "list": c.List, "community": c.Community, "how": c.How})
	return err
}

func deleteChoice(ctx context.Context, q storage.Querier, member actors.ID, c Choice) error {
	_, err := q.Exec(ctx, `
		DELETE FROM notice_choices
		WHERE member = $1 AND list = $2 AND community = $3`, member, c.List, c.Community)
	return err
}

func deleteNoticesOf(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM notice_choices WHERE member = $1`, who); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM notices WHERE reader = $1 OR by = $1`, who)
	return err
}

func deleteOldNotices(ctx context.Context, q storage.Querier, before time.Time) (int64, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM notices
		WHERE id = ANY(ARRAY(SELECT id FROM notices WHERE at < $1 LIMIT $2))`, before, mostRows)
	return tag.RowsAffected(), err
}

// bearingOf gives the server of an author, 0 for ours, and whether a member follows them.
func bearingOf(ctx context.Context, q storage.Querier, author, member actors.ID) (host int64, followed bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce(a.host, 0),
			EXISTS (SELECT FROM follows f WHERE f.followee = a.id AND f.follower = $2 AND f.state = 'accepted')
		FROM actors a
		WHERE a.id = $1`, author, member).Scan(&host, &followed)
	return host, followed, err
}
