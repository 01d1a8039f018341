package posts

import (
	"github.com/jackc/pgx/v5"

	"passerelles/media"
)

const selectFiles = `
	SELECT ` + media.FileColumns + `
	FROM files
	WHERE post = ANY(@ids)
	ORDER BY post, place`

func (h hanging) readFiles(rows pgx.Rows) error {
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[media.File])
	for _, f := range all {
		h.files[f.Post] = append(h.files[f.Post], f)
	}
	return err
}
