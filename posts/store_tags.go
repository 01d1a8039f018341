package posts

import (
	"github.com/jackc/pgx/v5"

	"passerelles/text"
)

const deleteTags = `DELETE FROM post_tags WHERE post = $1`

func queueTags(b *pgx.Batch, post int64, names []string) {
	if len(names) == 0 {
		return
	}
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = text.FoldHashtag(name)
	}
	b.Queue(`
		INSERT INTO post_tags (post, tag, name)
		SELECT $1, *
		FROM unnest($2::text[], $3::text[])
		ON CONFLICT (post, tag) DO NOTHING`, post, folded, names)
}
