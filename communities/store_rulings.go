package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const noRuling = "There is nothing of the kind here, or not for you."

func insertRuling(ctx context.Context, tx storage.Tx, r Ruling) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO rulings (community, by, act, activity, post, person, words, reason, at, until)
		VALUES (@community, @by, @act, @activity, nullif(@post::bigint, 0), nullif(@person::bigint, 0), @words, @reason, @at, @until)`,
		pgx.NamedArgs{"community": r.Community, "by": r.By, "act": r.Act, "activity": r.Activity, "post": r.Post,
			"person": r.Person, "words": r.Words, "reason": r.Reason, "at": r.At, "until": r.Until})
	return err
}

const selectRuling = `
	SELECT id, community, by, act, activity, coalesce(post, 0) AS post, coalesce(person, 0) AS person, words, reason, at, until
	FROM rulings`

// rulingRead says that who is @role in the community may know of the post, taken away or not.
const rulingRead = `
		(post IS NULL OR EXISTS (
			SELECT
			FROM posts p
			WHERE p.id = rulings.post
				AND CASE @role
					WHEN '' THEN p.scope IN ('public', 'unlisted')
					WHEN 'member' THEN p.scope IN ('public', 'unlisted', 'members')
					ELSE true
				END))`

// rulingKnown says that @who may know of a ruling that concerns them: one of a confidential
// community, only who is or was its member.
const rulingKnown = `
		(NOT EXISTS (SELECT FROM communities c WHERE c.actor = rulings.community AND c.access = 'confidential')
			OR EXISTS (SELECT FROM memberships m WHERE m.community = rulings.community AND m.who = @who)
			OR EXISTS (SELECT FROM former_members f WHERE f.community = rulings.community AND f.who = @who))`

func rulingsOf(ctx context.Context, q storage.Querier, community actors.ID, role string, before int64, limit int) ([]Ruling, error) {
	rows, _ := q.Query(ctx, selectRuling+`
		WHERE community = @community AND (@before::bigint = 0 OR id < @before::bigint) AND `+rulingRead+`
		ORDER BY id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"community": community, "role": role, "before": before, "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Ruling])
}

func rulingsAbout(ctx context.Context, q storage.Querier, who actors.ID) ([]Ruling, error) {
	rows, _ := q.Query(ctx, selectRuling+`
		WHERE (post IN (SELECT id FROM posts WHERE author = @who) OR post IS NULL AND person = @who) AND `+rulingKnown+`
		ORDER BY id DESC
		LIMIT 50`, pgx.NamedArgs{"who": who}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Ruling])
}

func rulingByID(ctx context.Context, q storage.Querier, id int64) (Ruling, error) {
	rows, _ := q.Query(ctx, selectRuling+` WHERE id = $1`, id) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Ruling])
	return r, storage.NotFound(err, noRuling)
}

// rulingOn is rulingByID for whom it concerns.
func rulingOn(ctx context.Context, q storage.Querier, who actors.ID, id int64) (Ruling, error) {
	rows, _ := q.Query(ctx, selectRuling+` WHERE id = @id AND person = @who AND `+rulingKnown, pgx.NamedArgs{"id": id, "who": who}) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Ruling])
	return r, storage.NotFound(err, noRuling)
}

// rulingFor is rulingByID for who is something in its community.
func rulingFor(ctx context.Context, q storage.Querier, role string, id int64) (Ruling, error) {
	rows, _ := q.Query(ctx, selectRuling+` WHERE id = @id AND `+rulingRead, pgx.NamedArgs{"id": id, "role": role}) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Ruling])
	return r, storage.NotFound(err, noRuling)
}

func wasMember(ctx context.Context, q storage.Querier, community, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM former_members WHERE community = $1 AND who = $2)`, community, who).Scan(&yes)
	return yes, err
}

func timesRestored(ctx context.Context, q storage.Querier, post int64) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM rulings
		WHERE post = $1 AND act = 'restore'`, post).Scan(&n)
	return n, err
}

func rulingsShown(ctx context.Context, q storage.Querier, community actors.ID) (access actors.Access, shown string, err error) {
	err = q.QueryRow(ctx, `
		SELECT access, rulings_shown
		FROM communities
		WHERE actor = $1`, community).Scan(&access, &shown)
	return access, shown, storage.NotFound(err, noRuling)
}

func updateRulingsShown(ctx context.Context, tx storage.Tx, community actors.ID, to string) error {
	_, err := tx.Exec(ctx, `
		UPDATE communities
		SET rulings_shown = $2
		WHERE actor = $1`, community, to)
	return err
}
