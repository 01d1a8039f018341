package vocab

import "fmt"

// Lists are bounded too: a list that is longer is an error, not a shorter list.
const (
	maxRefs        = 2000 // objects of an activity, items of a collection
	maxAddresses   = 2000 // each of to, cc, audience
	maxTags        = 1000
	maxAttachments = 200
	maxOptions     = 500 // of a poll
	maxKeysRead    = 50  // of an actor
)

// Document is what was received: its envelope is known, the rest is bytes.
type Document struct {
	ID, Type string // ID is empty for the anonymous
	Kind     Kind
	Raw      []byte

	root value
}

// Decode reads the envelope of a document. It keeps the body: leave it unchanged.
//
// The body is not given to go-ap's decoder, which loses half of what peers write and alters
// backslashes; each property has one reader, here, so that what is checked is what is used.
func Decode(body []byte) (Document, error) {
	t, err := scan(body, maxDepth)
	if err != nil {
		return Document{}, err
	}
	d := Document{Raw: body, root: value{tree: t}}
	if !d.root.is('{') {
		return Document{}, fmt.Errorf("%w: not an object", ErrInvalid)
	}
	if d.ID, err = d.root.identity(); err != nil {
		return Document{}, err
	}
	d.Type, d.Kind = d.root.kindOf()
	return d, nil
}

// as is the document with its root, if it is one of these kinds or not known to be another.
func (d Document) as(want ...Kind) (Document, error) {
	if !d.root.present() {
		whole, err := Decode(d.Raw)
		if err != nil {
			return Document{}, err
		}
		d = whole
	}
	for _, kind := range append(want, KindUnknown) {
		if d.Kind == kind {
			return d, nil
		}
	}
	return Document{}, fmt.Errorf("%w: a %.40s is something else", ErrInvalid, d.Type)
}
