package vocab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestShapesOfPeers reads shapes that are rare and real, each written anew from a payload of the corpus
// or, for the poll, from Pleroma's habit of writing both lists.
func TestShapesOfPeers(t *testing.T) {
	t.Parallel()
	const a = "https://a.example"
	for body, want := range map[string]Note{
		`{"type":"Note","to":{"id":"as:Public","type":"Collection"},"cc":[{"id":"Public"}]}`: {
			Type: "Note", To: []string{Public}, Cc: []string{Public}, // Bonfire
		},
		`{"type":"Note","replies":{"type":"Collection","items":["` + a + `/2",{"id":"` + a + `/3"},7]}}`: {
			Type: "Note", Answers: []string{a + "/2", a + "/3"}, // Pleroma
		},
		`{"type":"Note","replies":{"type":"Collection","first":{"type":"CollectionPage","next":"` + a + `/p2","items":["` + a + `/2"]}}}`: {
			Type: "Note", Replies: a + "/p2", Answers: []string{a + "/2"},
		},
		`{"type":"Note","replies":{"type":"Collection","first":"` + a + `/p1"}}`:           {Type: "Note", Replies: a + "/p1"},
		`{"type":"Note","replies":{"id":"` + a + `/r","first":{"items":["` + a + `/2"]}}}`: {Type: "Note", Replies: a + "/r"},
		`{"type":"Note","as:sensitive":true}`:                                              {Type: "Note", Sensitive: true}, // Fedify, compacted without its term
		`{"type":"Note","published":"2026-07-12 17:30"}`: {
			Type: "Note", Published: time.Date(2026, 7, 12, 17, 30, 0, 0, time.UTC), // granary
		},
		`{"type":"Video","url":[{"type":"Link","mimeType":"video/mp4","href":"` + a + `/1.mp4"},{"type":"Link","mimeType":"text/html","href":"` + a + `/1"}]}`: {
			Type: "Video", URL: a + "/1", // PeerTube before 2.0
		},
		`{"type":"Note","attachment":{"type":"Document","mimeType":"image/png","url":"` + a + `/1.png"}}`: {
			Type: "Note", Attachments: []Attachment{{Type: "Document", MediaType: "image/png", URL: a + "/1.png"}},
		},
		`{"type":"Question","oneOf":[],"anyOf":[{"name":"mardi"},{"name":"jeudi"}]}`: {
			Type: "Question", Poll: &Poll{Multiple: true, Options: []PollOption{{Name: "mardi"}, {Name: "jeudi"}}},
		},
		`{"type":"Question","anyOf":[],"oneOf":[{"name":"mardi"}]}`: {
			Type: "Question", Poll: &Poll{Options: []PollOption{{Name: "mardi"}}},
		},
	} {
		got, err := ReadNote([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(want, got, unread, sameMoment); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

// TestTextsInAMap reads what is said in a map of languages only, whoever says it.
func TestTextsInAMap(t *testing.T) {
	t.Parallel()
	const texts = `"nameMap":{"fr":"nom","en":"name"},"summaryMap":{"fr":"résumé"},"contentMap":{"fr":"texte"}}`
	a, errActivity := ReadActivity([]byte(`{"type":"Create",` + texts))
	p, errActor := ReadActor([]byte(`{"type":"Person",` + texts))
	c, errCollection := ReadCollection([]byte(`{"type":"Collection",` + texts))
	if errActivity != nil || errActor != nil || errCollection != nil {
		t.Fatal(errActivity, errActor, errCollection)
	}
	got := []string{a.Name, a.Summary, a.Content, p.Name, p.Summary, c.Name, c.Summary}
	want := []string{"nom", "résumé", "texte", "nom", "résumé", "nom", "résumé"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
