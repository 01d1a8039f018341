package posts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// Publish shares what a member wrote.
func (s *Service) Publish(ctx context.Context, author actors.ID, d Draft) (Post, error) {
	return Post{}, errSoon
}

// Edit changes the title, the text, the summary and the language of a post of the member's.
func (s *Service) Edit(ctx context.Context, author actors.ID, id int64, d Draft) (Post, error) {
	return Post{}, errSoon
}

// Delete deletes a post, by its author or by an animator of its community here.
func (s *Service) Delete(ctx context.Context, who actors.ID, id int64) error { return errSoon }

// Like tells that a member likes a post; liking twice changes nothing.
func (s *Service) Like(ctx context.Context, who actors.ID, id int64) error { return errSoon }

// Unlike takes a like back.
func (s *Service) Unlike(ctx context.Context, who actors.ID, id int64) error { return errSoon }

// ByID gives a post to a reader: fault.NotFound if it may not see it, fault.Gone once deleted.
func (s *Service) ByID(ctx context.Context, r access.Reader, id int64) (Post, error) {
	return Post{}, errSoon
}

// ByIRI gives a post to a reader, as ByID.
func (s *Service) ByIRI(ctx context.Context, r access.Reader, iri string) (Post, error) {
	return Post{}, errSoon
}

// ByIDs gives those of the posts that the reader may see, in the order of ids.
func (s *Service) ByIDs(ctx context.Context, r access.Reader, ids []int64) ([]Post, error) {
	return nil, errSoon
}

// Thread gives the posts of a thread that the reader may see, oldest first.
func (s *Service) Thread(ctx context.Context, r access.Reader, root int64) ([]Post, error) {
	return nil, errSoon
}

// RepliesTo gives the direct replies that the reader may see, oldest first.
func (s *Service) RepliesTo(ctx context.Context, r access.Reader, id int64) ([]Post, error) {
	return nil, errSoon
}

// Tombstone gives the IRI and time of deletion of a post that was deleted, to
// those who could see it before; fault.NotFound to others.
func (s *Service) Tombstone(ctx context.Context, r access.Reader, id int64) (vocab.Tombstone, error) {
	return vocab.Tombstone{}, errSoon
}

// Known says whether a post is here, deleted or not.
func (s *Service) Known(ctx context.Context, q storage.Querier, iri string) (bool, error) {
	return false, errSoon
}

// Fetch gets a post from its server, with its parents, and keeps it. One that is here is given as it is.
func (s *Service) Fetch(ctx context.Context, iri string) (Post, error) { return Post{}, errSoon }

// Receive keeps a post or its new version. A community of ours to which it
// belongs announces it.
func (s *Service) Receive(ctx context.Context, tx storage.Tx, in In) (Post, error) {
	return Post{}, errSoon
}

// Deletion is a Delete that came in.
type Deletion struct {
	By           actors.Actor // who deletes, established by the inbox
	IRI          string       // of the post
	Activity     []byte
	ActivityIRI  string
	ActivityType string // Delete
}

// ReceiveDelete blanks a post and remembers its IRI; known tells whether it was here.
func (s *Service) ReceiveDelete(ctx context.Context, tx storage.Tx, d Deletion) (known bool, err error) {
	return false, errSoon
}

// Reaction is a Like, or the Undo of one, that came in.
type Reaction struct {
	By          actors.Actor // who likes
	Post        string       // IRI
	Like        string       // IRI of the Like; may be empty in an Undo
	Activity    []byte       // the Like or the Undo
	ActivityIRI string
	Reported    *actors.Actor // the Group on whose word we have it; nil: its author's own
}

// ReceiveLike counts a like, also one that comes before its post.
func (s *Service) ReceiveLike(ctx context.Context, tx storage.Tx, l Reaction) error { return errSoon }

// ReceiveUnlike takes a like back; found tells whether there was one.
func (s *Service) ReceiveUnlike(ctx context.Context, tx storage.Tx, l Reaction) (found bool, err error) {
	return false, errSoon
}

// ReceiveShare tells that a Group elsewhere announced a post that is here: it
// belongs to that community unless it belongs to another.
func (s *Service) ReceiveShare(ctx context.Context, tx storage.Tx, group actors.Actor, iri string) error {
	return errSoon
}

// Document writes a post as others read it.
func Document(p Post, iris federation.IRIs) vocab.Note { return vocab.Note{} }
