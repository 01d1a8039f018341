package vocab

import (
	"encoding/json"
	"fmt"
	"strings"

	ap "github.com/go-ap/activitypub"
)

// Collection is a list, or a page of one.
type Collection struct {
	ID, Type, AttributedTo string
	Name, Summary          string

	Total *int // nil: not said
	Items []Ref

	First, Next, Prev, Last, PartOf string

	FirstPage Ref  // the first page where it is embedded
	Ordered   bool // emit OrderedCollection(Page)

	Raw []byte // the bytes it was read from
}

// Collection views the document as a list.
func (d Document) Collection() (Collection, error) {
	d, err := d.as(KindCollection)
	if err != nil {
		return Collection{}, err
	}
	v := d.root
	c := Collection{
		ID: d.ID, Type: d.Type, Raw: d.Raw,
		AttributedTo: v.get("attributedTo").iri(),
		Name:         v.words("name"),
		Summary:      v.words("summary"),
		First:        v.get("first").iri(),
		Last:         v.get("last").iri(),
		Next:         v.get("next").iri(),
		Prev:         v.get("prev").iri(),
		PartOf:       v.get("partOf").iri(),
		Ordered:      strings.HasPrefix(d.Type, "Ordered") || v.get("orderedItems").present(),
	}
	if total := v.get("totalItems"); total.is(0) || total.is('"') {
		n := total.whole()
		c.Total = &n
	}
	if first := v.get("first"); first.is('{') {
		c.FirstPage, err = first.ref()
	}
	if err == nil {
		c.Items, err = v.get("orderedItems", "items").refs(maxRefs)
	}
	if err != nil {
		return Collection{}, fmt.Errorf("%s %s: %w", d.Type, d.ID, err)
	}
	return c, nil
}

// ReadCollection decodes a body that must be a list.
func ReadCollection(body []byte) (Collection, error) {
	d, err := Decode(body)
	if err != nil {
		return Collection{}, err
	}
	return d.Collection()
}

// Encode writes the collection as a document of its own.
func (c Collection) Encode() ([]byte, error) { return withContextOf(c.bare()) }

// Embed writes the collection to stand inside another document.
func (c Collection) Embed() (Ref, error) { return embed(c.ID, c.typeName())(c.bare()) }

func (c Collection) bare() ([]byte, error) {
	if err := legible(c.ID); err != nil {
		return nil, err
	}
	more := properties{}
	if c.Total != nil {
		more = append(more, property{"totalItems", *c.Total})
	}
	first := iri(c.First)
	if c.FirstPage.Raw != nil {
		first = c.FirstPage.item()
	}
	items := make(ap.ItemCollection, 0, len(c.Items))
	for _, r := range c.Items {
		items = append(items, r.item())
	}
	page := ap.CollectionPage{
		ID: ap.IRI(c.ID), Type: ap.ActivityVocabularyType(c.typeName()),
		AttributedTo: iri(c.AttributedTo), Name: words(c.Name), Summary: words(c.Summary),
		First: first, Last: iri(c.Last), Next: iri(c.Next), Prev: iri(c.Prev), PartOf: iri(c.PartOf), Items: items,
	}
	hidden := c.Total != nil && *c.Total > 0 && c.PartOf == ""
	if key := c.itemsKey(); len(items) == 0 && first == nil && !hidden {
		more = append(more, property{key, json.RawMessage("[]")}) // an empty list is a list
	} else if key == "orderedItems" {
		page.Items, more = nil, append(more, property{key, items})
	}
	return encode(&page, more)
}

// typeName is the type, or the one that fits if none is given.
func (c Collection) typeName() string {
	switch {
	case c.Type != "":
		return c.Type
	case c.PartOf != "" && c.Ordered:
		return string(ap.OrderedCollectionPageType)
	case c.PartOf != "":
		return string(ap.CollectionPageType)
	case c.Ordered:
		return string(ap.OrderedCollectionType)
	}
	return string(ap.CollectionType)
}

func (c Collection) itemsKey() string {
	if c.Ordered || strings.HasPrefix(c.Type, "Ordered") {
		return "orderedItems"
	}
	return "items"
}
