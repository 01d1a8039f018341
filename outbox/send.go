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

// Erase blanks what was said so far of a post that is deleted; ids stay. What still
// waits of it is not sent: the Delete that follows reaches everybody all the same.
func Erase(ctx context.Context, tx storage.Tx, object string) error {
	if err := blankActivities(ctx, tx, object); err != nil {
		return fmt.Errorf("erase %s: %w", object, err)
	}
	return nil
}
