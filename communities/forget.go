package communities

import (
	"context"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// MayGo refuses that somebody goes who alone owns a community: it is to be handed over first.
func MayGo(ctx context.Context, q storage.Querier, who actors.ID) error {
	names, err := ownedAlone(ctx, q, who)
	if err == nil && len(names) > 0 {
		err = fault.New(fault.Conflict, "Hand over first the communities that only you own: "+strings.Join(names, ", "))
	}
	return err
}

// Forget ends each membership of somebody who is no more.
func Forget(ctx context.Context, tx storage.Tx, who actors.ID) error {
	return forgetMember(ctx, tx, who)
}
