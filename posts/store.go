package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// target is a post as the rules need it, with its community's addresses.
type target struct {
	ID             int64
	IRI            string
	Author         actors.ID
	Local          bool
	Parent         int64
	ParentIRI      string
	Root           int64
	Kind           string
	Scope          string
	Title          string
	Content        string
	Summary        string
	Source         string
	Context        string
	Published      time.Time
	Updated        *time.Time
	Announced      bool
	DeletedAt      *time.Time
	Community      actors.ID // 0: none
	GroupHost      int64     // 0: ours
	GroupIRI       string
	GroupFollowers string
	HeadIRI        string // of the parent that the first post of its thread waits for; "" if none
}

const selectTarget = `
	SELECT p.id, p.iri, p.author, p.local, coalesce(p.parent, 0) AS parent, p.parent_iri, p.root, p.kind, p.scope,
		p.title, p.content, p.summary, p.source, p.context, p.published, p.updated, p.announced, p.deleted_at,
		coalesce(p.community, 0) AS community, coalesce(g.host, 0) AS group_host,
		coalesce(g.iri, '') AS group_iri, coalesce(g.followers, '') AS group_followers,
		CASE WHEN h.parent IS NULL THEN coalesce(h.parent_iri, '') ELSE '' END AS head_iri
	FROM posts p
	LEFT JOIN actors g ON g.id = p.community
	LEFT JOIN posts h ON h.id = p.root
	WHERE p.iri = $1`

// group is the community of a post, as far as addressing it goes.
func (t target) group() actors.Actor {
	return actors.Actor{ID: t.Community, IRI: t.GroupIRI, Kind: actors.Group, HostID: t.GroupHost,
		Followers: t.GroupFollowers}
}

func (t target) item() access.Item {
	return access.Item{Post: t.ID, Author: t.Author, Community: t.Community, Scope: t.Scope, Deleted: t.DeletedAt != nil}
}

// found is what is here already of what came.
type found struct {
	post, parent *target
	deletedAt    *time.Time // a tombstone stands
	orphans      []int64    // replies to it that came first
	group        *actors.Actor
	here         []actors.ID // people of ours whom it names
	taken        []int64     // of the ids that were proposed
}

// wanted is what lookup is asked.
type wanted struct {
	iri       string
	parent    string   // IRI, "" for none
	addressed []string // IRIs
	ids       []int64  // that a new post may take
}

// lookup reads all that a post needs in one round trip, and holds its IRI until
// the end of the transaction: what concerns one post goes one after the other.
func lookup(ctx context.Context, tx storage.Tx, w wanted) (found, error) {
	var f found
	b := &pgx.Batch{}
	b.Queue(lockIRI, w.iri)
	b.Queue(selectTarget, w.iri).Query(one(&f.post))
	b.Queue(selectTombstone, w.iri).Query(one(&f.deletedAt))
	b.Queue(`
		SELECT id
		FROM posts
		WHERE parent_iri = $1 AND parent IS NULL AND parent_iri <> ''
		ORDER BY id`, w.iri).Query(func(rows pgx.Rows) (err error) {
		f.orphans, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if w.parent != "" {
		b.Queue(selectTarget, w.parent).Query(one(&f.parent))
	}
	if len(w.addressed) > 0 {
		b.Queue(`
			SELECT a.id, a.iri, a.kind, coalesce(a.host, 0) AS host, a.followers
			FROM unnest($1::text[]) WITH ORDINALITY AS n (iri, place)
			JOIN actors a ON a.iri = n.iri
			WHERE a.gone_at IS NULL AND (a.kind = 'group' OR a.host IS NULL)
			ORDER BY n.place`, w.addressed).Query(f.readAddressed)
	}
	if len(w.ids) > 0 {
		b.Queue(`
			SELECT id
			FROM posts
			WHERE id = ANY($1)`, w.ids).Query(func(rows pgx.Rows) (err error) {
			f.taken, err = pgx.CollectRows(rows, pgx.RowTo[int64])
			return err
		})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return f, err
	}
	return f, f.holdHead(ctx, tx, w.parent)
}

const (
	lockIRI = `
		SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`
	selectTombstone = `
		SELECT at
		FROM tombstones
		WHERE iri = $1`
)

// holdHead waits for who brings the parent, then for who brings what the
// parent's thread waits for, and so on: else neither would see the other, and the
// reply would stay in a thread that is no more.
func (f *found) holdHead(ctx context.Context, tx storage.Tx, parent string) error {
	held := map[string]bool{"": true}
	for head := f.head(parent); !held[head]; head = f.head(parent) {
		held[head] = true
		b := &pgx.Batch{}
		b.Queue(lockIRI, head)
		b.Queue(selectTarget, parent).Query(one(&f.parent))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	return nil
}

// head is the IRI that the thread of a reply waits for, "" if its first post is here.
func (f *found) head(parent string) string {
	if f.parent == nil {
		return parent
	}
	return f.parent.HeadIRI
}

// readAddressed keeps the first Group and the people of ours.
func (f *found) readAddressed(rows pgx.Rows) error {
	type row struct {
		ID        actors.ID
		IRI       string
		Kind      actors.Kind
		Host      int64
		Followers string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	for _, r := range all {
		switch {
		case r.Kind == actors.Group && f.group == nil:
			f.group = &actors.Actor{ID: r.ID, IRI: r.IRI, Kind: r.Kind, HostID: r.Host, Followers: r.Followers}
		case r.Kind != actors.Group && r.Host == 0:
			f.here = append(f.here, r.ID)
		}
	}
	return err
}

// one reads at most one row, a struct or a single column; without one, nil.
func one[T any](into **T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		*into = nil
		var scan pgx.RowToFunc[T] = pgx.RowTo[T]
		if _, isTarget := any(*new(T)).(target); isTarget {
			scan = pgx.RowToStructByName[T]
		}
		v, err := pgx.CollectOneRow(rows, scan)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		*into = &v
		return err
	}
}

// insertTombstone also forgets who liked what never came.
func insertTombstone(ctx context.Context, tx storage.Tx, iri string, at time.Time) error {
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO tombstones (iri, at)
		VALUES ($1, $2)
		ON CONFLICT (iri) DO NOTHING`, iri, at)
	b.Queue(`DELETE FROM early_likes WHERE post = $1`, iri)
	return tx.SendBatch(ctx, b).Close()
}

// nullID stores 0 as NULL.
func nullID[T ~int64](id T) *int64 {
	if id == 0 {
		return nil
	}
	n := int64(id)
	return &n
}
