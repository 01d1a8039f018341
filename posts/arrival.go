package posts

import (
	"html"
	"slices"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/text"
)

// In is a post that came in an activity, whose authenticity the inbox established.
type In struct {
	Note      vocab.Note
	Author    actors.Actor  // who wrote it
	Community *actors.Actor // the Group that announced it, or that the inbox found in it; nil if none
	Announced bool          // Community announced it to us

	Activity     []byte // as its author sent it: what a community of ours announces; nil when it was fetched
	ActivityIRI  string
	ActivityType string // Create or Update

	Leave  vocab.Note // to quote what it quotes, as its server shows it; none where ID is ""
	Quoted *In        // what it quotes, where that is not here: it is kept first, if it may be

	Told  bool  // it answers an echo, which only its author was sent
	Asked int64 // the Turn in which its server was asked; 0: it was not

	cleaned *arrival // by Clean
}

// toGroupAlone says whether a post answers an echo in the way of microblogs: it is addressed to
// who sent the echo and to nobody else.
func (in In) toGroupAlone(community *actors.Actor) bool {
	return in.Told && community != nil && scopeOf(in.Note, community) == Direct
}

// version is how a post reads since some time.
type version struct {
	At                                             time.Time // its updated, or published
	Title, Content, Source, Summary, Language, URL string
	Sensitive                                      bool
	Document                                       []byte
	Pictures                                       []Picture
	Tags                                           []string // as they are written, without #
	Quotable                                       string
}

// arrival is a post of others, cleaned.
type arrival struct {
	version
	published time.Time
	context   string
}

// most addresses that are looked at to find the community and the people here.
const mostAddressed = 200

// checkIn refuses what nobody could have written.
func (s *Service) checkIn(in In) error {
	n := in.Note
	switch {
	case n.ID == "" || s.iris.Local(n.ID) || in.Author.Local():
		return fault.New(fault.Forbidden, "This is not a post of another server.")
	case !federation.SameOrigin(n.ID, in.Author.IRI):
		return fault.New(fault.Forbidden, "This post is not of its author's server.")
	case n.AttributedTo != in.Author.IRI && !slices.Contains(n.Authors, in.Author.IRI):
		return fault.New(fault.Forbidden, "This post is by somebody else.")
	case n.InReplyTo == n.ID:
		return fault.New(fault.Invalid, "This post replies to itself.")
	}
	return nil
}

// Clean makes of what came what may be shown, before the transaction that keeps it: that
// takes long for a long text.
func (s *Service) Clean(in In) In {
	a := s.clean(in)
	in.cleaned = &a
	return in
}

// clean makes of what came what may be shown. Times to come are taken for now:
// a version from the future would hide all later ones.
func (s *Service) clean(in In) arrival {
	if in.cleaned != nil {
		return *in.cleaned
	}
	n, now := in.Note, s.now()
	a := arrival{published: clamp(n.Published, now), context: n.Context}
	a.At = a.published
	if in.ActivityType == "Update" && n.Updated.IsZero() {
		a.At = clamp(time.Time{}, now)
	} else if n.Updated.After(a.published) {
		a.At = clamp(n.Updated, now)
	}
	a.Title = text.Excerpt(html.EscapeString(n.Name), longestTitle)
	said := n.Content
	switch {
	case warns(n):
		a.Summary = text.Excerpt(n.Summary, longestSummary)
	case said == "":
		said = n.Summary
	}
	a.Content = withoutTitle(text.Sanitize(said+linked(n.Attachments)), a.Title)
	a.Pictures = picturesOf(n)
	a.Tags = hashtagsIn(n)
	a.Quotable = quotableIn(n, in.Author)
	a.Language, a.Sensitive = n.Language, n.Sensitive
	if n.URL != "" && federation.SameOrigin(n.URL, n.ID) {
		a.URL = n.URL
	}
	if a.context != "" && federation.CheckIRI(a.context) != nil {
		a.context = ""
	}
	a.Document = in.Activity
	if a.Document == nil {
		a.Document = n.Raw
	}
	a.Document = vocab.WithoutBlind(a.Document)
	return a
}

// warns says whether the summary of a post hides what it says, as that of a Note does. That
// of an Article, a Page or an Event tells what it is about (NodeBB, Mbin, Gancio).
func warns(n vocab.Note) bool {
	return n.Sensitive || !slices.Contains([]string{"Article", "Page", "Event", "Video", "Audio", "Image", "Document"}, n.Type)
}

// clamp keeps a time within what we store: microseconds, not in the future.
func clamp(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		t = now
	}
	if t.Unix() < 0 {
		t = time.Unix(0, 0)
	}
	return t.UTC().Truncate(time.Microsecond)
}

// linked says in words what is attached and is no picture, so that nothing is lost:
// Lemmy attaches the link that a post is about. Sound and film stay on their server.
func linked(attachments []vocab.Attachment) string {
	var b strings.Builder
	for _, a := range attachments[:min(len(attachments), 8)] {
		if a.URL == "" || a.Type == "PropertyValue" || isPicture(a) {
			continue
		}
		name := a.Name
		if name == "" {
			name = a.URL
		}
		b.WriteString(`<p><a href="` + html.EscapeString(a.URL) + `">` + html.EscapeString(name) + `</a></p>`)
	}
	return b.String()
}

// addressed gives whom a post names, in the order in which its community is
// looked for.
func addressed(n vocab.Note, author actors.Actor) []string {
	var all []string
	add := func(iris ...string) {
		for _, iri := range iris {
			if iri != vocab.Public && iri != author.Followers && iri != author.IRI && iri != "" &&
				len(all) < mostAddressed && !slices.Contains(all, iri) {
				all = append(all, iri)
			}
		}
	}
	add(n.Audience...)
	add(n.To...)
	add(n.Cc...)
	for _, tag := range n.Tags {
		if tag.Type == "Mention" {
			add(tag.Href)
		}
	}
	return all
}

// scopeOf reads who may see a post: at most those whom its community lets in. What names the
// followers of a community is for its members (Lemmy), what names its moderators for its
// animators. What is for the followers of a person is shown only to those whom it names.
func scopeOf(n vocab.Note, community *actors.Actor) string {
	named := func(iri string) bool {
		return iri != "" && (slices.Contains(n.To, iri) || slices.Contains(n.Cc, iri))
	}
	scope := Direct
	switch {
	case slices.Contains(n.To, vocab.Public):
		scope = Public
	case named(vocab.Public):
		scope = Unlisted
	case community == nil:
		return Direct
	case named(community.Followers):
		scope = Members
	case named(community.Moderators):
		scope = Animators
	}
	if community == nil || scope == Direct {
		return scope
	}
	return narrower(scope, widest(community.Access))
}
