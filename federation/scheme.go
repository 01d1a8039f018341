package federation

import "sync"

// Scheme is a way of signing requests.
type Scheme string

// The schemes.
const (
	Cavage  Scheme = "cavage"  // draft-cavage-http-signatures
	RFC9421 Scheme = "rfc9421" // HTTP Message Signatures
)

// Other is the scheme to try where this one was not understood.
func (s Scheme) Other() Scheme {
	if s == RFC9421 {
		return Cavage
	}
	return RFC9421
}

// schemes are the hosts that read only RFC 9421, as far as this process has learnt.
type schemes struct {
	mu    sync.Mutex
	newer map[string]bool
}

const mostNewer = 10_000

func (s *schemes) of(host string) Scheme {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newer[host] {
		return RFC9421
	}
	return Cavage
}

func (s *schemes) remember(host string, scheme Scheme) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scheme == Cavage {
		delete(s.newer, host)
		return
	}
	if s.newer == nil || len(s.newer) >= mostNewer {
		s.newer = map[string]bool{}
	}
	s.newer[host] = true
}
