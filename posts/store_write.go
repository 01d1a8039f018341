package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/outbox"
	"passerelles/storage"
)

// written is a post as it is written, with the people of ours whom it names.
type written struct {
	Post
	version
	here    []actors.ID
	answers bool // what one of ours wrote
	told    bool // to whom it concerns
}

// queuePosts writes new posts.
func queuePosts(b *pgx.Batch, all ...written) {
	b.Queue(`
		INSERT INTO posts (id, iri, author, local, community, parent, parent_iri, root, kind, scope, title, content,
			source, summary, sensitive, language, url, context, published, updated, arrived_at, announced,
			deleted_at, document, quotable)
		SELECT *
		FROM unnest(@id::bigint[], @iri::text[], @author::bigint[], @local::boolean[], @community::bigint[],
			@parent::bigint[], @parent_iri::text[], @root::bigint[], @kind::text[], @scope::text[], @title::text[],
			@content::text[], @source::text[], @summary::text[], @sensitive::boolean[], @language::text[], @url::text[],
			@context::text[], @published::timestamptz[], @updated::timestamptz[], @arrived::timestamptz[],
			@announced::boolean[], @deleted::timestamptz[], @document::bytea[], @quotable::text[])`,
		pgx.NamedArgs{
			"id":         column(all, func(w written) int64 { return w.ID }),
			"iri":        column(all, func(w written) string { return w.IRI }),
			"author":     column(all, func(w written) actors.ID { return w.Author.ID }),
			"local":      column(all, func(w written) bool { return w.Local }),
			"community":  column(all, func(w written) *int64 { return nullID(w.communityID()) }),
			"parent":     column(all, func(w written) *int64 { return nullID(w.ParentID) }),
			"parent_iri": column(all, func(w written) string { return w.ParentIRI }),
			"root":       column(all, func(w written) int64 { return w.Root }),
			"kind":       column(all, func(w written) string { return w.Kind }),
			"scope":      column(all, func(w written) string { return w.Scope }),
			"title":      column(all, func(w written) string { return w.version.Title }),
			"content":    column(all, func(w written) string { return w.version.Content }),
			"source":     column(all, func(w written) string { return w.version.Source }),
			"summary":    column(all, func(w written) string { return w.version.Summary }),
			"sensitive":  column(all, func(w written) bool { return w.version.Sensitive }),
			"language":   column(all, func(w written) string { return w.version.Language }),
			"url":        column(all, func(w written) string { return w.version.URL }),
			"context":    column(all, func(w written) string { return w.Context }),
			"published":  column(all, func(w written) time.Time { return w.Published }),
			"updated":    column(all, func(w written) *time.Time { return updatedOf(w.At, w.Published) }),
			"arrived":    column(all, func(w written) time.Time { return w.arrived }),
			"announced":  column(all, func(w written) bool { return w.Announced }),
			"deleted":    column(all, func(w written) *time.Time { return w.DeletedAt }),
			"document":   column(all, func(w written) []byte { return w.Document }),
			"quotable":   column(all, func(w written) string { return w.version.Quotable }),
		})
	for _, w := range all {
		if len(w.here) > 0 {
			queueMentions(b, w.ID, w.here)
		}
		queuePictures(b, w.ID, w.version.Pictures)
		queueTags(b, w.ID, w.version.Tags)
		if len(w.Themes) > 0 {
			queueThemes(b, w.ID, w.Themes, w.arrived)
		}
	}
}

func column[T any](all []written, of func(written) T) []T {
	values := make([]T, len(all))
	for i, w := range all {
		values[i] = of(w)
	}
	return values
}

func queueMentions(b *pgx.Batch, post int64, who []actors.ID) {
	b.Queue(`
		INSERT INTO post_mentions (post, who)
		SELECT $1, unnest($2::bigint[])
		ON CONFLICT DO NOTHING`, post, who)
}

// updatedOf is nil for a post that reads as it was published.
func updatedOf(at, published time.Time) *time.Time {
	if !at.After(published) {
		return nil
	}
	return &at
}

// replaceVersion keeps how the post read until now beside how it reads from now.
func replaceVersion(ctx context.Context, tx storage.Tx, was target, v version) error {
	b := &pgx.Batch{}
	queueVersion(b, was.ID, version{At: was.at(), Title: was.Title, Content: was.Content, Source: was.Source})
	b.Queue(`
		UPDATE posts
		SET title = @title, content = @content, source = @source, summary = @summary, sensitive = @sensitive,
			language = @language, url = @url, updated = @updated, document = @document, quotable = @quotable
		WHERE id = @id`,
		pgx.NamedArgs{"id": was.ID, "title": v.Title, "content": v.Content, "source": v.Source, "summary": v.Summary,
			"sensitive": v.Sensitive, "language": v.Language, "url": v.URL, "updated": v.At, "document": v.Document, "quotable": v.Quotable})
	b.Queue(deletePictures, was.ID)
	queuePictures(b, was.ID, v.Pictures)
	b.Queue(deleteTags, was.ID)
	queueTags(b, was.ID, v.Tags)
	return tx.SendBatch(ctx, b).Close()
}

// insertVersion keeps a version that came after a newer one.
func insertVersion(ctx context.Context, tx storage.Tx, post int64, v version) error {
	b := &pgx.Batch{}
	queueVersion(b, post, v)
	return tx.SendBatch(ctx, b).Close()
}

// mostVersions are kept of a post beside the one that is shown, the latest.
const mostVersions = 50

func queueVersion(b *pgx.Batch, post int64, v version) {
	b.Queue(`
		INSERT INTO post_versions (post, at, title, content, source)
		VALUES (@post, @at, @title, @content, @source)
		ON CONFLICT (post, at) DO NOTHING`,
		pgx.NamedArgs{"post": post, "at": v.At, "title": v.Title, "content": v.Content, "source": v.Source})
	b.Queue(`
		DELETE FROM post_versions
		WHERE post = $1 AND at <= (
			SELECT at
			FROM post_versions
			WHERE post = $1
			ORDER BY at DESC
			OFFSET $2
			LIMIT 1)`, post, mostVersions)
}

// blankPost leaves of a post its id, its place in the thread, and a tombstone; of
// what we sent of it, the ids.
func blankPost(ctx context.Context, tx storage.Tx, t target, at time.Time) error {
	b := &pgx.Batch{}
	b.Queue(`
		UPDATE posts
		SET title = '', content = '', source = '', summary = '', language = '', url = '', document = NULL,
			sensitive = false, updated = NULL, announced = false, approved_by = '', deleted_at = $2
		WHERE id = $1`, t.ID, at)
	b.Queue(`DELETE FROM post_versions WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM reported_words WHERE post = $1`, t.ID)
	b.Queue(deletePictures, t.ID)
	b.Queue(deleteTags, t.ID)
	b.Queue(deleteThemes, t.ID)
	b.Queue(`DELETE FROM likes WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM boosts WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM pins WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM dislikes WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM poll_votes WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM polls WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM quotes WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM quotations WHERE post = $1`, t.ID)
	b.Queue(`DELETE FROM early_likes WHERE post = $1`, t.IRI)
	b.Queue(`
		INSERT INTO tombstones (iri, at)
		VALUES ($1, $2)
		ON CONFLICT (iri) DO NOTHING`, t.IRI, at)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return outbox.Erase(ctx, tx, t.IRI)
}

// setDocument keeps the activity that brought a post, where the post alone was kept.
func setDocument(ctx context.Context, tx storage.Tx, id int64, document []byte) error {
	_, err := tx.Exec(ctx, `
		UPDATE posts
		SET document = $2
		WHERE id = $1`, id, document)
	return err
}

func markAnnounced(ctx context.Context, tx storage.Tx, id int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE posts
		SET announced = true
		WHERE id = $1`, id)
	return err
}

// setApproval says whether nothing had approved the post before.
func setApproval(ctx context.Context, tx storage.Tx, id int64, iri string) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE posts
		SET approved_by = $2
		WHERE id = $1 AND approved_by = ''`, id, iri)
	return tag.RowsAffected() > 0, err
}

// clearApproval says whether the author of what a reply answers had approved it, so or anyhow.
func clearApproval(ctx context.Context, tx storage.Tx, reply string, by actors.ID, iri string) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE posts
		SET approved_by = ''
		FROM posts parent
		WHERE posts.iri = @reply AND posts.local AND posts.approved_by <> '' AND @iri IN ('', posts.approved_by)
			AND parent.iri = posts.parent_iri AND parent.author = @by`,
		pgx.NamedArgs{"reply": reply, "by": by, "iri": iri})
	return tag.RowsAffected() > 0, err
}

// moveThread gives a post, and the thread that it begins, to the community that announced it.
func moveThread(ctx context.Context, tx storage.Tx, t target, community actors.ID, title string) error {
	b := &pgx.Batch{}
	b.Queue(`
		UPDATE posts
		SET community = @community, announced = true, title = @title
		WHERE id = @id`, pgx.NamedArgs{"id": t.ID, "community": community, "title": title})
	b.Queue(`
		UPDATE posts
		SET community = $2
		WHERE root = $1 AND community IS NULL AND scope IN ('public', 'unlisted')`, t.ID, community)
	queueForgetRumours(b, t.ID)
	return tx.SendBatch(ctx, b).Close()
}

// queueForgetRumours deletes the likes in a thread that another community reported
// than the one to which the post has come to belong.
func queueForgetRumours(b *pgx.Batch, root int64) {
	b.Queue(`
		DELETE FROM likes
		USING posts p
		WHERE (p.id = $1 OR p.root = $1) AND likes.post = p.id AND likes.reported <> p.community`, root)
}

// attach hangs orphans and what hangs on them under their parent. What is for
// few people stays out of its community.
func attach(ctx context.Context, tx storage.Tx, parent Post, community actors.ID, orphans []int64) error {
	b := &pgx.Batch{}
	b.Queue(`
		UPDATE posts
		SET parent = $1
		WHERE id = ANY($2)`, parent.ID, orphans)
	b.Queue(`
		UPDATE posts
		SET root = @root,
			community = CASE WHEN scope IN ('public', 'unlisted') THEN coalesce(@community, community) ELSE community END,
			scope = CASE
				WHEN scope = 'direct' OR @community::bigint IS NULL THEN scope
				WHEN @scope = 'animators' OR @scope = 'members' AND scope IN ('public', 'unlisted') THEN @scope
				ELSE scope
			END
		WHERE root = ANY(@orphans)`,
		pgx.NamedArgs{"root": parent.Root, "community": nullID(community), "orphans": orphans, "scope": parent.Scope})
	queueForgetRumours(b, parent.Root)
	return tx.SendBatch(ctx, b).Close()
}

// waiting is a post of a community of ours that it has not announced.
type waiting struct {
	ID       int64
	IRI      string
	Author   actors.ID
	Scope    string
	Document []byte
}

// unannounced reads what of a thread was not announced; of ours, the activity that was sent.
func unannounced(ctx context.Context, tx storage.Tx, community actors.ID, root int64) ([]waiting, error) {
	rows, _ := tx.Query(ctx, `
		SELECT p.id, p.iri, p.author, p.scope, coalesce(p.document, c.body)
		FROM posts p
		LEFT JOIN activities c ON p.local AND c.object = p.iri AND c.type = 'Create' AND c.actor = p.author
		WHERE p.root = $1 AND p.community = $2 AND NOT p.announced AND p.deleted_at IS NULL
			AND p.scope <> 'direct' AND coalesce(p.document, c.body) IS NOT NULL
			AND NOT EXISTS (SELECT FROM post_marks m
				WHERE m.post = p.iri AND m.community = p.community AND m.mark = 'held' AND m.holds)
		ORDER BY p.id`, root, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
}

// outcast takes a post out of a community that does not want it.
func outcast(ctx context.Context, tx storage.Tx, id int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE posts
		SET community = NULL
		WHERE id = $1`, id)
	return err
}
