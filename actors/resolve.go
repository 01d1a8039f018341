package actors

import (
	"context"

	"passerelles/federation/vocab"
)

// Resolve finds an actor, asking its server when it is unknown or was last read
// a day ago or more. When that fails, what is known is given.
func (d *Directory) Resolve(ctx context.Context, iri string) (Actor, error) {
	return Actor{}, errSoon
}

// Refresh asks the actor's server again, at most each five minutes.
func (d *Directory) Refresh(ctx context.Context, iri string) (Actor, error) {
	return Actor{}, errSoon
}

// Learn stores an actor's document that its own server has proved in another
// way than by our fetching it: by a signature of that very actor.
func (d *Directory) Learn(ctx context.Context, document vocab.Actor) (Actor, error) {
	return Actor{}, errSoon
}

// Find finds the actor that a person typed: a handle or an address.
func (d *Directory) Find(ctx context.Context, text string) (Actor, error) { return Actor{}, errSoon }
