package text

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// Likeness is what an eye takes a name for, so that two of them are compared at once.
type Likeness []string

// LikenessOf gives it: the skeletons of UTS #39 (https://www.unicode.org/reports/tr39/), in lower
// case, of the name as it stands and in lower case, since a capital I is taken for an l, and a
// small one is not. What is not seen, and spaces, count for nothing. A name without a letter or
// a digit is like no other.
func LikenessOf(name string) Likeness {
	seen := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	if !strings.ContainsFunc(seen, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return nil
	}
	var all Likeness
	for _, form := range []string{seen, strings.ToLower(seen)} {
		all = append(all, confusables.Skeleton(strings.ToLower(confusables.Skeleton(form))))
	}
	return slices.Compact(all)
}

// Like says whether one may be taken for the other.
func (l Likeness) Like(other Likeness) bool {
	return slices.ContainsFunc(l, func(form string) bool { return slices.Contains(other, form) })
}

// unseen says that a character has no picture of its own: controls, marks that only choose how
// another looks, fillers, spaces.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == '\u2800' // braille without a dot
}
