package reading

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const selectList = `
	SELECT l.id, l.title, l.replies, l.exclusive
	FROM lists l
	WHERE l.member = @member`

func listsOf(ctx context.Context, q storage.Querier, member actors.ID) ([]List, error) {
	rows, _ := q.Query(ctx, selectList+`
	ORDER BY l.id`, pgx.NamedArgs{"member": member}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[List])
}

func listsWith(ctx context.Context, q storage.Querier, member, who actors.ID) ([]List, error) {
	rows, _ := q.Query(ctx, selectList+`
		AND EXISTS (SELECT FROM list_accounts a WHERE a.list = l.id AND a.who = @who)
	ORDER BY l.id`, pgx.NamedArgs{"member": member, "who": who}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[List])
}

func listByID(ctx context.Context, q storage.Querier, member actors.ID, id int64) (List, error) {
	rows, _ := q.Query(ctx, selectList+` AND l.id = @id`, pgx.NamedArgs{"member": member, "id": id}) // CollectExactlyOneRow returns Query's error
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[List])
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoList
	}
	return l, err
}

// insertList says whether there was room.
func insertList(ctx context.Context, q storage.Querier, member actors.ID, l List) (made bool, err error) {
	tag, err := q.Exec(ctx, `
		INSERT INTO lists (id, member, title, replies, exclusive)
		SELECT @id, @member, @title, @replies, @exclusive
		WHERE (SELECT count(*) FROM lists WHERE member = @member) < @most`,
		pgx.NamedArgs{"id": l.ID, "member": member, "title": l.Title, "replies": l.Replies, "exclusive": l.Exclusive, "most": mostLists})
	return tag.RowsAffected() > 0, err
}

func updateList(ctx context.Context, q storage.Querier, member actors.ID, l List) error {
	tag, err := q.Exec(ctx, `
		UPDATE lists
		SET title = @title, replies = @replies, exclusive = @exclusive
		WHERE id = @id AND member = @member`,
		pgx.NamedArgs{"id": l.ID, "member": member, "title": l.Title, "replies": l.Replies, "exclusive": l.Exclusive})
	if err == nil && tag.RowsAffected() == 0 {
		err = errNoList
	}
	return err
}

func deleteList(ctx context.Context, q storage.Querier, member actors.ID, id int64) error {
	tag, err := q.Exec(ctx, `
		DELETE FROM lists
		WHERE id = $1 AND member = $2`, id, member)
	if err == nil && tag.RowsAffected() == 0 {
		err = errNoList
	}
	return err
}

func listed(ctx context.Context, q storage.Querier, list int64, after actors.ID, limit int) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT who
		FROM list_accounts
		WHERE list = $1 AND who > $2
		ORDER BY who
		LIMIT nullif($3::int, 0)`, list, after, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// followedAmong gives those of some whom a member follows, or who is the member.
func followedAmong(ctx context.Context, tx storage.Tx, member actors.ID, who []actors.ID) ([]actors.ID, error) {
	rows, _ := tx.Query(ctx, `
		SELECT followee
		FROM follows
		WHERE follower = $1 AND followee = ANY($2) AND state IN ('accepted', 'pending')`, member, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// addTo gives how many the list holds then.
func addTo(ctx context.Context, tx storage.Tx, list int64, who []actors.ID) (total int, err error) {
	if _, err := tx.Exec(ctx, `
		INSERT INTO list_accounts (list, who)
		SELECT $1, unnest($2::bigint[])
		ON CONFLICT DO NOTHING`, list, who); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM list_accounts WHERE list = $1`, list).Scan(&total)
	return total, err
}

func takeFrom(ctx context.Context, q storage.Querier, list int64, who []actors.ID) error {
	_, err := q.Exec(ctx, `
		DELETE FROM list_accounts
		WHERE list = $1 AND who = ANY($2)`, list, who)
	return err
}
