package vocab

import "strings"

// languageNames are the names that stand beside a code in Lemmy's language tag: it asks for one.
var languageNames = map[string]string{
	"ar": "العربية", "ca": "Català", "de": "Deutsch", "en": "English", "eo": "Esperanto", "es": "Español",
	"eu": "Euskara", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "ht": "Kreyòl ayisyen", "it": "Italiano",
	"iu": "ᐃᓄᒃᑎᑐᑦ", "ja": "日本語", "ko": "한국어", "nl": "Nederlands", "oc": "Occitan", "pl": "Polski",
	"pt": "Português", "ro": "Română", "ru": "Русский", "sv": "Svenska", "tr": "Türkçe", "uk": "Українська",
	"vi": "Tiếng Việt", "zh": "中文",
}

// languageTag is a language in Lemmy's words. As text it would make Lemmy refuse the whole document.
func languageTag(code string) properties {
	base, _, _ := strings.Cut(code, "-")
	name := languageNames[base]
	if name == "" {
		name = code
	}
	return properties{{"identifier", code}, {"name", name}}
}

// languageCode says whether a key looks like a tag of BCP 47; some write en_US.
func languageCode(key string) bool {
	return key != "" && len(key) <= 35 && strings.IndexFunc(key, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}) < 0
}
