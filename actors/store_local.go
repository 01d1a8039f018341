package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func insertLocal(ctx context.Context, tx storage.Tx, a Actor) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO actors (id, iri, kind, name, title, summary, source, url, inbox, shared_inbox,
			outbox, followers, following, featured, moderators, members, discoverable, indexable, published, refreshed_at)
		VALUES (@id, @iri, @kind, @name, @title, @summary, @source, @url, @inbox, @shared_inbox,
			@outbox, @followers, @following, @featured, @moderators, @members, @discoverable, @indexable, @published, @published)`,
		pgx.NamedArgs{
			"id": a.ID, "iri": a.IRI, "kind": string(a.Kind), "name": a.Name, "title": a.Title,
			"summary": a.Summary, "source": a.Source, "url": a.URL, "inbox": a.Inbox,
			"shared_inbox": a.SharedInbox, "outbox": a.Outbox, "followers": a.Followers,
			"following": a.Following, "featured": a.Featured, "moderators": a.Moderators, "members": a.Members,
			"discoverable": a.Discoverable, "indexable": a.Indexable, "published": a.Published,
		})
	return nameTaken(err)
}

// nameTaken tells that somebody is called so, or was.
func nameTaken(err error) error {
	return storage.Conflict(storage.Conflict(err, "actors_local_name", noName), "actor_names_pkey", noName)
}

// updateName has an actor of ours called otherwise from now on.
func updateName(ctx context.Context, tx storage.Tx, id ID, name, page string, now time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE actors
		SET name = @name, url = @page, refreshed_at = @now
		WHERE id = @id
			AND host IS NULL
			AND gone_at IS NULL`, pgx.NamedArgs{"id": id, "name": name, "page": page, "now": now})
	if err == nil && tag.RowsAffected() == 0 {
		return errNobody
	}
	return nameTaken(err)
}

// localNameTaken says whether one of ours is called so, or was.
func localNameTaken(ctx context.Context, q storage.Querier, name string) (taken bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM actor_names
			WHERE name = $1)`, name).Scan(&taken)
	return taken, err
}

func updateLocal(ctx context.Context, tx storage.Tx, id ID, p Profile, now time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE actors
		SET title = @title,
			summary = @summary,
			source = @source,
			fields = COALESCE(@fields, fields),
			icon = @icon,
			approves = @approves,
			discoverable = @discoverable,
			indexable = @indexable,
			refreshed_at = @now
		WHERE id = @id
			AND host IS NULL
			AND gone_at IS NULL`,
		pgx.NamedArgs{
			"id": id, "title": p.Title, "summary": p.Summary, "source": p.Source, "fields": p.Fields, "icon": p.Icon,
			"approves": p.Approves, "discoverable": p.Discoverable, "indexable": p.Indexable, "now": now,
		})
	if err == nil && tag.RowsAffected() == 0 {
		return errNobody
	}
	return err
}

func touchLocal(ctx context.Context, tx storage.Tx, id ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE actors
		SET refreshed_at = $2
		WHERE id = $1
			AND host IS NULL
			AND gone_at IS NULL`, id, now)
	return err
}

func updateIcon(ctx context.Context, tx storage.Tx, id ID, icon string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE actors
		SET icon = $2, refreshed_at = $3
		WHERE id = $1
			AND host IS NULL
			AND gone_at IS NULL`, id, icon, now)
	return err
}

func localAfter(ctx context.Context, q storage.Querier, after ID, most int) ([]ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT id
		FROM actors
		WHERE host IS NULL
			AND gone_at IS NULL
			AND id > $1
		ORDER BY id
		LIMIT $2`, after, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[ID])
}

// markGone leaves what tells that the actor was: its id, its name, its addresses.
func markGone(ctx context.Context, tx storage.Tx, id ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE actors
		SET gone_at = $2, title = '', summary = '', source = '', fields = '', icon = '', document = NULL
		WHERE id = $1
			AND gone_at IS NULL`, id, now)
	return err
}

// ensureServer gives the origin that the database belongs to, and whether that
// was written only now.
func ensureServer(ctx context.Context, tx storage.Tx, origin string, now time.Time) (of string, first bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO server (origin, started_at, seen_at)
		VALUES ($1, $2, $2)
		ON CONFLICT (single) DO NOTHING`, origin, now)
	if err != nil {
		return "", false, err
	}
	err = tx.QueryRow(ctx, `
		SELECT origin
		FROM server`).Scan(&of)
	return of, tag.RowsAffected() > 0, err
}

// touchServer gives each time to one process only, should several start together.
func touchServer(ctx context.Context, tx storage.Tx, now time.Time) (last time.Time, err error) {
	err = tx.QueryRow(ctx, `
		WITH before AS (
			SELECT seen_at
			FROM server
			FOR UPDATE)
		UPDATE server
		SET seen_at = $1
		FROM before
		RETURNING before.seen_at`, now).Scan(&last)
	return last, storage.NotFound(err, "This server was never started.")
}

func serverSweptAt(ctx context.Context, q storage.Querier) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, `
		SELECT swept_at
		FROM server`).Scan(&at)
	return at, err
}

func noteSweep(ctx context.Context, q storage.Querier, at time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE server
		SET swept_at = $1`, at)
	return err
}

func serverSeenAt(ctx context.Context, q storage.Querier) (time.Time, error) {
	var seen time.Time
	err := q.QueryRow(ctx, `
		SELECT seen_at
		FROM server`).Scan(&seen)
	return seen, storage.NotFound(err, "This server was never started.")
}

// Origin gives the origin that the database belongs to.
func Origin(ctx context.Context, q storage.Querier) (string, error) {
	var origin string
	err := q.QueryRow(ctx, `
		SELECT origin
		FROM server`).Scan(&origin)
	return origin, storage.NotFound(err, "This server was never started.")
}

// Fresh says whether no server was ever started on this database.
func Fresh(ctx context.Context, q storage.Querier) (bool, error) {
	var fresh bool
	err := q.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM server)").Scan(&fresh)
	return fresh, err
}
