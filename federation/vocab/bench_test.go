package vocab

import (
	"os"
	"testing"
	"time"
)

func twin(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// BenchmarkReceive is what the inbox does with a Create of some 2 KB.
func BenchmarkReceive(b *testing.B) {
	body := twin(b, "mastodon/create_note.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		a, err := d.Activity()
		if err != nil {
			b.Fatal(err)
		}
		o, err := a.Object.Document()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := o.Note(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnnounce is what the outbox does for a group that passes on a Create.
func BenchmarkAnnounce(b *testing.B) {
	object, err := Embed(twin(b, "mastodon/create_note.json"))
	if err != nil {
		b.Fatal(err)
	}
	a := Activity{
		ID: "https://commons.example/activities/1", Type: "Announce", Actor: "https://commons.example/actors/41", Object: object,
		To: []string{Public}, Cc: []string{"https://commons.example/actors/41/followers"}, Published: time.Unix(1e9, 0),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
