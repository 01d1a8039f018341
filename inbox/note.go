package inbox

import (
	"context"
	"slices"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// postTypes are what is shown as a post. A ChatMessage or a Profile is not.
var postTypes = []string{
	"Note", "Article", "Page", "Question", "Event", "Video", "Audio", "Image", "Document", "Comment", "Review", "Quotation",
}

// errDeleted is what a Tombstone tells.
var errDeleted = ignored("it was deleted")

// note reads the post that an activity is about. What is embedded is believed if the
// server that vouches for it is its own (FEP-fe34); else its origin is asked.
func (h *reach) note(ctx context.Context, ref vocab.Ref, vouches string) (vocab.Note, error) {
	if ref.ID == "" {
		return vocab.Note{}, refused("its object has no id")
	}
	if ref.Raw == nil || !federation.SameOrigin(ref.ID, vouches) {
		return h.fetchNote(ctx, ref.ID)
	}
	d, err := ref.Document()
	if err != nil {
		return vocab.Note{}, refused("its object cannot be read")
	}
	return readNote(d)
}

// fetchNote asks the origin. An id may be that of the Create: then it is looked into.
func (h *reach) fetchNote(ctx context.Context, iri string) (vocab.Note, error) {
	d, err := h.object(ctx, iri)
	if err != nil {
		return vocab.Note{}, orEnd(err)
	}
	if d.Kind != vocab.KindActivity {
		return readNote(d)
	}
	a, err := d.Activity()
	if err != nil || a.Type != "Create" && a.Type != "Update" {
		return vocab.Note{}, ignored("it is not a post")
	}
	if a.Object.Raw != nil && federation.SameOrigin(a.Object.ID, d.ID) {
		if d, err = a.Object.Document(); err != nil {
			return vocab.Note{}, refused("its object cannot be read")
		}
		return readNote(d)
	}
	if d, err = h.object(ctx, a.Object.ID); err != nil {
		return vocab.Note{}, orEnd(err)
	}
	return readNote(d)
}

func readNote(d vocab.Document) (vocab.Note, error) {
	if d.Kind == vocab.KindTombstone {
		return vocab.Note{}, errDeleted
	}
	if !slices.Contains(postTypes, d.Type) {
		return vocab.Note{}, ignored("it is not a post")
	}
	n, err := d.Note()
	if err != nil {
		return n, refused("its object cannot be read: " + err.Error())
	}
	if n.Type == "Note" && n.Name != "" && n.Content == "" && n.InReplyTo != "" {
		return n, ignored("it is a vote")
	}
	return n, checkAuthors(n)
}

// checkAuthors demands that a post and all its authors are under one authority.
func checkAuthors(n vocab.Note) error {
	if n.AttributedTo == "" {
		return refused("nobody wrote it")
	}
	for _, author := range append([]string{n.AttributedTo}, n.Authors...) {
		if !federation.SameOrigin(n.ID, author) {
			return refused("its author is of another server")
		}
	}
	return nil
}

// parents sees that what a post answers is here, fetching it if need be. A parent that
// cannot be had does not keep the reply out: it stands alone until its parent comes.
func (h *reach) parents(ctx context.Context, a arrival, n vocab.Note) error {
	if n.InReplyTo == "" || h.in.IRIs.Local(n.InReplyTo) {
		return nil
	}
	known, err := h.knows(ctx, n.InReplyTo)
	if err != nil || known {
		return err
	}
	if h.allowed(ctx, n.InReplyTo) != nil {
		return nil
	}
	if err := h.spend(); err != nil {
		return err
	}
	came, err := h.in.Posts.Bring(ctx, posts.Wanted{IRI: n.InReplyTo})
	switch {
	case err == nil:
		return h.in.History.Around(ctx, came)
	case final(err):
		return nil
	case a.attempt < 3:
		return err
	}
	return h.in.History.Parent(ctx, n.InReplyTo)
}
