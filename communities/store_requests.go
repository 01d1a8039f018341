package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// request is that somebody asks to be a member.
type request struct {
	Community, Who actors.ID
	Words          string
	Activity       []byte // that asked; nil: on our site
	AskedAt        time.Time
}

// upsertRequest keeps since when it waits, and how it was asked last; who asks again without
// words does not take back what was said meanwhile.
func upsertRequest(ctx context.Context, tx storage.Tx, r request) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO join_requests (community, who, words, activity, asked_at)
		VALUES (@community, @who, @words, @activity, @at)
		ON CONFLICT (community, who) DO UPDATE
		SET words = coalesce(nullif(excluded.words, ''), join_requests.words), activity = excluded.activity`,
		pgx.NamedArgs{"community": r.Community, "who": r.Who, "words": r.Words, "activity": r.Activity, "at": r.AskedAt})
	return err
}

// takeRequest ends a request and gives it: of two who answer it, one does.
func takeRequest(ctx context.Context, tx storage.Tx, community, who actors.ID) (request, error) {
	rows, _ := tx.Query(ctx, `
		DELETE FROM join_requests
		WHERE community = $1 AND who = $2
		RETURNING community, who, words, activity, asked_at`, community, who) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[request])
	return r, storage.NotFound(err, "Nobody asks for this any more: it was answered, or taken back.")
}

// forgetAcceptances forgets which charter somebody accepted who is not let in.
func forgetAcceptances(ctx context.Context, tx storage.Tx, community, who actors.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM charter_acceptances WHERE community = $1 AND who = $2`, community, who)
	return err
}

func requestsOf(ctx context.Context, q storage.Querier, community actors.ID, limit int) ([]request, error) {
	rows, _ := q.Query(ctx, `
		SELECT community, who, words, activity, asked_at
		FROM join_requests
		WHERE community = $1
		ORDER BY asked_at, who
		LIMIT $2`, community, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[request])
}

func insertInvitation(ctx context.Context, tx storage.Tx, community, who, by actors.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO invitations (community, who, by, at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (community, who) DO NOTHING`, community, who, by, now)
	return err
}

// hostShown says whether a confidential community shows itself to a server.
func hostShown(ctx context.Context, q storage.Querier, community actors.ID, host int64) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM community_hosts WHERE community = $1 AND host = $2)`, community, host).Scan(&yes)
	return yes, err
}

func insertHost(ctx context.Context, tx storage.Tx, community actors.ID, host string, by actors.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO community_hosts (community, host, allowed_by, since)
		SELECT $1, id, $3, $4
		FROM hosts
		WHERE name = $2
		ON CONFLICT (community, host) DO NOTHING`, community, host, by, now)
	return tag.RowsAffected() > 0, err
}

func deleteHost(ctx context.Context, tx storage.Tx, community actors.ID, host string) (bool, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM community_hosts
		WHERE community = $1 AND host = (SELECT id FROM hosts WHERE name = $2)`, community, host)
	return tag.RowsAffected() > 0, err
}

func shownHosts(ctx context.Context, q storage.Querier, community actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT h.name
		FROM community_hosts c
		JOIN hosts h ON h.id = c.host
		WHERE c.community = $1
		ORDER BY h.name`, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// standingBefore is what leads to a membership.
func standingBefore(ctx context.Context, q storage.Querier, community, who actors.ID) (st Standing, err error) {
	err = q.QueryRow(ctx, `
		SELECT CASE
			WHEN EXISTS (SELECT FROM invitations WHERE community = $1 AND who = $2) THEN 'invited'
			WHEN EXISTS (SELECT FROM join_requests WHERE community = $1 AND who = $2) THEN 'asking'
			ELSE ''
		END`, community, who).Scan(&st)
	return st, err
}

// crowdOf counts who asks beside somebody, in all and from one server elsewhere (0: none); each
// no further than matters.
func crowdOf(ctx context.Context, q storage.Querier, community, beside actors.ID, host int64) (c crowd, err error) {
	err = q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM (
				SELECT FROM join_requests WHERE community = @community AND who <> @beside LIMIT @most) AS waiting),
			(SELECT count(*) FROM (
				SELECT
				FROM join_requests r
				JOIN actors a ON a.id = r.who
				WHERE r.community = @community AND r.who <> @beside AND a.host = @host
				LIMIT @most_host) AS near)`,
		pgx.NamedArgs{"community": community, "beside": beside, "host": host, "most": mostWaiting, "most_host": mostWaitingHost}).Scan(&c.All, &c.FromHost)
	return c, err
}
