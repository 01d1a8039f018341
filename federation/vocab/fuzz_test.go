package vocab

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecode looks at anything in every way. What is read must be clean, and what is read as ours
// must be written and read again as the same.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, text := range nasty {
		quoted, err := json.Marshal(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.ReplaceAll(`{"type":"Note","id":X,"content":X,"to":[X],"tag":[{"type":"Emoji","name":X,"icon":X}],"attachment":X,"contentMap":{"fr":X}}`, "X", string(quoted))))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, _, err := readAll(body)
		if err != nil {
			return
		}
		checkClean(t, d.ID)
		if a, err := d.Activity(); err == nil {
			checkClean(t, append([]string{a.Actor, a.Object.ID, a.Target.ID}, a.To...)...)
			encodes(t, a)
		}
		if n, err := d.Note(); err == nil {
			checkClean(t, append(n.Authors, n.URL, n.InReplyTo, n.QuoteOf, n.Image.URL)...)
			encodes(t, n)
		}
		if a, err := d.Actor(); err == nil {
			checkClean(t, a.Inbox, a.SharedInbox, a.Outbox, a.URL, a.Icon.URL)
			encodes(t, a)
		}
		if c, err := d.Collection(); err == nil {
			encodes(t, c)
		}
	})
}

func checkClean(t *testing.T, iris ...string) {
	t.Helper()
	for _, iri := range iris {
		if iri != "" && clean(iri) == "" {
			t.Errorf("%q was let in", iri)
		}
	}
}

// encodes wants a document to be written as JSON that can be read.
func encodes(t *testing.T, view interface{ Encode() ([]byte, error) }) {
	t.Helper()
	body, err := view.Encode()
	if err != nil {
		t.Fatalf("%T %+v: %v", view, view, err)
	}
	if !json.Valid(body) {
		t.Fatalf("%T written as %s", view, body)
	}
	if _, err := scan(body, maxEncodedDepth); err != nil {
		t.Fatalf("%T written as %s: %v", view, body, err)
	}
}
