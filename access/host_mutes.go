package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// MuteHost notes that a reader does not want to see what anybody on a server says. Only the
// reader knows; fault.NotFound: nobody here has heard of the server.
func MuteHost(ctx context.Context, q storage.Querier, muter actors.ID, host string, at time.Time) error {
	return insertHostMute(ctx, q, muter, host, at)
}

// UnmuteHost takes that back.
func UnmuteHost(ctx context.Context, q storage.Querier, muter actors.ID, host string) error {
	return deleteHostMute(ctx, q, muter, host)
}

// MutedHosts gives the servers that a reader does not want to read, by name.
func MutedHosts(ctx context.Context, q storage.Querier, muter actors.ID) ([]string, error) {
	return mutedHosts(ctx, q, muter)
}
