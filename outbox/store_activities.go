package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
)

// whole is false of an activity whose bytes are not those that were written.
const whole = `(digest IS NULL OR body = '' OR sha256(body) = digest)`

var errDamaged = errors.New("its bytes are not those that were written: they were damaged here")

func activityByIRI(ctx context.Context, q storage.Querier, iri string) (s Stored, err error) {
	rows, _ := q.Query(ctx, `
		SELECT id, iri, actor, type, object, body, listed, published, `+whole+`
		FROM activities
		WHERE iri = $1 AND only_for IS NULL`, iri) // CollectExactlyOneRow returns Query's error
	isWhole := true
	s, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (s Stored, err error) {
		err = row.Scan(&s.ID, &s.IRI, &s.Actor, &s.Type, &s.Object, &s.Body, &s.Listed, &s.Published, &isWhole)
		return s, err
	})
	if !isWhole {
		return Stored{}, fmt.Errorf("activity %s: %w", iri, errDamaged)
	}
	return s, storage.NotFound(err, "this activity does not exist")
}

// notHidden leaves out what is about a post that the reader does not see, or not any more: its
// text is in it.
var notHidden = `
			AND NOT EXISTS (
				SELECT
				FROM posts p
				WHERE p.iri = activities.object AND NOT ` + access.Visible("p") + `)
			AND (members_of IS NULL OR EXISTS (
				SELECT
				FROM posts p
				WHERE p.iri = activities.object AND ` + access.Visible("p") + `))`

func readerArgs(r access.Reader, actor actors.ID) pgx.NamedArgs {
	args := pgx.NamedArgs{"reader": int64(r.ID), "actor": actor}
	if r.Host != "" {
		args["reader_host"] = r.Host
	}
	return args
}

func listedActivities(ctx context.Context, q storage.Querier, r access.Reader, actor actors.ID, before int64, limit int) ([]Stored, error) {
	args := readerArgs(r, actor)
	args["before"], args["limit"] = before, limit
	rows, _ := q.Query(ctx, `
		SELECT id, iri, actor, type, object, body, listed, published
		FROM activities
		WHERE actor = @actor AND listed AND (@before = 0 OR id < @before) AND `+whole+notHidden+`
		ORDER BY id DESC
		LIMIT @limit`, args) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Stored])
}

func countListed(ctx context.Context, q storage.Querier, r access.Reader, actor actors.ID) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM activities
		WHERE actor = @actor AND listed`+notHidden, readerArgs(r, actor)).Scan(&n)
	return n, err
}

// blankActivities leaves Deletes alone: they carry nothing of the post.
func blankActivities(ctx context.Context, tx storage.Tx, object string) error {
	_, err := storage.InBatches(ctx, tx, `
		UPDATE activities
		SET body = ''
		WHERE id = ANY(ARRAY(
			SELECT id
			FROM activities
			WHERE object = @object AND type IN ('Create', 'Update', 'Announce') AND body <> ''
			ORDER BY id
			LIMIT @most))`, pgx.NamedArgs{"object": object})
	return err
}

func letterByID(ctx context.Context, q storage.Querier, id int64) (letter, error) {
	var l letter
	var body []byte
	var isWhole bool
	err := q.QueryRow(ctx, `
		SELECT a.actor, a.body, a.published, `+whole+`, t.taken IS NOT NULL, t.keeper, coalesce(a.members_of, 0), a.animators, coalesce(a.only_for, 0)
		FROM activities AS a
		LEFT JOIN LATERAL (
			SELECT true AS taken, g.host AS keeper
			FROM posts AS p
			JOIN post_marks AS m ON m.post = p.iri AND m.community = p.community
			JOIN actors AS g ON g.id = p.community
			WHERE p.iri = a.object AND m.mark IN ('removed', 'withdrawn') AND m.holds
			LIMIT 1) AS t ON a.type IN ('Create', 'Update', 'Announce')
		WHERE a.id = $1`, id).Scan(&l.actor, &body, &l.published, &isWhole, &l.taken, &l.keeper, &l.circle.of, &l.circle.animators, &l.circle.only)
	if err != nil {
		return letter{}, storage.NotFound(err, "this activity does not exist")
	}
	if !isWhole {
		return letter{}, errDamaged
	}
	l.body, l.size = federation.NewBody(body), len(body)
	return l, nil
}

// holdsSeat says whether a member of a community, who animates it, or one of them, reads at an inbox.
func holdsSeat(ctx context.Context, q storage.Querier, s seat) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT `+seatHeld+`
		  AND (@only::bigint = 0 OR EXISTS (SELECT FROM memberships WHERE community = @members AND who = @only))
		FROM (SELECT @inbox::bigint AS delivery) AS s`,
		pgx.NamedArgs{"members": s.of, "inbox": s.inbox, "animators": s.animators, "only": s.only}).Scan(&yes)
	return yes, err
}
