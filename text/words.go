package text

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Languages are those in which the server itself writes; the first is for those who read neither.
var Languages = []string{"fr", "en"}

// Words are texts of the server's own, by key, in each language.
type Words struct{ in map[string]*i18n.Localizer }

// ReadWords reads folder/<language>.json of each language.
func ReadWords(files fs.FS, folder string) (*Words, error) {
	bundle := i18n.NewBundle(language.French)
	w := &Words{in: map[string]*i18n.Localizer{}}
	for _, l := range Languages {
		if _, err := bundle.LoadMessageFileFS(files, folder+"/"+l+".json"); err != nil {
			return nil, fmt.Errorf("read the texts in %s: %w", l, err)
		}
	}
	for _, l := range Languages {
		w.in[l] = i18n.NewLocalizer(bundle, l)
	}
	return w, nil
}

// Sayer gives what says a text of folder/<language>.json, which is read when it is first said.
func Sayer(files fs.FS, folder string) func(lang, key string, values map[string]any) (string, error) {
	words := sync.OnceValues(func() (*Words, error) { return ReadWords(files, folder) })
	return func(lang, key string, values map[string]any) (string, error) {
		w, err := words()
		if err != nil {
			return "", err
		}
		return w.Say(lang, key, values)
	}
}

// Say gives a text in a language, or in the first one; values are of what it holds.
func (w *Words) Say(lang, key string, values map[string]any) (string, error) {
	return w.of(lang).Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values})
}

// Count gives a text about a number of things.
func (w *Words) Count(lang, key string, n int) (string, error) {
	plural := min(n, 999_999) // French has a plural of its own for millions, which reads as the other one here
	return w.of(lang).Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: plural, TemplateData: map[string]any{"Count": n}})
}

// Spoken is a language in which we write, the first one for want of another.
func Spoken(lang string) string {
	if slices.Contains(Languages, lang) {
		return lang
	}
	return Languages[0]
}

func (w *Words) of(lang string) *i18n.Localizer { return w.in[Spoken(lang)] }
