package access

import (
	"context"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// MuteHost notes that a reader does not want to see what anybody on a server says, which only the
// reader knows. It need not be known here: nothing is asked of it. fault.Invalid: no server is called so.
func MuteHost(ctx context.Context, tx storage.Tx, muter actors.ID, host string, at time.Time) error {
	name, err := canonicalHost(strings.TrimSpace(host))
	if err == nil && !strings.Contains(name, ".") { // such are only within a network of one's own
		err = hostKnown(ctx, tx, name)
	}
	if err != nil {
		return err
	}
	return insertHostMute(ctx, tx, muter, name, at)
}

// UnmuteHost takes that back.
func UnmuteHost(ctx context.Context, tx storage.Tx, muter actors.ID, host string) error {
	name, err := canonicalHost(strings.TrimSpace(host))
	if err != nil {
		return nil // what is no name is muted by nobody, which is no error
	}
	return deleteHostMute(ctx, tx, muter, name)
}

// MutedHosts gives the servers that a reader does not want to read, by name.
func MutedHosts(ctx context.Context, q storage.Querier, muter actors.ID) ([]string, error) {
	return mutedHosts(ctx, q, muter)
}
