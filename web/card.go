package web

import (
	"passerelles/actors"
	"passerelles/posts"
	"passerelles/text"
)

const (
	schemas     = "https://schema.org"
	longestSaid = 1000 // characters of a post that search engines are told
)

// card is what a page says of itself to those who show a link to it: Open Graph,
// and schema.org for search engines. Only strangers are given one, so that it
// holds nothing but what they see.
type card struct {
	Type, URL, Title, Description string
	Data                          any // JSON-LD
}

// thing is an object of schema.org.
type thing struct {
	Context     string `json:"@context,omitempty"`
	Type        string `json:"@type"`
	ID          string `json:"@id,omitempty"`
	URL         string `json:"url,omitempty"`
	Name        string `json:"name,omitempty"`
	Handle      string `json:"alternateName,omitempty"`
	Description string `json:"description,omitempty"`
	Headline    string `json:"headline,omitempty"`
	Text        string `json:"text,omitempty"`
	Language    string `json:"inLanguage,omitempty"`
	Published   string `json:"datePublished,omitempty"`
	Modified    string `json:"dateModified,omitempty"`
	Replies     *int   `json:"commentCount,omitempty"`
	Author      *thing `json:"author,omitempty"`
	PartOf      *thing `json:"isPartOf,omitempty"`
	About       *thing `json:"mainEntity,omitempty"`
}

// cardOf tells of a community of ours.
func (h *Handler) cardOf(a actors.Actor) *card {
	it := h.face(a)
	it.Context, it.ID = schemas, a.IRI
	return &card{Type: "website", URL: it.URL, Title: it.Name, Description: it.Description, Data: it}
}

// cardOfPerson tells of somebody of ours.
func (h *Handler) cardOfPerson(a actors.Actor) *card {
	it := h.face(a)
	it.ID = a.IRI
	page := thing{Context: schemas, Type: "ProfilePage", URL: it.URL, About: &it}
	return &card{Type: "profile", URL: it.URL, Title: it.Name, Description: it.Description, Data: page}
}

// face is how an actor shows itself.
func (h *Handler) face(a actors.Actor) thing {
	kind := "Person"
	if a.Kind == actors.Group {
		kind = "Organization"
	}
	return thing{Type: kind, URL: h.Origin + actorPath(a), Name: a.DisplayName(), Handle: h.address(a),
		Description: text.Excerpt(a.Summary, previewLength)}
}

// cardOfThread tells of a post of ours: of one that comes with a warning, the
// warning alone.
func (h *Handler) cardOfThread(language string, p posts.Post) (*card, error) {
	title, err := h.told(language, p)
	it := thing{Context: schemas, Type: "DiscussionForumPosting", ID: p.IRI, URL: h.Origin + postPath(p.ID), Headline: title,
		Language: p.Language, Published: atomTime(p.Published), Modified: atomTime(changed(p)), Replies: &p.Replies,
		Author: &thing{Type: "Person", Name: p.Author.DisplayName(), URL: h.homeOf(p.Author)}}
	if !warned(p) {
		it.Text = text.Excerpt(p.Content, longestSaid)
	}
	if c := p.Community; c != nil {
		it.PartOf = &thing{Type: "WebPage", Name: c.DisplayName(), URL: h.homeOf(*c)}
	}
	return &card{Type: "article", URL: it.URL, Title: title, Description: preview(p), Data: it}, err
}
