package outbox

import (
	"context"
	"fmt"

	"passerelles/storage"
)

// Send records the forms of an activity and a delivery for each inbox of the
// audience, in the caller's transaction. An IRI that was sent before is passed
// over: a second run sends nothing more. Poke the engine after the commit.
func Send(ctx context.Context, tx storage.Querier, to Audience, forms ...Activity) error {
	if len(forms) == 0 {
		return nil
	}
	if err := insertDeliveries(ctx, tx, to, forms); err != nil {
		return fmt.Errorf("send %s: %w", forms[0].IRI, err)
	}
	return nil
}
