package vocab

import "fmt"

// Tag is a Mention, Hashtag, Emoji or Link.
type Tag struct {
	Type, Name, Href string
	ID, Icon         string // Emoji: its id and the address of its picture
	MediaType, Rel   string // Link
}

// Attachment is a file, a picture or a link that comes with a post.
type Attachment struct {
	Type, MediaType, URL, Name, Blurhash string

	Width, Height int
	FocalPoint    *[2]float64

	Value string // PropertyValue: what a profile or an event says of itself
}

// Image is a picture that stands for something.
type Image struct {
	URL, MediaType, Name string
	Width, Height        int
}

// tags are the tags of a post but for its themes; what is no object says nothing and is passed over.
func (v value) tags() ([]Tag, error) {
	n := v.count()
	if n > maxTags {
		return nil, fmt.Errorf("%w: %d tags, at most %d are read", ErrInvalid, n, maxTags)
	}
	var tags []Tag
	v.each(func(e value) bool {
		if t := e.tag(); t != (Tag{}) && !isTheme(t.Type) {
			if tags == nil {
				tags = make([]Tag, 0, n)
			}
			tags = append(tags, t)
		}
		return true
	})
	return tags, nil
}

func (v value) tag() Tag {
	if !v.is('{') {
		return Tag{}
	}
	name, _ := v.kindOf()
	return Tag{
		Type: name, Name: v.get("name").text(), Href: v.get("href").iri(), ID: clean(v.get("id").plain()),
		Icon: v.get("icon").picture().URL, MediaType: v.get("mediaType").text(), Rel: v.get("rel").text(),
	}
}

// attachments are what comes with a post. One that has neither an address nor a value is passed over.
func (v value) attachments() ([]Attachment, error) {
	n := v.count()
	if n > maxAttachments {
		return nil, fmt.Errorf("%w: %d attachments, at most %d are read", ErrInvalid, n, maxAttachments)
	}
	var attachments []Attachment
	v.each(func(e value) bool {
		if a := e.attachment(); a.URL != "" || a.Value != "" {
			attachments = append(attachments, a)
		}
		return true
	})
	return attachments, nil
}

func (v value) attachment() Attachment {
	if !v.is('{') {
		return Attachment{Type: "Link", URL: clean(v.plain())}
	}
	a := Attachment{
		MediaType: v.mediaType(), Name: v.get("name").text(), Blurhash: v.get("blurhash").text(),
		Width: v.get("width").whole(), Height: v.get("height").whole(), Value: v.get("value").text(),
		FocalPoint: v.get("focalPoint").focus(),
	}
	a.Type, _ = v.kindOf()
	if alt := v.get("summary").text(); alt != "" && a.Type != "Link" {
		a.Name = alt // what Mastodon prefers, where a file's name is its name
	}
	link := v.get("url", "href").best("")
	a.URL = link.URL
	if a.MediaType == "" {
		a.MediaType = link.MediaType
	}
	if a.Width == 0 && a.Height == 0 {
		a.Width, a.Height = link.Width, link.Height
	}
	return a
}

// mediaType is that of a file or of a link, also in the word of PeerTube before 2.0.
func (v value) mediaType() string { return v.get("mediaType", "mimeType").text() }

// focus is the point of a picture to keep in sight, from -1 to 1 on both axes.
func (v value) focus() *[2]float64 {
	var point [2]float64
	n, valid := 0, v.is('[')
	v.each(func(e value) bool {
		f, ok := e.number()
		if valid = valid && ok && n < 2 && f >= -1 && f <= 1; valid {
			point[n] = f
		}
		n++
		return valid
	})
	if !valid || n != 2 {
		return nil
	}
	return &point
}

// picture is an image, written as an object, a Link, an address or a list of those.
func (v value) picture() (p Image) {
	v.each(func(e value) bool {
		if p = e.best(""); e.is('{') && e.get("url").present() {
			outer := p
			p = e.get("url").best("")
			p.Name = outer.Name
			if p.MediaType == "" {
				p.MediaType = outer.MediaType
			}
			if p.Width == 0 && p.Height == 0 {
				p.Width, p.Height = outer.Width, outer.Height
			}
		}
		return p.URL == ""
	})
	return p
}

// best is the address among several (text or Link) whose media type is wanted, else the first.
func (v value) best(wanted string) (best Image) {
	v.each(func(e value) bool {
		link := Image{URL: clean(e.plain())}
		if e.is('{') {
			link = Image{
				URL: e.get("href", "url").iri(), MediaType: e.mediaType(), Name: e.get("name").text(),
				Width: e.get("width").whole(), Height: e.get("height").whole(),
			}
		}
		fits := wanted != "" && link.MediaType == wanted
		if link.URL != "" && (best.URL == "" || fits) {
			best = link
		}
		return !fits
	})
	return best
}
