package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// insertLetter says whether it is the first to them: there is no second.
func insertLetter(ctx context.Context, tx storage.Tx, l letter) (first bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO letters (community, who, iri, version, at)
		VALUES (@community, @who, @iri, @version, @at)
		ON CONFLICT (community, who) DO NOTHING`,
		pgx.NamedArgs{"community": l.Community, "who": l.Who, "iri": l.IRI, "version": l.Version, "at": l.At})
	return tag.RowsAffected() > 0, err
}

func letterByIRI(ctx context.Context, q storage.Querier, iri string) (letter, error) {
	rows, _ := q.Query(ctx, `
		SELECT community, who, iri, version, at
		FROM letters
		WHERE iri = $1`, iri) // CollectExactlyOneRow returns Query's error
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[letter])
	return l, storage.NotFound(err, "Nothing of the kind was written from here.")
}

// updateWords gives a request the words of a reply; asks tells whether there is one.
func updateWords(ctx context.Context, tx storage.Tx, l letter, words string) (asks bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE join_requests
		SET words = $3
		WHERE community = $1 AND who = $2`, l.Community, l.Who, words)
	return tag.RowsAffected() > 0, err
}
