package text_test

import (
	"testing"

	"passerelles/text"
)

func TestLinked(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                          "",
		"*Matane* <b>":              "*Matane* &lt;b&gt;",
		"javascript:alert(1)":       "javascript:alert(1)",
		`https://a.example/"x?b&c`:  `<a href="https://a.example/%22x?b&amp;c" rel="me nofollow noopener noreferrer ugc">https://a.example/&#34;x?b&amp;c</a>`,
		"voir  http://a.example !":  `voir <a href="http://a.example" rel="me nofollow noopener noreferrer ugc">http://a.example</a> !`,
		"https://bank@evil.example": "https://bank@evil.example",
	} {
		if got := text.Linked(typed); got != want {
			t.Errorf("Linked(%q) = %s, want %s", typed, got, want)
		}
	}
}
