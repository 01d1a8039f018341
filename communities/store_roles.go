package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// lockCommunity holds a community of ours until the transaction ends.
func lockCommunity(ctx context.Context, tx storage.Tx, id actors.ID) error {
	err := tx.QueryRow(ctx, `
		SELECT actor
		FROM communities
		WHERE actor = $1
		FOR UPDATE`, id).Scan(&id)
	return storage.NotFound(err, "There is no such community.")
}

// lockCommunitiesOf holds those of ours of which somebody is a member.
func lockCommunitiesOf(ctx context.Context, tx storage.Tx, who actors.ID) error {
	_, err := tx.Exec(ctx, `
		SELECT
		FROM communities c
		WHERE c.actor IN (SELECT m.community FROM memberships m WHERE m.who = $1)
		ORDER BY c.actor
		FOR UPDATE`, who)
	return err
}

func updateRole(ctx context.Context, tx storage.Tx, community, who actors.ID, role string) error {
	_, err := tx.Exec(ctx, `
		UPDATE memberships
		SET role = $3
		WHERE community = $1 AND who = $2`, community, who, role)
	return err
}

// present is a row of actors of somebody with an account here that is in use.
const present = `a.host IS NULL AND a.kind = 'person' AND a.gone_at IS NULL
			AND NOT EXISTS (SELECT FROM suspensions x WHERE x.actor = a.id)`

func livesHere(ctx context.Context, q storage.Querier, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM actors a WHERE a.id = $1 AND `+present+`)`, who).Scan(&yes)
	return yes, err
}

// ownerlessIDs gives the communities that nobody owns who could act.
func ownerlessIDs(ctx context.Context, q storage.Querier) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT c.actor
		FROM communities c
		JOIN actors g ON g.id = c.actor
		WHERE g.gone_at IS NULL AND NOT EXISTS (
			SELECT FROM memberships m
			JOIN actors a ON a.id = m.who
			WHERE m.community = c.actor AND m.role = 'owner' AND `+present+`)
		ORDER BY g.name`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// heirs finds for each community that somebody owns alone who animates it longest and could
// own it.
const heirs = `
	SELECT m.community, (
		SELECT h.who
		FROM memberships h
		JOIN actors a ON a.id = h.who
		WHERE h.community = m.community AND h.role = 'animator' AND ` + present + `
		ORDER BY h.since, h.who
		LIMIT 1) AS heir
	FROM memberships m
	JOIN actors g ON g.id = m.community
	WHERE m.who = $1
		AND m.role = 'owner'
		AND g.gone_at IS NULL
		AND NOT EXISTS (
			SELECT FROM memberships o
			WHERE o.community = m.community AND o.role = 'owner' AND o.who <> m.who)
	ORDER BY g.name`

type inheritance struct {
	Community actors.ID
	Heir      *actors.ID
}

func inheritancesOf(ctx context.Context, q storage.Querier, who actors.ID) ([]inheritance, error) {
	rows, _ := q.Query(ctx, heirs, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[inheritance])
}
