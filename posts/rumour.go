package posts

import (
	"context"
	"time"

	"passerelles/fault"
	"passerelles/storage"
)

// rumoursStay is longer than it takes to ask a server and to keep what it said.
const rumoursStay = time.Hour

// ReceiveRumour notes that a post is said to be deleted by who cannot prove it, if it is
// not here; known tells whether it is. Whoever is just fetching it will ask again.
func (s *Service) ReceiveRumour(ctx context.Context, tx storage.Tx, iri string) (known bool, err error) {
	f, err := lookup(ctx, tx, wanted{iri: iri})
	if err != nil || f.post != nil {
		return f.post != nil, err
	}
	return false, upsertRumour(ctx, tx, iri, s.now())
}

// Turn tells what came first, a question to another server or a rumour: it is taken
// before the question, for In.Asked.
func (s *Service) Turn(ctx context.Context) (int64, error) { return nextTurn(ctx, s.db) }

// outrun refuses what was fetched before it was said to be deleted.
func (f found) outrun(in In) error {
	if in.Asked == 0 || f.rumour < in.Asked {
		return nil
	}
	return fault.New(fault.Unavailable, "Its server will be asked again: it may just have been deleted.")
}
