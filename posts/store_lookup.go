package posts

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// found is what is here already of what came.
type found struct {
	post, parent *target
	deletedAt    *time.Time // a tombstone stands
	rumour       int64      // turn in which it was last said to be deleted, 0 for none
	orphans      []int64    // replies to it that came first
	early        bool       // likes of it came first
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
	fetched   bool     // then rumours of it matter
}

// lookup reads all that a post needs in one round trip, and holds its IRI until
// the end of the transaction: what concerns one post goes one after the other.
func lookup(ctx context.Context, tx storage.Tx, w wanted) (found, error) {
	all, err := lookupAll(ctx, tx, []wanted{w})
	if err != nil {
		return found{}, err
	}
	f := all[0]
	return f, f.holdHead(ctx, tx, w.parent)
}

// lookupAll is lookup of many, but for what the threads of their parents wait for.
func lookupAll(ctx context.Context, tx storage.Tx, all []wanted) ([]found, error) {
	b, s := &pgx.Batch{}, shelf{}
	s.queue(b, all)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	each := make([]found, len(all))
	for i, w := range all {
		each[i] = s.find(w)
	}
	return each, nil
}

// shelf is what is here of many posts, by IRI.
type shelf struct {
	posts   map[string]*target
	deleted map[string]*time.Time
	rumours map[string]int64
	orphans map[string][]int64
	early   map[string]bool
	people  map[string]addressee
	taken   []int64
}

// addressee is a Group, or somebody of ours.
type addressee struct {
	IRI       string
	ID        actors.ID
	Kind      actors.Kind
	Host      int64
	Followers string
	Mods      string
	Access    actors.Access
}

const lockIRIs = `
	SELECT pg_advisory_xact_lock(hashtextextended(iri, 0))
	FROM unnest($1::text[]) AS iri`

func (s *shelf) queue(b *pgx.Batch, all []wanted) {
	var iris, parents, addressed, fetched []string
	var ids []int64
	for _, w := range all {
		iris, addressed, ids = append(iris, w.iri), append(addressed, w.addressed...), append(ids, w.ids...)
		if w.parent != "" {
			parents = append(parents, w.parent)
		}
		if w.fetched {
			fetched = append(fetched, w.iri)
		}
	}
	slices.Sort(iris) // batches lock in one order
	b.Queue(lockIRIs, iris)
	s.queueTargets(b, slices.Concat(iris, parents))
	s.queueDeleted(b, iris)
	if len(fetched) > 0 {
		s.queueRumours(b, fetched)
	}
	s.queueEarlier(b, iris)
	if len(addressed) > 0 {
		slices.Sort(addressed)
		b.Queue(`
			SELECT a.iri, a.id, a.kind, coalesce(a.host, 0), a.followers, a.moderators, coalesce(c.access, a.access)
			FROM actors a
			LEFT JOIN communities c ON c.actor = a.id
			WHERE a.iri = ANY($1) AND a.gone_at IS NULL AND (a.kind = 'group' OR a.host IS NULL)`, slices.Compact(addressed)).
			Query(byKey(&s.people, func(a addressee) (string, addressee) { return a.IRI, a }))
	}
	if len(ids) > 0 {
		b.Queue(`
			SELECT id
			FROM posts
			WHERE id = ANY($1)`, ids).Query(func(rows pgx.Rows) (err error) {
			s.taken, err = pgx.CollectRows(rows, pgx.RowTo[int64])
			return err
		})
	}
}

func (s *shelf) queueTargets(b *pgx.Batch, iris []string) {
	b.Queue(selectTarget, iris).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[target])
		s.posts = make(map[string]*target, len(all))
		for _, t := range all {
			s.posts[t.IRI] = t
		}
		return err
	})
}

func (s *shelf) queueDeleted(b *pgx.Batch, iris []string) {
	type tombstone struct {
		IRI string
		At  time.Time
	}
	b.Queue(`
		SELECT iri, at
		FROM tombstones
		WHERE iri = ANY($1)`, iris).Query(byKey(&s.deleted, func(t tombstone) (string, *time.Time) { return t.IRI, &t.At }))
}

// queueEarlier asks for what came before the posts that it is about.
func (s *shelf) queueEarlier(b *pgx.Batch, iris []string) {
	type orphans struct {
		Parent string
		IDs    []int64
	}
	b.Queue(`
		SELECT parent_iri, array_agg(id ORDER BY id)
		FROM posts
		WHERE parent_iri = ANY($1) AND parent IS NULL AND parent_iri <> ''
		GROUP BY parent_iri`, iris).Query(byKey(&s.orphans, func(o orphans) (string, []int64) { return o.Parent, o.IDs }))
	type liked struct{ Post string }
	b.Queue(`
		SELECT DISTINCT post
		FROM early_likes
		WHERE post = ANY($1)`, iris).Query(byKey(&s.early, func(l liked) (string, bool) { return l.Post, true }))
}

// byKey reads rows into a map.
func byKey[R any, K comparable, V any](into *map[K]V, entry func(R) (K, V)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[R])
		*into = make(map[K]V, len(all))
		for _, r := range all {
			k, v := entry(r)
			(*into)[k] = v
		}
		return err
	}
}

// find gives what is here of one post: of the actors that it names the first Group
// and the people of ours.
func (s *shelf) find(w wanted) found {
	f := found{post: s.posts[w.iri], deletedAt: s.deleted[w.iri], rumour: s.rumours[w.iri], orphans: s.orphans[w.iri], early: s.early[w.iri], taken: s.taken}
	if w.parent != "" {
		f.parent = s.posts[w.parent]
	}
	for _, iri := range w.addressed {
		a, here := s.people[iri]
		switch {
		case here && a.Kind == actors.Group && f.group == nil:
			f.group = &actors.Actor{ID: a.ID, IRI: a.IRI, Kind: a.Kind, HostID: a.Host, Followers: a.Followers,
				Moderators: a.Mods, Access: a.Access}
		case here && a.Kind != actors.Group && a.Host == 0:
			f.here = append(f.here, a.ID)
		}
	}
	return f
}

// holdHead waits for who brings the parent, then for who brings what the
// parent's thread waits for, and so on: else neither would see the other, and the
// reply would stay in a thread that is no more.
func (f *found) holdHead(ctx context.Context, tx storage.Tx, parent string) error {
	held := map[string]bool{"": true}
	for head := f.head(parent); !held[head]; head = f.head(parent) {
		held[head] = true
		b, s := &pgx.Batch{}, shelf{}
		b.Queue(lockIRIs, []string{head})
		s.queueTargets(b, []string{parent})
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		f.parent = s.posts[parent]
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
