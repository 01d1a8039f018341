// Package text turns what is typed or received into safe HTML and plain words.
//
// Markdown renders what our members write, Sanitize cleans what other servers
// send; both end with the same allow-list, and nothing transforms their output
// afterwards. Plain, Excerpt and Title read words out of such HTML.
package text

// Rendered is a member's text, ready to be shown and sent.
type Rendered struct {
	HTML     string
	Mentions []Mention // each person once, in the order of the text
	Hashtags []string  // as written, without '#', each folded tag once
	Links    []string  // the http and https addresses that the text links to
}

// Mention is somebody named in a text and known to the resolver.
type Mention struct {
	Handle string // name or name@host, as written, without the first '@'
	Href   string // what Resolve answered
}

// Options say what a Markdown text may link to.
type Options struct {
	// Resolve gives the page of name or name@host; nil or !ok leaves the words.
	Resolve func(handle string) (href string, ok bool)
	// Hashtag gives the page of a tag; nil or !ok leaves the words.
	Hashtag func(tag string) (href string, ok bool)
}

// Markdown renders a member's text.
func Markdown(src string, opts Options) Rendered { return Rendered{} }

// Sanitize keeps of HTML that others sent what is safe to show.
func Sanitize(html string) string { return "" }

// Plain gives the words of an HTML text, a line per paragraph.
func Plain(html string) string { return "" }

// Excerpt gives the beginning of an HTML text in plain words: at most n
// characters, cut between words.
func Excerpt(html string, n int) string { return "" }

// Title gives the first line of an HTML text, without the mentions that it
// begins with, in at most 200 characters.
func Title(html string) string { return "" }

// FoldHashtag gives the form under which a tag is looked up: lower case,
// without accents and without '#'.
func FoldHashtag(tag string) string { return "" }

// ValidName says whether a member or a community may be called so.
func ValidName(name string) bool { return false }

// Language guesses the language of a plain text, as an ISO 639-1 code; ok is
// false when the text is too short or unclear to tell.
func Language(plain string) (code string, ok bool) { return "", false }
