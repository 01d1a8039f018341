// Package actors knows every person, community and server, their keys and who follows whom.
//
// Directory looks up (directory.go: never the network), resolves (resolve.go: asks
// the actor's own server and believes it about itself only), creates ours (local.go),
// and gives keys (own_keys.go: ours sign; keys.go: theirs verify). Follows (follows.go) and hosts
// (hosts.go) are rows that others change through here. This package is passive: it
// never sends.
package actors

import (
	"context"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// Options are what a Directory works with.
type Options struct {
	DB     *storage.DB
	Client *federation.Client
	IRIs   federation.IRIs
	Secret []byte           // 32 bytes: seals our private keys
	Now    func() time.Time // nil: time.Now
	Poke   func()           // told that a host waits to be learned; nil: nobody

	// Allowed refuses the hosts that we do not talk to; nil: none. Nothing is
	// asked of them, nor taken that they tell, however their address came here.
	Allowed func(ctx context.Context, host string) error
}

// Directory knows the actors.
type Directory struct {
	db     *storage.DB
	client *federation.Client
	iris   federation.IRIs
	secret []byte
	now    func() time.Time
	poke   func()

	allowed func(ctx context.Context, host string) error
	learned func(ctx context.Context, tx storage.Tx, group Actor, document vocab.Actor) error

	actors   *memory
	private  *otter.Cache[ID, federation.PrivateKey] // ours, of RSA
	proving  *otter.Cache[ID, federation.PrivateKey] // ours, of Ed25519
	public   *otter.Cache[string, heldKey]
	attempts *otter.Cache[string, attempt]
	flights  singleflight.Group // one question at a time about the same actor or key
	asking   slots
	vain     *rate.Limiter // questions about keys that brought nothing, of this process
}

// New makes a directory.
func New(o Options) *Directory {
	d := &Directory{
		db: o.DB, client: o.Client, iris: o.IRIs, secret: o.Secret, now: o.Now, poke: o.Poke, allowed: o.Allowed,
		actors:   newMemory(),
		private:  expiring[ID, federation.PrivateKey](10_000, keyMemory),
		proving:  expiring[ID, federation.PrivateKey](10_000, keyMemory),
		public:   expiring[string, heldKey](50_000, keyMemory),
		attempts: expiring[string, attempt](10_000, refreshPause),
		asking:   slots{taken: map[string]int{}},
		vain:     rate.NewLimiter(rate.Every(vainEach), vainAtOnce),
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.poke == nil {
		d.poke = func() {}
	}
	d.learned = func(context.Context, storage.Tx, Actor, vocab.Actor) error { return nil }
	if d.allowed == nil {
		d.allowed = func(context.Context, string) error { return nil }
	}
	return d
}

// OnGroup has another package take what is its own from the documents of communities elsewhere,
// in the transaction that stores them. Say so before anything is learned.
func (d *Directory) OnGroup(learned func(ctx context.Context, tx storage.Tx, group Actor, document vocab.Actor) error) {
	d.learned = learned
}

// ByIRI finds a known actor. For one that is deleted it gives both the actor
// and fault.Gone.
func (d *Directory) ByIRI(ctx context.Context, iri string) (Actor, error) {
	k, err := d.knownByIRI(ctx, iri)
	return unlessGone(k, err)
}

// ByID finds a known actor, as ByIRI does.
func (d *Directory) ByID(ctx context.Context, id ID) (Actor, error) {
	k, err := d.knownByID(ctx, id)
	return unlessGone(k, err)
}

// ByIDs finds known actors, deleted ones too; those that are not known are not in the map.
func (d *Directory) ByIDs(ctx context.Context, ids []ID) (map[ID]Actor, error) {
	found := make(map[ID]Actor, len(ids))
	var missing []ID
	for _, id := range ids {
		if k, ok := d.actors.get(id); ok {
			found[id] = k.Actor
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	all, err := knownByIDs(ctx, d.db, missing)
	for _, k := range all {
		d.actors.set(k)
		found[k.ID] = k.Actor
	}
	return found, err
}

// ByName finds an actor of ours by its name, as ByIRI does.
func (d *Directory) ByName(ctx context.Context, name string) (Actor, error) {
	if id, ok := d.actors.byName.GetIfPresent(name); ok {
		return d.ByID(ctx, id)
	}
	k, err := knownByName(ctx, d.db, name)
	if err == nil {
		d.actors.byName.Set(name, k.ID)
		d.actors.set(k)
	}
	return unlessGone(k, err)
}

// ByHandleKnown finds a known actor by @name@host, or one of ours by @name.
func (d *Directory) ByHandleKnown(ctx context.Context, handle string) (Actor, error) {
	name, host := splitHandle(handle)
	if host == "" || host == d.ourHost() {
		return d.ByName(ctx, strings.ToLower(name))
	}
	k, err := knownByHandle(ctx, d.db, name, host)
	return unlessGone(k, err)
}

func (d *Directory) knownByIRI(ctx context.Context, iri string) (known, error) {
	if id := d.iris.ActorID(iri); id != 0 {
		k, err := d.knownByID(ctx, ID(id))
		if err == nil && k.IRI != iri {
			return known{}, errNobody // the number in another spelling
		}
		return k, err
	}
	if id, ok := d.actors.byIRI.GetIfPresent(iri); ok {
		return d.knownByID(ctx, id)
	}
	k, err := knownByIRI(ctx, d.db, iri)
	if err == nil {
		d.actors.set(k)
	}
	return k, err
}

func (d *Directory) knownByID(ctx context.Context, id ID) (known, error) {
	if k, ok := d.actors.get(id); ok {
		return k, nil
	}
	k, err := knownByID(ctx, d.db, id)
	if err == nil {
		d.actors.set(k)
	}
	return k, err
}

var (
	errNobody = fault.New(fault.NotFound, "This account or community does not exist.")
	errGone   = fault.New(fault.Gone, "This account or community was deleted.")
)

func unlessGone(k known, err error) (Actor, error) {
	if err == nil && k.Gone {
		return k.Actor, errGone
	}
	return k.Actor, err
}

// splitHandle reads @name@host, name@host or @name; host is canonical, "" when
// there is none.
func splitHandle(handle string) (name, host string) {
	name, host, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(handle), "@"), "@")
	if host == "" {
		return name, ""
	}
	if canonical := federation.Host("https://" + host + "/"); canonical != "" {
		host = canonical
	}
	return name, host
}

// ourHost is host[:port] as it stands in our handles.
func (d *Directory) ourHost() string { return d.iris.Host() }

// ours says whether an address lies on this very server, however it is spelled:
// such a one is only ever looked up, never fetched nor believed from others.
func (d *Directory) ours(iri string) bool {
	host, own := federation.Host(iri), d.ourHost()
	if host == own {
		return host != ""
	}
	if strings.Contains(own, ":") {
		return false // a port of its own: other ports are other servers
	}
	name, _, _ := strings.Cut(host, ":")
	return name == own
}
