package vocab

import "encoding/json"

// Ref names another document, by its id alone or with the document itself inside.
type Ref struct {
	ID, Type string
	Raw      json.RawMessage // the document's own bytes; nil when it is only linked
}

// Link names a document by its id.
func Link(id string) Ref { return Ref{ID: id} }

// Embed carries a document inside another, byte for byte.
func Embed(raw []byte) (Ref, error) {
	d, err := Decode(raw)
	if err != nil {
		return Ref{}, err
	}
	return Ref{ID: d.ID, Type: d.Type, Raw: d.Raw}, nil
}

// Document reads what the reference carries.
func (r Ref) Document() (Document, error) { return Decode(r.Raw) }
