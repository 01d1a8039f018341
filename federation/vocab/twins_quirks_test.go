package vocab

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQuirks reads what is written otherwise than by most, a twin for each way in which the
// payloads of the corpus do so.
func TestQuirks(t *testing.T) {
	t.Parallel()
	const a, b, ana, soil = "https://a.example", "https://b.example", "https://a.example/u/ana", "https://a.example/c/soil"
	const mb, looms, wil = "https://tisser.example", "https://tisser.example/m/looms", "https://tisser.example/u/wil"
	const makers, post = "https://commons.example/actors/41", "https://commons.example/posts/7"
	one := func(a Activity) Activity { a.Objects = []Ref{a.Object}; return a }
	by := func(n Note) Note {
		if n.AttributedTo == "" {
			n.AttributedTo = ana
		}
		if n.Authors == nil {
			n.Authors = []string{n.AttributedTo}
		}
		return n
	}
	for file, want := range map[string]any{
		"quirks/emoji_react.json": one(Activity{Type: "EmojiReact", Actor: ana, Object: Link(b + "/posts/1"), Content: "🌱", Audience: []string{b + "/c/seeds", b + "/c/soil"}}),
		"quirks/offer.json": one(Activity{ID: "http://a.example/offers/1", Type: "Offer", Actor: "http://a.example/u/ana", Object: Ref{Type: "Object"},
			Instrument: Ref{ID: a + "/robots/1", Type: "Service"}, Result: Link(a + "/loans/1"), Target: Link(b + "/u/bob"), EndTime: at(t, "2026-09-01T00:00:00Z")}),
		"quirks/move.json": one(Activity{ID: ana + "#moves/1", Type: "Move", Actor: ana, Object: Link(ana), Target: Link(b + "/u/ana"), To: []string{ana + "/followers"}}),
		"quirks/create_alone.json": by(Note{ID: a + "/notes/2", Type: "Note", Authors: []string{ana, a + "/u/zoe"}, To: []string{Public}, Cc: []string{ana + "/followers"},
			Content: "Seule adresse", Published: at(t, "2026-02-03T04:05:06.123456789Z")}),
		"quirks/note_of_objects.json": by(Note{ID: a + "/notes/3", Type: "Note", InReplyTo: b + "/posts/1", URL: a + "/lire/3", To: []string{Public}, Image: Image{URL: a + "/images/3.png"},
			Name: "Titre", Summary: "Résumé", Content: "Trois mots", Language: "fr", ContentMap: map[string]string{"fr": "Trois mots", "en": "Three words"},
			NameMap: map[string]string{"fr": "Titre"}, SummaryMap: map[string]string{"fr": "Résumé"}, Published: at(t, "2026-02-03T04:05:00Z")}),
		"quirks/page_of_lemmy.json": by(Note{ID: a + "/post/4", Type: "Page", To: []string{Public}, Name: "Épinglée", Content: "<p>Lire</p>", Stickied: true, Distinguished: true,
			Tags: []Tag{{Type: "Hashtag", Name: "#lire", Href: a + "/t/lire"}}, Image: Image{URL: a + "/images/4.webp", MediaType: "image/webp"}}),
		"quirks/policy_old.json": by(Note{ID: a + "/notes/5", Type: "Note", To: []string{Public}, Content: "Avant", ApprovedBy: b + "/accepts/1",
			AnswerableBy: []string{ana, ana + "/followers"}, AnnounceableBy: []string{}}),
		"quirks/policy_new.json": by(Note{ID: a + "/notes/6", Type: "Note", To: []string{Public}, Content: "Après", ApprovedBy: b + "/authorizations/1",
			AnswerableBy: []string{ana}, AnnounceableBy: []string{Public}, QuotableBy: []string{ana + "/followers"}}),
		"quirks/policy_both.json":        by(Note{ID: a + "/notes/7", Type: "Note", Content: "Entre deux", ApprovedBy: b + "/accepts/2", AnswerableBy: []string{ana}}),
		"quirks/policy_of_peertube.json": by(Note{ID: a + "/videos/1", Type: "Video", Name: "Semer"}),
		"quirks/quote.json":              by(Note{ID: a + "/notes/8", Type: "Note", Content: "<p>Lisez ceci</p>", QuoteOf: b + "/posts/1", QuoteApproval: b + "/posts/1/quotes/9"}),
		"quirks/quote_uri.json":          by(Note{ID: a + "/notes/9", Type: "Note", Content: "Et cela", QuoteOf: b + "/posts/2"}),
		"quirks/quote_link.json": by(Note{ID: a + "/notes/10", Type: "Note", Content: "Ou ceci", QuoteOf: b + "/posts/3",
			Tags: []Tag{{Type: "Link", Name: "RE: ici", Href: b + "/posts/3", MediaType: "application/activity+json", Rel: "https://misskey-hub.net/ns#_misskey_quote"}}}),
		"quirks/question_any.json": by(Note{ID: a + "/questions/1", Type: "Question", Content: "Quels jours ?",
			Poll: &Poll{Multiple: true, Voters: 2, Options: []PollOption{{"lundi", 2}, {"jeudi", 0}}, ClosedAt: at(t, "2026-03-04T05:06:07Z")}}),
		"quirks/question_bare.json": by(Note{ID: a + "/questions/2", Type: "Question", Name: "Pourquoi ?"}),
		"quirks/service.json": Actor{ID: a + "/robots/1", Type: "Service", Name: "Prêts", Inbox: a + "/robots/1/inbox", MovedTo: b + "/robots/1", Image: Image{URL: a + "/images/r.png"},
			Keys: []PublicKey{{ID: a + "/robots/1#k", Owner: a + "/robots/1", Multibase: "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4rGyGmBg"}}},
		"quirks/group_of_many_contexts.json": Actor{ID: soil, Type: "Group", PreferredUsername: "soil", Inbox: soil + "/inbox", Moderators: soil + "/moderators"},
		"quirks/application_of_eight.json":   Actor{ID: a + "/instance", Type: "Application", PreferredUsername: "a.example", Inbox: a + "/instance/inbox"},
		"quirks/nameless.json":               Note{ID: a + "/things/1", Name: "Une chose"},
		"quirks/gone_person.json":            Tombstone{ID: ana, Deleted: at(t, "2026-01-02T03:04:05Z")},
		"quirks/reply_request.json": one(Activity{ID: a + "/requests/1", Type: "ReplyRequest", Actor: ana, Object: Link(b + "/posts/1"),
			Instrument: Ref{ID: a + "/notes/11", Type: "Note"}, To: []string{b + "/u/bob"}}),
		"quirks/accept_of_reply.json": one(Activity{ID: b + "/accepts/1", Type: "Accept", Actor: b + "/u/bob", Object: Link(a + "/notes/11"), Target: Link(b + "/posts/1"),
			Result: Ref{ID: b + "/authorizations/1", Type: "ReplyAuthorization"}, To: []string{ana}}),
		"quirks/leave_taken_back.json": by(Note{ID: b + "/posts/1/quotes/9", Type: "QuoteAuthorization", AttributedTo: b + "/u/bob", InteractingObject: a + "/notes/8", InteractionTarget: b + "/posts/1"}),
		"mbin/announce_link.json": by(Note{ID: looms + "/t/3/link", Type: "Page", AttributedTo: wil, To: []string{looms, Public}, Cc: []string{wil + "/followers"}, Audience: []string{looms},
			Name: "A shop", Summary: "A shop #cloth", MediaType: "text/html", Source: "https://yarn.example", CommentsEnabled: yes(), Published: at(t, "2026-03-04T05:06:07Z"),
			Tags: []Tag{{Type: "Hashtag", Name: "#cloth", Href: mb + "/tag/cloth"}}, Attachments: []Attachment{{Type: "Link", URL: "https://yarn.example"}}}),
		"mbin/announce_delete.json": Tombstone{ID: looms + "/t/1/weaving"},
		"mbin/announce_lock.json": one(Activity{ID: mb + "/f/object/announce-5", Type: "Announce", Actor: looms, Object: Ref{ID: mb + "/f/object/lock-1", Type: "Lock"},
			To: []string{Public}, Cc: []string{looms + "/followers", wil + "/followers"}, Audience: []string{looms}, Published: at(t, "2026-03-04T05:06:07Z")}),
		"mbin/announce_pin.json": one(Activity{ID: mb + "/f/object/announce-6", Type: "Announce", Actor: looms, Object: Ref{ID: mb + "/f/object/add-1", Type: "Add"},
			To: []string{Public}, Cc: []string{looms + "/followers", mb + "/u/owner/followers"}, Audience: []string{looms}, Published: at(t, "2026-03-04T05:06:07Z")}),
		"mbin/flag.json": one(Activity{ID: mb + "/reports/1", Type: "Flag", Actor: wil, Object: Link(post), To: []string{makers}, Audience: []string{makers}}),
		"mbin/group.json": Actor{ID: looms, Type: "Group", PreferredUsername: "looms", Name: "looms", URL: looms, Inbox: looms + "/inbox", Outbox: looms + "/outbox", Followers: looms + "/followers",
			Featured: looms + "/pinned", Moderators: looms + "/moderators", SharedInbox: mb + "/f/inbox", Discoverable: true, Indexable: true, SourceType: "text/markdown",
			Keys:      []PublicKey{{ID: looms + "#main-key", Owner: looms, PEM: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"}},
			Published: at(t, "2026-03-04T05:06:07Z"), Updated: at(t, "2026-03-04T05:06:07Z")},
	} {
		if diff := cmp.Diff(want, seenAs(t, file, want), unread, sameMoment); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func yes() *bool { open := true; return &open }

// seenAs reads a twin as what is wanted of it: a post or what is left of one at the bottom of
// whatever wraps it, the rest as it is.
func seenAs(t *testing.T, file string, want any) (got any) {
	t.Helper()
	d, err := Decode(twin(t, file))
	_, whole := want.(Activity)
	for err == nil && !whole && d.Kind == KindActivity {
		var a Activity
		if a, err = d.Activity(); err == nil {
			d, err = a.Object.Document()
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	switch want.(type) {
	case Activity:
		got, err = d.Activity()
	case Actor:
		got, err = d.Actor()
	case Tombstone:
		got, err = d.Tombstone()
	default:
		got, err = d.Note()
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return got
}

// TestKindsOfTypes says what each type is that peers have been seen to write.
func TestKindsOfTypes(t *testing.T) {
	t.Parallel()
	for kind, types := range map[Kind]string{
		KindActivity: "Accept Activity Add Announce AnnounceRequest ApproveReply Arrive Block Create Delete Dislike EmojiReact Flag Follow Ignore Invite Join Leave Like LikeRequest " +
			"Lock Move Offer QuoteRequest Read Reject RejectReply Remove ReplyRequest Resolve ResolveReport TentativeReject Travel Undo Update Warn",
		KindActor:      "Application Feed Group Organization Person Service",
		KindCollection: "Collection CollectionPage OrderedCollection OrderedCollectionPage OrganizersCollection",
		KindObject: "AnnounceApproval Article Audio ChatMessage Comment Document Event Image LikeApproval Member Note Object Page Place Profile Question Quotation " +
			"QuoteAuthorization Relationship ReplyApproval ReplyAuthorization Review Video",
		KindTombstone: "Tombstone",
		KindUnknown:   "Assertion CryptographicKey Plan Proposal Shelf Wrong",
	} {
		for name := range strings.FieldsSeq(types) {
			d, err := Decode([]byte(`{"type":"` + name + `","id":"https://a.example/1"}`))
			if err != nil || d.Kind != kind || d.Type != name {
				t.Errorf("%s: kind %v of type %q, %v; want kind %v", name, d.Kind, d.Type, err, kind)
			}
		}
	}
}

// TestEveryQuirkHasATwin holds the twins against the quirks that the index of the corpus names.
func TestEveryQuirkHasATwin(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range corpus(t) {
		for _, quirk := range p.quirks {
			if kindsOf[p.kind] == nil || seen[quirk] {
				continue // the rest is read by package federation
			}
			seen[quirk] = true
			if file := twinOf[quirk]; file == "" {
				t.Errorf("no twin of %s, as %s has it", quirk, p.file)
			} else {
				twin(t, file)
			}
		}
	}
	t.Logf("%d quirks have twins", len(seen))
}

// twinOf is one twin for each quirk.
var twinOf = map[string]string{
	"@type-or-@id-used":           "quirks/note_of_objects.json",
	"_misskey_quote":              "misskey/note_quote.json",
	"actor:array":                 "quirks/offer.json",
	"actor:object":                "quirks/emoji_react.json",
	"alsoKnownAs":                 "mastodon/person.json",
	"approvedBy":                  "quirks/policy_both.json",
	"assertionMethod":             "quirks/service.json",
	"assertionMethod:nonarray":    "quirks/service.json",
	"attachment:object-not-array": "nodebb/article.json",
	"attributedTo:array":          "quirks/create_alone.json",
	"attributedTo:array-objects":  "peertube/video.json",
	"attributedTo:object":         "quirks/note_of_objects.json",
	"audience:array":              "quirks/emoji_react.json",
	"audience:string":             "lemmy/block_user.json",
	"blurhash":                    "mastodon/create_note.json",
	"bto/bcc":                     "quirks/create_alone.json",
	"canReply":                    "quirks/policy_both.json",
	"cc:null":                     "quirks/emoji_react.json",
	"cc:string":                   "quirks/create_alone.json",
	"closed":                      "quirks/question_any.json",
	"commentsEnabled":             "mbin/announce_link.json",
	"content:null":                "quirks/note_of_objects.json",
	"context":                     "nodebb/article.json",
	"conversation":                "mastodon/create_note.json",
	"ctx:@language":               "pleroma/create_question.json",
	"ctx:array1":                  "misskey/note_quote.json",
	"ctx:array2":                  "quirks/note_of_objects.json",
	"ctx:array3":                  "mastodon/person.json",
	"ctx:array4":                  "quirks/move.json",
	"ctx:array5":                  "quirks/create_alone.json",
	"ctx:array6":                  "quirks/service.json",
	"ctx:array7":                  "quirks/group_of_many_contexts.json",
	"ctx:array8":                  "quirks/application_of_eight.json",
	"ctx:inline-terms":            "quirks/application_of_eight.json",
	"ctx:litepub":                 "quirks/create_alone.json",
	"ctx:no-as2-string":           "quirks/note_of_objects.json",
	"ctx:none":                    "quirks/emoji_react.json",
	"ctx:string":                  "quirks/accept_of_reply.json",
	"ctx:string-noncanonical":     "quirks/offer.json",
	"discoverable":                "mastodon/person.json",
	"distinguished":               "quirks/page_of_lemmy.json",
	"emoji":                       "mastodon/person.json",
	"expires":                     "quirks/offer.json",
	"featured":                    "lemmy/group.json",
	"focalPoint":                  "gancio/event.json",
	"hashtag":                     "quirks/page_of_lemmy.json",
	"icon:array":                  "mastodon/person.json",
	"id:fragment":                 "quirks/move.json",
	"id:missing":                  "quirks/emoji_react.json",
	"id:not-https":                "quirks/offer.json",
	"image:array":                 "quirks/page_of_lemmy.json",
	"image:string":                "quirks/note_of_objects.json",
	"inReplyTo:dict":              "quirks/note_of_objects.json",
	"inReplyTo:list":              "nodebb/article.json",
	"inReplyTo:null":              "mastodon/create_note.json",
	"indexable":                   "mastodon/person.json",
	"inner.cc:string":             "quirks/create_alone.json",
	"inner.to:string":             "quirks/create_alone.json",
	"instrument":                  "quirks/offer.json",
	"interactionPolicy":           "quirks/policy_both.json",
	"joinMode":                    "mobilizon/event.json",
	"langmap:contentMap":          "quirks/note_of_objects.json",
	"langmap:nameMap":             "quirks/note_of_objects.json",
	"langmap:summaryMap":          "quirks/note_of_objects.json",
	"language":                    "lemmy/announce_create_page.json",
	"ldsig":                       "quirks/move.json",
	"location":                    "gancio/event.json",
	"manuallyApprovesFollowers":   "mastodon/person.json",
	"mention":                     "mastodon/create_note.json",
	"moderators":                  "quirks/group_of_many_contexts.json",
	"movedTo":                     "quirks/service.json",
	"no-endpoints":                "quirks/application_of_eight.json",
	"no-preferredUsername":        "quirks/service.json",
	"no-publicKey":                "quirks/application_of_eight.json",
	"no-sharedInbox":              "quirks/group_of_many_contexts.json",
	"object:array":                "gotosocial/create_votes.json",
	"poll:?":                      "quirks/question_bare.json",
	"poll:anyOf":                  "quirks/question_any.json",
	"poll:oneOf":                  "pleroma/create_question.json",
	"postingRestrictedToMods":     "lemmy/group.json",
	"profile-fields":              "mastodon/person.json",
	"proof":                       "quirks/create_alone.json",
	"public:compact":              "pleroma/create_question.json",
	"publicKey":                   "gotosocial/key_stub.json",
	"publicKey:array":             "mastodon/person.json",
	"quote":                       "quirks/quote.json",
	"quoteAuthorization":          "quirks/quote.json",
	"quoteUri":                    "quirks/quote_uri.json",
	"quoteUrl":                    "misskey/note_quote.json",
	"removeData":                  "lemmy/block_user.json",
	"replies:object":              "mastodon/create_note.json",
	"replies:string":              "nodebb/article.json",
	"replyAuthorization":          "quirks/policy_both.json",
	"result":                      "quirks/accept_of_reply.json",
	"sensitive":                   "quirks/create_alone.json",
	"source":                      "lemmy/announce_create_page.json",
	"startTime":                   "gancio/event.json",
	"stickied":                    "quirks/page_of_lemmy.json",
	"summary:null":                "mastodon/create_note.json",
	"tag:Link":                    "quirks/quote_link.json",
	"tag:null":                    "quirks/emoji_react.json",
	"tag:object-not-array":        "quirks/page_of_lemmy.json",
	"target":                      "quirks/accept_of_reply.json",
	"time:nano":                   "quirks/create_alone.json",
	"time:no-tz":                  "quirks/note_of_objects.json",
	"time:offset":                 "gancio/event.json",
	"to:null":                     "quirks/emoji_react.json",
	"to:objects":                  "quirks/note_of_objects.json",
	"to:string":                   "quirks/accept_of_reply.json",
	"tombstone":                   "quirks/gone_person.json",
	"type:array":                  "quirks/gone_person.json",
	"type:missing":                "quirks/nameless.json",
	"url:array":                   "peertube/video.json",
	"url:null":                    "quirks/page_of_lemmy.json",
	"url:object":                  "quirks/note_of_objects.json",
	"votersCount":                 "quirks/question_any.json",
	"webfinger":                   "mastodon/person.json",
}
