package actors

import (
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	actorMemory = time.Minute     // until what another process changed is seen here
	keyMemory   = 5 * time.Minute // the same; a key that fails is read again at once
	unsettledly = 2 * time.Minute // longer than any transaction
)

// memory keeps actors that were lately looked up. It holds committed rows only.
type memory struct {
	byID   *otter.Cache[ID, known]
	byIRI  *otter.Cache[string, ID] // an IRI never changes its actor
	byName *otter.Cache[string, ID]
	// unsettled are those that a transaction is changing; nobody tells us when
	// it has ended, so they are read from the database until it surely has.
	unsettled *otter.Cache[ID, struct{}]
}

func newMemory() *memory {
	return &memory{
		byID:      expiring[ID, known](50_000, actorMemory),
		byIRI:     otter.Must(&otter.Options[string, ID]{MaximumSize: 50_000}),
		byName:    expiring[string, ID](10_000, actorMemory),
		unsettled: expiring[ID, struct{}](100_000, unsettledly),
	}
}

func expiring[K comparable, V any](size int, after time.Duration) *otter.Cache[K, V] {
	return otter.Must(&otter.Options[K, V]{MaximumSize: size, ExpiryCalculator: otter.ExpiryWriting[K, V](after)})
}

func (m *memory) get(id ID) (known, bool) {
	if m.changing(id) {
		return known{}, false
	}
	return m.byID.GetIfPresent(id)
}

func (m *memory) set(k known) {
	m.byIRI.Set(k.IRI, k.ID)
	m.byID.Set(k.ID, k)
	if m.changing(k.ID) { // looked at after: unsettle may have come between
		m.byID.Invalidate(k.ID)
	}
}

// unsettle is called in the transaction that changes an actor.
func (m *memory) unsettle(id ID) {
	m.unsettled.Set(id, struct{}{})
	m.byID.Invalidate(id)
}

func (m *memory) changing(id ID) bool {
	_, changing := m.unsettled.GetIfPresent(id)
	return changing
}
