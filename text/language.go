package text

import (
	"regexp"

	"github.com/abadojack/whatlanggo"
)

var languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// ValidLanguage says whether a code has the form of a language's (BCP 47).
func ValidLanguage(code string) bool { return languageForm.MatchString(code) }

// Language guesses the language of a plain text, as an ISO 639-1 code; "" when the text
// is too short or unclear to tell.
func Language(plain string) string {
	guess := whatlanggo.Detect(plain)
	if !guess.IsReliable() {
		return ""
	}
	return guess.Lang.Iso6391()
}
