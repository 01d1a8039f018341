package outbox

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
)

// TestRotatedWhileItWaits gives a group new keys, twice, while a peer is down for three
// days: whatever is tried, then or at last, is signed with a key that its document
// shows at that moment, and comes in order.
func TestRotatedWhileItWaits(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p, up := w.peers[0], false
	p.answer(func(int, string) (int, string) {
		if up {
			return http.StatusAccepted, ""
		}
		return http.StatusBadGateway, ""
	})
	tried, keys := 0, map[string]bool{}
	hours := func(n int) {
		for range n {
			w.work(t)
			for p.mu.Lock(); tried < len(p.requests); tried++ {
				verify(t, w, p.requests[tried], p.got[tried])
				id, err := federation.KeyID(p.requests[tried])
				if err != nil {
					t.Error(err)
				}
				keys[id] = true
			}
			p.mu.Unlock()
			w.clock.Advance(time.Hour)
		}
	}
	var said []string
	for day := range 3 {
		said = append(said, w.post(t, 1), w.post(t, 2))
		hours(12)
		if day < 2 {
			w.rotate(t, w.dir)
		}
		said = append(said, w.post(t, 1), w.post(t, 2))
		hours(12)
	}
	w.rotate(t, w.elsewhere())
	said = append(said, w.post(t, 1))
	up = true
	came := tried
	hours(8)
	if got, want := threads(p.received()[came:]), threads(said); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(keys) < 3 {
		t.Errorf("it signed with %d keys, want those before, between and after", len(keys))
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead", waiting, dead)
	}
}

// TestDeletedWhileItWaits: what a group had said before it was deleted, and its Delete,
// still come, in order and signed with the key that peers know.
func TestDeletedWhileItWaits(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2)
	away := w.peers[0]
	away.answer(always(http.StatusServiceUnavailable))
	said := []string{w.post(t, 1), w.post(t, 1)}
	w.work(t)
	key, err := w.dir.Key(t.Context(), w.group.ID)
	if err != nil {
		t.Fatal(err)
	}
	end := w.activity("its end", 1)
	end.Type = "Delete"
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error {
		return errors.Join(Send(t.Context(), tx, Audience{FollowersOf: []actors.ID{w.group.ID}}, end), w.dir.MarkGone(t.Context(), tx, w.group.ID))
	}); err != nil {
		t.Fatal(err)
	}
	said = append(said, "its end")
	w.work(t)
	away.answer(nil)
	came := len(away.received())
	w.sleepOut(t, away)
	w.dir = w.elsewhere() // the process was started again meanwhile
	w.Courier = w.courier(w.db)
	w.work(t)
	for i, p := range w.peers {
		if i > 0 {
			came = 0
		}
		if got := p.received()[came:]; !slices.Equal(got, said) {
			t.Errorf("peer %d got %q, want %q", i, got, said)
		}
		for n, r := range p.requests[came:] {
			if _, err := federation.Verify(r, []byte(p.got[came+n]), key.Signer.Public(), w.clock.Now()); err != nil {
				t.Errorf("peer %d, %q: %v", i, p.got[came+n], err)
			}
		}
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead", waiting, dead)
	}
}

// elsewhere is the directory of another process, which remembers nothing of ours.
func (w *town) elsewhere() *actors.Directory {
	return actors.New(actors.Options{
		DB: w.db, Client: w.client, IRIs: federation.IRIs{Origin: "https://here.example"}, Secret: make([]byte, 32), Now: w.clock.Now,
	})
}

// rotate gives the group new keys.
func (w *town) rotate(t *testing.T, by *actors.Directory) {
	t.Helper()
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := by.RotateKeys(t.Context(), tx, w.group.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
