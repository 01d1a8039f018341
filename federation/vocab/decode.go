package vocab

import "errors"

var errUnread = errors.New("not read yet")

// Document is what was received: its envelope is known, the rest is bytes.
type Document struct {
	ID, Type string
	Kind     Kind
	Raw      []byte
}

// Decode reads the envelope of a document.
func Decode(body []byte) (Document, error) { return Document{}, errUnread }
