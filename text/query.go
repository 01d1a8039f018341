package text

import (
	"strings"
	"unicode"
)

// Bounds of what is looked for at once: words, and letters of each.
const (
	mostWords   = 10
	longestWord = 50
)

// Query writes what somebody looks for as PostgreSQL's to_tsquery wants it: every word
// must be there, whole or as the beginning of one. It is "" when there is no word.
func Query(typed string) string {
	words := strings.FieldsFunc(typed, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	words = words[:min(len(words), mostWords)]
	for i, w := range words {
		letters := []rune(w)
		words[i] = string(letters[:min(len(letters), longestWord)]) + ":*"
	}
	return strings.Join(words, " & ")
}
