// Package actors knows every person, community and server, their keys and who follows whom.
//
// Directory looks up (directory.go: never the network), resolves (resolve.go: asks
// the actor's own server and believes it about itself only), creates ours (local.go),
// and gives keys (keys.go: ours sign, theirs verify). Follows (follows.go) and hosts
// (hosts.go) are rows that others change through here. This package is passive: it
// never sends.
package actors

import (
	"context"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// Options are what a Directory works with.
type Options struct {
	DB     *storage.DB
	Client *federation.Client
	IRIs   federation.IRIs
	Secret []byte           // 32 bytes: seals our private keys
	Now    func() time.Time // nil: time.Now
	Poke   func()           // told that a host waits to be learned; nil: nobody
}

// Directory knows the actors.
type Directory struct {
	db     *storage.DB
	client *federation.Client
	iris   federation.IRIs
	secret []byte
	now    func() time.Time
	poke   func()
}

// New makes a directory.
func New(o Options) *Directory {
	d := &Directory{db: o.DB, client: o.Client, iris: o.IRIs, secret: o.Secret, now: o.Now, poke: o.Poke}
	if d.now == nil {
		d.now = time.Now
	}
	if d.poke == nil {
		d.poke = func() {}
	}
	return d
}

// ByIRI finds a known actor. For one that is deleted it gives both the actor
// and fault.Gone.
func (d *Directory) ByIRI(ctx context.Context, iri string) (Actor, error) { return Actor{}, errSoon }

// ByID finds a known actor, as ByIRI does.
func (d *Directory) ByID(ctx context.Context, id ID) (Actor, error) { return Actor{}, errSoon }

// ByIDs finds known actors, deleted ones too; those that are not known are not in the map.
func (d *Directory) ByIDs(ctx context.Context, ids []ID) (map[ID]Actor, error) { return nil, errSoon }

// ByName finds an actor of ours by its name, as ByIRI does.
func (d *Directory) ByName(ctx context.Context, name string) (Actor, error) { return Actor{}, errSoon }

// ByHandleKnown finds a known actor by @name@host, or one of ours by @name.
func (d *Directory) ByHandleKnown(ctx context.Context, handle string) (Actor, error) {
	return Actor{}, errSoon
}
