package vocab

import (
	"encoding/json"
	"fmt"

	ap "github.com/go-ap/activitypub"
)

// withContextOf finishes a document.
func withContextOf(object []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return withContext(object)
}

// embed makes a reference of a document written without a context.
func embed(id, name string) func([]byte, error) (Ref, error) {
	return func(object []byte, err error) (Ref, error) {
		if err != nil {
			return Ref{}, err
		}
		return Ref{ID: id, Type: name, Raw: object}, nil
	}
}

// legible refuses to write what nobody could read: ids that are no IRIs.
func legible(ids ...string) error {
	for _, id := range ids {
		if id != "" && clean(id) == "" {
			return fmt.Errorf("%w: %.80q is no id", ErrInvalid, id)
		}
	}
	return nil
}

// iri is an IRI to write, and nothing if it is empty.
func iri(s string) ap.Item {
	if s == "" {
		return nil
	}
	return ap.IRI(s)
}

func iris(all []string) ap.ItemCollection {
	items := make(ap.ItemCollection, 0, len(all))
	for _, s := range all {
		items = append(items, ap.IRI(s))
	}
	if len(items) == 0 {
		return nil
	}
	return items
}

// orNone is an empty list if there are no values, where peers count on there being a list.
func orNone(key string, values int) property {
	if values > 0 {
		return property{}
	}
	return property{key, json.RawMessage("[]")}
}

// audience is text if it is one: Lemmy reads no list there.
func audience(all []string) property {
	if len(all) == 1 {
		return property{"audience", all[0]}
	}
	return property{"audience", all}
}

// words are a text to write, and nothing if it is empty.
func words(s string) ap.NaturalLanguageValues {
	if s == "" {
		return nil
	}
	return ap.NaturalLanguageValues{{Ref: ap.NilLangRef, Value: ap.Content(s)}}
}

// item is the reference as go-ap would hold it: the document itself, or its id.
func (r Ref) item() ap.Item {
	if r.Raw != nil {
		return document{r}
	}
	return iri(r.ID)
}

// tagItems are tags to write. go-ap keeps no Hashtag nor Emoji when it reads, but writes any Link.
func tagItems(tags []Tag) ap.ItemCollection {
	items := make(ap.ItemCollection, 0, len(tags))
	for _, t := range tags {
		more := properties{{"rel", t.Rel}}
		if t.Icon != "" {
			more = append(more, property{"icon", imageItem(Image{URL: t.Icon})})
		}
		items = append(items, extended{&ap.Link{
			ID: ap.IRI(t.ID), Type: ap.ActivityVocabularyType(t.Type), Name: words(t.Name), Href: ap.IRI(t.Href),
			MediaType: ap.MimeType(t.MediaType),
		}, more})
	}
	if len(items) == 0 {
		return nil
	}
	return items
}

// imageItem is a picture to write; its url is text, the only form that Lemmy reads.
func imageItem(p Image) ap.Item {
	if p.URL == "" {
		return nil
	}
	return extended{&ap.Object{
		Type: ap.ImageType, URL: ap.IRI(p.URL), MediaType: ap.MimeType(p.MediaType), Name: words(p.Name),
	}, measures(p.Width, p.Height)}
}

func measures(width, height int) properties {
	if width <= 0 || height <= 0 {
		return nil
	}
	return properties{{"width", width}, {"height", height}}
}

// attachmentItems are attachments to write. Lemmy refuses the whole post for one that is no Image, Link
// or Document with an address in plain text, so all other files are Documents, as Mastodon's are.
func attachmentItems(all []Attachment) ap.ItemCollection {
	var items ap.ItemCollection
	for _, a := range all {
		more := append(measures(a.Width, a.Height), property{"blurhash", a.Blurhash})
		if a.FocalPoint != nil {
			more = append(more, property{"focalPoint", a.FocalPoint[:]})
		}
		switch {
		case a.URL == "":
			continue
		case a.Type == string(ap.LinkType):
			items = append(items, &ap.Link{
				Type: ap.LinkType, Href: ap.IRI(a.URL), MediaType: ap.MimeType(a.MediaType), Name: words(a.Name),
			})
			continue
		case a.Type != string(ap.ImageType):
			a.Type = string(ap.DocumentType)
		}
		items = append(items, extended{&ap.Object{
			Type: ap.ActivityVocabularyType(a.Type), URL: ap.IRI(a.URL),
			MediaType: ap.MimeType(a.MediaType), Name: words(a.Name),
		}, more})
	}
	return items
}
