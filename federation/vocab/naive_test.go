package vocab

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What follows reads documents a second time, from encoding/json and by the obvious spellings alone, to
// have something to hold what the package reads against. It shares no code with it, on purpose.

// naive is an object as encoding/json reads it.
type naive map[string]any

// prop is the first of these properties that is there, under its name or compacted with its prefix.
func (m naive) prop(names ...string) any {
	for _, name := range names {
		for _, prefix := range []string{"", "as:", "https://www.w3.org/ns/activitystreams#"} {
			if x := m[prefix+name]; x != nil {
				return x
			}
		}
	}
	return nil
}

func (m naive) sub(name string) naive { return object(m.prop(name)) }

// all are the values of a property: none, one or many.
func (m naive) all(names ...string) (values []any) {
	x := m.prop(names...)
	many, isMany := x.([]any)
	if !isMany {
		many = []any{x}
	}
	for _, e := range many {
		if e != nil {
			values = append(values, e)
		}
	}
	return values
}

func object(x any) naive {
	m, _ := x.(map[string]any)
	return m
}

// objects are the values of a property that are objects.
func (m naive) objects(names ...string) (all []naive) {
	for _, x := range m.all(names...) {
		if o := object(x); o != nil {
			all = append(all, o)
		}
	}
	return all
}

// iris are what a property points to: text, or the id of an object, or where a Link leads.
func (m naive) iris(names ...string) (iris []string) {
	for _, x := range m.all(names...) {
		if o := object(x); o != nil {
			x = o.prop("id", "@id", "href")
		}
		if s, _ := x.(string); s != "" {
			iris = append(iris, s)
		}
	}
	return iris
}

// addresses are where a file, a picture or a page is: text, or the url or href of objects, however deep.
func (m naive) addresses(names ...string) (urls []string) {
	for _, x := range m.all(names...) {
		if s, _ := x.(string); s != "" {
			urls = append(urls, s)
		} else if o := object(x); o != nil {
			urls = append(urls, o.addresses("href", "url")...)
		}
	}
	return urls
}

// page is where a person reads it: the addresses that are said to be HTML, then the others.
func (m naive) page() (urls []string) {
	for _, o := range m.objects("url") {
		if o.prop("mediaType", "mimeType") == "text/html" {
			urls = append(urls, o.addresses("href", "url")...)
		}
	}
	return append(urls, m.addresses("url")...)
}

// text is the first text of a property.
func (m naive) text(names ...string) string {
	for _, x := range m.all(names...) {
		if s, _ := x.(string); s != "" {
			return s
		}
	}
	return ""
}

// words are the text of a property or, where there is none, those of its map of languages, of which any will do.
func (m naive) words(name, got string) string {
	if s := m.text(name); s != "" {
		return s
	}
	said := m.languages(name + "Map")
	for _, s := range said {
		if _, s, _ = strings.Cut(s, "="); len(said) == 1 || s == got {
			return s
		}
	}
	return ""
}

// languages are the entries of a map of languages, as language=text.
func (m naive) languages(name string) (entries []string) {
	for key, x := range m.sub(name) {
		if s, isText := x.(string); isText {
			entries = append(entries, key+"="+s)
		}
	}
	slices.Sort(entries)
	return entries
}

// number is a number, also written as text.
func (m naive) number(name string) string {
	switch x := m.prop(name).(type) {
	case float64:
		return strconv.Itoa(int(x))
	case string:
		return x
	}
	return ""
}

// count is a number for which 0 is the same as nothing.
func (m naive) count(name string) string {
	if n := m.number(name); n != "" {
		return n
	}
	return "0"
}

func (m naive) truth(names ...string) string {
	if x := m.prop(names...); x == true || x == "true" {
		return "true"
	}
	return "false"
}

// moment is a time, in UTC if it is written as it should be and else as it is.
func (m naive) moment(names ...string) string {
	s := m.text(names...)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return moment(t)
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// types are the types, without what stands before a compacted one.
func (m naive) types() (all []string) {
	for _, x := range m.all("type", "@type") {
		if s, _ := x.(string); s != "" {
			s = strings.TrimPrefix(strings.TrimPrefix(s, "as:"), "toot:")
			all = append(all, strings.TrimPrefix(s, "https://www.w3.org/ns/activitystreams#"))
		}
	}
	return all
}

// kinds of the types of the vocabulary; what it does not know is an object.
var naiveKinds = map[Kind]*regexp.Regexp{
	KindActivity: regexp.MustCompile(`^(Accept|TentativeAccept|Add|Announce|Arrive|Block|Create|Delete|Dislike|EmojiReact|Flag|Follow|Ignore` +
		`|Invite|Join|Leave|Like|Listen|Lock|Move|Offer|Read|Reject|TentativeReject|Remove|Travel|Undo|Update|View|.*Request)$`),
	KindActor:      regexp.MustCompile(`^(Application|Group|Organization|Person|Service)$`),
	KindCollection: regexp.MustCompile(`Collection(Page)?$`),
	KindTombstone:  regexp.MustCompile(`^Tombstone$`),
	KindObject:     regexp.MustCompile(`^(Article|Audio|Document|Event|Image|Note|Page|Place|Profile|Question|Relationship|Video)$`),
}
