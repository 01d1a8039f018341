package pace

import (
	"sync"
	"time"
)

// Window counts what is done in spans of a length that follow each other, so that who is counted
// can be told how much is left. The zero Window sets no bound.
type Window[K comparable] struct {
	Most   int // in each span; 0: as much as they like
	Within time.Duration

	mu    sync.Mutex
	spans map[K]span
}

type span struct {
	ends time.Time
	done int
}

// Left is what remains of a span.
type Left struct {
	Calls int
	Until time.Time // when all are there again
}

// Take counts one more; may is false where that would be too many, and then nothing is counted.
func (w *Window[K]) Take(who K, now time.Time) (left Left, may bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.makeRoom(now)
	s, ok := w.spans[who]
	if !ok || !now.Before(s.ends) {
		s = span{ends: now.Add(w.Within)}
	}
	if may = s.done < w.Most; may {
		s.done++
	}
	w.spans[who] = s
	return Left{w.Most - s.done, s.ends}, may
}

// makeRoom forgets spans that are over, or else everything.
func (w *Window[K]) makeRoom(now time.Time) {
	if w.spans != nil && len(w.spans) < mostKeys {
		return
	}
	for who, s := range w.spans {
		if !now.Before(s.ends) {
			delete(w.spans, who)
		}
	}
	if w.spans == nil || len(w.spans) >= mostKeys {
		w.spans = map[K]span{}
	}
}
