package server

import (
	"strconv"
	"testing"

	"passerelles/posts"
	"passerelles/reading"
)

// TestStreamsOfWhatEnds: who follows hears that something is shared no more, and each member that their filters changed.
func TestStreamsOfWhatEnds(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve")
	_, err := r.Accounts.Follow(t.Context(), r.people["eve"].ID, r.actor("ana"))
	r.must(err)
	p := r.says("eve", posts.Draft{Text: "Qui en a une?"})
	a, e := r.listens("stream=user", r.token("ana")), r.listens("stream=user", r.token("eve"))
	r.must(r.beside.Posts.Boost(t.Context(), r.people["ana"].ID, p.ID))
	b, err := r.beside.Posts.BoostOf(t.Context(), p.ID, r.people["ana"].ID)
	r.must(err)
	number := strconv.FormatInt(b.ID, 10)
	for h := e.hears(); h.Event != "update" || h.status(t).ID != number; h = e.hears() {
		if h.Event != "notification" {
			t.Fatalf("of what is shared: %+v", h)
		}
	}
	r.must(r.beside.Posts.Unboost(t.Context(), r.people["ana"].ID, p.ID))
	h := e.hears()
	for h.Event == "notification" {
		h = e.hears()
	}
	if h.Event != "delete" || h.Payload != number {
		t.Errorf("of what is shared no more: %+v, want %s deleted", h, number)
	}
	_, err = r.beside.Reading.SetFilter(t.Context(), r.people["eve"].ID, reading.Filter{Title: "x", Contexts: []string{"home"}},
		[]reading.WordChange{{Word: reading.Word{Word: "scie"}}})
	r.must(err)
	if h := e.hears(); h.Event != "filters_changed" || h.Payload != "" || len(h.Stream) != 1 || h.Stream[0] != "user" {
		t.Errorf("of filters: %+v", h)
	}
	own := r.says("ana", posts.Draft{Text: "Pour moi."})
	if h := a.hears(); h.Event != "update" || h.status(t).ID != strconv.FormatInt(own.ID, 10) {
		t.Errorf("whom nobody follows, and whose filters are as they were, hears %+v first", h)
	}
}
