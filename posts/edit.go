package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
	"passerelles/text"
)

// Edit changes the title, the text, the warning and the language of a post of
// the member's. For whom it is does not change, but for who is newly mentioned
// in what everybody sees.
func (s *Service) Edit(ctx context.Context, author actors.ID, id int64, d Draft) (Post, error) {
	r := access.Reader{ID: author}
	p, err := s.ByID(ctx, r, id)
	if err != nil {
		return Post{}, err
	}
	if p.Author.ID != author || !p.Local {
		return Post{}, fault.New(fault.Forbidden, "Only its author edits a post.")
	}
	d.InReplyTo = p.ParentID
	if d, err = d.check(d.Files == nil && len(p.Files) > 0); err != nil {
		return Post{}, err
	}
	if d.Summary != "" && d.Title == text.Title(p.Content) { // made of what the warning now hides
		d.Title = ""
	}
	before := p.Mentions
	if err := s.write(ctx, &p, d); err != nil {
		return Post{}, err
	}
	if p.Scope == Direct {
		p.Mentions = before
	}
	if err := s.keepMembers(ctx, &p); err != nil {
		return Post{}, err
	}
	if d.Quotable != "" {
		if p.Quotable, err = checkQuotable(d.Quotable, p.Scope); err != nil {
			return Post{}, err
		}
	}
	if err := s.chooseAgain(ctx, &p, d.Themes); err != nil {
		return Post{}, err
	}
	if err := s.often.edit(p.ID, s.now()); err != nil {
		return Post{}, err
	}
	if err := s.db.Write(ctx, func(tx storage.Tx) error { return s.edit(ctx, tx, p, d.Files) }); err != nil {
		return Post{}, err
	}
	s.poke()
	return s.ByID(ctx, r, id)
}

func (s *Service) edit(ctx context.Context, tx storage.Tx, p Post, files []media.Attach) error {
	f, err := lookup(ctx, tx, wanted{iri: p.IRI})
	if err != nil {
		return err
	}
	if f.post == nil || f.post.DeletedAt != nil {
		return fault.New(fault.Gone, "This post was deleted.")
	}
	if p.Community != nil && p.Community.Local() {
		if err := s.communities.RefuseArchived(ctx, tx, p.Community.ID); err != nil {
			return err
		}
	}
	if p.Community != nil { // which announces what is changed
		if err := access.RefuseBanned(ctx, tx, p.Community.ID, p.Author.ID, s.now()); err != nil {
			return err
		}
	}
	at := s.now().UTC().Truncate(time.Microsecond)
	if !at.After(f.post.at()) { // a version later than the last is a later one, whatever the clock says
		at = f.post.at().Add(time.Microsecond)
	}
	p.Updated = &at
	if files != nil {
		if p.Files, err = s.hang(ctx, tx, p, files); err != nil {
			return err
		}
	}
	p.entitle()
	v := version{At: at, Title: p.Title, Content: p.Content, Source: p.Source, Summary: p.Summary,
		Language: p.Language, URL: p.URL, Sensitive: p.Sensitive, Tags: p.Tags, Quotable: p.Quotable}
	if err := replaceVersion(ctx, tx, *f.post, v); err != nil {
		return err
	}
	b := &pgx.Batch{}
	var mentioned []actors.ID
	for _, a := range p.Mentions {
		mentioned = append(mentioned, a.ID)
	}
	queueMentions(b, p.ID, mentioned)
	queueThemes(b, p.ID, p.Themes, at)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if f.post.Held {
		return nil // nobody was told of it yet
	}
	if err := s.hear(ctx, tx, written{Post: p, here: mentioned, told: len(mentioned) > 0}); err != nil {
		return err
	}
	if p.Announced { // by its community, which says no more of what it took away
		removed, err := isRemoved(ctx, tx, p.IRI)
		if err != nil {
			return err
		}
		p.Announced = !removed
	}
	if err := s.tellQuoters(ctx, tx, p.IRI, p.Author.ID); err != nil {
		return err
	}
	update, err := s.sayPost(ctx, tx, "Update", p, at)
	if err != nil {
		return err
	}
	return s.send(ctx, tx, update)
}
