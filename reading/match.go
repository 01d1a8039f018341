package reading

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Hit is that a filter holds something.
type Hit struct {
	Filter Filter
	Words  []string // of the filter, that stand there
	Posts  []int64  // that it holds by itself
}

// Match says which filters hold a post, each in the contexts that it names: posts are its id and
// that of what it quotes, plain all that is said in it, without markup.
func Match(all []Filter, now time.Time, plain string, posts ...int64) (hits []Hit) {
	folded := strings.ToLower(plain)
	for _, f := range all {
		if f.ExpiresAt != nil && !now.Before(*f.ExpiresAt) {
			continue
		}
		h := Hit{Filter: f}
		for _, w := range f.Words {
			if holds(folded, strings.ToLower(w.Word), w.Whole) {
				h.Words = append(h.Words, w.Word)
			}
		}
		for _, p := range f.Posts {
			if slices.Contains(posts, p.Post) {
				h.Posts = append(h.Posts, p.Post)
			}
		}
		if len(h.Words)+len(h.Posts) > 0 {
			hits = append(hits, h)
		}
	}
	return hits
}

// holds looks for a word; a whole one ends where no letter and no number follows, but of an
// end of the word that is a sign itself nothing is asked.
func holds(said, word string, whole bool) bool {
	for from := 0; ; {
		at := strings.Index(said[from:], word)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(word)
		if !whole || !joined(said[:start], said[start:end]) && !joined(said[start:end], said[end:]) {
			return true
		}
		_, size := utf8.DecodeRuneInString(said[start:])
		from = start + size
	}
}

// joined says whether two pieces make one word.
func joined(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return a != "" && b != "" && inWord(last) && inWord(first)
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '_'
}
