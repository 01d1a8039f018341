package server

import (
	"strings"
	"testing"
)

func TestNobodyElseMakesCounters(t *testing.T) {
	t.Parallel()
	m := newMeters()
	for _, kind := range []string{"Create", "Zap", "Zip", "", strings.Repeat("x", 1<<20)} {
		m.activity("refused 400", kind)
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if n := len(f.GetMetric()); f.GetName() == "passerelles_received_total" && n != 2 {
			t.Errorf("%d counters, want one for Create and one for all else", n)
		}
	}
}
