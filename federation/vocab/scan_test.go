package vocab

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":              ``,
		"two values":           `{} {}`,
		"a name twice":         `{"type":"Note","type":"Delete"}`,
		"a name twice, hidden": `{"actor":"https://a.example/","\u0061ctor":"https://victim.example/"}`,
		"a name twice, inside": `{"object":{"id":"https://a.example/","id":"https://b.example/"}}`,
		"a trailing comma":     `{"a":1,}`,
		"a comment":            `{"a":1/**/}`,
		"a bare word":          `{"a":NaN}`,
		"a leading zero":       `{"a":01}`,
		"a bare control":       "{\"a\":\"\n\"}",
		"a broken escape":      `{"a":"\x41"}`,
		"a short escape":       `{"a":"\u00"}`,
		"not UTF-8":            "{\"a\":\"\xff\"}",
		"33 levels":            strings.Repeat(`{"a":`, 33) + `1` + strings.Repeat(`}`, 33),
		"a deep array":         strings.Repeat(`[`, 100_000),
		"257 properties":       `{` + manyProperties(257) + `}`,
		"too many values":      `{"a":[` + strings.Repeat(`1,`, maxNodes) + `1]}`,
		"an array":             `[{"type":"Note"}]`,
		"a text":               `"https://a.example/"`,
		"null":                 `null`,
	} {
		if d, err := Decode([]byte(body)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %+v, %v, want a refusal", name, d.Kind, err)
		}
	}
	for name, body := range map[string]string{
		"32 levels":      strings.Repeat(`{"a":`, 32) + `1` + strings.Repeat(`}`, 32),
		"256 properties": `{` + manyProperties(256) + `}`,
	} {
		if _, err := Decode([]byte(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyProperties(n int) string {
	var s []string
	for i := range n {
		s = append(s, `"p`+strings.Repeat("i", i)+`":1`)
	}
	return strings.Join(s, ",")
}

// FuzzScan holds the scanner against encoding/json: what it takes, the other takes too and reads the same.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-0.5e+3,"\u00e9\"\\",true,null,{}]}`, `[]`, `"\ud83d"`, `{"a":1,"a":2}`, ` 1 `, `{"":{"":{}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tree, err := scan(body, maxDepth)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("scan takes %q", body)
		}
		var got, want any
		if err := json.Unmarshal(body, &want); err != nil {
			t.Skip() // a number beyond float64
		}
		if got = (value{tree, 0}).generic(); !equalJSON(t, got, want) {
			t.Errorf("%q reads as %v, want %v", body, got, want)
		}
	})
}

// generic is the value as encoding/json would give it.
func (v value) generic() any {
	switch v.node().kind {
	case '{':
		o := map[string]any{}
		v.children(func(key string, m value) { o[key] = m.generic() })
		return o
	case '[':
		a := []any{}
		v.children(func(_ string, e value) { a = append(a, e.generic()) })
		return a
	case '"':
		return unquote(v.raw(), v.node().escaped)
	case 't', 'f':
		return v.is('t')
	case 'n':
		return nil
	}
	f, _ := v.number()
	return f
}

// children visits what an object or an array holds, null included.
func (v value) children(visit func(string, value)) {
	for i := v.at + 1; i < int(v.node().next); i = int(v.tree.nodes[i].next) {
		visit(v.tree.nodes[i].key, value{v.tree, i})
	}
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}
