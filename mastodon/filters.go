package mastodon

import (
	"slices"
	"strconv"
	"time"

	"passerelles/reading"
)

func (h *Handler) filterWays() []way {
	const v2 = "/api/v2/filters"
	return []way{
		{"GET", v2, aMember, "read:filters", h.allFilters},
		{"POST", v2, aMember, "write:filters", h.newFilter},
		{"GET", v2 + "/{id:[0-9]+}", aMember, "read:filters", h.filter},
		{"PUT", v2 + "/{id:[0-9]+}", aMember, "write:filters", h.changeFilter},
		{"DELETE", v2 + "/{id:[0-9]+}", aMember, "write:filters", h.dropFilter},
		{"GET", v2 + "/{id:[0-9]+}/keywords", aMember, "read:filters", h.filterWords},
		{"POST", v2 + "/{id:[0-9]+}/keywords", aMember, "write:filters", h.newFilterWord},
		{"GET", v2 + "/keywords/{id:[0-9]+}", aMember, "read:filters", h.filterWord},
		{"PUT", v2 + "/keywords/{id:[0-9]+}", aMember, "write:filters", h.changeFilterWord},
		{"DELETE", v2 + "/keywords/{id:[0-9]+}", aMember, "write:filters", h.dropFilterWord},
		{"GET", v2 + "/{id:[0-9]+}/statuses", aMember, "read:filters", h.filterPosts},
		{"POST", v2 + "/{id:[0-9]+}/statuses", aMember, "write:filters", h.newFilterPost},
		{"GET", v2 + "/statuses/{id:[0-9]+}", aMember, "read:filters", h.filterPost},
		{"DELETE", v2 + "/statuses/{id:[0-9]+}", aMember, "write:filters", h.dropFilterPost},
	}
}

type filterEntity struct {
	ID        string       `json:"id"`
	Title     string       `json:"title"`
	Contexts  []string     `json:"context"`
	ExpiresAt *string      `json:"expires_at"`
	Action    string       `json:"filter_action"`
	Words     []filterWord `json:"keywords"`
	Posts     []filterPost `json:"statuses"`
}

type filterWord struct {
	ID    string `json:"id"`
	Word  string `json:"keyword"`
	Whole bool   `json:"whole_word"`
}

type filterPost struct {
	ID   string `json:"id"`
	Post string `json:"status_id"`
}

// filterHit is that a filter holds a post.
type filterHit struct {
	Filter filterEntity `json:"filter"`
	Words  []string     `json:"keyword_matches"`
	Posts  []string     `json:"status_matches"`
}

func filterOf(f reading.Filter) filterEntity {
	v := filterEntity{ID: id(f.ID), Title: f.Title, Contexts: f.Contexts, Action: f.Action, Words: wordsOf(f), Posts: []filterPost{}}
	if f.ExpiresAt != nil {
		v.ExpiresAt = orNull(stamp(*f.ExpiresAt))
	}
	for _, p := range f.Posts {
		v.Posts = append(v.Posts, filterPost{id(p.ID), id(p.Post)})
	}
	return v
}

func wordsOf(f reading.Filter) []filterWord {
	words := make([]filterWord, 0, len(f.Words))
	for _, w := range f.Words {
		words = append(words, filterWord{id(w.ID), w.Word, w.Whole})
	}
	return words
}

func hitsOf(hits []reading.Hit) []filterHit {
	shown := make([]filterHit, 0, len(hits))
	for _, hit := range hits {
		v := filterHit{Filter: filterOf(hit.Filter), Words: append([]string{}, hit.Words...), Posts: []string{}}
		for _, p := range hit.Posts {
			v.Posts = append(v.Posts, id(p))
		}
		shown = append(shown, v)
	}
	return shown
}

func (h *Handler) allFilters(c *call) (any, error) {
	all, err := h.Reading.Filters(c.r.Context(), c.member().ID)
	shown := make([]filterEntity, 0, len(all))
	for _, f := range all {
		shown = append(shown, filterOf(f))
	}
	return shown, err
}

func (h *Handler) mine(c *call) (reading.Filter, error) {
	return h.Reading.FilterByID(c.r.Context(), c.member().ID, c.path("id"))
}

func (h *Handler) filter(c *call) (any, error) {
	f, err := h.mine(c)
	return filterOf(f), err
}

func (h *Handler) newFilter(c *call) (any, error) { return h.setFilter(c, reading.Filter{}) }

// changeFilter leaves as it was what the app does not name.
func (h *Handler) changeFilter(c *call) (any, error) {
	f, err := h.mine(c)
	if err != nil {
		return nil, err
	}
	return h.setFilter(c, f)
}

func (h *Handler) setFilter(c *call, f reading.Filter) (any, error) {
	if c.params.Has("title") {
		f.Title = c.params.Get("title")
	}
	if c.params.Has("context") {
		f.Contexts = slices.Clone(c.params["context"])
	}
	if c.params.Has("filter_action") {
		f.Action = c.params.Get("filter_action")
	}
	f.ExpiresAt = c.expiry(h.Now(), f.ExpiresAt)
	f, err := h.Reading.SetFilter(c.r.Context(), c.member().ID, f, c.wordChanges())
	return filterOf(f), err
}

// expiry is what an app says in seconds from now; "" is never, and nothing said is as before.
func (c *call) expiry(now time.Time, before *time.Time) *time.Time {
	if !c.params.Has("expires_in") {
		return before
	}
	seconds, err := strconv.Atoi(c.params.Get("expires_in"))
	if err != nil || seconds <= 0 {
		return nil
	}
	at := now.Add(time.Duration(min(seconds, 1<<31)) * time.Second)
	return &at
}

// wordChanges reads keywords_attributes: of forms in the order of the names, of JSON likewise.
func (c *call) wordChanges() (all []reading.WordChange) {
	for _, one := range c.rows("keywords_attributes") {
		n, _ := strconv.ParseInt(one["id"], 10, 64) // 0: a new one
		all = append(all, reading.WordChange{Word: reading.Word{ID: n, Word: one["keyword"], Whole: truth(one["whole_word"])},
			Drop: truth(one["_destroy"]) && n != 0})
	}
	return all
}

func (h *Handler) dropFilter(c *call) (any, error) {
	return struct{}{}, h.Reading.DropFilter(c.r.Context(), c.member().ID, c.path("id"))
}

func (h *Handler) filterWords(c *call) (any, error) {
	f, err := h.mine(c)
	return wordsOf(f), err
}

func (h *Handler) newFilterWord(c *call) (any, error) {
	f, err := h.mine(c)
	if err != nil {
		return nil, err
	}
	f, err = h.Reading.SetFilter(c.r.Context(), c.member().ID, f, []reading.WordChange{{Word: c.word(0)}})
	if err != nil {
		return nil, err
	}
	words := wordsOf(f)
	return words[len(words)-1], nil
}

func (c *call) word(number int64) reading.Word {
	return reading.Word{ID: number, Word: c.params.Get("keyword"), Whole: c.yes("whole_word")}
}

func (h *Handler) filterWord(c *call) (any, error) {
	_, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	return filterWord{id(w.ID), w.Word, w.Whole}, err
}

func (h *Handler) changeFilterWord(c *call) (any, error) {
	f, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	changed := c.word(w.ID)
	if !c.params.Has("keyword") {
		changed.Word = w.Word
	}
	if !c.params.Has("whole_word") {
		changed.Whole = w.Whole
	}
	if _, err = h.Reading.SetFilter(c.r.Context(), c.member().ID, f, []reading.WordChange{{Word: changed}}); err != nil {
		return nil, err
	}
	return h.filterWord(c)
}

func (h *Handler) dropFilterWord(c *call) (any, error) {
	f, w, err := h.Reading.FilterOfWord(c.r.Context(), c.member().ID, c.path("id"))
	if err == nil {
		_, err = h.Reading.SetFilter(c.r.Context(), c.member().ID, f, []reading.WordChange{{Word: w, Drop: true}})
	}
	return struct{}{}, err
}

func (h *Handler) filterPosts(c *call) (any, error) {
	f, err := h.mine(c)
	return filterOf(f).Posts, err
}

func (h *Handler) newFilterPost(c *call) (any, error) {
	p, _, err := h.postOf(c, c.number("status_id"))
	if err != nil {
		return nil, err
	}
	held, err := h.Reading.FilterPost(c.r.Context(), c.member().ID, c.path("id"), p.ID)
	return filterPost{id(held.ID), id(held.Post)}, err
}

func (h *Handler) filterPost(c *call) (any, error) {
	_, p, err := h.Reading.FilterOfPost(c.r.Context(), c.member().ID, c.path("id"))
	return filterPost{id(p.ID), id(p.Post)}, err
}

func (h *Handler) dropFilterPost(c *call) (any, error) {
	f, p, err := h.Reading.FilterOfPost(c.r.Context(), c.member().ID, c.path("id"))
	if err == nil {
		err = h.Reading.UnfilterPost(c.r.Context(), f.ID, p.ID)
	}
	return struct{}{}, err
}
