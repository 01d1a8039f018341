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
	// It is asked once per handle.
	Resolve func(handle string) (href string, ok bool)
	// Hashtag gives the page of a tag; nil or !ok leaves the words.
	Hashtag func(tag string) (href string, ok bool)
}
