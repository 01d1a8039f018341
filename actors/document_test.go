package actors_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestDocument(t *testing.T) {
	t.Parallel()
	iris := federation.IRIs{Origin: "https://town.example"}
	born := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	base := func(kind actors.Kind, iri, name, page string) actors.Actor {
		return actors.Actor{
			ID: 42, IRI: iri, Kind: kind, Name: name, URL: iris.Origin + page,
			Inbox: iri + "/inbox", SharedInbox: iris.SharedInbox(), Outbox: iri + "/outbox",
			Followers: iri + "/followers", Following: iri + "/following",
			Published: born, RefreshedAt: born,
		}
	}
	person := base(actors.Person, iris.Actor(42), "ana", "/@ana")
	person.Title, person.Summary, person.Source = "Ana Bélanger", "<p><em>hi</em></p>", "*hi*"
	person.Featured, person.Icon = person.IRI+"/featured", iris.Origin+"/media/ana.png"
	person.Discoverable, person.RefreshedAt = true, born.Add(time.Hour)
	group := base(actors.Group, iris.Actor(43), "makers", "/c/makers")
	group.Title, group.Featured, group.Moderators = "Les Makers", group.IRI+"/featured", group.IRI+"/moderators"
	app := base(actors.Application, iris.Application(), "town.example", "/")
	app.Inbox, app.Outbox = iris.SharedInbox(), iris.Actor(44)+"/outbox"
	app.Followers, app.Following = iris.Actor(44)+"/followers", iris.Actor(44)+"/following"

	for name, a := range map[string]actors.Actor{"person": person, "group": group, "application": app} {
		body, err := actors.Document(a, []vocab.PublicKey{
			{ID: a.IRI + "#main-key", Owner: a.IRI, PEM: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
			{ID: a.IRI + "#ed25519-key", Owner: a.IRI, Multibase: "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"},
		}, iris).Encode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got bytes.Buffer
		if err := json.Indent(&got, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s is\n%s, want\n%s", name, got.Bytes(), want)
		}
	}
}
