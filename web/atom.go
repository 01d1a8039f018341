package web

import (
	"encoding/xml"
	"time"
)

// atomFeed is a feed as RFC 4287 has it.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr,omitempty"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomEntry struct {
	Language  string       `xml:"http://www.w3.org/XML/1998/namespace lang,attr,omitempty"`
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Author    atomAuthor   `xml:"author"`
	Links     []atomLink   `xml:"link"`
	Content   *atomContent `xml:"content"` // nil: what comes with a warning
}

type atomAuthor struct {
	Name string `xml:"name"`
	URI  string `xml:"uri"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

// atomContent holds HTML, escaped once more.
type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

const (
	atomType = "application/atom+xml"
	pageType = "text/html"
)

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
