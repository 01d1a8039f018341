package posts

import "github.com/jackc/pgx/v5"

// selectPictures knows the blurhash of those whose server does not tell from our copy.
const selectPictures = `
	SELECT x.post, x.place, x.url, x.alt, coalesce(nullif(x.blurhash, ''), c.blurhash, '') AS blurhash, x.width, x.height
	FROM pictures x
	LEFT JOIN copies c ON c.kind = 'picture' AND c.owner = x.post AND c.place = x.place AND c.url = x.url
	WHERE x.post = ANY(@ids)
	ORDER BY x.post, x.place`

const deletePictures = `
	DELETE FROM pictures
	WHERE post = $1`

func (h hanging) readPictures(rows pgx.Rows) error {
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Picture])
	for _, p := range all {
		h.pictures[p.Post] = append(h.pictures[p.Post], p)
	}
	return err
}

func queuePictures(b *pgx.Batch, post int64, all []Picture) {
	for _, p := range all {
		b.Queue(`
			INSERT INTO pictures (post, place, url, alt, blurhash, width, height)
			VALUES (@post, @place, @url, @alt, @blurhash, @width, @height)`,
			pgx.NamedArgs{"post": post, "place": p.Place, "url": p.URL, "alt": p.Alt, "blurhash": p.Blurhash,
				"width": p.Width, "height": p.Height})
	}
}
