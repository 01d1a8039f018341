package access

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// heard is whether a reader hears the author of a row of posts: nobody hears who is
// suspended, and those of a server that is silenced only who follows them, or animates the
// community in which they write. It reads @reader as Visible does. While nothing of the
// kind is decided it costs two looks at empty tables for a whole list.
const heard = `(
		NOT (SELECT EXISTS (SELECT FROM suspensions))
		OR NOT EXISTS (SELECT FROM suspensions seen_x WHERE seen_x.actor = post.author OFFSET 0)
	)
	AND (
		NOT (SELECT EXISTS (SELECT FROM host_policies WHERE policy <> 'none'))
		OR NOT EXISTS (` + onSilenced + `post.author OFFSET 0)
		OR @reader::bigint <> 0 AND (
			post.author = @reader::bigint
			OR EXISTS (
				SELECT FROM follows seen_f
				WHERE seen_f.followee = post.author
					AND seen_f.follower = @reader::bigint
					AND seen_f.state = 'accepted'
				OFFSET 0
			)
			OR EXISTS (
				SELECT FROM memberships seen_n
				WHERE seen_n.community = post.community
					AND seen_n.who = @reader::bigint
					AND seen_n.role IN ('animator', 'owner')
				OFFSET 0
			)
		)
	)`

// onSilenced finds the policy under which an actor, whose number follows, is not heard.
const onSilenced = `
			SELECT FROM actors seen_w
			JOIN hosts seen_s ON seen_s.id = seen_w.host
			JOIN host_policies seen_o ON seen_o.host = ANY(host_covered_by(seen_s.name))
			WHERE seen_o.policy <> 'none'
				AND seen_w.id = `

func heardBy(ctx context.Context, q storage.Querier, r Reader, it Item) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT `+heard+`
		FROM (SELECT @author::bigint AS author, @community::bigint AS community) AS post`,
		pgx.NamedArgs{"author": it.Author, "community": it.Community, "reader": r.ID}).Scan(&yes)
	return yes, err
}

func onSilencedHost(ctx context.Context, q storage.Querier, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (`+onSilenced+`$1)`, who).Scan(&yes)
	return yes, err
}

// TalkedTo is whether we talk to a server, as an SQL predicate over a row of hosts under the
// alias h: what Hosts.Allowed says of it, as it is decided at this moment.
const TalkedTo = `(
			NOT ((SELECT EXISTS (SELECT FROM host_policies)) AND EXISTS (
				SELECT FROM host_policies AS talk_p
				WHERE talk_p.policy = 'suspended' AND talk_p.host = ANY(host_covered_by(h.name))))
			AND (NOT coalesce((SELECT listed_only FROM host_mode), false) OR EXISTS (
				SELECT FROM host_policies AS talk_l
				WHERE talk_l.listed AND talk_l.host IN (h.name, split_part(h.name, ':', 1)))))`

const selectPolicies = `
	SELECT host, policy, reason, since, reject_media, listed
	FROM host_policies`

func policies(ctx context.Context, q storage.Querier) ([]Policy, error) {
	rows, _ := q.Query(ctx, selectPolicies+` ORDER BY host`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Policy])
}

func lockPolicy(ctx context.Context, tx storage.Tx, host string) (Policy, error) {
	rows, _ := tx.Query(ctx, selectPolicies+` WHERE host = $1 FOR UPDATE`, host) // CollectExactlyOneRow returns Query's error
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Policy])
	return p, storage.NotFound(err, "Nothing is decided about this server.")
}

func upsertPolicy(ctx context.Context, q storage.Querier, p Policy) error {
	_, err := q.Exec(ctx, `
		INSERT INTO host_policies (host, policy, reason, since, reject_media, listed)
		VALUES (@host, @policy, @reason, @since, @media, @listed)
		ON CONFLICT (host) DO UPDATE
		SET policy = excluded.policy, reason = excluded.reason, reject_media = excluded.reject_media, listed = excluded.listed`,
		pgx.NamedArgs{"host": p.Host, "policy": p.Policy, "reason": p.Reason, "since": p.Since,
			"media": p.RejectMedia, "listed": p.Listed})
	return err
}

func deletePolicy(ctx context.Context, q storage.Querier, host string) (bool, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM host_policies
		WHERE host = $1`, host)
	return tag.RowsAffected() > 0, err
}

func listedOnly(ctx context.Context, q storage.Querier) (only bool, err error) {
	err = q.QueryRow(ctx, `SELECT listed_only FROM host_mode`).Scan(&only)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return only, err
}

func upsertMode(ctx context.Context, q storage.Querier, only bool, at time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO host_mode (listed_only, since)
		VALUES ($1, $2)
		ON CONFLICT (one) DO UPDATE
		SET listed_only = excluded.listed_only, since = excluded.since
		WHERE host_mode.listed_only <> excluded.listed_only`, only, at)
	return err
}

type suspension struct {
	Who, By actors.ID
	Reason  string
	Since   time.Time
}

func insertSuspension(ctx context.Context, tx storage.Tx, s suspension) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO suspensions (actor, by, reason, since)
		VALUES (@who, nullif(@by::bigint, 0), @reason, @since)
		ON CONFLICT (actor) DO NOTHING`,
		pgx.NamedArgs{"who": s.Who, "by": s.By, "reason": s.Reason, "since": s.Since})
	return tag.RowsAffected() > 0, err
}

func deleteSuspension(ctx context.Context, tx storage.Tx, who actors.ID) (bool, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM suspensions WHERE actor = $1`, who)
	return tag.RowsAffected() > 0, err
}

func suspended(ctx context.Context, q storage.Querier, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM suspensions WHERE actor = $1)`, who).Scan(&yes)
	return yes, err
}
