package departures

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// everyInbox gives one inbox of each server, the shared one where there is one; else those of
// all whom we know there.
func everyInbox(ctx context.Context, q storage.Querier) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT i.url
		FROM inboxes i
		WHERE i.gone_at IS NULL
			AND (i.shared OR NOT EXISTS (
				SELECT FROM inboxes s
				WHERE s.host = i.host
					AND s.shared
					AND s.gone_at IS NULL))
		ORDER BY i.id`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// lastAdministrator says whether a member is one, and nobody else is.
func lastAdministrator(ctx context.Context, q storage.Querier, id actors.ID) (last bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT bool_or(actor = $1) AND count(*) = 1
		FROM members
		WHERE admin`, id).Scan(&last)
	return last, err
}

// saidBy gives what an actor said, some at a time, in the bytes that left.
func saidBy(ctx context.Context, q storage.Querier, id actors.ID, after int64, most int) (last int64, bodies [][]byte, err error) {
	rows, _ := q.Query(ctx, `
		SELECT id, body
		FROM activities
		WHERE actor = $1
			AND id > $2
			AND body <> ''
		ORDER BY id
		LIMIT $3`, id, after, most) // ForEachRow returns Query's error
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&last, &body}, func() error {
		bodies = append(bodies, body)
		body = nil
		return nil
	})
	return last, bodies, err
}

// likedBy gives what somebody likes, as addresses.
func likedBy(ctx context.Context, q storage.Querier, id actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.iri
		FROM likes l
		JOIN posts p ON p.id = l.post
		WHERE l.who = $1
			AND p.deleted_at IS NULL
		ORDER BY l.at, p.id`, id) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// membership is what somebody is in a community.
type membership struct {
	Community string `json:"community"`
	Role      string `json:"role"`
	Charter   *int   `json:"charter,omitempty"` // the version that they accepted last
}

func membershipsOf(ctx context.Context, q storage.Querier, id actors.ID) ([]membership, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.iri, m.role, (
			SELECT max(c.version)
			FROM charter_acceptances c
			WHERE c.community = m.community
				AND c.who = m.who)
		FROM memberships m
		JOIN actors a ON a.id = m.community
		WHERE m.who = $1
		ORDER BY a.iri`, id) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[membership])
}

// asked is that somebody asks to belong to a community, and what they answered to its questions.
type asked struct {
	Community string   `json:"community"`
	Words     string   `json:"words"`
	Questions []string `json:"questions"`
	Answers   []string `json:"answers"`
}

func asksOf(ctx context.Context, q storage.Querier, id actors.ID) ([]asked, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.iri, r.words,
			ARRAY(SELECT j.question FROM join_answers j WHERE j.community = r.community AND j.who = r.who ORDER BY j.place),
			ARRAY(SELECT j.answer FROM join_answers j WHERE j.community = r.community AND j.who = r.who ORDER BY j.place)
		FROM join_requests r
		JOIN actors a ON a.id = r.community
		WHERE r.who = $1
		ORDER BY a.iri`, id) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[asked])
}

// Handles of those whom somebody follows, blocks or mutes.
const (
	followedBy = `SELECT followee AS who FROM follows WHERE follower = $1 AND state IN ('accepted', 'pending')`
	blockedBy  = `SELECT blocked AS who FROM blocks WHERE blocker = $1`
	mutedBy    = `SELECT muted AS who FROM mutes WHERE muter = $1`
)

// handlesOf gives name@host; here is our own host.
func handlesOf(ctx context.Context, q storage.Querier, list, here string, id actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.name || '@' || coalesce(nullif(a.domain, ''), h.name, $2)
		FROM (`+list+`) l
		JOIN actors a ON a.id = l.who
		LEFT JOIN hosts h ON h.id = a.host
		WHERE a.gone_at IS NULL
		ORDER BY 1`, id, here) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
