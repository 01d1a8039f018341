package communities

import (
	"embed"
	"sync"

	"passerelles/text"
)

//go:embed texts
var texts embed.FS

// words are what communities write to people on other servers, in HTML.
var words = sync.OnceValues(func() (*text.Words, error) { return text.ReadWords(texts, "texts") })

func say(lang, key string, values map[string]any) (string, error) {
	w, err := words()
	if err != nil {
		return "", err
	}
	return w.Say(lang, key, values)
}
