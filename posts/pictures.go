package posts

import (
	"html"
	"slices"
	"strings"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/media"
	"passerelles/text"
)

const (
	mostPictures = 16   // of one post
	longestAlt   = 1500 // characters
	largestSize  = 20_000
)

// Picture is one that came with a post of another server. It is shown from an
// address of ours: see package media.
type Picture struct {
	Post          int64
	Place         int
	URL           string
	Alt           string // what it shows, in words
	Blurhash      string // stands in its place while it is not there; "" unknown
	Width, Height int    // as its server says; 0 unknown
}

// Ref names the picture to package media.
func (p Picture) Ref() media.Ref {
	return media.Ref{Kind: media.Picture, Owner: p.Post, Place: p.Place}
}

// picturesOf finds the pictures that come with a post. A Page or an Article without any
// may have one that stands for it; a Note's is more often its software's.
func picturesOf(n vocab.Note) (all []Picture) {
	attached := n.Attachments
	if !slices.ContainsFunc(attached, isPicture) && slices.Contains([]string{"Page", "Article", "Event"}, n.Type) {
		attached = []vocab.Attachment{{Type: "Image", URL: n.Image.URL, Name: n.Image.Name, Width: n.Image.Width, Height: n.Image.Height}}
	}
	for _, a := range attached {
		twice := slices.ContainsFunc(all, func(p Picture) bool { return p.URL == a.URL })
		if len(all) == mostPictures || twice || !isPicture(a) {
			continue
		}
		p := Picture{Place: len(all), URL: a.URL, Alt: text.Excerpt(html.EscapeString(a.Name), longestAlt)}
		if media.Blur(a.Blurhash) != nil {
			p.Blurhash = a.Blurhash
		}
		if a.Width > 0 && a.Width <= largestSize && a.Height > 0 && a.Height <= largestSize {
			p.Width, p.Height = a.Width, a.Height
		}
		all = append(all, p)
	}
	return all
}

// isPicture says whether an attachment may be shown in its place; what its server
// says of it is only where to look.
func isPicture(a vocab.Attachment) bool {
	image := strings.HasPrefix(a.MediaType, "image/") || a.MediaType == "" && a.Type == "Image"
	return image && a.Type != "Link" && a.Type != "PropertyValue" && federation.CheckIRI(a.URL) == nil
}
