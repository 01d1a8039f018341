package outbox

import (
	"context"
	"fmt"

	"passerelles/actors"
	"passerelles/storage"
)

// Collection lists the public activities of an actor, newest first, those whose
// number is under before; 0: from the newest.
func Collection(ctx context.Context, q storage.Querier, actor actors.ID, before int64, limit int) ([]Stored, error) {
	list, err := listedActivities(ctx, q, actor, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the outbox of %d: %w", actor, err)
	}
	return list, nil
}

// CollectionSize counts the public activities of an actor.
func CollectionSize(ctx context.Context, q storage.Querier, actor actors.ID) (int, error) {
	n, err := countListed(ctx, q, actor)
	if err != nil {
		return 0, fmt.Errorf("count the outbox of %d: %w", actor, err)
	}
	return n, nil
}

// ActivityByIRI finds what was sent under an IRI.
func ActivityByIRI(ctx context.Context, q storage.Querier, iri string) (Stored, error) {
	return activityByIRI(ctx, q, iri)
}
