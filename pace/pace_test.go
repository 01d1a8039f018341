package pace_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/pace"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func TestTake(t *testing.T) {
	t.Parallel()
	p := pace.Pace[int]{Most: 2, Within: time.Hour}
	for _, step := range []struct {
		who   int
		thing string
		at    time.Duration
		after time.Duration
		may   bool
	}{
		{1, "a", 0, 0, true},
		{1, "b", time.Minute, 0, true},
		{1, "a", 2 * time.Minute, 0, true}, // tried again
		{1, "c", 2 * time.Minute, 58 * time.Minute, false},
		{2, "c", 2 * time.Minute, 0, true},
		{1, "c", time.Hour, 0, true},
		{1, "d", time.Hour, time.Minute, false},
	} {
		if after, may := p.Take(step.who, step.thing, noon.Add(step.at)); after != step.after || may != step.may {
			t.Errorf("%+v: %v after %v", step, may, after)
		}
	}
	var none *pace.Pace[int]
	if _, may := none.Take(1, "a", noon); !may {
		t.Error("who sets no bound refuses")
	}
}

// TestAllAtOnce lets nobody through beyond the bound.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	p := pace.Pace[int]{Most: 10, Within: time.Hour}
	var let atomic.Int32
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, may := p.Take(1, strconv.Itoa(i), noon); may {
				let.Add(1)
			}
		})
	}
	wg.Wait()
	if let.Load() != 10 {
		t.Errorf("%d may, want 10", let.Load())
	}
}

// TestNamesWithoutEnd forgets rather than grow.
func TestNamesWithoutEnd(t *testing.T) {
	t.Parallel()
	p := pace.Pace[int]{Most: 1, Within: time.Hour}
	for i := range 100_000 {
		if _, may := p.Take(i, "a", noon); !may {
			t.Fatal("somebody else's deeds were counted")
		}
	}
	if n := p.Len(); n > 10_000 {
		t.Errorf("%d are remembered", n)
	}
}
