package pace_test

import (
	"strconv"
	"testing"
	"time"

	"passerelles/pace"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	w := pace.Window[string]{Most: 2, Within: time.Minute}
	take := func(who string, after time.Duration, left int, may bool) {
		t.Helper()
		l, ok := w.Take(who, now.Add(after))
		if l.Calls != left || ok != may {
			t.Errorf("%s after %s: %d left, %v; want %d, %v", who, after, l.Calls, ok, left, may)
		}
	}
	take("ana", 0, 1, true)
	take("eve", 0, 1, true)
	take("ana", 59*time.Second, 0, true)
	take("ana", 59*time.Second, 0, false)
	take("ana", time.Minute, 1, true)
	if l, _ := w.Take("eve", now.Add(time.Second)); !l.Until.Equal(now.Add(time.Minute)) {
		t.Errorf("all are there again at %s", l.Until)
	}
	for i := range 30_000 {
		w.Take(strconv.Itoa(i), now)
	}
	if n := w.Len(); n > 10_000 {
		t.Errorf("it remembers %d", n)
	}
}
