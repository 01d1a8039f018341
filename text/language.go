package text

import "github.com/abadojack/whatlanggo"

// Language guesses the language of a plain text, as an ISO 639-1 code; ok is
// false when the text is too short or unclear to tell.
func Language(plain string) (code string, ok bool) {
	guess := whatlanggo.Detect(plain)
	code = guess.Lang.Iso6391()
	return code, code != "" && guess.IsReliable()
}
