package text

import (
	"strings"
	"testing"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                         "",
		" ... ":                    "",
		"atelier":                  "atelier:*",
		"l’économie  sociale":      "l:* & économie:* & sociale:*",
		"a' & !b | (c):*<->\\\x00": "a:* & b:* & c:*",
		strings.Repeat("é", 60):    strings.Repeat("é", 50) + ":*",
		"24 logements":             "24:* & logements:*",
		strings.Repeat("mot ", 40): strings.TrimSuffix(strings.Repeat("mot:* & ", 10), " & "),
	} {
		if got := Query(typed); got != want {
			t.Errorf("Query(%q) = %q, want %q", typed, got, want)
		}
	}
}
