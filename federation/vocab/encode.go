package vocab

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	ap "github.com/go-ap/activitypub"
)

// A document is written in four steps: our struct becomes go-ap's, with what go-ap does not know
// beside it (extended); the fields of go-ap's struct become properties by their jsonld tags; the
// properties are put in the order below; and the context defines those that ActivityStreams does
// not. go-ap's own encoder is never called: it neither escapes what it writes nor keeps backslashes.

// property is one name and value of an object to write.
type property struct {
	key   string
	value any
}

// properties is an object to write, in any order.
type properties []property

// extended is an object of go-ap with the properties that it has no field for.
type extended struct {
	ap.Item
	more properties
}

// document carries a received or finished document as it is.
type document struct{ ref Ref }

func (d document) GetID() ap.ID                       { return ap.ID(d.ref.ID) }
func (d document) GetLink() ap.IRI                    { return ap.IRI(d.ref.ID) }
func (d document) GetType() ap.ActivityVocabularyType { return ap.ActivityVocabularyType(d.ref.Type) }
func (d document) IsLink() bool                       { return false }
func (d document) IsObject() bool                     { return true }
func (d document) IsCollection() bool                 { return false }

// order is that of the properties of a document, for whoever reads one. The others follow by name.
var order = ranks(`id type actor object attributedTo preferredUsername identifier name nameMap inReplyTo context
	conversation target to cc audience published updated deleted startTime endTime url href summary
	summaryMap content contentMap mediaType width height source language sensitive tag attachment image icon
	replies likes shares inbox outbox followers following featured endpoints publicKey
	totalItems first prev next last partOf items orderedItems`)

func ranks(names string) map[string]int {
	ranks := map[string]int{}
	for i, name := range strings.Fields(names) {
		ranks[name] = i - 1000
	}
	return ranks
}

func byOrder(a, b property) int {
	return cmp.Or(cmp.Compare(order[a.key], order[b.key]), strings.Compare(a.key, b.key))
}

// encode writes an item without a context, to stand inside another or to get one.
func encode(item ap.Item, more properties) ([]byte, error) {
	w := writer{buf: make([]byte, 0, 2048)}
	w.value(extended{item, more})
	return w.buf, w.err
}

// writer appends JSON. The first error stops it.
type writer struct {
	buf []byte
	err error
}

func (w *writer) value(v any) {
	switch v := v.(type) {
	case string:
		w.text(v)
	case ap.IRI:
		w.text(string(v))
	case document:
		w.document(v.ref.Raw)
	case extended:
		w.object(append(fields(v.Item), v.more...))
	case properties:
		w.object(v)
	case ap.ItemCollection:
		w.list(len(v), func(i int) any { return v[i] })
	case []properties:
		w.list(len(v), func(i int) any { return v[i] })
	case []string:
		w.list(len(v), func(i int) any { return v[i] })
	case time.Time:
		w.text(v.Format("2006-01-02T15:04:05.999Z07:00"))
	case ap.Item:
		w.object(fields(v))
	default:
		w.other(v)
	}
}

func (w *writer) list(n int, item func(int) any) {
	w.buf = append(w.buf, '[')
	for i := range n {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.value(item(i))
	}
	w.buf = append(w.buf, ']')
}

func (w *writer) object(o properties) {
	o = slices.DeleteFunc(o, func(p property) bool { return empty(p.value) })
	slices.SortFunc(o, byOrder)
	w.buf = append(w.buf, '{')
	for i, p := range o {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.text(p.key)
		w.buf = append(w.buf, ':')
		w.value(p.value)
	}
	w.buf = append(w.buf, '}')
}

// document writes a document as it is, once it is sure to be one: bytes that ended the object early
// would add properties to what stands around them.
func (w *writer) document(raw []byte) {
	if t, err := scan(raw, maxEncodedDepth); err != nil && w.err == nil {
		w.err = err
	} else if err == nil && t.nodes[0].kind != '{' {
		w.err = fmt.Errorf("%w: what is embedded is no object", ErrInvalid)
	}
	w.buf = append(w.buf, raw...)
}

// text writes a string: itself if nothing in it needs care, which is nearly always.
func (w *writer) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			w.other(s)
			return
		}
	}
	w.buf = append(append(append(w.buf, '"'), s...), '"')
}

// other writes anything as encoding/json does, but for < > and &, which are left as they are.
func (w *writer) other(v any) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil && w.err == nil {
		w.err = fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	w.buf = append(w.buf, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// empty reports whether a property says nothing and is left out.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool, int, float64:
		return false
	case time.Time:
		return v.IsZero()
	case extended, document:
		return false
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Slice, reflect.Map:
		return r.Len() == 0
	}
	return r.IsZero()
}

// field is a property of a go-ap struct.
type field struct {
	index int
	key   string
}

// plans are the fields of each go-ap struct, read once.
var plans sync.Map // reflect.Type to []field

func planOf(t reflect.Type) []field {
	if plan, known := plans.Load(t); known {
		return plan.([]field)
	}
	var plan []field
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("jsonld"), ",")
		if key != "" && key != "-" {
			plan = append(plan, field{i, key})
		}
	}
	plans.Store(t, plan)
	return plan
}

// fields are the properties that a go-ap struct has values for.
func fields(item any) properties {
	v := reflect.Indirect(reflect.ValueOf(item))
	if v.Kind() != reflect.Struct {
		return nil
	}
	plan := planOf(v.Type())
	o := make(properties, 0, 16)
	for _, f := range plan {
		if at := v.Field(f.index); !at.IsZero() {
			o = append(o, property{f.key, known(at.Interface())})
		}
	}
	return o
}

// known turns what go-ap has types of its own for into what writer.value writes.
func known(v any) any {
	switch v := v.(type) {
	case ap.NaturalLanguageValues:
		return string(v.First().Value) // in several languages it is in the maps
	case ap.ActivityVocabularyType:
		return string(v)
	case ap.MimeType:
		return string(v)
	case ap.PublicKey:
		return fields(v)
	case *ap.Endpoints:
		return fields(v)
	case ap.Source:
		return fields(v)
	}
	return v
}
