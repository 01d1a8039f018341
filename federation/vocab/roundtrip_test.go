package vocab

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// nasty are texts that break a writer which does not escape, or a reader which unescapes twice.
var nasty = []string{
	`C:\new\table`, `\nabla \theta = \frac{a}{b}`, `a \n b`, `"quoted"`, `\`, `\\`, `\"`, "tab\tnew\nline\r", `</script><!--`,
	`","attributedTo":"https://victim.example/u`, `"}]}`, `\u0041`, `%5C`, "\u2028\u2029", "é🌱\U0001F469\u200d\U0001F33E", `a"b"c"`, `{{.}}`, "\x01\x1f\x7f", `&lt;&amp;`,
}

// sameMoment compares times as what is written keeps them.
var sameMoment = cmp.Comparer(func(a, b time.Time) bool {
	return a.Truncate(time.Millisecond).Equal(b.Truncate(time.Millisecond))
})

func TestTextsSurvive(t *testing.T) {
	t.Parallel()
	for _, text := range nasty {
		checkTexts(t, text)
	}
}

func TestAnyTextSurvives(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(nasty), rapid.StringOfN(rapid.SampledFrom([]rune(`\"nu0{}[]:, `)), 0, 40, -1))
	rapid.Check(t, func(t *rapid.T) {
		checkTexts(t, strings.ReplaceAll(text.Draw(t, "text"), "\x00", ""))
	})
}

// checkTexts puts a text wherever one goes, and wants it back.
func checkTexts(t interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}, text string) {
	t.Helper()
	n := Note{
		ID: here + "/posts/1", Type: "Note", AttributedTo: here + "/actors/7", Authors: []string{here + "/actors/7"},
		Name: text, Content: text, Summary: text, Source: text, SourceType: text, MediaType: text,
		Tags:        []Tag{{Type: "Hashtag", Name: "#" + text, Href: here + "/tags/1"}},
		Attachments: []Attachment{{Type: "Image", URL: here + "/media/1", Name: text, MediaType: text, Blurhash: text}},
		NameMap:     map[string]string{"fr": text}, ContentMap: map[string]string{"fr": text}, Language: "fr",
		To: []string{Public}, Cc: []string{here + "/actors/41"},
	}
	inner, err := n.Embed()
	if err != nil {
		t.Fatal(err)
	}
	body, err := by("Create", "1", inner).Encode()
	if err != nil {
		t.Fatal(err)
	}
	a, err := ReadActivity(body)
	if err != nil {
		t.Fatal(err)
	}
	o, err := a.Object.Document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Note()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, got, cmpopts.IgnoreFields(Note{}, "Raw")); diff != "" {
		t.Errorf("%q came back changed (-sent +read):\n%s", text, diff)
	}
	p := Actor{ID: here + "/actors/7", Type: "Person", Name: text, Summary: text, Fields: []Field{{text, text + "!"}}, PreferredUsername: text}
	if body, err = p.Encode(); err != nil {
		t.Fatal(err)
	}
	actor, err := ReadActor(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, actor, cmpopts.IgnoreFields(Actor{}, "Raw")); diff != "" {
		t.Errorf("%q came back changed (-sent +read):\n%s", text, diff)
	}
}

func TestNoteRoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range []Note{thread(), reply(), workday(), survey()} {
		body, err := n.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadNote(body)
		if err != nil {
			t.Fatal(err)
		}
		n.Authors = []string{n.AttributedTo}
		if n.Language != "" {
			n.ContentMap = map[string]string{n.Language: n.Content}
		}
		if len(n.Attachments) > 3 {
			n.Attachments = n.Attachments[:3]  // no PropertyValue in a post
			n.Attachments[1].Type = "Document" // as Mastodon calls every file
		}
		if diff := cmp.Diff(n, got, cmpopts.IgnoreFields(Note{}, "Raw"), sameMoment); diff != "" {
			t.Errorf("%s came back changed (-sent +read):\n%s", n.ID, diff)
		}
	}
}

func TestActorRoundTrip(t *testing.T) {
	t.Parallel()
	for _, a := range []Actor{ana(), seeds()} {
		body, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadActor(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Languages) > 0 {
			a.Language = a.Languages[0]
		}
		if diff := cmp.Diff(a, got, cmpopts.IgnoreFields(Actor{}, "Raw"), sameMoment); diff != "" {
			t.Errorf("%s came back changed (-sent +read):\n%s", a.ID, diff)
		}
	}
}

func TestEmbeddedBytesAreKept(t *testing.T) {
	t.Parallel()
	object, err := Embed([]byte(received))
	if err != nil {
		t.Fatal(err)
	}
	body, err := Activity{ID: here + "/activities/1", Type: "Announce", Actor: here + "/actors/41", Object: object}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte(`"object":`+received)) {
		t.Errorf("announce = %s\nwant the bytes of %s", body, received)
	}
	a, err := ReadActivity(body)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(a.Object.Raw); got != received {
		t.Errorf("object = %s\nwant %s", got, received)
	}
}

func TestBrokenEmbedsAreNotWritten(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]Ref{
		"not JSON":    {ID: here + "/1", Raw: []byte(`{"id":`)},
		"breaks out":  {ID: here + "/1", Raw: []byte(`{}},"actor":{"x":{}`)},
		"two of them": {ID: here + "/1", Raw: []byte(`{},"object":{}`)},
		"adds more":   {ID: here + "/1", Raw: []byte(`{},"removeData":true`)},
		"no object":   {ID: here + "/1", Raw: []byte(`[{}]`)},
	} {
		if body, err := by("Create", "1", object).Encode(); err == nil {
			t.Errorf("%s: written as %s, want a refusal", name, body)
		}
	}
	if body, err := by("Like", "1", Link(here)).Encode(); err != nil {
		t.Errorf("a sound one: %v in %s", err, body)
	}
	if body, err := (Note{ID: `https://a.example/","x":"`}).Encode(); err == nil {
		t.Errorf("a broken id: written as %s, want a refusal", body)
	}
}
