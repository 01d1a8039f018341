package actors

import "testing"

func TestMemoryHoldsNothingThatIsChanging(t *testing.T) {
	t.Parallel()
	m := newMemory()
	old := known{Actor: Actor{ID: 1, IRI: "https://x/1"}}
	m.set(old)
	if got, ok := m.get(1); !ok || got.IRI != old.IRI {
		t.Fatalf("it holds %+v, %v, want what was set", got, ok)
	}
	m.unsettle(1)
	m.set(old) // by somebody who read before the transaction ended
	if _, ok := m.get(1); ok {
		t.Error("it tells what a transaction is changing")
	}
	m.unsettled.Invalidate(1) // as when the time is over
	if _, ok := m.get(1); ok {
		t.Error("it kept what was read before the change")
	}
}
