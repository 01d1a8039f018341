package vocab

import (
	"fmt"
	"strings"
	"unicode"
)

const maxIRI = 2048

// clean is an IRI that cannot break out of a string, a header or a page, or nothing.
//
// Addresses on the web must have a host and no user name, which could pass for the host. The
// opaque ones are kept since they only name something: nobody fetches them.
func clean(iri string) string {
	if iri == "" || len(iri) > maxIRI || strings.ContainsFunc(iri, harmful) {
		return ""
	}
	scheme, rest, found := strings.Cut(iri, ":")
	if !found {
		return ""
	}
	switch scheme {
	case "https", "http":
		host, slashes := strings.CutPrefix(rest, "//")
		if end := strings.IndexAny(host, "/?#"); end >= 0 {
			host = host[:end]
		}
		if !slashes || host == "" || strings.Contains(host, "@") {
			return ""
		}
		return iri
	case "urn", "did", "tag", "ap":
		return iri
	}
	return ""
}

func harmful(r rune) bool {
	switch {
	case r <= ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == 0x7f:
		return true
	case r < 0x80:
		return false
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// identity is the id of a document. What is no IRI names nothing, and leaves the document anonymous,
// as some activities are; but one that could be read as something else is refused.
func (v value) identity() (string, error) {
	id := v.get("id", "@id")
	if text := id.plain(); strings.ContainsFunc(text, harmful) || len(text) > maxIRI {
		return "", fmt.Errorf("%w: id %.80q", ErrInvalid, text)
	}
	return clean(id.plain()), nil
}

// iri is what a property points to: an IRI, an object by its id or a Link by its href; of several,
// the first that is one.
func (v value) iri() (iri string) {
	v.each(func(e value) bool {
		if e.is('{') {
			e = e.get("id", "@id", "href")
		}
		iri = clean(e.plain())
		return iri == ""
	})
	return iri
}

// iris are all that a property points to, in their order, at most limit of them.
func (v value) iris(limit int) (iris []string, err error) {
	if n := v.count(); n > limit {
		return nil, fmt.Errorf("%w: %d values, at most %d are read", ErrInvalid, n, limit)
	} else if n > 0 {
		iris = make([]string, 0, n)
	}
	v.each(func(e value) bool {
		if iri := e.iri(); iri != "" {
			iris = append(iris, iri)
		}
		return true
	})
	return iris, nil
}

// addresses are iris in which Public has one form.
func (v value) addresses() (to []string, err error) {
	if n := v.count(); n > maxAddresses {
		return nil, fmt.Errorf("%w: addressed to %d, at most %d are read", ErrInvalid, n, maxAddresses)
	} else if n > 0 {
		to = make([]string, 0, n)
	}
	v.each(func(e value) bool {
		if iri := e.iri(); iri != "" {
			to = append(to, iri)
		} else if e.everybody() {
			to = append(to, Public)
		}
		return true
	})
	return to, nil
}

// everybody says whether this is Public in one of its short forms, or a collection that has it for id.
func (v value) everybody() bool {
	if v.is('{') {
		v = v.get("id", "@id")
	}
	return v.plain() == "as:Public" || v.plain() == "Public"
}
