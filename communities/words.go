package communities

import (
	"embed"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed texts
var texts embed.FS

// words are what communities write to people on other servers, in HTML.
type words struct{ in map[string]*i18n.Localizer }

// loadWords reads texts that are built in: an error is a mistake of ours, which a test finds.
func loadWords() words {
	bundle, w := i18n.NewBundle(language.French), words{in: map[string]*i18n.Localizer{}}
	for _, l := range []string{"fr", "en"} {
		if _, err := bundle.LoadMessageFileFS(texts, "texts/"+l+".json"); err != nil {
			panic(fmt.Errorf("read the texts of communities in %s: %w", l, err))
		}
	}
	for _, l := range []string{"fr", "en"} {
		w.in[l] = i18n.NewLocalizer(bundle, l)
	}
	return w
}

// spoken is a language that we write, French for want of another.
func (w words) spoken(lang string) string {
	if w.in[lang] == nil {
		return "fr"
	}
	return lang
}

func (w words) say(lang, text string, values map[string]any) (string, error) {
	return w.in[lang].Localize(&i18n.LocalizeConfig{MessageID: text, TemplateData: values})
}
