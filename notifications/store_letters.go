package notifications

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const mostRows = 5000 // that one statement deletes

// reachable is where and how a member is written to.
type reachable struct{ Email, Language string }

func addressee(ctx context.Context, q storage.Querier, member actors.ID) (to reachable, err error) {
	err = q.QueryRow(ctx, `
		SELECT email, language
		FROM members
		WHERE actor = $1`, member).Scan(&to.Email, &to.Language)
	return to, orGone(err)
}

func orGone(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return err
}

// letterOf gives whom a notice is for, whether or not they may still know of it.
func letterOf(ctx context.Context, q storage.Querier, id int64) (n Notice, to reachable, err error) {
	err = q.QueryRow(ctx, `
		SELECT n.reader, n.read_at, m.email, m.language
		FROM notices n
		JOIN members m ON m.actor = n.reader
		WHERE n.id = $1`, id).Scan(&n.Reader, &n.ReadAt, &to.Email, &to.Language)
	return n, to, orGone(err)
}

// about is what a notice is about, in words.
type about struct {
	Who, Community          string
	Title, Content, Warning string
	Author                  actors.ID
	Scope                   string
}

func aboutOf(ctx context.Context, q storage.Querier, n Notice) (a about, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce(coalesce(nullif(w.title, ''), w.name), ''), coalesce(coalesce(nullif(c.title, ''), c.name), ''),
			coalesce(p.title, ''), coalesce(p.content, ''), coalesce(p.summary, ''), coalesce(p.author, 0), coalesce(p.scope, '')
		FROM (SELECT) nothing
		LEFT JOIN actors w ON w.id = $1
		LEFT JOIN actors c ON c.id = $2
		LEFT JOIN posts p ON p.id = $3`, int64(n.By), int64(n.Community), n.Post).
		Scan(&a.Who, &a.Community, &a.Title, &a.Content, &a.Warning, &a.Author, &a.Scope)
	return a, err
}
