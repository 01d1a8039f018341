package posts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Words are what a post said when it was reported.
type Words struct {
	Post                    int64
	IRI                     string
	Author                  actors.ID
	Community               actors.ID // 0: none
	Title, Content, Summary string    // "" of a post that was deleted since
	Deleted                 bool
	Changed                 bool // it says something else now
}

// KeepWords keeps what those of the posts say that are here, reported at some time, for as long
// as they are not deleted, and gives it in the order of the IRIs.
func (s *Service) KeepWords(ctx context.Context, tx storage.Tx, iris []string, at time.Time) ([]Words, error) {
	if err := insertWords(ctx, tx, iris, at); err != nil {
		return nil, err
	}
	return wordsOf(ctx, tx, iris, at)
}

// WordsOf gives what was kept of posts when they were reported at some time.
func (s *Service) WordsOf(ctx context.Context, q storage.Querier, iris []string, at time.Time) ([]Words, error) {
	return wordsOf(ctx, q, iris, at)
}
