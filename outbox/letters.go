package outbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"passerelles/acts"
	"passerelles/storage"
)

// Letter is a delivery that was given up.
type Letter struct {
	ID       int64
	Host     string
	Inbox    string
	Activity string // its IRI
	Type     string
	Attempts int
	Reason   string
	DiedAt   time.Time
}

// Backlog tells what waits for a host and how the host answers.
type Backlog struct {
	Host         string
	Waiting      int64
	Letters      int64
	RestingUntil *time.Time
	FailingSince *time.Time
	Failures     int
	Slow         bool
	Signature    string // the scheme that it took last, "" while unknown
	Error        string
}

// Letters lists what was given up, newest first; host "": of every host.
func Letters(ctx context.Context, q storage.Querier, host string, before int64, limit int) ([]Letter, error) {
	list, err := letters(ctx, q, host, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	return list, nil
}

// Backlogs lists the hosts for which something waits or was given up.
func Backlogs(ctx context.Context, q storage.Querier) ([]Backlog, error) {
	list, err := backlogs(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list what waits: %w", err)
	}
	return list, nil
}

// OldestWaiting tells when the oldest activity that waits was said, zero if none does.
func OldestWaiting(ctx context.Context, q storage.Querier) (time.Time, error) {
	at, err := oldestWaiting(ctx, q)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for what waits longest: %w", err)
	}
	return at, nil
}

// RetryLetters sends again what was given up for a host ("": for every host),
// as far back as it is kept, and wakes the host; it says how many.
func RetryLetters(ctx context.Context, tx storage.Tx, host string, by acts.By, now time.Time) (int64, error) {
	n, err := reviveLetters(ctx, tx, host)
	if err != nil {
		return 0, fmt.Errorf("retry dead letters: %w", err)
	}
	return n, record(ctx, tx, acts.Act{At: now, Kind: acts.RetryLetters, By: by, About: host}, n)
}

// DropLetters forgets what was given up for a host ("": for every host); it
// says how many.
func DropLetters(ctx context.Context, tx storage.Tx, host string, by acts.By, now time.Time) (int64, error) {
	n, err := deleteLetters(ctx, tx, host)
	if err != nil {
		return 0, fmt.Errorf("drop dead letters: %w", err)
	}
	return n, record(ctx, tx, acts.Act{At: now, Kind: acts.DropLetters, By: by, About: host}, n)
}

// record notes an act to n letters; to none it is none.
func record(ctx context.Context, tx storage.Tx, a acts.Act, n int64) error {
	if n == 0 {
		return nil
	}
	a.Words = strconv.FormatInt(n, 10)
	return acts.Record(ctx, tx, a)
}

// DropWaiting gives up all that waits for a host: it becomes dead letters.
func DropWaiting(ctx context.Context, tx storage.Tx, host string, now time.Time) (int64, error) {
	n, err := giveUpHost(ctx, tx, host, "given up by hand", now)
	if err != nil {
		return 0, fmt.Errorf("give up %s: %w", host, err)
	}
	return n, nil
}
