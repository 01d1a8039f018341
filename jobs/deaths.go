package jobs

import "sync"

// What was in the hands of a process that died may have killed it. It is counted by whoever
// takes it up next.
const (
	Suspect    = 2 // deaths, one after another, after which it is done alone in its process
	MostDeaths = 5 // after which it is given up: a server may be killed for other reasons
)

// Solitude is of one at a time in a process: of who does what may kill it.
type Solitude struct{ mu sync.Mutex }

// Enter says whether nobody else is in it. Who is leaves it, once or more often.
func (s *Solitude) Enter() (alone bool, leave func()) {
	if !s.mu.TryLock() {
		return false, func() {}
	}
	return true, sync.OnceFunc(s.mu.Unlock)
}
