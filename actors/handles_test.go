package actors_test

import (
	"slices"
	"testing"
	"time"
)

func TestHandlesAreAskedAboutLater(t *testing.T) {
	t.Parallel()
	p, other := newPeer(t), newPeer(t)
	tw := newTown(t, p, other)
	iri := p.actor("Person", "bea")
	p.finger("bea@"+p.host(), iri, "bea@"+other.host())
	other.finger("bea@"+other.host(), iri, "")
	due := func() []string {
		t.Helper()
		iris, err := tw.DueHandles(t.Context(), tw.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return iris
	}
	handle := func() string {
		t.Helper()
		a, err := tw.ByIRI(t.Context(), iri)
		if err != nil {
			t.Fatal(err)
		}
		return a.Handle()
	}

	if _, err := tw.KeyByID(t.Context(), iri+"#main-key"); err != nil {
		t.Fatal(err)
	}
	if got := handle(); got != "@bea@"+p.host() {
		t.Errorf("at first she is called %s, want her name on her server", got)
	}
	if got := due(); len(got) != 0 {
		t.Errorf("due at once: %v", got)
	}
	tw.clock.pass(11 * time.Second)
	if got := due(); !slices.Equal(got, []string{iri}) {
		t.Errorf("due = %v, want her", got)
	}
	if got := due(); len(got) != 0 {
		t.Errorf("given twice: %v", got)
	}
	if err := tw.ConfirmHandle(t.Context(), iri); err != nil {
		t.Fatal(err)
	}
	if got := handle(); got != "@bea@"+other.host() {
		t.Errorf("then she is called %s, want the name that both affirm", got)
	}
}
