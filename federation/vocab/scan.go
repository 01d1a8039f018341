package vocab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrInvalid is wrapped by every refusal to read or write a document.
var ErrInvalid = errors.New("this document cannot be read")

// A document is bounded before anybody looks at what it says.
const (
	maxDepth        = 32      // of what is read
	maxEncodedDepth = 64      // of what is written: a document of 32, wrapped
	maxNodes        = 1 << 17 // values in a document
	maxKeys         = 256     // properties of one object
)

// node is one JSON value: where it stands, and where the next one beside it does.
type node struct {
	key        string // in an object, its unescaped name
	start, end int32  // in tree.text
	next       int32  // index of what follows its children
	kind       byte   // first byte: { [ " t f n, or 0 for a number
	escaped    bool   // a string with a backslash in it
}

// tree is a JSON text, checked and indexed in one pass. A name that stands twice is refused, since
// two readers may choose differently between its values.
type tree struct {
	body  []byte
	text  string // the same: its pieces are taken without copying
	nodes []node // in the order of the text, the root first
}

// scan reads a JSON text whose values nest at most depth times.
func scan(body []byte, depth int) (*tree, error) {
	s := scanner{depth: depth}
	s.body, s.text = body, string(body)
	s.nodes = make([]node, 0, 16+len(body)/20)
	if !utf8.ValidString(s.text) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrInvalid)
	}
	err := s.value("", 0)
	if s.space(); err == nil && s.pos < len(s.text) {
		err = s.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &s.tree, nil
}

// scanner is the pass that makes a tree.
type scanner struct {
	tree
	pos, depth int
}

func (s *scanner) unexpected() error {
	return fmt.Errorf("%w: not JSON at byte %d", ErrInvalid, s.pos)
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\n', '\t', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is not space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos == len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

func (s *scanner) value(key string, level int) error {
	if level > s.depth || len(s.nodes) >= maxNodes {
		return fmt.Errorf("%w: too deep or too many values", ErrInvalid)
	}
	i, kind := len(s.nodes), s.peek()
	s.nodes = append(s.nodes, node{key: key, start: int32(s.pos), kind: kind})
	var err error
	switch kind {
	case '{':
		err = s.object(i, level)
	case '[':
		err = s.array(level)
	case '"':
		s.nodes[i].escaped, err = s.str()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	default:
		s.nodes[i].kind = 0
		err = s.number()
	}
	s.nodes[i].end, s.nodes[i].next = int32(s.pos), int32(len(s.nodes))
	return err
}

func (s *scanner) word(w string) error {
	if !strings.HasPrefix(s.text[s.pos:], w) {
		return s.unexpected()
	}
	s.pos += len(w)
	return nil
}

func (s *scanner) object(self, level int) error {
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for count := 1; ; count++ {
		key, err := s.name()
		if err != nil {
			return err
		}
		if count > maxKeys || s.find(self, len(s.nodes), key) > 0 {
			return fmt.Errorf("%w: %q twice, or too many properties", ErrInvalid, key)
		}
		if err := s.value(key, level+1); err != nil {
			return err
		}
		if done, err := s.more('}'); done || err != nil {
			return err
		}
	}
}

// more passes a comma, or the closing bracket and reports that it did.
func (s *scanner) more(closing byte) (done bool, err error) {
	switch s.peek() {
	case closing:
		s.pos++
		return true, nil
	case ',':
		s.pos++
		return false, nil
	}
	return false, s.unexpected()
}

func (s *scanner) array(level int) error {
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		if err := s.value("", level+1); err != nil {
			return err
		}
		if done, err := s.more(']'); done || err != nil {
			return err
		}
	}
}

// name reads a property's name and its colon.
func (s *scanner) name() (string, error) {
	if s.peek() != '"' {
		return "", s.unexpected()
	}
	start := s.pos
	escaped, err := s.str()
	if err != nil {
		return "", err
	}
	key := unquote(s.text[start:s.pos], escaped)
	if s.peek() != ':' {
		return "", s.unexpected()
	}
	s.pos++
	return key, nil
}

// find is the property of the object among the nodes before one, 0 if it is not there.
func (t *tree) find(object, before int, key string) int {
	for i := object + 1; i < before; i = int(t.nodes[i].next) {
		if t.nodes[i].key == key {
			return i
		}
	}
	return 0
}

func (t *tree) raw(i int) string { return t.text[t.nodes[i].start:t.nodes[i].end] }

func (s *scanner) str() (escaped bool, err error) {
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return escaped, err
			}
		case c < ' ':
			return escaped, s.unexpected()
		}
	}
	return escaped, s.unexpected()
}

// escape passes an escape, up to its last byte.
func (s *scanner) escape() error {
	s.pos++
	if s.pos == len(s.text) {
		return s.unexpected()
	}
	if strings.IndexByte(`"\/bfnrt`, s.text[s.pos]) >= 0 {
		return nil
	}
	if s.text[s.pos] != 'u' || s.pos+4 >= len(s.text) {
		return s.unexpected()
	}
	for range 4 {
		s.pos++
		if strings.IndexByte("0123456789abcdefABCDEF", s.text[s.pos]) < 0 {
			return s.unexpected()
		}
	}
	return nil
}

func (s *scanner) number() error {
	if s.pos < len(s.text) && s.text[s.pos] == '-' {
		s.pos++
	}
	whole := s.digits()
	if whole == 0 || whole > 1 && s.text[s.pos-whole] == '0' {
		return s.unexpected()
	}
	if s.pos < len(s.text) && s.text[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return s.unexpected()
		}
	}
	if s.pos < len(s.text) && s.text[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.text) && (s.text[s.pos] == '+' || s.text[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.unexpected()
		}
	}
	return nil
}

// digits passes digits and counts them.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] >= '0' && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

// unquote is what a string literal says.
func unquote(literal string, escaped bool) string {
	if !escaped {
		return literal[1 : len(literal)-1]
	}
	var text string
	if err := json.Unmarshal([]byte(literal), &text); err != nil {
		return "" // cannot happen: the literal has been checked
	}
	return text
}
