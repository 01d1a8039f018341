package posts

import (
	"cmp"
	"embed"
	"html"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/text"
)

//go:embed texts
var texts embed.FS

// say gives what the server itself says in a language.
var say = text.Sayer(texts, "texts")

// personal is a post of which members are told one by one.
type personal struct {
	post  Post
	voice communities.Voice
}

// note writes an echo: a mention, and a link or, where the community chose so, the post itself.
// It names its reader only.
func (n personal) note(s *Service, c echoed, to actors.Actor) (vocab.Note, error) {
	lang, p := text.Spoken(n.voice.Language), n.post
	values := map[string]any{"Author": titleOf(p.Author), "Community": titleOf(*p.Community)}
	key := "echo.redacted"
	if n.voice.EchoesWhole {
		key = "echo.whole"
	}
	said := map[string]string{}
	for _, k := range []string{key, "echo.link", "echo.foot"} {
		words, err := say(lang, k, values)
		if err != nil {
			return vocab.Note{}, err
		}
		said[k] = html.EscapeString(words)
	}
	link := s.Link(c.ID)
	content := "<p>" + mention(to) + " " + said[key] + "</p>"
	if n.voice.EchoesWhole {
		content += p.WithTitle()
	}
	content += `<p><a href="` + html.EscapeString(link) + `">` + said["echo.link"] + "</a></p><p>" + said["echo.foot"] + "</p>"
	note := vocab.Note{ID: s.iris.Echo(c.ID), Type: "Note", AttributedTo: p.Community.IRI, URL: link, Content: content,
		MediaType: "text/html", Language: lang, To: []string{to.IRI}, Published: c.At,
		Tags: []vocab.Tag{{Type: "Mention", Href: to.IRI, Name: to.Handle()}}}
	if n.voice.EchoesWhole {
		note.Summary, note.Sensitive = p.Summary, p.Sensitive
	}
	return note, nil
}

// mention links a person as Mastodon does.
func mention(a actors.Actor) string {
	return `<span class="h-card"><a href="` + html.EscapeString(cmp.Or(a.URL, a.IRI)) + `" class="u-url mention">@<span>` + html.EscapeString(a.Name) + "</span></a></span>"
}

func titleOf(a actors.Actor) string { return text.OneLine(cmp.Or(a.Title, a.Name)) }
