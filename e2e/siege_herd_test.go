package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// herd is at the door when serve starts: people of another server whom nobody here has
// heard of say what they said in vain before, and as many readers open connections of
// their own. Nothing is remembered yet, so that all must be looked up at once.
func (s *siege) herd() {
	s.t.Helper()
	size := 40
	if os.Getenv("CHAOS_FOR") != "" {
		size = 200
	}
	s.endsWell("serve", s.home.served)
	var herd sync.WaitGroup
	var vain, failed atomic.Int32
	first := len(s.crowd.writers)
	for i := range size {
		w := &writer{crowd: s.crowd, iri: s.crowd.actor(fmt.Sprintf("h%d", first+i)),
			dice: rand.New(rand.NewPCG(s.dice.Uint64(), 0)), likes: map[string]string{}}
		s.crowd.writers = append(s.crowd.writers, w)
		herd.Go(func() {
			for range 2 { // a Follow, and something after it
				if w.act(s.ctx) != nil {
					failed.Add(1)
				}
			}
		})
		herd.Go(func() { s.reads(&vain, []string{"/c/makers", "/", "/c/makers/feed.atom"}[i%3]) })
	}
	await(s.t, "many came in vain", func() bool { return int(vain.Load()) >= size })
	start := time.Now()
	s.home.start()                                            // readyz says 200
	await(s.t, "the page that readyz promised", func() bool { // behind all the others it may take longer than one waits
		status := s.home.status("/c/makers")
		if status != 0 && status != http.StatusOK {
			s.t.Errorf("readyz said that serve is ready, and a page is %d", status)
		}
		return status == http.StatusOK
	})
	herd.Wait()
	s.t.Logf("%d writers and %d readers were served %v after the start", size, size, time.Since(start).Round(100*time.Millisecond))
	if n := failed.Load(); n > 0 {
		s.t.Errorf("%d of the herd were never heard", n)
	}
}

// reads asks for a page, each time anew, until it is shown. It may come in vain, or be
// told to come again; nothing else.
func (s *siege) reads(vain *atomic.Int32, path string) {
	cold := &http.Client{Timeout: client().Timeout, Transport: client().Transport.(*http.Transport).Clone()}
	defer cold.CloseIdleConnections()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		response, err := cold.Get(s.home.origin + path)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close() // it was read, or will not be
			if err == nil && response.StatusCode == http.StatusOK {
				return
			}
			if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusServiceUnavailable {
				s.crowd.note("%s is answered by %d", path, response.StatusCode)
			}
		}
		vain.Add(1)
		select {
		case <-s.ctx.Done():
			return
		case <-again.C:
		}
	}
}
