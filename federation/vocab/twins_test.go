package vocab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The documents in testdata are ours, written in the manner of the software that their folder names.

// unread leaves out the bytes, which a view only hands on.
var unread = cmp.Options{
	cmpopts.IgnoreFields(Activity{}, "Raw"), cmpopts.IgnoreFields(Note{}, "Raw"), cmpopts.IgnoreFields(Actor{}, "Raw"),
	cmpopts.IgnoreFields(Collection{}, "Raw"), cmpopts.IgnoreFields(Ref{}, "Raw"), cmpopts.EquateEmpty(),
}

func at(t *testing.T, moment string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestActivitiesOfPeers(t *testing.T) {
	t.Parallel()
	const lea, lemmy, forum, pie, goto_ = "https://toots.example/users/lea", "https://links.example", "https://forum.example", "https://pie.example", "https://goto.example"
	one := func(a Activity) Activity { a.Objects = []Ref{a.Object}; return a }
	for file, want := range map[string]Activity{
		"mastodon/create_note.json": one(Activity{
			ID: lea + "/statuses/113000000000000001/activity", Type: "Create", Actor: lea, Published: at(t, "2026-03-04T15:06:07Z"),
			To: []string{Public}, Cc: []string{lea + "/followers", "https://commons.example/actors/41"},
			Object: Ref{ID: lea + "/statuses/113000000000000001", Type: "Note"},
		}),
		"mastodon/delete_person.json": one(Activity{
			ID: "https://toots.example/users/gone#delete", Type: "Delete", Actor: "https://toots.example/users/gone",
			To: []string{Public}, Object: Link("https://toots.example/users/gone"),
		}),
		"lemmy/announce_create_page.json": one(Activity{
			ID: lemmy + "/activities/announce/create/78", Type: "Announce", Actor: lemmy + "/c/velo", To: []string{Public},
			Cc: []string{lemmy + "/c/velo/followers"}, Object: Ref{ID: lemmy + "/activities/create/77", Type: "Create"},
		}),
		"lemmy/block_user.json": one(Activity{
			ID: lemmy + "/activities/block/5", Type: "Block", Actor: lemmy + "/u/mod", Object: Link("https://elsewhere.example/u/spam"),
			Target: Link(lemmy + "/c/velo"), RemoveData: true, Summary: "pourriel", EndTime: at(t, "2026-12-01T00:00:00Z"),
			To: []string{Public}, Cc: []string{lemmy + "/c/velo"}, Audience: []string{lemmy + "/c/velo"},
		}),
		"nodebb/announce_like.json": one(Activity{
			ID: forum + "/post/12#activity/announce/cid/2", Type: "Announce", Actor: forum + "/category/2", To: []string{forum + "/category/2/followers"},
			Cc: []string{lemmy + "/u/marc", Public}, Object: Ref{ID: forum + "/uid/3#activity/like/12", Type: "Like"},
		}),
		"nodebb/reject_anonymous.json": one(Activity{
			ID: forum + "/actor#activity/reject/1", Type: "Reject", Actor: forum + "/actor", Object: Ref{Type: "Create"},
		}),
		"gotosocial/create_votes.json": {
			ID: goto_ + "/users/z/activity#vote/https://commons.example/posts/7", Type: "Create", Actor: goto_ + "/users/z",
			To: []string{"https://commons.example/actors/9"}, Object: Ref{ID: goto_ + "/users/z#1/votes/https://commons.example/posts/7", Type: "Note"},
			Objects: []Ref{
				{ID: goto_ + "/users/z#1/votes/https://commons.example/posts/7", Type: "Note"},
				{ID: goto_ + "/users/z#2/votes/https://commons.example/posts/7", Type: "Note"},
			},
		},
		"piefed/announce_array.json": {
			ID: pie + "/activities/announce/1", Type: "Announce", Actor: pie + "/c/pain", To: []string{Public}, Cc: []string{pie + "/c/pain/followers"},
			Object:  Ref{ID: pie + "/activities/like/1", Type: "Like"},
			Objects: []Ref{{ID: pie + "/activities/like/1", Type: "Like"}, {ID: pie + "/activities/dislike/2", Type: "Dislike"}},
		},
		"misskey/like_reaction.json": one(Activity{
			ID: "https://mi.example/likes/9x", Type: "Like", Actor: "https://mi.example/users/8k", Object: Link("https://commons.example/posts/7"), Content: ":blobcat:",
			Tags: []Tag{{Type: "Emoji", Name: ":blobcat:", ID: "https://mi.example/emojis/blobcat", Icon: "https://mi.example/files/blobcat.png"}},
		}),
		"guppe/announce.json": one(Activity{
			ID: "https://groups.example/s/1", Type: "Announce", Actor: "https://groups.example/u/plantes", Object: Link(lea + "/statuses/1"),
			To: []string{"https://groups.example/u/plantes/followers", Public},
		}),
	} {
		got, err := ReadActivity(twin(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		} else if diff := cmp.Diff(want, got, unread); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// innermost is the post at the bottom of whatever wraps it.
func innermost(t *testing.T, file string) Note {
	t.Helper()
	d, err := Decode(twin(t, file))
	for err == nil && d.Kind == KindActivity {
		var a Activity
		if a, err = d.Activity(); err == nil {
			d, err = a.Object.Document()
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	n, err := d.Note()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return n
}

func TestPostsOfPeers(t *testing.T) {
	t.Parallel()
	closed, open := false, true
	const lea, velo, pl, mi = "https://toots.example/users/lea", "https://links.example/c/velo", "https://pl.example", "https://mi.example"
	const squash = `<p><span class="h-card"><a href="https://commons.example/@seeds" class="u-url mention">@<span>seeds</span></a></span> qui échange des graines de <a href="https://toots.example/tags/courges" class="mention hashtag" rel="tag">#<span>courges</span></a> ? J'ai trop de "Jack Be Little".</p>`
	for file, want := range map[string]Note{
		"mastodon/create_note.json": {
			ID: lea + "/statuses/113000000000000001", Type: "Note", AttributedTo: lea, Authors: []string{lea}, URL: "https://toots.example/@lea/113000000000000001",
			Conversation: "tag:toots.example,2026-03-04:objectId=4242:objectType=Conversation", Content: squash, Language: "fr",
			ContentMap: map[string]string{"fr": squash}, To: []string{Public}, Cc: []string{lea + "/followers", "https://commons.example/actors/41"},
			Published: at(t, "2026-03-04T15:06:07Z"), Replies: lea + "/statuses/113000000000000001/replies", Likes: lea + "/statuses/113000000000000001/likes",
			Tags: []Tag{
				{Type: "Mention", Href: "https://commons.example/actors/41", Name: "@seeds@commons.example"},
				{Type: "Hashtag", Href: "https://toots.example/tags/courges", Name: "#courges"},
			},
			Attachments: []Attachment{{
				Type: "Document", MediaType: "image/jpeg", URL: "https://files.toots.example/media/1/original/courges.jpg", Name: "Une caisse de petites courges",
				Blurhash: "UBL_:rOpGG-;.8?bt7RQ", FocalPoint: &[2]float64{-0.2, 0.4}, Width: 1600, Height: 1200,
			}},
		},
		"lemmy/announce_create_page.json": {
			ID: "https://links.example/post/901", Type: "Page", AttributedTo: "https://links.example/u/marc", Authors: []string{"https://links.example/u/marc"},
			To: []string{velo, Public}, Audience: []string{velo}, Name: "Piste fermée rue Rachel", Content: "<p>Jusqu'au <strong>12</strong>.</p>\n",
			MediaType: "text/html", Source: "Jusqu'au **12**.", SourceType: "text/markdown", Language: "fr", Published: at(t, "2026-05-01T08:00:00.123456Z"),
			Attachments: []Attachment{{Type: "Link", URL: "https://news.example/rachel", MediaType: "text/html"}},
			Image:       Image{URL: "https://links.example/pictrs/image/rachel.webp"},
			Tags:        []Tag{{Type: "Hashtag", Name: "#velo", Href: "https://links.example/post/901"}},
			Themes:      []Theme{{ID: velo + "/tag/pistes", Name: "pistes"}},
		},
		"piefed/page.json": {
			ID: "https://pie.example/post/12", Type: "Page", AttributedTo: "https://pie.example/u/zoe", Authors: []string{"https://pie.example/u/zoe"},
			To: []string{"https://pie.example/c/pain", Public}, Audience: []string{"https://pie.example/c/pain"}, Name: "Levain", Content: "<p>Il dort.</p>", MediaType: "text/html",
			Source: "Il dort.", SourceType: "text/markdown", Language: "fr", Published: at(t, "2026-03-04T15:06:07Z"), CommentsEnabled: &open,
			Tags:   []Tag{{Type: "Hashtag", Name: "#levain", Href: "https://pie.example/tag/levain"}},
			Themes: []Theme{{ID: "https://pie.example/c/pain/tag/3", Name: "Levain & cie"}},
		},
		"nodebb/article.json": {
			ID: "https://forum.example/post/30", Type: "Article", AttributedTo: "https://forum.example/uid/3", Authors: []string{"https://forum.example/uid/3"},
			Context: "https://forum.example/topic/9", Audience: []string{"https://forum.example/category/2"}, To: []string{Public}, Cc: []string{"https://forum.example/uid/3/followers"},
			Name: "Atelier", Content: "<p>Bonjour</p>", Source: "Bonjour", SourceType: "text/markdown", URL: "https://forum.example/topic/9/atelier",
			Tags:        []Tag{{Type: "Hashtag", Name: "#bois", Href: "https://forum.example/tags/bois"}},
			Attachments: []Attachment{{Type: "Image", URL: "https://forum.example/assets/scie.png"}},
			Published:   at(t, "2026-02-03T04:05:06.789Z"), Replies: "https://forum.example/post/30/replies",
		},
		"mobilizon/event.json": {
			ID: "https://sortir.example/events/3f1e", Type: "Event", AttributedTo: "https://sortir.example/@jardin", Authors: []string{"https://sortir.example/@jardin"},
			To: []string{Public}, Name: "Corvée de printemps", Content: "<p>Apportez vos gants.</p>", MediaType: "text/html", URL: "https://sortir.example/events/3f1e",
			Language: "fr", CommentsEnabled: &closed, StartTime: at(t, "2026-05-09T10:00:00-04:00"), EndTime: at(t, "2026-05-09T12:30:00-04:00"), Published: at(t, "2026-04-01T12:00:00Z"),
			Attachments: []Attachment{
				{Type: "Document", MediaType: "image/png", Name: "Banner", URL: "https://sortir.example/media/b.png"},
				{Type: "PropertyValue", Name: "mz:accessibility:wheelchairAccessible", Value: "fully"},
			},
			Event: &Event{
				Timezone: "America/Toronto", JoinMode: "restricted", Status: "TENTATIVE", Category: "OUTDOORS_ADVENTURE", Capacity: 30, Participants: 4,
				Organizers: []string{"https://sortir.example/@lou"},
				Location: &Place{
					ID: "https://sortir.example/address/5", Name: "Jardin du Coin", Street: "1 rue Basse", Locality: "Montréal", Region: "QC",
					PostalCode: "H2X 1X1", Country: "Canada", Latitude: 45.5, Longitude: -73.6, Located: true,
				},
			},
		},
		"gancio/event.json": {
			ID: "https://agenda.example/federation/m/8", Type: "Event", AttributedTo: "https://agenda.example/federation/u/agenda", Authors: []string{"https://agenda.example/federation/u/agenda"},
			To: []string{Public}, Cc: []string{"https://agenda.example/federation/u/agenda/followers"}, Name: "Concert", Summary: "La Cave, 1 juillet", StartTime: at(t, "2026-07-01T20:00:00+02:00"),
			Attachments: []Attachment{{Type: "Document", MediaType: "image/jpeg", URL: "https://agenda.example/media/8.jpg", Name: "affiche", FocalPoint: &[2]float64{}}},
			Event: &Event{
				JoinURL:  "https://stream.example/cave",
				Location: &Place{Name: "La Cave", Address: "12 quai Bas, Lyon", Latitude: 45.75, Longitude: 4.85, Located: true},
			},
		},
		"peertube/video.json": {
			ID: "https://tube.example/videos/watch/v1", Type: "Video", AttributedTo: "https://tube.example/accounts/ines",
			Authors: []string{"https://tube.example/video-channels/verger", "https://tube.example/accounts/ines"}, URL: "https://tube.example/w/v1",
			Name: "Tailler un pommier", Content: "Avec un sécateur.", MediaType: "text/markdown", Language: "fr", CommentsEnabled: &open,
			To: []string{Public}, Cc: []string{"https://tube.example/accounts/ines/followers"}, Published: at(t, "2026-01-01T10:00:00Z"),
			Image: Image{URL: "https://tube.example/thumb/v1.jpg", MediaType: "image/jpeg", Width: 280, Height: 157},
			Likes: "https://tube.example/videos/watch/v1/likes", Shares: "https://tube.example/videos/watch/v1/announces",
			Tags: []Tag{{Type: "Hashtag", Name: "pommier"}},
		},
		"misskey/note_quote.json": {
			ID: mi + "/notes/9y", Type: "Note", AttributedTo: mi + "/users/8k", Authors: []string{mi + "/users/8k"}, Content: "<p>ça</p>", Source: "ça", SourceType: "text/x.misskeymarkdown",
			QuoteOf: "https://commons.example/posts/7", To: []string{Public}, Cc: []string{mi + "/users/8k/followers"}, Published: at(t, "2026-01-02T03:04:05.678Z"),
			Attachments: []Attachment{{Type: "Document", MediaType: "image/webp", URL: mi + "/files/a.webp"}},
		},
		"pleroma/create_question.json": {
			ID: pl + "/objects/q1", Type: "Question", AttributedTo: pl + "/users/ana", Authors: []string{pl + "/users/ana"}, Content: "Quel jour ?",
			Context: pl + "/contexts/c1", Conversation: pl + "/contexts/c1", To: []string{Public}, Cc: []string{pl + "/users/ana/followers"},
			Published: at(t, "2026-02-03T04:05:06.789012Z"), EndTime: at(t, "2026-02-10T04:05:06.789012Z"),
			Attachments: []Attachment{{Type: "Document", MediaType: "image/png", URL: pl + "/media/a.png", Width: 640, Height: 480}},
			Poll:        &Poll{Voters: 4, Options: []PollOption{{"mardi", 3}, {"jeudi", 1}}, ClosedAt: at(t, "2026-02-10T04:05:06.789012Z")},
		},
		"smithereen/wall_post.json": {
			ID: "https://smi.example/posts/5", Type: "Note", AttributedTo: "https://smi.example/users/1", Authors: []string{"https://smi.example/users/1"}, Content: "<p>Bonjour le mur</p>",
			To: []string{Public}, Target: "https://commons.example/actors/41/wall", TargetOwner: "https://commons.example/actors/41", Published: at(t, "2026-01-01T00:00:00Z"), Replies: "https://smi.example/posts/5/replies",
		},
	} {
		if diff := cmp.Diff(want, innermost(t, file), unread, sameMoment); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestActorsOfPeers(t *testing.T) {
	t.Parallel()
	const lea, velo, blog, o, pem = "https://toots.example/users/lea", "https://links.example/c/velo", "https://blog.example", "https://mitra.example/users/o", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"
	const pain = "https://pie.example/c/pain"
	for file, want := range map[string]Actor{
		"mastodon/person.json": {
			ID: lea, Type: "Person", PreferredUsername: "lea", Name: "Léa :squash:", Summary: "<p>Jardinière</p>", URL: "https://toots.example/@lea",
			Inbox: lea + "/inbox", Outbox: lea + "/outbox", Followers: lea + "/followers", Following: lea + "/following", Featured: lea + "/collections/featured",
			SharedInbox: "https://toots.example/inbox", ManuallyApprovesFollowers: true, Discoverable: true, Webfinger: "lea@toots.example",
			AlsoKnownAs: []string{"https://old.example/users/lea"}, Keys: []PublicKey{{ID: lea + "#main-key", Owner: lea, PEM: pem}},
			Icon: Image{URL: "https://files.toots.example/avatar/lea.png", MediaType: "image/png"}, Fields: []Field{{"Jardin", "Rosemont"}},
			Tags:      []Tag{{Type: "Emoji", Name: ":squash:", ID: "https://toots.example/emojis/7", Icon: "https://files.toots.example/emoji/squash.png"}},
			Published: at(t, "2019-05-06T00:00:00Z"),
		},
		"lemmy/group.json": {
			ID: velo, Type: "Group", PreferredUsername: "velo", Name: "Vélo", Summary: "<p>À <em>deux</em> roues</p>\n", Source: "À _deux_ roues", SourceType: "text/markdown",
			Icon: Image{URL: "https://links.example/pictrs/image/velo.png"}, Moderators: velo + "/moderators", PostingRestrictedToMods: true,
			Inbox: velo + "/inbox", Outbox: velo + "/outbox", Followers: velo + "/followers", Featured: velo + "/featured", SharedInbox: "https://links.example/inbox",
			Keys: []PublicKey{{ID: velo + "#main-key", Owner: velo, PEM: pem}}, Language: "fr", Languages: []string{"fr"},
			Themes:    []Theme{{velo + "/tag/ateliers", "Ateliers", "On répare ensemble"}, {velo + "/tag/pistes", "pistes", ""}},
			Published: at(t, "2024-01-02T03:04:05.678901Z"), Updated: at(t, "2025-01-02T03:04:05.678901Z"),
		},
		"piefed/group.json": {
			ID: pain, Type: "Group", PreferredUsername: "pain", Name: "Le pain", URL: pain, Moderators: pain + "/moderators",
			Inbox: pain + "/inbox", Outbox: pain + "/outbox", Followers: pain + "/followers", Featured: pain + "/featured", SharedInbox: "https://pie.example/inbox",
			Keys: []PublicKey{{ID: pain + "#main-key", Owner: pain, PEM: pem}}, Discoverable: true, Published: at(t, "2025-01-02T03:04:05Z"), Updated: at(t, "2026-01-02T03:04:05Z"),
			Themes: []Theme{{ID: pain + "/tag/4", Name: "Farines"}, {ID: pain + "/tag/3", Name: "Levain & cie"}},
		},
		"wordpress/blog_actor.json": {
			ID: blog + "/?author=0", Type: "Group", PreferredUsername: "blog.example", Name: "Le blogue", Summary: "<p>Café &amp; jardin</p>", URL: blog + "/@blog.example",
			Inbox: blog + "/wp-json/activitypub/1.0/actors/0/inbox", Outbox: blog + "/wp-json/activitypub/1.0/actors/0/outbox", Followers: blog + "/wp-json/activitypub/1.0/actors/0/followers",
			SharedInbox: blog + "/wp-json/activitypub/1.0/inbox", Moderators: blog + "/wp-json/activitypub/1.0/collections/moderators", PostingRestrictedToMods: true,
			Icon: Image{URL: blog + "/logo.png"}, Keys: []PublicKey{{ID: blog + "/?author=0#main-key", Owner: blog + "/?author=0", PEM: pem}}, Published: at(t, "2020-01-01T00:00:00Z"),
		},
		"mitra/actor_multikey.json": {
			ID: o, Type: "Person", PreferredUsername: "o", Inbox: o + "/inbox", Outbox: o + "/outbox", AlsoKnownAs: []string{"did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4rGyGmBg"},
			Implements: []string{"https://datatracker.ietf.org/doc/html/rfc9421"},
			Keys:       []PublicKey{{ID: o + "#main-key", Owner: o, PEM: pem}, {ID: o + "#ed25519-key", Owner: o, Multibase: "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4rGyGmBg"}},
		},
		"gotosocial/key_stub.json": {
			ID: "https://goto.example/users/z", Type: "Person", PreferredUsername: "z",
			Keys: []PublicKey{{ID: "https://goto.example/users/z/main-key", Owner: "https://goto.example/users/z", PEM: pem}},
		},
	} {
		got, err := ReadActor(twin(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		} else if diff := cmp.Diff(want, got, unread); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestKeyAlone(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]PublicKey{
		`{"id":"https://a.example/1/main-key","owner":"https://a.example/1","publicKeyPem":"PEM"}`:                                                         {ID: "https://a.example/1/main-key", Owner: "https://a.example/1", PEM: "PEM"},
		`{"id":"https://a.example/1#ed25519-key","type":"Multikey","controller":"https://a.example/1","publicKeyMultibase":"z6Mk"}`:                        {ID: "https://a.example/1#ed25519-key", Owner: "https://a.example/1", Multibase: "z6Mk"},
		`{"id":"https://a.example/1","type":"Person","inbox":"https://a.example/1/inbox","publicKey":[{"id":"https://a.example/1#k","publicKeyPem":"P"}]}`: {ID: "https://a.example/1#k", PEM: "P"},
	} {
		d, err := Decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Keys(); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s = %+v, %v, want %+v", body, got, err, want)
		}
	}
}

func TestCollectionsOfPeers(t *testing.T) {
	t.Parallel()
	two, none := 2, 0
	for body, want := range map[string]Collection{
		`{"type":"OrderedCollection","id":"https://a.example/o","totalItems":2,"first":"https://a.example/o?page=1"}`: {ID: "https://a.example/o", Type: "OrderedCollection", Ordered: true, Total: &two, First: "https://a.example/o?page=1"},
		`{"type":"Collection","totalItems":"0","items":[]}`:                                                           {Type: "Collection", Total: &none},
		`{"type":"OrderedCollectionPage","partOf":{"id":"https://a.example/o"},"next":"https://a.example/o?page=2","orderedItems":[1,null,"https://a.example/1",{"type":"Like","id":"https://a.example/2"}]}`: {
			Type: "OrderedCollectionPage", Ordered: true, PartOf: "https://a.example/o", Next: "https://a.example/o?page=2", Items: []Ref{Link("https://a.example/1"), {ID: "https://a.example/2", Type: "Like"}},
		},
		`{"type":"Collection","items":"https://a.example/1"}`:                                     {Type: "Collection", Items: []Ref{Link("https://a.example/1")}},
		`{"type":"Collection","first":{"type":"CollectionPage","items":["https://a.example/1"]}}`: {Type: "Collection", FirstPage: Ref{Type: "CollectionPage"}},
	} {
		got, err := ReadCollection([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(want, got, unread); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestTombstoneOfAPerson(t *testing.T) {
	t.Parallel()
	d, err := Decode(twin(t, "hubzilla/person_tombstone.json"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Tombstone()
	want := Tombstone{ID: "https://hub.example/channel/parti", FormerType: "Person", Deleted: at(t, "2026-01-01T00:00:00Z")}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
