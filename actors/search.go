package actors

import (
	"context"

	"passerelles/text"
)

// Listed gives our communities that everybody may know, then those of our people who let
// themselves be found, by name.
func (d *Directory) Listed(ctx context.Context, offset, limit int) ([]Actor, error) {
	found, err := listedKnown(ctx, d.db, offset, limit)
	return plain(found), err
}

// Unfollowed gives those of our communities that everybody may know and somebody does not follow,
// those with most followers first.
func (d *Directory) Unfollowed(ctx context.Context, by ID, limit int) ([]Actor, error) {
	found, err := unfollowedKnown(ctx, d.db, by, limit)
	return plain(found), err
}

// Peers gives the servers with which our people and our open communities are tied by a follow,
// by name.
func (d *Directory) Peers(ctx context.Context) ([]string, error) { return peers(ctx, d.db) }

// Search finds known people and communities by the words of their names. Confidential
// communities are left out, and people who did not ask to be found: they are found only by
// their whole name.
func (d *Directory) Search(ctx context.Context, typed string, limit int) ([]Actor, error) {
	query := text.Query(typed)
	if query == "" {
		return nil, nil
	}
	found, err := searchKnown(ctx, d.db, query, typed, limit)
	return plain(found), err
}
