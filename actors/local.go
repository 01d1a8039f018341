package actors

import (
	"context"
	"time"

	"passerelles/storage"
)

// NewLocal is an actor of ours that is about to be.
type NewLocal struct {
	Kind    Kind
	Name    string // [a-z0-9_]{3,30}, never given twice
	Title   string
	Summary string // safe HTML
	Source  string // its Markdown
}

// Profile is what the actor's page says and its holder may change.
type Profile struct {
	Title, Summary, Source, Icon      string
	Approves, Discoverable, Indexable bool
}

// CreateLocal makes an actor of ours and its key.
func (d *Directory) CreateLocal(ctx context.Context, tx storage.Tx, n NewLocal) (Actor, error) {
	return Actor{}, errSoon
}

// UpdateLocal changes the profile of an actor of ours.
func (d *Directory) UpdateLocal(ctx context.Context, tx storage.Tx, id ID, p Profile) (Actor, error) {
	return Actor{}, errSoon
}

// MarkGone says that an actor, ours or theirs, is deleted for ever: what it
// told of itself is blanked and its follows end. Send its Delete before.
func (d *Directory) MarkGone(ctx context.Context, tx storage.Tx, id ID) error { return errSoon }

// EnsureServer writes at the first start whose database this is and makes the
// server's own actor; later it refuses another origin and a secret that does not
// open the keys.
func (d *Directory) EnsureServer(ctx context.Context) (Actor, error) { return Actor{}, errSoon }

// Application is the actor of this server itself.
func (d *Directory) Application(ctx context.Context) (Actor, error) { return Actor{}, errSoon }

// Touch notes that this server is alive.
func (d *Directory) Touch(ctx context.Context) error { return errSoon }

// SeenAt is the last sign of life of this server.
func (d *Directory) SeenAt(ctx context.Context) (time.Time, error) { return time.Time{}, errSoon }
