package e2e

import "testing"

// TestDoctor has a server that runs well examined, from DNS to its own WebFinger
// by its public name.
func TestDoctor(t *testing.T) {
	t.Parallel()
	s := newTown(t)
	a := s.do("doctor")
	if a["ok"] != true {
		t.Errorf("doctor finds %v", a["findings"])
	}
	if got := len(a["findings"].([]any)); got != 8 {
		t.Errorf("doctor looks at %d things, want 8: %v", got, a["findings"])
	}
}
