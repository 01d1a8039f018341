package jobs

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"passerelles/storage/storagetest"
)

// heard is a log of which a test hears each line.
type heard struct {
	slog.Handler
	lines chan map[string]any
}

func (h heard) Enabled(context.Context, slog.Level) bool { return true }

func (h heard) Handle(_ context.Context, r slog.Record) error {
	line := map[string]any{"msg": r.Message}
	r.Attrs(func(a slog.Attr) bool {
		line[a.Key] = a.Value.Any()
		return true
	})
	select {
	case h.lines <- line:
	default: // enough was heard
	}
	return nil
}

func TestRelaySaysWhoIsAway(t *testing.T) {
	t.Parallel()
	log := heard{slog.DiscardHandler, make(chan map[string]any, 100)}
	e, err := New(Options{DB: storagetest.New(t), Log: slog.New(log),
		RedisURL: "redis-socket://" + filepath.Join(t.TempDir(), "nobody.sock")})
	if err != nil {
		t.Fatal(err)
	}
	e.Add(Source{Kind: "bell",
		Due:    func(context.Context, time.Time) ([]Bell, error) { return []Bell{{Queue: Low, Key: "one"}}, nil },
		Answer: func(context.Context, string) error { return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.RunRelay(ctx) }()
	for {
		line := await(t, "a word about Redis", log.lines)
		if line["msg"] != "nothing is rung for now" {
			continue
		}
		if line["Redis away"] != true || line["database away"] != false {
			t.Errorf("it says %v, want that Redis is away", line)
		}
		break
	}
	cancel()
	if err := await(t, "the end", ended); err != nil {
		t.Error(err)
	}
}
