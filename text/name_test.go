package text

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValidName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"ana": true, "ana_2": true, "___": true, "123": true, strings.Repeat("a", 30): true,
		"": false, "an": false, strings.Repeat("a", 31): false, "Ana": false, "ana-b": false, "ana.b": false,
		"ané": false, "ana b": false, "ana\n": false, "@ana": false,
	} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestFoldHashtag(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"Coop": "coop", "#Économie": "economie", "E\u0301conomie": "economie", "ŒUVRE": "oeuvre", "İstanbul": "istanbul",
		"Straße": "strasse", "Ｆｕｌｌ": "full", "がく": "がく", "한국": "한국", "x_1·y": "x_1·y", "": "", "\u0300#coop": "coop", "＃＃coop": "coop",
	} {
		if got := FoldHashtag(tag); got != want {
			t.Errorf("FoldHashtag(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestFoldHashtagTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := FoldHashtag(rapid.String().Draw(t, "tag"))
		if twice := FoldHashtag(once); twice != once {
			t.Errorf("folded twice %q, once %q", twice, once)
		}
	})
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for plain, want := range map[string]string{
		"Nous cherchons des exemples de chartes pour une coopérative d'habitation en région.":  "fr",
		"We are looking for examples of charters for a housing cooperative in a rural region.": "en",
		"Salut":                        "",
		"I can":                        "", // Norwegian, it was taken for
		"Atelier de réparation samedi": "",
		"":                             "",
		"👍 12 345":                     "",
	} {
		if code := Language(plain); code != want {
			t.Errorf("Language(%q) = %q, want %q", plain, code, want)
		}
	}
}
