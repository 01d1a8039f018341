package server

import (
	"context"
	"testing"
	"time"
)

// TestWorkBeginsWithoutADatabase: what the log is told at the beginning ends nothing where it cannot be found out.
func TestWorkBeginsWithoutADatabase(t *testing.T) {
	t.Parallel()
	s := openAt(t, time.Now)
	if _, err := s.DB.Exec(t.Context(), `ALTER TABLE pauses RENAME TO pauses_away`); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	begun, worked := time.Now(), make(chan error, 1)
	go func() { worked <- s.Work(ctx) }()
	for alive := false; !alive; {
		select {
		case err := <-worked:
			t.Fatalf("it ended: %v", err)
		default:
			if err := s.DB.QueryRow(t.Context(), `SELECT seen_at >= $1 FROM server`, begun).Scan(&alive); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	if err := <-worked; err != nil {
		t.Errorf("told to stop, it says %v", err)
	}
}
