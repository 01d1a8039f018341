package vocab

import (
	"encoding/json"
	"fmt"
)

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

// Document reads what the reference carries. A mere link is an error: it has to be fetched.
func (r Ref) Document() (Document, error) {
	if r.Raw == nil {
		return Document{}, fmt.Errorf("%w: %q is only linked", ErrInvalid, r.ID)
	}
	return Decode(r.Raw)
}

// Empty reports whether the reference names nothing.
func (r Ref) Empty() bool { return r.ID == "" && r.Raw == nil }

// refs are the documents that a property names; what is neither text nor object is passed over.
func (v value) refs(limit int) ([]Ref, error) {
	n := v.count()
	if n > limit {
		return nil, fmt.Errorf("%w: %d objects, at most %d are read", ErrInvalid, n, limit)
	}
	if n == 0 {
		return nil, nil
	}
	refs := make([]Ref, 0, n)
	var failed error
	v.each(func(e value) bool {
		r, err := e.ref()
		if err != nil {
			failed = err
		} else if !r.Empty() {
			refs = append(refs, r)
		}
		return failed == nil
	})
	return refs, failed
}

// ref is the one document that a value names.
func (v value) ref() (Ref, error) {
	if !v.is('{') {
		return Ref{ID: clean(v.plain())}, nil
	}
	name, _ := v.kindOf()
	if name == "Link" {
		return Link(v.get("href").iri()), nil
	}
	id, err := v.identity()
	if err != nil {
		return Ref{}, err
	}
	return Ref{ID: id, Type: name, Raw: v.bytes()}, nil
}

// one is the first document that a property names.
func (v value) one() (Ref, error) {
	refs, err := v.refs(maxRefs)
	if err != nil || len(refs) == 0 {
		return Ref{}, err
	}
	return refs[0], nil
}
