package text_test

import (
	"testing"

	"passerelles/text"
)

func TestLikeness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, other string
		want        bool
	}{
		{"ana", "ana", true},
		{"ana", "Ana", true},
		{"ana", "аna", true},             // a Cyrillic а
		{"ana", "аnа", true},             // two
		{"ana", "a\u200bna", true},       // a space of no width
		{"ana", "\u202eana", true},       // what turns the direction
		{"ana", "a\u00adna\ufe0f", true}, // a soft hyphen, what chooses a look
		{"ana", "ana\u2800", true},       // braille without a dot
		{"ana", "ana\u3164", true},       // a filler
		{"ana", "ａｎａ", true},             // full width
		{"ana", "𝐚𝐧𝐚", true},             // of mathematics
		{"bob", "b0b", true},
		{"Bob", "B0B", true},
		{"alice", "AIice", true},
		{"alice", "a1ice", true},
		{"marc", "rnarc", true},
		{"Ana Roy", "Аna  Roy", true},
		{"Anne", "Anna", false},
		{"Élodie", "Mélodie", false},
		{"René", "Rene", false},
		{"bob", "rob", false},
		{"", "", false},
		{"🙂", "🙂", false},
		{"\u200b", "\u200b", false},
	} {
		a, b := text.LikenessOf(c.name), text.LikenessOf(c.other)
		if a.Like(b) != c.want || b.Like(a) != c.want {
			t.Errorf("%q and %q: %v, want %v (%q, %q)", c.name, c.other, a.Like(b), c.want, a, b)
		}
	}
}
