package vocab

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// value is a place in a tree. The zero value is absent, and so is every null: all its readers
// answer with nothing rather than an error, because peers write the same thing in many shapes.
type value struct {
	tree *tree
	at   int
}

func (v value) node() *node { return &v.tree.nodes[v.at] }

func (v value) present() bool { return v.tree != nil }

func (v value) is(kind byte) bool { return v.tree != nil && v.node().kind == kind }

// raw is the text of the value, as it came.
func (v value) raw() string { return v.tree.raw(v.at) }

// get is the first of these properties that is there.
func (v value) get(keys ...string) value {
	if !v.is('{') {
		return value{}
	}
	for _, key := range keys {
		if i := v.tree.find(v.at, int(v.node().next), key); i > 0 && v.tree.nodes[i].kind != 'n' {
			return value{v.tree, i}
		}
	}
	return value{}
}

// each visits the values of an array, or the value itself: one is as good as a list of one.
// It stops when the visitor has had enough.
func (v value) each(visit func(value) (goOn bool)) {
	if !v.is('[') {
		if v.present() {
			visit(v)
		}
		return
	}
	for i := v.at + 1; i < int(v.node().next); i = int(v.tree.nodes[i].next) {
		if v.tree.nodes[i].kind != 'n' && !visit(value{v.tree, i}) {
			return
		}
	}
}

// members visits the properties of an object in the order of the text.
func (v value) members(visit func(key string, m value)) {
	if !v.is('{') {
		return
	}
	for i := v.at + 1; i < int(v.node().next); i = int(v.tree.nodes[i].next) {
		if v.tree.nodes[i].kind != 'n' {
			visit(v.tree.nodes[i].key, value{v.tree, i})
		}
	}
}

// count is the length of an array, 1 for any other value that is there.
func (v value) count() (n int) {
	v.each(func(value) bool { n++; return true })
	return n
}

// text is what a string says, or the first string of an array. NUL, which PostgreSQL cannot
// keep in a text, is left out.
func (v value) text() (s string) {
	v.each(func(e value) bool {
		s = e.plain()
		if strings.IndexByte(s, 0) >= 0 {
			s = strings.ReplaceAll(s, "\x00", "")
		}
		return s == ""
	})
	return s
}

// plain is exactly what a string says, and nothing for any other value.
func (v value) plain() string {
	if !v.is('"') {
		return ""
	}
	return unquote(v.raw(), v.node().escaped)
}

// truth reads a boolean, also written as a string.
func (v value) truth() bool { return v.is('t') || v.plain() == "true" }

// number reads a number, also written as a string; ok is false if it is none.
func (v value) number() (f float64, ok bool) {
	switch {
	case v.is(0):
		f, err := strconv.ParseFloat(v.raw(), 64)
		return f, err == nil
	case v.is('"'):
		f, err := strconv.ParseFloat(v.text(), 64)
		return f, err == nil && f == f && f-f == 0
	}
	return 0, false
}

// whole reads a count; what is negative, broken or beyond reason is 0.
func (v value) whole() int {
	if f, ok := v.number(); ok && f >= 0 && f <= 1<<31-1 {
		return int(f)
	}
	return 0
}

// moments are the ways peers write a time, after RFC 3339, which Go reads with or without fractions.
// Those without a zone are taken as UTC.
var moments = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// time reads a moment, zero if it is none.
func (v value) time() time.Time {
	s := v.text()
	if s == "" || len(s) > 40 {
		return time.Time{}
	}
	for _, layout := range moments {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t
		}
	}
	return time.Time{}
}

// bytes is the value as it came.
func (v value) bytes() json.RawMessage {
	n := v.node()
	return v.tree.body[n.start:n.end:n.end]
}
