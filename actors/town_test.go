package actors_test

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

var secret = bytes.Repeat([]byte{7}, 32)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town is a server of ours: an empty database, its directory, a clock.
type town struct {
	*actors.Directory
	db     *storage.DB
	client *federation.Client
	clock  *clock
	pokes  chan struct{}
	barred sync.Map // hosts that we do not talk to
}

// newTown makes a server that may reach these peers.
func newTown(t *testing.T, peers ...*peer) *town {
	t.Helper()
	tw := &town{
		db:    storagetest.New(t),
		clock: &clock{now: time.Now().UTC().Truncate(time.Millisecond)},
		pokes: make(chan struct{}, 1000),
	}
	tw.client = newClient(tw, peers...)
	tw.Directory = tw.directory(secret, "https://town.example")
	if _, err := tw.EnsureServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tw
}

func newClient(tw *town, peers ...*peer) *federation.Client {
	o := federation.Options{
		Origin: "https://town.example", UserAgent: "test",
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Now:           tw.clock.Now,
		SignAs: func(ctx context.Context) (federation.PrivateKey, error) {
			a, err := tw.Application(ctx)
			if err != nil {
				return federation.PrivateKey{}, err
			}
			return tw.Key(ctx, a.ID)
		},
		Roots: roots(peers),
	}
	for _, p := range peers {
		o.AllowPorts = append(o.AllowPorts, p.port())
	}
	return federation.NewClient(o)
}

// directory is another process on the same database.
func (tw *town) directory(secret []byte, origin string) *actors.Directory {
	return actors.New(actors.Options{
		DB: tw.db, Client: tw.client, IRIs: federation.IRIs{Origin: origin},
		Secret: secret, Now: tw.clock.Now, Poke: func() { tw.pokes <- struct{}{} },
		Allowed: func(_ context.Context, host string) error {
			if _, barred := tw.barred.Load(host); barred {
				return fault.New(fault.Forbidden, "barred")
			}
			return nil
		},
	})
}

// create makes an actor of ours.
func (tw *town) create(t *testing.T, kind actors.Kind, name string) actors.Actor {
	t.Helper()
	var a actors.Actor
	tw.write(t, func(tx storage.Tx) (err error) {
		a, err = tw.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: kind, Name: name, Title: "The " + name})
		return err
	})
	return a
}

func (tw *town) write(t *testing.T, fn func(tx storage.Tx) error) {
	t.Helper()
	if err := tw.db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (tw *town) resolve(t *testing.T, iri string) actors.Actor {
	t.Helper()
	a, err := tw.Resolve(t.Context(), iri)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("error = %v (%v), want a fault of kind %v", err, fault.KindOf(err), want)
	}
}
