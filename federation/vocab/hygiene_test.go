package vocab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://a.example/", "http://a.example:8080/x?y=1#main-key", "https://wp.example/?author=1#main-key", "https://a.example",
		"https://a.example/caf%C3%A9", "https://exämple.example/é", "tag:a.example,2026-01-01:objectId=1:objectType=Conversation",
		"did:key:z6Mk", "urn:uuid:3f1e", "ap://did:key:z6Mk/objects/1", "https://[2001:db8::1]/x", "https://a.example/@ana",
	} {
		if got := clean(good); got != good {
			t.Errorf("clean(%q) = %q, want it unchanged", good, got)
		}
	}
	for _, bad := range []string{
		"", `https://a.example/","attributedTo":"https://victim.example/`, `https://a.example/\`, "https://a.example/ b", "https://a.example/\n",
		"https://a.example/\x00", "https://a.example/\x7f", "https://a.example/\u00a0", "https://a.example/\u2028", "https://a.example/\u202egnp",
		"https://a.example/<script>", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "acct:ana@a.example", "//a.example/", "/posts/1",
		"https:/a.example", "https:///x", "https://", "https://victim.example@a.example/", "https://a.example/" + strings.Repeat("x", maxIRI), "#main-key", "a.example/1",
	} {
		if got := clean(bad); got != "" {
			t.Errorf("clean(%q) = %q, want nothing", bad, got)
		}
	}
}

// TestLanguageOfAPost keeps of a language only what is the name of one.
func TestLanguageOfAPost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"contentMap":{"fr-CA":"x"}`:                     "fr-CA",
		`"contentMap":{"en_US":"x"}`:                     "en_US",
		`"contentMap":{"e\u0000n":"x"}`:                  "",
		`"contentMap":{"<b>":"x"}`:                       "",
		`"contentMap":{"und":"x"}`:                       "",
		`"language":{"identifier":"e\u0000n"}`:           "en",
		`"inLanguage":"` + strings.Repeat("x", 36) + `"`: "",
	} {
		d, err := Decode([]byte(`{"id":"https://a.example/1","type":"Note","attributedTo":"https://a.example/bob","content":"x",` + text + `}`))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if n, err := d.Note(); err != nil || n.Language != want {
			t.Errorf("%s: language %q, %v, want %q", text, n.Language, err, want)
		}
	}
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`"https://a.example/\",\"x\":\"y"`, `"https://a.example/ b"`, `"https://a.example/\u0000"`, `"{{ .ID }}"`} {
		for _, body := range []string{`{"type":"Note","id":` + id + `}`, `{"type":"Create","object":{"type":"Note","id":` + id + `}}`} {
			if a, err := ReadActivity([]byte(body)); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s reads as %+v, want a refusal", body, a)
			}
		}
	}
	for _, id := range []string{`null`, `5`, `""`, `"#anonymous"`, `["https://a.example/"]`, `{"id":"https://a.example/"}`, `"javascript:1"`, `"a.example/1"`} {
		d, err := Decode([]byte(`{"type":"Note","id":` + id + `}`))
		if err != nil || d.ID != "" {
			t.Errorf("id %s = %q, %v, want an anonymous document", id, d.ID, err)
		}
	}
}

func TestAddressing(t *testing.T) {
	t.Parallel()
	for to, want := range map[string][]string{
		`"https://a.example/"`: {"https://a.example/"},
		`["as:Public","Public","https://www.w3.org/ns/activitystreams#Public"]`:                {Public, Public, Public},
		`[2,null,true,{},[],"","nonsense",{"id":"https://a.example/"},"https://b.example/ x"]`: {"https://a.example/"},
		`["https://a.example/\u0000"]`: {},
		`null`:                         nil,
		`{"type":"Person","id":"https://a.example/"}`: {"https://a.example/"},
	} {
		a, err := ReadActivity([]byte(`{"type":"Like","actor":"https://a.example/","object":"https://b.example/","to":` + to + `}`))
		if err != nil || !slices.Equal(a.To, want) {
			t.Errorf("to %s = %q, %v, want %q", to, a.To, err, want)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	many := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	address, object := `"https://a.example/"`, `{"type":"Note"}`
	for name, c := range map[string]struct {
		body  string
		limit int
		item  string
	}{
		"to":          {`{"type":"Create","to":%s}`, maxAddresses, address},
		"object":      {`{"type":"Announce","object":%s}`, maxRefs, object},
		"tag":         {`{"type":"Like","tag":%s}`, maxTags, object},
		"items":       {`{"type":"Collection","items":%s}`, maxRefs, address},
		"attachment":  {`{"type":"Note","attachment":%s}`, maxAttachments, object},
		"alsoKnownAs": {`{"type":"Person","alsoKnownAs":%s}`, maxRefs, address},
		"authors":     {`{"type":"Note","attributedTo":%s}`, maxRefs, address},
		"keys":        {`{"type":"Person","publicKey":%s}`, maxKeysRead, `{"publicKeyPem":"x"}`},
	} {
		if _, views, err := readAll(fmt.Appendf(nil, c.body, many(c.limit, c.item))); err != nil || views == 0 {
			t.Errorf("%d %s: %v", c.limit, name, err)
		}
		d, err := Decode(fmt.Appendf(nil, c.body, many(c.limit+1, c.item)))
		if err != nil {
			t.Fatal(err)
		}
		switch d.Kind {
		case KindActivity:
			_, err = d.Activity()
		case KindActor:
			_, err = d.Actor()
		case KindCollection:
			_, err = d.Collection()
		default:
			_, err = d.Note()
		}
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%d %s are read, want a refusal", c.limit+1, name)
		}
	}
}

// TestOptionsAreBounded reads the first of too many answers to choose from, and no more.
func TestOptionsAreBounded(t *testing.T) {
	t.Parallel()
	d, err := Decode([]byte(`{"type":"Question","oneOf":[` + strings.Repeat(`{"type":"Note","name":"a"},`, 9_999) + `{"type":"Note","name":"a"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	n, err := d.Note()
	if err != nil || n.Poll == nil {
		t.Fatal(n.Poll, err)
	}
	if got := len(n.Poll.Options); got != 500 {
		t.Errorf("of ten thousand answers %d are read, want 500", got)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		name string
		kind Kind
	}{
		`{"type":"Note"}`:                                      {"Note", KindObject},
		`{"type":"Question"}`:                                  {"Question", KindObject},
		`{"type":["x:Odd","Create"]}`:                          {"Create", KindActivity},
		`{"type":["Note","Event"]}`:                            {"Note", KindObject},
		`{"type":["Person","Tombstone"]}`:                      {"Tombstone", KindTombstone},
		`{"type":"as:Note"}`:                                   {"Note", KindObject},
		`{"type":"https://www.w3.org/ns/activitystreams#Add"}`: {"Add", KindActivity},
		`{"type":"EmojiReact"}`:                                {"EmojiReact", KindActivity},
		`{"type":"Lock"}`:                                      {"Lock", KindActivity},
		`{"type":"OrderedCollectionPage"}`:                     {"OrderedCollectionPage", KindCollection},
		`{"type":"Application"}`:                               {"Application", KindActor},
		`{"type":"Odd","actor":"x","object":"y"}`:              {"Odd", KindActivity},
		`{"type":"Odd","inbox":"x"}`:                           {"Odd", KindActor},
		`{"type":"Odd","orderedItems":[]}`:                     {"Odd", KindCollection},
		`{"type":"Odd"}`:                                       {"Odd", KindUnknown},
		`{"type":5}`:                                           {"", KindUnknown},
		`{}`:                                                   {"", KindUnknown},
	} {
		d, err := Decode([]byte(body))
		if err != nil || d.Type != want.name || d.Kind != want.kind {
			t.Errorf("%s = %q of kind %d, %v, want %q of kind %d", body, d.Type, d.Kind, err, want.name, want.kind)
		}
	}
}

func TestViewsRefuseOtherKinds(t *testing.T) {
	t.Parallel()
	d, err := Decode([]byte(`{"type":"Delete","id":"https://a.example/1"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Note(); !errors.Is(err, ErrInvalid) {
		t.Errorf("a Delete as a note: %v, want a refusal", err)
	}
	if _, err := d.Actor(); !errors.Is(err, ErrInvalid) {
		t.Errorf("a Delete as an actor: %v, want a refusal", err)
	}
	if _, err := Link("https://a.example/1").Document(); !errors.Is(err, ErrInvalid) {
		t.Errorf("a link as a document: %v, want a refusal", err)
	}
	if a, err := (Document{Raw: []byte(`{"type":"Like","id":"https://a.example/2"}`)}).Activity(); err != nil || a.ID != "https://a.example/2" {
		t.Errorf("a document made from stored bytes = %q, %v, want https://a.example/2", a.ID, err)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-02-03T04:05:06Z":           base,
		"2026-02-03T06:05:06+02:00":      base,
		"2026-02-03T06:05:06+0200":       base,
		"2026-02-03T04:05:06":            base,
		"2026-02-03T04:05:06.789012":     base.Add(789012 * time.Microsecond),
		"2026-02-03T04:05:06.123456789Z": base.Add(123456789),
		"2026-02-03T04:05Z":              base.Truncate(time.Minute),
		"2026-02-03 04:05:06":            base,
		"2026-02-03":                     base.Truncate(24 * time.Hour),
		"yesterday":                      {},
		"":                               {},
		"2026-13-03T04:05:06Z":           {},
		"0000-01-01T00:00:00Z":           {},
		"+12026-02-03T04:05:06Z":         {},
	} {
		n, err := ReadNote([]byte(`{"type":"Note","published":"` + text + `"}`))
		if err != nil || !n.Published.Equal(want) {
			t.Errorf("published %q = %v, %v, want %v", text, n.Published, err, want)
		}
	}
}
