package outbox

import (
	"context"
	"fmt"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// Collection lists the activities of an actor that a reader may see, newest first, those whose
// number is under before; 0: from the newest.
func Collection(ctx context.Context, q storage.Querier, r access.Reader, actor actors.ID, before int64, limit int) ([]Stored, error) {
	list, err := listedActivities(ctx, q, r, actor, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the outbox of %d: %w", actor, err)
	}
	return list, nil
}

// CollectionSize counts the activities of an actor that a reader may see.
func CollectionSize(ctx context.Context, q storage.Querier, r access.Reader, actor actors.ID) (int, error) {
	n, err := countListed(ctx, q, r, actor)
	if err != nil {
		return 0, fmt.Errorf("count the outbox of %d: %w", actor, err)
	}
	return n, nil
}

// ActivityByIRI finds what was sent under an IRI.
func ActivityByIRI(ctx context.Context, q storage.Querier, iri string) (Stored, error) {
	return activityByIRI(ctx, q, iri)
}
