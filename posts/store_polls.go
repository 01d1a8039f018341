package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// pollRow is a poll as its table has it.
type pollRow struct {
	Post     int64
	Multiple bool
	Hide     bool
	Options  []string
	Votes    []int
	Voters   int
	EndsAt   *time.Time
	Chosen   []int // by the reader
}

// selectPolls counts the votes in polls of ours.
const selectPolls = `
	SELECT q.post, q.multiple, q.hide_totals AS hide, q.options, q.ends_at,
		CASE WHEN p.local
			THEN ARRAY(
				SELECT (SELECT count(*) FROM poll_votes v WHERE v.post = q.post AND v.choice = o.at - 1)::int
				FROM unnest(q.options) WITH ORDINALITY AS o (name, at)
				ORDER BY o.at)
			ELSE q.votes
		END AS votes,
		CASE WHEN p.local THEN (SELECT count(DISTINCT v.who)::int FROM poll_votes v WHERE v.post = q.post) ELSE q.voters END AS voters,
		ARRAY(SELECT v.choice::int FROM poll_votes v WHERE v.post = q.post AND v.who = @reader ORDER BY v.choice) AS chosen
	FROM polls q
	JOIN posts p ON p.id = q.post
	WHERE q.post = ANY(@ids)`

// upsertPoll writes a poll. Counts of the same options only grow: what was counted before
// and comes later changes nothing.
func upsertPoll(ctx context.Context, tx storage.Tx, post int64, p Poll) (changed bool, err error) {
	var names []string
	var votes []int
	for _, o := range p.Options {
		names, votes = append(names, o.Name), append(votes, o.Votes)
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO polls (post, multiple, hide_totals, options, votes, voters, ends_at)
		VALUES (@post, @multiple, @hide, @options, @votes, @voters, @ends)
		ON CONFLICT (post) DO UPDATE
		SET multiple = excluded.multiple, options = excluded.options, votes = excluded.votes,
			voters = excluded.voters, ends_at = excluded.ends_at
		WHERE polls.options <> excluded.options
			OR (SELECT sum(v) FROM unnest(excluded.votes) AS v) > (SELECT sum(v) FROM unnest(polls.votes) AS v)
			OR excluded.voters > polls.voters`,
		pgx.NamedArgs{"post": post, "multiple": p.Multiple, "hide": p.HideTotals, "options": names, "votes": votes, "voters": p.Voters, "ends": p.EndsAt})
	return tag.RowsAffected() > 0, err
}

// readPolls reads rows into what hangs on posts.
func (h hanging) readPolls(rows pgx.Rows) error {
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[pollRow])
	for _, r := range all {
		p := &Poll{Multiple: r.Multiple, HideTotals: r.Hide, Chosen: r.Chosen, Voters: r.Voters, EndsAt: r.EndsAt}
		for i, name := range r.Options {
			if i < len(r.Votes) {
				p.Options = append(p.Options, PollOption{Name: name, Votes: r.Votes[i]})
			}
		}
		h.polls[r.Post] = p
	}
	return err
}
