package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"passerelles/text"
)

//go:embed translations
var translations embed.FS

// languages of the pages; the first is the one of those who ask for no other.
var languages = text.Languages

// words are the texts of the pages.
type words struct {
	texts  *text.Words
	faults map[string]string // French for the sentences of faults, which are in English
}

func loadWords() (*words, error) {
	texts, err := text.ReadWords(translations, "translations")
	if err != nil {
		return nil, err
	}
	w := &words{texts: texts}
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
	return w.texts.Say(lang, key, data)
}

// count gives a text about a number of things.
func (w *words) count(lang, key string, n int) (string, error) { return w.texts.Count(lang, key, n) }

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
