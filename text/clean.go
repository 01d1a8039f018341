package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	mostMarks   = 8 // on one letter: no script needs more, towers of accents do
	mostJoiners = 2 // in a row: emoji need one between two pictures
)

// clean removes the characters that only harm: controls, overrides of the
// direction, towers of accents and runs of invisible joiners.
func clean(s string) string {
	marks, joiners := 0, 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			marks, joiners = 0, 0
		case unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r == unicode.ReplacementChar:
			return -1
		case r >= '\u200b' && r <= '\u200d' || r == '\u2060' || r == '\ufeff':
			if joiners++; joiners > mostJoiners {
				return -1
			}
		case unicode.Is(unicode.Mn, r):
			if marks++; marks > mostMarks {
				return -1
			}
		default:
			marks, joiners = 0, 0
		}
		return r
	}, s)
}

// OneLine puts plain words on one line, a space between each two.
func OneLine(words string) string { return strings.Join(strings.Fields(words), " ") }

// FoldHashtag gives the form under which a tag is looked up: lower case,
// without accents and without '#'.
func FoldHashtag(tag string) string {
	tag = norm.NFKD.String(strings.ToLower(norm.NFKD.String(tag)))
	tag = strings.Map(func(r rune) rune {
		if r >= '\u0300' && r <= '\u036f' { // accents; the marks of other scripts make other letters
			return -1
		}
		return r
	}, tag)
	return norm.NFKC.String(strings.TrimLeft(unaccented.Replace(tag), "#")) // another sign may have become one
}

// unaccented are letters that Unicode does not take apart and readers do.
var unaccented = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ı", "i")

// Storable leaves out what PostgreSQL cannot keep, nor look for.
func Storable(typed string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", "")
}
