// Package pace counts how often something was done within a time, in the memory of one process:
// what several do is not added up, and a restart forgets.
package pace

import (
	"sync"
	"time"
)

// mostKeys bounds the memory: past it what has had its time is forgotten, or else everything.
const mostKeys = 10_000

// Pace is how often one may do something within a time. The zero Pace, and a nil one, set no bound.
type Pace[K comparable] struct {
	Most   int // 0: as often as they like
	Within time.Duration

	mu   sync.Mutex
	done map[K][]deed
}

// deed is one thing that was done, and when.
type deed struct {
	what string
	at   time.Time
}

// Take counts that who does a thing now, once for each thing, however often it is tried. Where
// that would be too often nothing is counted, and after is how long it is until they may.
func (p *Pace[K]) Take(who K, thing string, now time.Time) (after time.Duration, may bool) {
	if p == nil || p.Most <= 0 {
		return 0, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.makeRoom(now)
	recent := p.recent(p.done[who], now)
	for _, d := range recent {
		if d.what == thing {
			return 0, true
		}
	}
	if len(recent) >= p.Most {
		p.done[who] = recent
		return recent[0].at.Add(p.Within).Sub(now), false
	}
	p.done[who] = append(recent, deed{thing, now})
	return 0, true
}

// recent leaves out what has had its time; the oldest stands first.
func (p *Pace[K]) recent(all []deed, now time.Time) []deed {
	for len(all) > 0 && now.Sub(all[0].at) >= p.Within {
		all = all[1:]
	}
	return all
}

func (p *Pace[K]) makeRoom(now time.Time) {
	if p.done != nil && len(p.done) < mostKeys {
		return
	}
	for who, all := range p.done {
		if len(p.recent(all, now)) == 0 {
			delete(p.done, who)
		}
	}
	if p.done == nil || len(p.done) >= mostKeys {
		p.done = map[K][]deed{}
	}
}
