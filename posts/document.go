package posts

import (
	"html"
	"strings"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/text"
)

// Document writes a post of ours as others read it: always a Note, the only type
// whose content Mastodon shows, with a name, which Lemmy needs.
func Document(p Post, iris federation.IRIs) vocab.Note {
	to, cc := addressing(p)
	n := vocab.Note{ID: p.IRI, Type: "Note", AttributedTo: p.Author.IRI, InReplyTo: p.ParentIRI, Context: p.Context,
		URL: p.URL, Name: p.Title, Content: p.WithQuote(), Summary: p.Summary, Source: p.Source,
		SourceType: "text/markdown", MediaType: "text/html", Language: p.Language, Sensitive: p.Sensitive,
		To: to, Cc: cc, Published: p.Published, Replies: p.IRI + "/replies", Tags: tags(p, iris),
		QuotableBy: quotable(p), ApprovedBy: p.ApprovedBy, Attachments: attachments(p.Files, iris, noGrant)}
	themed(p, &n)
	quotes(p, &n)
	asks(p, &n)
	if p.Language != "" {
		n.ContentMap = map[string]string{p.Language: n.Content}
	}
	if p.Community != nil {
		n.Audience = []string{p.Community.IRI}
	}
	if p.Updated != nil {
		n.Updated = *p.Updated
	}
	return n
}

// addressing says to whom a post goes. The community comes early, since Lemmy
// looks for it there.
func addressing(p Post) (to, cc []string) {
	var community, mentioned []string
	if p.Community != nil {
		community = []string{p.Community.IRI}
	}
	for _, a := range p.Mentions {
		mentioned = append(mentioned, a.IRI)
	}
	switch p.Scope {
	case Public:
		to = []string{vocab.Public}
		cc = append(append(community, p.Author.Followers), mentioned...)
	case Unlisted:
		to = []string{p.Author.Followers}
		cc = append(append(community, vocab.Public), mentioned...)
	case Members:
		to = append(community, p.Community.Followers)
	case Animators:
		to = append(community, p.Community.Moderators)
	default:
		to = mentioned
	}
	return to, cc
}

func tags(p Post, iris federation.IRIs) []vocab.Tag {
	var all []vocab.Tag
	for _, a := range p.Mentions {
		all = append(all, vocab.Tag{Type: "Mention", Href: a.IRI, Name: fullHandle(a, iris)})
	}
	for _, tag := range text.Markdown(p.Source, text.Options{}).Hashtags {
		all = append(all, vocab.Tag{Type: "Hashtag", Href: iris.Tag(text.FoldHashtag(tag)), Name: "#" + tag})
	}
	return all
}

// fullHandle names our people too with their server.
func fullHandle(a actors.Actor, iris federation.IRIs) string {
	if !a.Local() {
		return a.Handle()
	}
	return "@" + a.Name + "@" + iris.Host()
}

// Titled says whether the post has a title that neither its content nor its warning says.
func (p Post) Titled() bool {
	return p.Title != "" && p.untitled() != p.Title && text.Title(p.Content) != p.Title
}

// WithTitle is the content, begun with the title where it says more: Mastodon and its apps show
// no names. Lemmy and its kin read the source instead.
func (p Post) WithTitle() string {
	if !p.Titled() {
		return p.Content
	}
	return titleLine(p.Title) + p.Content
}

// untitled is the title that is made of a post that was given none.
func (p Post) untitled() string {
	if title := titleFor(p.Summary, p.Content); title != "" {
		return title
	}
	return titleOfFiles(p.Files)
}

// titleFor makes the title of a post that has none: of its warning where it has
// one, since titles stand in lists, before anybody chose to read what it hides.
func titleFor(warning, content string) string {
	if warning != "" {
		return text.Title(html.EscapeString(warning))
	}
	return text.Title(content)
}

// withoutTitle is for what our like sends.
func withoutTitle(content, title string) string {
	if title == "" {
		return content
	}
	return strings.TrimPrefix(content, titleLine(title))
}

func titleLine(title string) string {
	return "<p><strong>" + html.EscapeString(title) + "</strong></p>"
}
