package outbox

import (
	"context"
	"fmt"

	"passerelles/actors"
	"passerelles/storage"
)

// EraseBy blanks all that an actor of ours ever said, but for what says that something is no
// more; ids stay. What still waits of it is not sent.
func EraseBy(ctx context.Context, q storage.Querier, actor actors.ID) error {
	if err := blankAllBy(ctx, q, actor); err != nil {
		return fmt.Errorf("erase what actor %d said: %w", actor, err)
	}
	return nil
}
