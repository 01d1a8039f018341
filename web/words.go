package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed translations
var translations embed.FS

// The languages of the pages; the first is the one of those who ask for no other.
var languages = []string{"fr", "en"}

// words are the texts of the pages.
type words struct {
	in     map[string]*i18n.Localizer
	faults map[string]string // French for the sentences of faults, which are in English
}

func loadWords() (*words, error) {
	bundle := i18n.NewBundle(language.French)
	w := &words{in: map[string]*i18n.Localizer{}}
	for _, l := range languages {
		if _, err := bundle.LoadMessageFileFS(translations, "translations/"+l+".json"); err != nil {
			return nil, fmt.Errorf("read the texts in %s: %w", l, err)
		}
	}
	for _, l := range languages {
		w.in[l] = i18n.NewLocalizer(bundle, l)
	}
	faults, err := translations.ReadFile("translations/faults/fr.json")
	if err != nil {
		return nil, err
	}
	return w, json.Unmarshal(faults, &w.faults)
}

// say gives a text in a language; args are the names and values of what it holds.
func (w *words) say(lang, key string, args ...any) (string, error) {
	data := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return w.in[lang].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// count gives a text about a number of things.
func (w *words) count(lang, key string, n int) (string, error) {
	plural := min(n, 999_999) // French has a plural of its own for millions, which reads as the other one here
	return w.in[lang].Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: plural, TemplateData: map[string]any{"Count": n}})
}

// fault gives the sentence of a fault in a language, "" when there is none: the
// reader is then told by the kind of fault alone.
func (w *words) fault(lang, sentence string) string {
	if lang == "fr" {
		if told := w.faults[sentence]; told != "" {
			return told
		}
		about, _, _ := strings.Cut(sentence, ": ") // what follows is a detail, in English
		return w.faults[about]
	}
	if sentence == "" {
		return ""
	}
	sentence = strings.ToUpper(sentence[:1]) + sentence[1:]
	if !strings.HasSuffix(sentence, ".") {
		sentence += "."
	}
	return sentence
}
