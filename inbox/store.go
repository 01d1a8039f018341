package inbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/jobs"
	"passerelles/storage"
)

// waiting is a row of the queue with what was received.
type waiting struct {
	Received int64
	Lease    int64
	Attempts int16
	Deaths   int16 // of those who had it, one after another
	Type     string
	Actor    string
	IRI      string `db:"iri"`
	Body     []byte // nil: bulky, to be read when it is needed
	Digest   []byte
	Arrived  time.Time
}

// leaseFor is how long a drainer may take for a batch before another may claim it.
const leaseFor = time.Minute

// lineHolds is how long a row may be put off and still hold up its line: longer than the
// clocks of two processes differ.
const lineHolds = 10 * time.Minute

// claim takes up to n due rows of one queue, of each line only the first: those behind
// it wait until it has ended, also when whoever had it was killed, so that the last of a
// line to arrive is the last to be applied. Rows are found again by their place: a plan
// that was made while the queue was empty would read all of it.
//
// A row that was never given back may have killed whoever had it: it is claimed by itself,
// and, should that have happened again, only by who is alone in doing such a thing.
func claim(ctx context.Context, q storage.Querier, slow, alone bool, n int, now time.Time) ([]waiting, error) {
	rows, _ := q.Query(ctx, `
		WITH due AS (
			SELECT ctid AS place, received, deaths + (lease_until IS NOT NULL)::int AS deaths
			FROM inbox_queue w
			WHERE slow = @slow AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now)
			  AND (line IS NULL OR NOT EXISTS (
				SELECT
				FROM inbox_queue f
				WHERE f.line = w.line AND f.received < w.received AND f.due_at <= @holds))
			  AND (@alone OR deaths + (lease_until IS NOT NULL)::int < @suspect)
			ORDER BY received
			LIMIT @n
			FOR UPDATE SKIP LOCKED),
		chosen AS (
			SELECT d.place
			FROM due d
			JOIN (SELECT received, deaths FROM due ORDER BY received LIMIT 1) AS first
				ON d.received = first.received OR d.deaths = 0 AND first.deaths = 0),
		claimed AS (
			UPDATE inbox_queue q
			SET lease_until = @until, lease = q.lease + 1, attempts = q.attempts + 1,
				deaths = q.deaths + (q.lease_until IS NOT NULL)::int
			WHERE q.ctid = ANY(ARRAY(SELECT place FROM chosen))
			RETURNING q.received, q.lease, q.attempts, q.deaths)
		SELECT c.received, c.lease, c.attempts, c.deaths, r.type, r.actor, r.iri, CASE WHEN octet_length(r.body) <= @bulky THEN r.body END AS body, r.digest, r.arrived
		FROM claimed c
		JOIN received r ON r.id = c.received
		ORDER BY c.received`,
		pgx.NamedArgs{"slow": slow, "alone": alone, "suspect": jobs.Suspect, "n": n, "now": now, "until": now.Add(leaseFor),
			"holds": now.Add(lineHolds), "bulky": bulky}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[waiting])
}

// readReceived gives the body of a row that was claimed without.
func readReceived(ctx context.Context, q storage.Querier, received int64) (body []byte, err error) {
	err = q.QueryRow(ctx, `
		SELECT body
		FROM received
		WHERE id = $1`, received).Scan(&body)
	return body, err
}

var applied = end{outcome: "applied"}

// finish ends a row: it leaves the queue and its outcome is written. False: another
// drainer has it now.
func finish(ctx context.Context, q storage.Querier, w waiting, over end) (bool, error) {
	if over == applied { // what its row says already
		tag, err := q.Exec(ctx, `
			DELETE FROM inbox_queue
			WHERE received = $1 AND lease = $2`, w.Received, w.Lease)
		return tag.RowsAffected() == 1, err
	}
	tag, err := q.Exec(ctx, `
		WITH gone AS (
			DELETE FROM inbox_queue
			WHERE received = @received AND lease = @lease
			RETURNING received)
		UPDATE received
		SET outcome = @outcome, reason = @reason
		FROM gone
		WHERE id = gone.received`,
		pgx.NamedArgs{
			"received": w.Received, "lease": w.Lease, "outcome": over.outcome, "reason": clip(over.reason),
		})
	return tag.RowsAffected() == 1, err
}

// leave is finish for many that were applied, and says how many were still ours.
func leave(ctx context.Context, q storage.Querier, all []waiting) (int, error) {
	rows, leases := make([]int64, len(all)), make([]int64, len(all))
	for i, w := range all {
		rows[i], leases[i] = w.Received, w.Lease
	}
	tag, err := q.Exec(ctx, `
		DELETE FROM inbox_queue q
		USING unnest($1::bigint[], $2::bigint[]) AS w (received, lease)
		WHERE q.received = w.received AND q.lease = w.lease`, rows, leases)
	return int(tag.RowsAffected()), err
}

// putBack leaves a row for later: in which queue, and until when.
func putBack(ctx context.Context, q storage.Querier, w waiting, slow bool, due time.Time, attempts int16) error {
	_, err := q.Exec(ctx, `
		UPDATE inbox_queue
		SET slow = slow OR @slow, due_at = @due, attempts = @attempts, deaths = 0, lease_until = NULL
		WHERE received = @received AND lease = @lease`,
		pgx.NamedArgs{
			"received": w.Received, "lease": w.Lease, "slow": slow, "due": due, "attempts": attempts,
		})
	return err
}

// backlog is what waits: how many could be claimed of each queue, up to n, and when the
// oldest of the quick one arrived.
type backlog struct {
	Quick, Slow int
	Oldest      *time.Time
}

func readBacklog(ctx context.Context, q storage.Querier, n int, now time.Time) (backlog, error) {
	rows, _ := q.Query(ctx, `
		WITH due AS (
			SELECT received, due_at, slow, lease_until
			FROM inbox_queue
			WHERE due_at <= @now
			ORDER BY received
			LIMIT @n)
		SELECT count(*) FILTER (WHERE NOT slow AND (lease_until IS NULL OR lease_until <= @now)) AS quick,
		       count(*) FILTER (WHERE slow AND (lease_until IS NULL OR lease_until <= @now)) AS slow,
		       min(due_at) FILTER (WHERE NOT slow) AS oldest
		FROM due`, pgx.NamedArgs{"n": n, "now": now}) // CollectExactlyOneRow returns Query's error
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[backlog])
}

// wasUndone takes back the memory of an Undo that came before what it undoes.
func wasUndone(ctx context.Context, q storage.Querier, actor, iri string, now time.Time) (bool, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM undone
		WHERE actor = $1 AND iri = $2 AND at > $3`, actor, iri, now.Add(-time.Hour))
	return tag.RowsAffected() > 0, err
}

// rememberUndo keeps an Undo that found nothing.
func rememberUndo(ctx context.Context, q storage.Querier, actor, iri string, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO undone (actor, iri, at)
		VALUES ($1, $2, $3)
		ON CONFLICT (actor, iri) DO UPDATE SET at = excluded.at`, actor, iri, now)
	return err
}

func clip(reason string) string {
	if len(reason) > 500 {
		reason = reason[:500]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(reason, ""), "\x00", "")
}

// whatCame gives the body of what came under an id and is nowhere else to be found by it, nil
// if none did, or long ago.
func whatCame(ctx context.Context, q storage.Querier, iri string) (body []byte, err error) {
	err = q.QueryRow(ctx, `
		SELECT body
		FROM received
		WHERE iri = $1 AND type IN ('Lock', 'Block', 'Dislike', 'Announce') AND body IS NOT NULL AND outcome IN ('applied', 'ignored')
		ORDER BY id
		LIMIT 1`, iri).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // and no error either: the Undo may come first
	}
	return body, err
}

// followedHere says whether anybody of ours follows, or has asked to.
func followedHere(ctx context.Context, q storage.Querier, group actors.ID) (bool, error) {
	var found bool
	err := q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM follows f
			JOIN actors a ON a.id = f.follower
			WHERE f.followee = $1 AND f.state IN ('pending', 'accepted') AND a.host IS NULL)`, group).Scan(&found)
	return found, err
}

// authorOf gives who wrote a post that is here.
func authorOf(ctx context.Context, q storage.Querier, iri string) (actors.ID, error) {
	var author actors.ID
	err := q.QueryRow(ctx, `
		SELECT author
		FROM posts
		WHERE iri = $1`, iri).Scan(&author)
	return author, storage.NotFound(err, "nobody here has this post")
}

// likedPost gives the post that a like of somebody is about, "" if that like is not here.
func likedPost(ctx context.Context, q storage.Querier, like string, who actors.ID) (iri string, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce(
			(SELECT p.iri
			 FROM likes l
			 JOIN posts p ON p.id = l.post
			 WHERE l.iri = $1 AND l.who = $2
			 LIMIT 1),
			(SELECT post
			 FROM early_likes
			 WHERE iri = $1 AND who = $2
			 LIMIT 1),
			'')`, like, who).Scan(&iri)
	return iri, err
}
