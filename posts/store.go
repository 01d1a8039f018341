package posts

import (
	"context"
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
	Quotable       string
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
	GroupMods      string
	GroupAccess    actors.Access
	HeadIRI        string // of the parent that the first post of its thread waits for; "" if none
	Locked         bool   // it or its thread takes no more replies, or not yet
	Held           bool   // it waits to be let in
}

const selectTarget = `
	SELECT p.id, p.iri, p.author, p.local, coalesce(p.parent, 0) AS parent, p.parent_iri, p.root, p.kind, p.scope, p.quotable,
		p.title, p.content, p.summary, p.source, p.context, p.published, p.updated, p.announced, p.deleted_at,
		coalesce(p.community, 0) AS community, coalesce(g.host, 0) AS group_host,
		coalesce(g.iri, '') AS group_iri, coalesce(g.followers, '') AS group_followers,
		coalesce(g.moderators, '') AS group_mods, coalesce(k.access, g.access, '') AS group_access,
		CASE WHEN h.parent IS NULL THEN coalesce(h.parent_iri, '') ELSE '' END AS head_iri,
		EXISTS (SELECT FROM post_marks m
			WHERE m.post IN (p.iri, h.iri) AND m.community = p.community AND m.mark IN ('locked', 'held') AND m.holds) AS locked,
		EXISTS (SELECT FROM post_marks m
			WHERE m.post = p.iri AND m.community = p.community AND m.mark = 'held' AND m.holds) AS held
	FROM posts p
	LEFT JOIN actors g ON g.id = p.community
	LEFT JOIN communities k ON k.actor = p.community
	LEFT JOIN posts h ON h.id = p.root
	WHERE p.iri = ANY($1)`

// group is the community of a post, as far as addressing it goes.
func (t target) group() actors.Actor {
	return actors.Actor{ID: t.Community, IRI: t.GroupIRI, Kind: actors.Group, HostID: t.GroupHost,
		Followers: t.GroupFollowers, Moderators: t.GroupMods, Access: t.GroupAccess}
}

func (t target) item() access.Item {
	return access.Item{Post: t.ID, Author: t.Author, Community: t.Community, Scope: t.Scope, Deleted: t.DeletedAt != nil}
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
