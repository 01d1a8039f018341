package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// stored is what storeActor changed.
type stored struct {
	known   known
	keys    []string // ids of keys that came, changed or went
	newHost bool
}

// storeActor writes what an actor's server says of it.
func storeActor(ctx context.Context, tx storage.Tx, a Actor, raw []byte, keys []vocab.PublicKey) (s stored, err error) {
	if a.HostID, s.newHost, err = hostOf(ctx, tx, a.Host, a.RefreshedAt); err != nil {
		return s, err
	}
	if a.Delivery, err = deliveryOf(ctx, tx, a); err != nil {
		return s, err
	}
	id, err := upsertActor(ctx, tx, a, raw)
	if err != nil {
		return s, err
	}
	if err := moveDeliveries(ctx, tx, id, a.Delivery); err != nil {
		return s, err
	}
	if s.known, err = knownByID(ctx, tx, id); err != nil {
		return s, err
	}
	s.keys, err = storeKeys(ctx, tx, s.known, keys)
	return s, err
}

// upsertActor refuses to touch one of ours, one that is deleted, and one that
// would become something else: rights were given to what it was.
func upsertActor(ctx context.Context, tx storage.Tx, a Actor, raw []byte) (ID, error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO actors (id, iri, kind, host, name, title, summary, fields, url, icon, banner, inbox, shared_inbox,
			outbox, followers, following, featured, moderators, members, access, restricted, delivery, approves, discoverable,
			indexable, published, refreshed_at, document)
		VALUES (@id, @iri, @kind, @host, @name, @title, @summary, @fields, @url, @icon, @banner, @inbox, @shared_inbox,
			@outbox, @followers, @following, @featured, @moderators, @members, @access, @restricted, @delivery, @approves, @discoverable,
			@indexable, @published, @now, @document)
		ON CONFLICT (iri) DO UPDATE
		SET kind = excluded.kind,
			confirmed_at = CASE WHEN actors.name = excluded.name THEN actors.confirmed_at END,
			domain = CASE WHEN actors.name = excluded.name THEN actors.domain ELSE '' END,
			name = excluded.name,
			title = excluded.title,
			summary = excluded.summary,
			fields = excluded.fields,
			url = excluded.url,
			icon = excluded.icon,
			banner = excluded.banner,
			inbox = excluded.inbox,
			shared_inbox = excluded.shared_inbox,
			outbox = excluded.outbox,
			followers = excluded.followers,
			following = excluded.following,
			featured = excluded.featured,
			moderators = excluded.moderators,
			members = excluded.members,
			access = excluded.access,
			restricted = excluded.restricted,
			delivery = excluded.delivery,
			approves = excluded.approves,
			discoverable = excluded.discoverable,
			indexable = excluded.indexable,
			refreshed_at = excluded.refreshed_at,
			document = excluded.document
		WHERE actors.host = excluded.host
			AND actors.gone_at IS NULL
			AND (actors.kind = excluded.kind
				OR actors.kind IN ('person', 'service') AND excluded.kind IN ('person', 'service'))
		RETURNING id`,
		pgx.NamedArgs{
			"id": storage.NewID(a.RefreshedAt), "iri": a.IRI, "kind": string(a.Kind), "host": a.HostID,
			"name": a.Name, "title": a.Title, "summary": a.Summary, "fields": a.Fields, "url": a.URL, "icon": a.Icon, "banner": a.Banner,
			"inbox": a.Inbox, "shared_inbox": a.SharedInbox, "outbox": a.Outbox, "followers": a.Followers,
			"following": a.Following, "featured": a.Featured, "moderators": a.Moderators,
			"members": a.Members, "access": string(a.Access), "restricted": a.Restricted,
			"delivery": a.Delivery, "approves": a.Approves, "discoverable": a.Discoverable,
			"indexable": a.Indexable, "published": a.Published, "now": a.RefreshedAt, "document": raw,
		}) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, whyUntouched(ctx, tx, a.IRI)
	}
	return ids[0], nil
}

func whyUntouched(ctx context.Context, tx storage.Tx, iri string) error {
	k, err := knownByIRI(ctx, tx, iri)
	if err != nil {
		return err
	}
	if k.Gone {
		return errGone
	}
	return fault.New(fault.Conflict, "This account has become something else than it was: it is left as it was.")
}

// deliveryOf gives the inbox where deliveries to the actor go: the one of its
// whole server where there is one.
func deliveryOf(ctx context.Context, tx storage.Tx, a Actor) (int64, error) {
	url, shared := a.Inbox, false
	if a.SharedInbox != "" {
		url, shared = a.SharedInbox, true
	}
	rows, _ := tx.Query(ctx, `
		WITH made AS (
			INSERT INTO inboxes (host, url, shared)
			SELECT @host, @url, @shared
			WHERE NOT EXISTS (SELECT FROM inboxes WHERE url = @url)
			ON CONFLICT (url) DO NOTHING
			RETURNING id
		)
		SELECT id FROM made
		UNION ALL
		SELECT id FROM inboxes WHERE url = @url`,
		pgx.NamedArgs{"host": a.HostID, "url": url, "shared": shared}) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) > 0 {
		return first(ids), err
	}
	// Another transaction made it meanwhile; a new statement sees it.
	var id int64
	err = tx.QueryRow(ctx, `
		SELECT id
		FROM inboxes
		WHERE url = $1`, url).Scan(&id)
	return id, err
}

func first(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return ids[0]
}

// moveDeliveries lets the posts that an actor follows go to its new inbox.
func moveDeliveries(ctx context.Context, tx storage.Tx, id ID, delivery int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE follows
		SET delivery = $2
		WHERE follower = $1
			AND delivery IS DISTINCT FROM $2`, id, delivery)
	return err
}

// claimHandles takes the handles for asked about: should that then fail, the
// actor's next refresh asks again.
func claimHandles(ctx context.Context, q storage.Querier, now time.Time) ([]string, error) {
	rows, _ := q.Query(ctx, `
		UPDATE actors
		SET confirmed_at = @now
		WHERE id IN (
			SELECT id
			FROM actors
			WHERE host IS NOT NULL
				AND confirmed_at IS NULL
				AND gone_at IS NULL
				AND refreshed_at <= @before
			ORDER BY id
			LIMIT @most
			FOR UPDATE SKIP LOCKED
		)
		RETURNING iri`,
		pgx.NamedArgs{"now": now, "before": now.Add(-settling), "most": atOnce}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// storeHandle writes the name and domain that WebFinger confirmed.
func storeHandle(ctx context.Context, q storage.Querier, a Actor, now time.Time) (known, error) {
	_, err := q.Exec(ctx, `
		UPDATE actors
		SET name = @name, domain = @domain, confirmed_at = @now
		WHERE id = @id
			AND host IS NOT NULL`,
		pgx.NamedArgs{"id": a.ID, "name": a.Name, "domain": a.Domain, "now": now})
	if err != nil {
		return known{}, err
	}
	return knownByID(ctx, q, a.ID)
}
