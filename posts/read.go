package posts

import (
	"context"
	"slices"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

const noPost = "This post does not exist, or not for you."

// ByID gives a post to a reader: fault.NotFound if it may not see it, fault.Gone once deleted.
// What is not for the reader and what is not there are found out by the same one question, so
// that the time of an answer does not tell them apart.
func (s *Service) ByID(ctx context.Context, r access.Reader, id int64) (Post, error) {
	rows, err := rowsSeen(ctx, s.db, r, "p.id = @id", map[string]any{"id": id})
	return s.seen(ctx, r, rows, err)
}

// ByIRI gives a post to a reader, as ByID.
func (s *Service) ByIRI(ctx context.Context, r access.Reader, iri string) (Post, error) {
	rows, err := rowsSeen(ctx, s.db, r, "p.iri = @iri", map[string]any{"iri": iri})
	return s.seen(ctx, r, rows, err)
}

// seen gives the one post that was found for the reader.
func (s *Service) seen(ctx context.Context, r access.Reader, rows []row, err error) (Post, error) {
	if err != nil {
		return Post{}, err
	}
	if len(rows) == 0 {
		return Post{}, fault.New(fault.NotFound, noPost)
	}
	if rows[0].DeletedAt != nil {
		return Post{}, fault.New(fault.Gone, "This post was deleted.")
	}
	all, err := s.fill(ctx, r, rows)
	if err != nil {
		return Post{}, err
	}
	return all[0], nil
}

// Tombstone gives what remains of a post that was deleted, to those who could
// see it before; fault.NotFound to others.
func (s *Service) Tombstone(ctx context.Context, r access.Reader, id int64) (vocab.Tombstone, error) {
	rows, err := rowsSeen(ctx, s.db, r, "p.id = @id", map[string]any{"id": id})
	if err != nil {
		return vocab.Tombstone{}, err
	}
	if len(rows) == 0 || rows[0].DeletedAt == nil {
		return vocab.Tombstone{}, fault.New(fault.NotFound, noPost)
	}
	return vocab.Tombstone{ID: rows[0].IRI, FormerType: "Note", Deleted: *rows[0].DeletedAt}, nil
}

// ByIDs gives those of the posts that the reader may see, in the order of ids.
func (s *Service) ByIDs(ctx context.Context, r access.Reader, ids []int64) ([]Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := visibleRows(ctx, s.db, r, "p.id = ANY(@ids)", map[string]any{"ids": ids})
	if err != nil {
		return nil, err
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b row) int { return place[a.ID] - place[b.ID] })
	return s.fill(ctx, r, rows)
}

// Listed is a post in a list.
type Listed struct {
	ID   int64     // of the post, or of what brought it there: the list is paged by it
	By   actors.ID // who shares it; 0: it stands there by itself
	Post Post
}

// Listed gives the posts of a list, which is an SQL query of some rows (id, post, by) with what it asks for, in no
// order. The query holds access.Visible to what the reader may see: it is not asked a second time.
func (s *Service) Listed(ctx context.Context, r access.Reader, list string, args storage.Named) ([]Listed, error) {
	found, err := listedRows(ctx, s.db, list, args)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(found))
	for i, f := range found {
		rows[i] = f.row
	}
	all, err := s.fill(ctx, r, rows)
	listed := make([]Listed, len(all))
	for i, p := range all {
		listed[i] = Listed{found[i].Key, found[i].By, p}
	}
	return listed, err
}

// Thread gives the posts of a thread that the reader may see, oldest first, the
// first 2,000 of them.
func (s *Service) Thread(ctx context.Context, r access.Reader, root int64) ([]Post, error) {
	rows, err := visibleRows(ctx, s.db, r, "p.root = @root", map[string]any{"root": root})
	if err != nil {
		return nil, err
	}
	return s.fill(ctx, r, rows)
}

// RepliesTo gives the direct replies that the reader may see, oldest first.
func (s *Service) RepliesTo(ctx context.Context, r access.Reader, id int64) ([]Post, error) {
	rows, err := visibleReplies(ctx, s.db, r, id)
	if err != nil {
		return nil, err
	}
	return s.fill(ctx, r, rows)
}

// Known says whether a post is here, deleted or not.
func (s *Service) Known(ctx context.Context, q storage.Querier, iri string) (bool, error) {
	known, err := s.KnownOf(ctx, q, []string{iri})
	return known[iri], err
}

// KnownOf says it of many, yes or no of each.
func (s *Service) KnownOf(ctx context.Context, q storage.Querier, iris []string) (map[string]bool, error) {
	here, err := knownOf(ctx, q, iris)
	known := make(map[string]bool, len(iris))
	for _, iri := range iris {
		known[iri] = false
	}
	for _, iri := range here {
		known[iri] = true
	}
	return known, err
}

// fill adds the people and the counts to rows.
func (s *Service) fill(ctx context.Context, r access.Reader, rows []row) ([]Post, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	hangs, err := hangingOn(ctx, s.db, r, rows)
	if err != nil {
		return nil, err
	}
	people, err := s.dir.ByIDs(ctx, namedIn(rows, hangs))
	if err != nil {
		return nil, err
	}
	all := make([]Post, 0, len(rows))
	for _, row := range rows {
		p := row.post(people, hangs)
		if p.Poll != nil {
			p.Poll.Over = p.Poll.EndsAt != nil && !s.now().Before(*p.Poll.EndsAt)
		}
		all = append(all, p)
	}
	return all, nil
}

// namedIn gives every actor that rows name, each once.
func namedIn(rows []row, h hanging) []actors.ID {
	seen := map[actors.ID]bool{}
	for _, r := range rows {
		seen[r.Author] = true
		if r.Community != 0 {
			seen[r.Community] = true
		}
		for _, who := range h.mentions[r.ID] {
			seen[who] = true
		}
	}
	ids := make([]actors.ID, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// row is a post as its table has it.
type row struct {
	ID         int64
	IRI        string
	Author     actors.ID
	Local      bool
	Community  actors.ID
	Parent     int64
	ParentIRI  string
	Root       int64
	Kind       string
	Scope      string
	Title      string
	Content    string
	Source     string
	Summary    string
	Sensitive  bool
	Language   string
	URL        string
	Context    string
	Published  time.Time
	Updated    *time.Time
	Announced  bool
	ApprovedBy string
	DeletedAt  *time.Time
}

func (r row) post(people map[actors.ID]actors.Actor, h hanging) Post {
	p := Post{ID: r.ID, IRI: r.IRI, Author: people[r.Author], ParentID: r.Parent, ParentIRI: r.ParentIRI, Root: r.Root,
		Kind: r.Kind, Scope: r.Scope, Title: r.Title, Content: r.Content, Source: r.Source, Summary: r.Summary,
		Language: r.Language, URL: r.URL, Context: r.Context, Sensitive: r.Sensitive, Local: r.Local,
		Deleted: r.DeletedAt != nil, DeletedAt: r.DeletedAt, Announced: r.Announced, Published: r.Published,
		Updated: r.Updated, Likes: h.likes[r.ID].count, LikedByReader: h.likes[r.ID].mine, Pinned: h.pinned[r.ID], Boosts: h.boosts[r.ID].count, BoostedByReader: h.boosts[r.ID].mine, Replies: h.replies[r.ID],
		ApprovedBy: r.ApprovedBy, Pictures: h.pictures[r.ID], Files: h.files[r.ID], Themes: h.themes[r.ID], Tags: h.tags[r.ID], Poll: h.polls[r.ID],
		Featured: h.marks[r.ID][Featured], Locked: h.marks[r.ID][Locked], Removed: h.marks[r.ID][Removed],
		Held: h.marks[r.ID][Held]}
	if c, ok := people[r.Community]; ok && r.Community != 0 {
		p.Community = &c
	}
	for _, who := range h.mentions[r.ID] {
		if a, ok := people[who]; ok {
			p.Mentions = append(p.Mentions, a)
		}
	}
	return p
}

// Counts gives how much people said, and how many threads communities let in, that everybody may
// read, and when the last of it was said.
func (s *Service) Counts(ctx context.Context, of []actors.ID) (map[actors.ID]Said, error) {
	return saidBy(ctx, s.db, of)
}

// Said is how much somebody said.
type Said struct {
	Posts int
	Last  *time.Time // nil: nothing
}
