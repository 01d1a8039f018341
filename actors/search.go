package actors

import (
	"context"

	"passerelles/text"
)

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
