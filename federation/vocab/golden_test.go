package vocab

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the documents in testdata/golden")

const here = "https://commons.example"

var (
	spring = time.Date(2026, 3, 4, 15, 6, 7, 123456789, time.UTC)
	later  = time.Date(2026, 3, 5, 8, 0, 0, 0, time.FixedZone("", -5*3600))
)

// ana is a person with everything that a person can show.
func ana() Actor {
	return Actor{
		ID: here + "/actors/7", Type: "Person", PreferredUsername: "ana", Name: "Ana Ruiz",
		Summary: "<p>Semencière & apicultrice</p>", URL: here + "/@ana",
		Inbox: here + "/actors/7/inbox", Outbox: here + "/actors/7/outbox",
		Followers: here + "/actors/7/followers", Following: here + "/actors/7/following",
		Featured: here + "/actors/7/featured", SharedInbox: here + "/inbox",
		Keys: []PublicKey{
			{ID: here + "/actors/7#main-key", Owner: here + "/actors/7", PEM: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"},
			{ID: here + "/actors/7#old-key", Owner: here + "/actors/7", PEM: "-----BEGIN PUBLIC KEY-----\nMIIA\n-----END PUBLIC KEY-----\n"},
			{ID: here + "/actors/7#ed25519-key", Owner: here + "/actors/7", Multibase: "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4rGyGmBg"},
		},
		Icon:  Image{URL: here + "/media/ana.webp", MediaType: "image/webp", Name: "Ana", Width: 400, Height: 400},
		Image: Image{URL: here + "/media/ruches.webp", MediaType: "image/webp"},

		ManuallyApprovesFollowers: true, Indexable: true,
		AlsoKnownAs: []string{"https://toots.example/users/ana"}, Webfinger: "ana@commons.example",
		Fields: []Field{{"Quartier", "Rosemont"}},
		Tags:   []Tag{{Type: "Hashtag", Name: "#abeilles", Href: here + "/tags/abeilles"}},
		Source: "Semencière & apicultrice", SourceType: "text/markdown",
		Implements: []string{"https://datatracker.ietf.org/doc/html/rfc9421"},
		Published:  spring, Updated: later,
	}
}

// seeds is a group with everything that a group can show.
func seeds() Actor {
	return Actor{
		ID: here + "/actors/41", Type: "Group", PreferredUsername: "seeds", Name: "Semences",
		Summary: "<p>On échange des graines.</p>", URL: here + "/c/seeds",
		Inbox: here + "/actors/41/inbox", Outbox: here + "/actors/41/outbox", Followers: here + "/actors/41/followers",
		Following: here + "/actors/41/following", Featured: here + "/actors/41/featured",
		Moderators: here + "/actors/41/moderators", Members: here + "/actors/41/members", SharedInbox: here + "/inbox",
		Keys: []PublicKey{{ID: here + "/actors/41#main-key", Owner: here + "/actors/41", PEM: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"}},
		Icon: Image{URL: here + "/media/graines.png", MediaType: "image/png"},

		Discoverable: true, Indexable: true, PostingRestrictedToMods: true,
		Webfinger: "seeds@commons.example", Openness: "moderated", AccessType: "closed", Languages: []string{"fr", "en", "moh"},
		Themes: []Theme{{here + "/actors/41/themes/5", "Légumes & racines", "Ce qui se mange"}, {here + "/actors/41/themes/6", "Arbres", ""}},
		Source: "On échange des graines.", SourceType: "text/markdown", Published: spring,
	}
}

// thread is a post that starts a thread of the community, with everything that one can carry.
func thread() Note {
	open := true
	return Note{
		ID: here + "/posts/88", Type: "Note", AttributedTo: here + "/actors/7", URL: here + "/c/seeds/88",
		Context: here + "/posts/88/thread", Conversation: here + "/posts/88/thread",
		Name: "Courges d'hiver", Summary: "Qui en a ?", Content: "<p>Qui a des graines de <b>courge</b> ?</p>",
		Source: "Qui a des graines de **courge** ?", SourceType: "text/markdown", MediaType: "text/html", Language: "fr",
		Sensitive: true, CommentsEnabled: &open, QuotableBy: []string{Public}, AnnounceableBy: []string{},
		To: []string{Public, here + "/actors/41"}, Cc: []string{here + "/actors/7/followers"}, Audience: []string{here + "/actors/41"},
		Published: spring, Updated: later, Replies: here + "/posts/88/replies", Likes: here + "/posts/88/likes", Shares: here + "/posts/88/shares",
		Tags: []Tag{
			{Type: "Mention", Name: "@seeds@commons.example", Href: here + "/actors/41"},
			{Type: "Hashtag", Name: "#courges", Href: here + "/tags/courges"},
			{Type: "Emoji", Name: ":squash:", ID: here + "/emoji/squash", Icon: here + "/media/squash.png"},
		},
		Themes: []Theme{{ID: here + "/actors/41/themes/5", Name: "Légumes & racines"}},
		Attachments: []Attachment{
			{Type: "Image", MediaType: "image/webp", URL: here + "/media/caisse.webp", Name: "Une caisse", Blurhash: "UBL_:rOpGG-;.8?bt7RQ", Width: 1600, Height: 1200, FocalPoint: &[2]float64{0, -0.5}},
			{Type: "Audio", MediaType: "audio/mpeg", URL: here + "/media/recette.mp3", Name: "La recette"},
			{Type: "Link", MediaType: "text/html", URL: "https://news.example/courges", Name: "Toutes les courges"},
			{Type: "PropertyValue", Name: "left out", Value: "Lemmy would refuse the post"},
		},
	}
}

func reply() Note {
	return Note{
		ID: here + "/posts/89", Type: "Note", AttributedTo: here + "/actors/8", URL: here + "/c/seeds/88#89",
		InReplyTo: here + "/posts/88", Context: here + "/posts/88/thread", Content: "<p>Moi !</p>", QuoteOf: "https://toots.example/users/lea/statuses/1",
		To: []string{Public}, Cc: []string{here + "/actors/41", here + "/actors/7"}, Audience: []string{here + "/actors/41"},
		Tags: []Tag{{Type: "Mention", Name: "@ana@commons.example", Href: here + "/actors/7"}}, Published: spring,
	}
}

func workday() Note {
	zone := time.FixedZone("", -4*3600)
	return Note{
		ID: here + "/posts/90", Type: "Event", AttributedTo: here + "/actors/41", URL: here + "/c/seeds/90", Name: "Corvée", Summary: "Samedi 10 h, au jardin",
		Content: "<p>Apportez vos gants.</p>", Language: "fr", To: []string{Public}, Audience: []string{here + "/actors/41"}, Published: spring,
		StartTime: time.Date(2026, 5, 9, 10, 0, 0, 0, zone), EndTime: time.Date(2026, 5, 9, 12, 30, 0, 0, zone),
		Event: &Event{
			Timezone: "America/Toronto", JoinMode: "free", Status: "CONFIRMED", Category: "OUTDOORS_ADVENTURE", Capacity: 30, Participants: 4,
			Organizers: []string{here + "/actors/7"}, ExternalURL: "https://tickets.example/9", Online: true, JoinURL: "https://meet.example/corvee",
			Location: &Place{Name: "Jardin du Coin", Street: "1 rue Basse", Locality: "Montréal", Region: "QC", PostalCode: "H2X 1X1", Country: "Canada", Latitude: 45.5, Longitude: -73.6, Located: true},
		},
	}
}

func survey() Note {
	return Note{
		ID: here + "/posts/91", Type: "Question", AttributedTo: here + "/actors/7", Content: "<p>Quel jour ?</p>", To: []string{Public},
		Published: spring, EndTime: later, Poll: &Poll{Multiple: true, Voters: 3, Options: []PollOption{{"mardi", 3}, {"jeudi", 0}}, ClosedAt: later},
	}
}

// by is an activity of Ana, addressed as most are.
func by(name, id string, object Ref) Activity {
	return Activity{
		ID: here + "/activities/" + id, Type: name, Actor: here + "/actors/7", Object: object, Published: spring,
		To: []string{Public}, Cc: []string{here + "/actors/41"}, Audience: []string{here + "/actors/41"},
	}
}

// received is an activity as it came from elsewhere; its bytes must not change when it is announced.
const received = `{ "@context":["https://www.w3.org/ns/activitystreams",{"odd":"https://odd.example/#"}],"id":"https://toots.example/1", "type":"Like","actor":"https://toots.example/users/lea","object":"https://commons.example/posts/88","odd":"\u00e9\/ < \\n","proof":{"type":"DataIntegrityProof"} }`

func embedded(t *testing.T, r Ref, err error) Ref {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	t.Parallel()
	embed := func(r Ref, err error) Ref { t.Helper(); return embedded(t, r, err) }
	follow := Activity{ID: "https://toots.example/f/1", Type: "Follow", Actor: "https://toots.example/users/lea", Object: Link(here + "/actors/41")}
	gone := Tombstone{ID: here + "/posts/88", FormerType: "Note", Deleted: later}
	block := by("Block", "block", Link("https://toots.example/users/spam"))
	block.Target, block.RemoveData, block.Summary, block.EndTime = Link(here+"/actors/41"), true, "pourriel", later
	flag := by("Flag", "flag", Ref{})
	flag.Objects, flag.Content = []Ref{Link(here + "/actors/8"), Link(here + "/posts/89")}, "Insultes"
	add := by("Add", "add", Link(here+"/posts/88"))
	add.Target = Link(here + "/actors/41/featured")
	announce := func(id string, object Ref) Activity {
		return Activity{
			ID: here + "/activities/" + id, Type: "Announce", Actor: here + "/actors/41", Object: object,
			To: []string{Public}, Cc: []string{here + "/actors/41/followers"}, Published: spring,
		}
	}
	total := 12
	for name, document := range map[string]interface{ Encode() ([]byte, error) }{
		"person": ana(), "group": seeds(),
		"application": Actor{ID: here + "/actors/1", Type: "Application", PreferredUsername: "commons.example", Name: "Commons", URL: here + "/", Inbox: here + "/actors/1/inbox", Outbox: here + "/actors/1/outbox", Keys: ana().Keys[:1], Implements: ana().Implements},
		"quote_authorization": Note{
			ID: here + "/approvals/1", Type: "QuoteAuthorization", AttributedTo: here + "/actors/7",
			InteractingObject: "https://toots.example/users/lea/statuses/2", InteractionTarget: here + "/posts/88",
		},
		"wall_post": Note{ID: here + "/posts/92", Type: "Note", AttributedTo: here + "/actors/7", Content: "Bonjour", Target: here + "/actors/41/wall", TargetOwner: here + "/actors/41"},
		"thread":    thread(), "reply": reply(), "event": workday(), "question": survey(),
		"create_thread":    by("Create", "create", embed(thread().Embed())),
		"update_thread":    by("Update", "update", embed(thread().Embed())),
		"update_group":     by("Update", "update-group", embed(seeds().Embed())),
		"delete_by_author": by("Delete", "delete", embed(gone.Embed())),
		"like":             by("Like", "like", Link(here+"/posts/88")),
		"undo_like":        by("Undo", "undo", embed(by("Like", "like", Link(here+"/posts/88")).Embed())),
		"follow":           follow,
		"accept_follow":    Activity{ID: here + "/activities/accept", Type: "Accept", Actor: here + "/actors/41", Object: embed(follow.Embed()), To: []string{follow.Actor}},
		"reject_follow":    Activity{ID: here + "/activities/reject", Type: "Reject", Actor: here + "/actors/41", Object: embed(follow.Embed()), To: []string{follow.Actor}},
		"block":            block, "flag": flag, "add_to_featured": add,
		"announce_activity": announce("announce", embed(Embed([]byte(received)))),
		"announce_object":   announce("announce-object", Link(here+"/posts/88")),
		"announce_ours":     announce("announce-ours", embed(by("Create", "create", embed(thread().Embed())).Embed())),
		"outbox":            Collection{ID: here + "/actors/41/outbox", Ordered: true, Total: &total, First: here + "/actors/41/outbox?page=1"},
		"outbox_page":       Collection{ID: here + "/actors/41/outbox?page=1", Ordered: true, PartOf: here + "/actors/41/outbox", Next: here + "/actors/41/outbox?page=2", Items: []Ref{Link(here + "/activities/announce-object"), embed(by("Like", "like", Link(here+"/posts/88")).Embed())}},
		"context":           Collection{ID: here + "/posts/88/thread", Ordered: true, AttributedTo: here + "/actors/41", Total: &total, Items: []Ref{Link(here + "/posts/88"), Link(here + "/posts/89")}},
		"empty":             Collection{ID: here + "/actors/41/featured", Ordered: true},
		"hidden":            Collection{ID: here + "/actors/7/followers", Type: "Collection", Total: &total},
		"tombstone":         gone,
		"theme":             seeds().Themes[0],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Encode()
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, name, got)
		})
	}
}

// checkGolden compares a document with the one kept, which is indented for whoever reads it.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	pretty.WriteByte('\n')
	file := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("%s = %s\nwant %s", name, pretty.Bytes(), want)
	}
}
