package actors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
	"passerelles/text"
)

// NewLocal is an actor of ours that is about to be.
type NewLocal struct {
	Kind    Kind
	Name    string // [a-z0-9_]{3,30}, never given twice
	Title   string
	Summary string // safe HTML
	Source  string // its Markdown

	Discoverable, Indexable bool // off for people until they say otherwise
}

// Profile is what the actor's page says and its holder may change.
type Profile struct {
	Title, Summary, Source, Icon      string
	Fields                            *Fields // nil: as they were
	Approves, Discoverable, Indexable bool
}

// reserved are names that people would take for the server's own word.
var reserved = []string{
	"abuse", "account", "accounts", "activities", "actor", "actors", "admin", "administrator",
	"administrateur", "administratrice", "anonymous", "api", "auth", "contact", "everybody", "everyone",
	"group", "help", "hostmaster", "inbox", "info", "instance", "localhost", "moderation", "moderator",
	"modo", "nobody", "nodeinfo", "noreply", "no_reply", "oauth", "official", "outbox", "passerelle",
	"passerelles", "postmaster", "posts", "public", "root", "security", "server", "service", "site",
	"static", "support", "sysadmin", "system", "tous", "undefined", "null", "webmaster", "well_known", "www",
}

// CreateLocal makes an actor of ours and its keys.
func (d *Directory) CreateLocal(ctx context.Context, tx storage.Tx, n NewLocal) (Actor, error) {
	if err := checkName(n.Name); err != nil {
		return Actor{}, err
	}
	now := d.now()
	id := storage.NewID(now)
	iri := d.iris.Actor(id)
	a := Actor{
		ID: ID(id), IRI: iri, Kind: n.Kind, Name: n.Name, Title: titleOf(n.Title), Summary: n.Summary, Source: n.Source,
		URL: d.page(n.Kind, n.Name), Inbox: iri + "/inbox", SharedInbox: d.iris.SharedInbox(), Outbox: iri + "/outbox",
		Followers: iri + "/followers", Following: iri + "/following", Featured: iri + "/featured",
		Discoverable: n.Discoverable, Indexable: n.Indexable, Published: now, RefreshedAt: now,
	}
	if n.Kind == Group {
		a.Moderators, a.Members = iri+"/moderators", iri+"/members"
	}
	return a, d.insert(ctx, tx, a)
}

func checkName(name string) error {
	if !text.ValidName(name) {
		return fault.New(fault.Invalid, "A name has 3 to 30 characters, which are small letters without accents, digits and underscores.")
	}
	if slices.Contains(reserved, name) {
		return fault.New(fault.Conflict, "This name is reserved.")
	}
	return nil
}

// NameFree refuses a name that CreateLocal would refuse now.
func (d *Directory) NameFree(ctx context.Context, q storage.Querier, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	taken, err := localNameTaken(ctx, q, name)
	if err == nil && taken {
		err = fault.New(fault.Conflict, noName)
	}
	return err
}

const noName = "This name is taken."

// RenameLocal has an actor of ours called otherwise. What it was called goes on leading to it,
// and is given to nobody else. Tell that it changed, in the same transaction.
func (d *Directory) RenameLocal(ctx context.Context, tx storage.Tx, id ID, name string) (Actor, error) {
	if err := checkName(name); err != nil {
		return Actor{}, err
	}
	d.actors.unsettle(id)
	k, err := knownByID(ctx, tx, id)
	if err != nil {
		return Actor{}, err
	}
	if err := updateName(ctx, tx, id, name, d.page(k.Kind, name), d.now()); err != nil {
		return Actor{}, err
	}
	k, err = knownByID(ctx, tx, id)
	return k.Actor, err
}

func (d *Directory) page(kind Kind, name string) string {
	if kind == Group {
		return d.iris.Origin + "/c/" + name
	}
	return d.iris.Origin + "/@" + name
}

func (d *Directory) insert(ctx context.Context, tx storage.Tx, a Actor) error {
	key, err := d.newMainKey(a.IRI + mainKeyPart)
	if err != nil {
		return err
	}
	if err := insertLocal(ctx, tx, a); err != nil {
		return err
	}
	if err := insertOwnKey(ctx, tx, a.ID, key, a.Published); err != nil {
		return err
	}
	_, err = d.newProofKey(ctx, tx, a.ID, a.IRI+proofKeyPart)
	return err
}

// UpdateLocal changes the profile of an actor of ours.
func (d *Directory) UpdateLocal(ctx context.Context, tx storage.Tx, id ID, p Profile) (Actor, error) {
	p.Title = titleOf(p.Title)
	if p.Icon != "" && !d.ours(p.Icon) && federation.CheckIRI(p.Icon) != nil {
		return Actor{}, fault.New(fault.Invalid, "The picture is not at an address.")
	}
	d.actors.unsettle(id)
	if err := updateLocal(ctx, tx, id, p, d.now()); err != nil {
		return Actor{}, err
	}
	k, err := knownByID(ctx, tx, id)
	return k.Actor, err
}

// SetIcon changes the address of the picture of an actor of ours; "": it has none. Tell that it
// changed, in the same transaction.
func (d *Directory) SetIcon(ctx context.Context, tx storage.Tx, id ID, icon string) (Actor, error) {
	d.actors.unsettle(id)
	if err := updateIcon(ctx, tx, id, icon, d.now()); err != nil {
		return Actor{}, err
	}
	k, err := knownByID(ctx, tx, id)
	return k.Actor, err
}

// NoteChanged notes that the document of one of ours changed by what others keep of it.
func (d *Directory) NoteChanged(ctx context.Context, tx storage.Tx, id ID) (Actor, error) {
	d.actors.unsettle(id)
	if err := touchLocal(ctx, tx, id, d.now()); err != nil {
		return Actor{}, err
	}
	k, err := knownByID(ctx, tx, id)
	return k.Actor, err
}

// MarkGone says that an actor, ours or theirs, is deleted for ever: what it
// told of itself is blanked and its follows end. Send its Delete before.
func (d *Directory) MarkGone(ctx context.Context, tx storage.Tx, id ID) error {
	d.actors.unsettle(id)
	if err := markGone(ctx, tx, id, d.now()); err != nil {
		return err
	}
	if err := endFollowsOf(ctx, tx, id, d.now()); err != nil {
		return err
	}
	retired, err := retireKeys(ctx, tx, id, []string{}, d.now())
	for _, keyID := range retired {
		d.public.Invalidate(keyID)
	}
	return err
}

// EnsureServer writes at the first start whose database this is and makes the
// server's own actor; later it refuses another origin and a secret that does not
// open the keys.
func (d *Directory) EnsureServer(ctx context.Context) (Actor, error) {
	if _, err := newGCM(d.secret); err != nil {
		return Actor{}, err
	}
	err := d.db.Write(ctx, func(tx storage.Tx) error {
		origin, first, err := ensureServer(ctx, tx, d.iris.Origin, d.now())
		switch {
		case err != nil:
			return err
		case origin != d.iris.Origin:
			return fault.New(fault.Conflict, fmt.Sprintf(
				"This database belongs to %s and cannot become that of %s: start with the first origin, or on another database.",
				origin, d.iris.Origin))
		case first:
			return d.insert(ctx, tx, d.newApplication())
		}
		return nil
	})
	if err != nil {
		return Actor{}, err
	}
	a, err := d.Application(ctx)
	if err != nil {
		return Actor{}, err
	}
	_, err = d.Key(ctx, a.ID)
	if errors.Is(err, errNotOpened) {
		err = fault.Wrap(fault.Forbidden,
			"The secret of this server does not open its keys: put back the secret file that it was first started with.", err)
	}
	return a, err
}

// newApplication is called as its host, as Mastodon does: no person may be called so.
func (d *Directory) newApplication() Actor {
	now := d.now()
	id := storage.NewID(now)
	iri, under := d.iris.Application(), d.iris.Actor(id)
	name, _, _ := strings.Cut(d.ourHost(), ":")
	return Actor{
		ID: ID(id), IRI: iri, Kind: Application, Name: name, URL: d.iris.Origin + "/",
		Inbox: d.iris.SharedInbox(), SharedInbox: d.iris.SharedInbox(), Outbox: under + "/outbox",
		Followers: under + "/followers", Following: under + "/following",
		Published: now, RefreshedAt: now,
	}
}

// Application is the actor of this server itself.
func (d *Directory) Application(ctx context.Context) (Actor, error) {
	return d.ByIRI(ctx, d.iris.Application())
}

// Touch notes that this server is alive, and gives its last sign of life before.
func (d *Directory) Touch(ctx context.Context, tx storage.Tx) (last time.Time, err error) {
	return touchServer(ctx, tx, d.now())
}

// SweptAt tells when what has had its time was last thrown away, here and in
// other packages.
func (d *Directory) SweptAt(ctx context.Context) (time.Time, error) { return serverSweptAt(ctx, d.db) }

// NoteSweep says that it was done.
func (d *Directory) NoteSweep(ctx context.Context, at time.Time) error {
	return noteSweep(ctx, d.db, at)
}

// Sweep forgets the keys that could not be had long enough ago to ask again, and those with
// which nothing is signed any more. It is for a scheduled run.
func (d *Directory) Sweep(ctx context.Context) error {
	if err := d.sweepKeys(ctx); err != nil {
		return err
	}
	return deleteMisses(ctx, d.db, d.now().Add(-missMemory))
}

// SeenAt is the last sign of life of this server.
func (d *Directory) SeenAt(ctx context.Context) (time.Time, error) { return serverSeenAt(ctx, d.db) }
