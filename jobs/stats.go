package jobs

import (
	"context"
	"fmt"
)

// Stats tell how an engine does.
type Stats struct {
	Rung, Answered, Busy int64 // bells of this process, since its start; in hand now
	Waiting, Dead        int64 // rows of jobs
}

// Stats counts.
func (e *Engine) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Rung: e.rung.Load(), Answered: e.answered.Load(), Busy: e.busy.Load()}
	var err error
	if s.Waiting, s.Dead, err = countJobs(ctx, e.db); err != nil {
		return s, fmt.Errorf("count jobs: %w", err)
	}
	return s, nil
}
