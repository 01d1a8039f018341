package mastodon

import (
	"slices"

	"passerelles/reading"
)

// The older form of filters, which some apps still use: one for each word.

func (h *Handler) oldFilterWays() []way {
	return []way{
		{"GET", "/api/v1/filters", aMember, "read:filters", h.oldFilters},
		{"POST", "/api/v1/filters", aMember, "write:filters", h.newOldFilter},
		{"GET", "/api/v1/filters/{id:[0-9]+}", aMember, "read:filters", h.oldFilter},
		{"PUT", "/api/v1/filters/{id:[0-9]+}", aMember, "write:filters", h.changeOldFilter},
		{"DELETE", "/api/v1/filters/{id:[0-9]+}", aMember, "write:filters", h.dropOldFilter},
	}
}

type oldFilter struct {
	ID           string   `json:"id"`
	Phrase       string   `json:"phrase"`
	Contexts     []string `json:"context"`
	Whole        bool     `json:"whole_word"`
	ExpiresAt    *string  `json:"expires_at"`
	Irreversible bool     `json:"irreversible"`
}

func oldFilterOf(f reading.Filter, w reading.Word) oldFilter {
	return oldFilter{ID: id(w.ID), Phrase: w.Word, Contexts: f.Contexts, Whole: w.Whole, ExpiresAt: filterOf(f).ExpiresAt,
		Irreversible: f.Action == reading.Hide}
}

func (h *Handler) oldFilters(c *call) (any, error) {
	all, err := h.Reading.Filters(c.r.Context(), c.member().ID)
	shown := []oldFilter{}
	for _, f := range all {
		for _, w := range f.Words {
			shown = append(shown, oldFilterOf(f, w))
		}
	}
	return shown, err
}

func (h *Handler) oldFilter(c *call) (any, error) {
	f, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	return oldFilterOf(f, w), err
}

func (h *Handler) newOldFilter(c *call) (any, error) {
	return h.setOldFilter(c, reading.Filter{}, reading.Word{Whole: true})
}

func (h *Handler) changeOldFilter(c *call) (any, error) {
	f, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	return h.setOldFilter(c, f, w)
}

func (h *Handler) setOldFilter(c *call, f reading.Filter, w reading.Word) (any, error) {
	if c.params.Has("phrase") {
		w.Word = c.params.Get("phrase")
		if len(f.Words) < 2 {
			f.Title = w.Word
		}
	}
	if c.params.Has("whole_word") {
		w.Whole = c.yes("whole_word")
	}
	if c.params.Has("context") {
		f.Contexts = slices.Clone(c.params["context"])
	}
	if c.params.Has("irreversible") {
		f.Action = reading.Warn
		if c.yes("irreversible") {
			f.Action = reading.Hide
		}
	}
	f.ExpiresAt = c.expiry(h.Now(), f.ExpiresAt)
	f, err := h.Reading.SetFilter(c.r.Context(), c.member().ID, f, []reading.WordChange{{Word: w}})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(f.Words, func(kept reading.Word) bool { return kept.ID == w.ID })
	if at < 0 {
		at = len(f.Words) - 1
	}
	return oldFilterOf(f, f.Words[at]), nil
}

// dropOldFilter takes the word away, and its filter where it holds nothing else.
func (h *Handler) dropOldFilter(c *call) (any, error) {
	f, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	if len(f.Words) == 1 && len(f.Posts) == 0 {
		return struct{}{}, h.Reading.DropFilter(c.r.Context(), c.member().ID, f.ID)
	}
	_, err = h.Reading.SetFilter(c.r.Context(), c.member().ID, f, []reading.WordChange{{Word: w, Drop: true}})
	return struct{}{}, err
}
