package media

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/storage"
)

func sourceOf(ctx context.Context, q storage.Querier, r Ref) (Source, error) {
	if r.Kind == Picture {
		return pictureOf(ctx, q, r)
	}
	src := Source{Ref: r}
	var avatar, banner string
	err := q.QueryRow(ctx, `
		SELECT a.icon, a.banner, h.name
		FROM actors a
		JOIN hosts h ON h.id = a.host
		WHERE a.id = $1
			AND a.gone_at IS NULL`, r.Owner).Scan(&avatar, &banner, &src.host)
	if src.url = avatar; r.Kind == Banner {
		src.url = banner
	}
	if err == nil && src.url == "" {
		return Source{}, errNothing
	}
	return src, orNothing(err)
}

func pictureOf(ctx context.Context, q storage.Querier, r Ref) (Source, error) {
	src, it := Source{Ref: r}, access.Item{Post: r.Owner}
	err := q.QueryRow(ctx, `
		SELECT x.url, h.name, p.author, coalesce(p.community, 0), p.scope
		FROM pictures x
		JOIN posts p ON p.id = x.post
		JOIN actors a ON a.id = p.author
		JOIN hosts h ON h.id = a.host
		WHERE x.post = $1
			AND x.place = $2
			AND p.deleted_at IS NULL`, r.Owner, r.Place).Scan(&src.url, &src.host, &it.Author, &it.Community, &it.Scope)
	src.item = it
	return src, orNothing(err)
}

func orNothing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errNothing
	}
	return err
}

// kept is a row of copies.
type kept struct {
	URL, File, Type, Blurhash string
	Size                      int64
	Away                      bool
	Failures, Deaths          int
	AgainAt                   *time.Time
	UsedAt                    time.Time
}

// copyOf gives the row of a picture, the zero kept for none.
func copyOf(ctx context.Context, q storage.Querier, r Ref) (kept, error) {
	rows, _ := q.Query(ctx, `
		SELECT url, file, type, blurhash, size, away, failures, deaths, again_at, used_at
		FROM copies
		WHERE kind = $1
			AND owner = $2
			AND place = $3`, r.Kind, r.Owner, r.Place) // CollectExactlyOneRow returns Query's error
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[kept])
	if errors.Is(err, pgx.ErrNoRows) {
		return kept{}, nil
	}
	return k, err
}

func upsertCopy(ctx context.Context, q storage.Querier, src Source, k kept) error {
	_, err := q.Exec(ctx, `
		INSERT INTO copies (kind, owner, place, url, hosts, file, type, blurhash, size, away, failures, deaths, again_at, used_at)
		VALUES (@kind, @owner, @place, @url, @hosts, @file, @type, @blurhash, @size, @away, @failures, @deaths, @again, @used)
		ON CONFLICT (kind, owner, place) DO UPDATE
		SET url = excluded.url, hosts = excluded.hosts, file = excluded.file, type = excluded.type,
			blurhash = excluded.blurhash, size = excluded.size, away = excluded.away, failures = excluded.failures,
			deaths = excluded.deaths, again_at = excluded.again_at, used_at = excluded.used_at`,
		pgx.NamedArgs{
			"kind": src.Kind, "owner": src.Owner, "place": src.Place, "url": k.URL, "hosts": src.hosts(),
			"file": k.File, "type": k.Type, "blurhash": k.Blurhash, "size": k.Size, "away": k.Away,
			"failures": k.Failures, "deaths": k.Deaths, "again": k.AgainAt, "used": k.UsedAt,
		})
	return err
}

func deleteCopy(ctx context.Context, q storage.Querier, r Ref) error {
	_, err := q.Exec(ctx, `
		DELETE FROM copies
		WHERE kind = $1
			AND owner = $2
			AND place = $3`, r.Kind, r.Owner, r.Place)
	return err
}

func touchCopy(ctx context.Context, q storage.Querier, r Ref, now time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE copies
		SET used_at = $4
		WHERE kind = $1
			AND owner = $2
			AND place = $3`, r.Kind, r.Owner, r.Place, now)
	return err
}
