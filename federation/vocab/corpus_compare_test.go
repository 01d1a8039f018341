package vocab

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// maxNaive is how deep documents within documents are compared.
const maxNaive = 6

// comparison holds what the package reads against what the naive reader does.
type comparison struct {
	documents map[Kind]int
	fields    int // what was compared
	filled    int // those of them that say something
	excepted  map[string]int
}

func newComparison() *comparison {
	return &comparison{documents: map[Kind]int{}, excepted: map[string]int{}}
}

// spot is a document as the naive reader has it, and where it stands.
type spot struct {
	place string
	raw   naive
	depth int
}

// inner are the documents that a property carries; of some properties only the first is kept.
type inner struct {
	key  string
	refs []Ref
	many bool
}

// body compares a whole payload, and the documents within it.
func (c *comparison) body(t *testing.T, file string, d Document) {
	t.Helper()
	at := spot{place: file}
	if err := json.Unmarshal(d.Raw, &at.raw); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	c.document(t, at, d)
}

func (c *comparison) document(t *testing.T, at spot, d Document) {
	t.Helper()
	claims, within, err := view(d, at.raw)
	if err != nil {
		t.Errorf("%s: %v", at.place, err)
		return
	}
	if want := naiveKind(at.raw); want != KindUnknown && d.Kind != want {
		t.Errorf("%s: kind = %v, want %v of types %v", at.place, d.Kind, want, at.raw.types())
	}
	if types := at.raw.types(); d.Type != first(types) && !slices.Contains(types, d.Type) {
		t.Errorf("%s: type = %q, want one of %q", at.place, d.Type, types)
	}
	c.documents[d.Kind]++
	for _, f := range append(claims, points("id", d.ID, at.raw.one("id", "@id"))) {
		c.claim(t, at, f)
	}
	for _, in := range within {
		c.within(t, at, in)
	}
}

// within compares the documents that stand in a property; a Link only leads to one.
func (c *comparison) within(t *testing.T, at spot, in inner) {
	t.Helper()
	refs := slices.DeleteFunc(slices.Clone(in.refs), func(r Ref) bool { return r.Raw == nil })
	raw := slices.DeleteFunc(at.raw.objects(in.key), func(o naive) bool { return first(o.types()) == "Link" })
	if len(raw) > 1 && !in.many {
		raw = raw[:1]
		c.excepted[firstOfSeveral]++
	}
	if len(refs) != len(raw) {
		t.Errorf("%s: %d documents in %s, want %d", at.place, len(refs), in.key, len(raw))
		return
	}
	for i, r := range refs {
		d, err := r.Document()
		if err != nil {
			t.Errorf("%s: %s: %v", at.place, in.key, err)
		} else if at.depth < maxNaive {
			c.document(t, spot{fmt.Sprintf("%s %s[%d]", at.place, in.key, i), raw[i], at.depth + 1}, d)
		}
	}
}

// claim compares one, as it is written or, if it differs, as the exceptions make it.
func (c *comparison) claim(t *testing.T, at spot, f claim) {
	t.Helper()
	c.fields++
	if len(f.got)+len(f.want) > 0 {
		c.filled++
	}
	if slices.Equal(f.got, f.want) {
		return
	}
	written, used := f.want, []string{}
	for _, e := range exceptions {
		if !e.of(f) {
			continue
		}
		if want := e.want(f, at.raw); !slices.Equal(want, f.want) {
			f.want, used = want, append(used, e.name)
		}
		if slices.Equal(f.got, f.want) {
			for _, name := range used {
				c.excepted[name]++
			}
			return
		}
	}
	t.Errorf("%s: %s = %q, want %q, written %q", at.place, f.name, f.got, f.want, written)
}

// view is what a document says, seen as what it is, and the documents within it by property.
func view(d Document, m naive) (claims []claim, within []inner, err error) {
	switch d.Kind {
	case KindActivity:
		a, err := d.Activity()
		return activityFields(a, m), []inner{
			{"object", a.Objects, true}, {"target", []Ref{a.Target}, false}, {"origin", []Ref{a.Origin}, false},
			{"result", []Ref{a.Result}, false}, {"instrument", []Ref{a.Instrument}, false},
		}, err
	case KindActor:
		a, err := d.Actor()
		return actorFields(a, m), nil, err
	case KindCollection:
		l, err := d.Collection()
		key := "orderedItems"
		if m.prop(key) == nil {
			key = "items"
		}
		return collectionFields(l, m), []inner{{key, l.Items, true}, {"first", []Ref{l.FirstPage}, false}}, err
	case KindTombstone:
		s, err := d.Tombstone()
		return []claim{
			said("formerType", s.FormerType, first(naive{"type": m.prop("formerType")}.types())),
			dated("deleted", moment(s.Deleted), m.moment("deleted")),
		}, nil, err
	}
	n, err := d.Note()
	return noteFields(n, m), nil, err
}

// naiveKind is the kind of a document by its type, unknown if it has none that the vocabulary knows.
func naiveKind(m naive) Kind {
	found := KindUnknown
	for _, name := range m.types() {
		for kind, names := range naiveKinds {
			if names.MatchString(name) && (found == KindUnknown || kind == KindTombstone) {
				found = kind
			}
		}
	}
	return found
}

// one is the text of a property that can be only that.
func (m naive) one(names ...string) []string {
	s, _ := m.prop(names...).(string)
	return some(s)
}
