package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// known is an actor as the database has it, and what is only of use here.
type known struct {
	Actor
	ConfirmedAt *time.Time // when WebFinger was last asked about the handle
}

const selectKnown = `
	SELECT a.id, a.iri, a.kind, COALESCE(h.name, '') AS host, COALESCE(a.host, 0) AS host_id,
		a.domain, a.name, a.title, a.summary, a.source, a.fields, a.url, a.icon, a.banner,
		a.inbox, a.shared_inbox, a.outbox, a.followers, a.following, a.featured, a.moderators, a.members,
		COALESCE(c.access, a.access) AS access, a.restricted OR COALESCE(c.archived_at IS NOT NULL OR c.posting = 'animators', false) AS restricted,
		c.archived_at IS NOT NULL AS archived,
		COALESCE(a.delivery, 0) AS delivery, a.approves, a.discoverable, a.indexable,
		a.published, a.refreshed_at, a.gone_at IS NOT NULL AS gone, a.confirmed_at
	FROM actors a
	LEFT JOIN hosts h ON h.id = a.host
	LEFT JOIN communities c ON c.actor = a.id`

func knownByID(ctx context.Context, q storage.Querier, id ID) (known, error) {
	return oneKnown(ctx, q, `
	WHERE a.id = $1`, id)
}

func knownByIRI(ctx context.Context, q storage.Querier, iri string) (known, error) {
	return oneKnown(ctx, q, `
	WHERE a.iri = $1`, iri)
}

// knownByName finds one of ours also by what it was called before.
func knownByName(ctx context.Context, q storage.Querier, name string) (known, error) {
	return oneKnown(ctx, q, `
	WHERE a.id = (SELECT actor FROM actor_names WHERE name = $1)`, name)
}

// knownByHandle finds one actor where a person and a group may share a handle,
// as Lemmy lets them: the living before the dead, the community before the person.
func knownByHandle(ctx context.Context, q storage.Querier, name, host string) (known, error) {
	return oneKnown(ctx, q, `
	WHERE lower(a.name) = lower(@name)
		AND (a.domain = @host OR a.domain = '' AND h.name = @host)
	ORDER BY a.gone_at IS NOT NULL, a.kind = 'group' DESC, a.id
	LIMIT 1`, pgx.NamedArgs{"name": name, "host": host})
}

func knownByIDs(ctx context.Context, q storage.Querier, ids []ID) ([]known, error) {
	rows, _ := q.Query(ctx, selectKnown+`
	WHERE a.id = ANY($1)`, ids) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[known])
}

func oneKnown(ctx context.Context, q storage.Querier, where string, args ...any) (known, error) {
	rows, _ := q.Query(ctx, selectKnown+where, args...) // CollectExactlyOneRow returns Query's error
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[known])
	return k, storage.NotFound(err, errNobody.Error())
}

// plain leaves what is only of use here.
func plain(all []known) []Actor {
	actors := make([]Actor, len(all))
	for i, k := range all {
		actors[i] = k.Actor
	}
	return actors
}
