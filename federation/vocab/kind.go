package vocab

import (
	"strings"

	ap "github.com/go-ap/activitypub"
)

// kinds says what the types that we have heard of are: the vocabulary's, then those that peers add.
var kinds = knownKinds()

func knownKinds() map[string]Kind {
	known := map[string]Kind{}
	for kind, types := range map[Kind]ap.ActivityVocabularyTypes{
		KindActivity:   append(ap.ActivityTypes[:len(ap.ActivityTypes):len(ap.ActivityTypes)], ap.IntransitiveActivityTypes...),
		KindActor:      ap.ActorTypes,
		KindCollection: ap.CollectionTypes,
	} {
		for _, t := range types {
			known[string(t)] = kind
		}
	}
	for kind, types := range map[Kind]string{
		KindActivity: "Activity IntransitiveActivity EmojiReact Lock Warn Resolve ResolveReport " +
			"QuoteRequest LikeRequest ReplyRequest AnnounceRequest FeatureRequest ApproveReply RejectReply",
		KindActor:      "Feed", // a collection of groups that is followed like one (PieFed, Lemmy)
		KindCollection: "OrganizersCollection",
		KindObject: "QuoteAuthorization ReplyAuthorization LikeAuthorization AnnounceAuthorization " +
			"LikeApproval ReplyApproval AnnounceApproval Object ChatMessage Comment Review Quotation Member",
	} {
		for _, t := range strings.Fields(types) {
			known[t] = kind
		}
	}
	for _, t := range ap.ObjectTypes {
		known[string(t)] = KindObject
	}
	known[string(ap.QuestionType)] = KindObject // an activity by the letter, posted like a note by everybody
	known[string(ap.TombstoneType)] = KindTombstone
	return known
}

// prefixes stand before a type in documents that were compacted otherwise.
var prefixes = [...]string{"as:", "https://www.w3.org/ns/activitystreams#", "toot:"}

func shortType(t string) string {
	for _, p := range prefixes {
		if short, found := strings.CutPrefix(t, p); found {
			return short
		}
	}
	return t
}

// kindOf is the type of a value and what it is: of several types, the first that is known, except
// that a Tombstone always is one: the rest is what it was.
func (v value) kindOf() (name string, kind Kind) {
	v.get("type", "@type").each(func(e value) bool {
		t := ""
		if e.is('"') {
			t = shortType(e.text())
		}
		k := kinds[t]
		if name == "" || kind == KindUnknown && k != KindUnknown || k == KindTombstone {
			name, kind = t, k
		}
		return true
	})
	if kind == KindUnknown {
		kind = v.looksLike()
	}
	return name, kind
}

// looksLike guesses the kind of a type nobody here knows from its properties.
func (v value) looksLike() Kind {
	switch {
	case v.get("inbox").present():
		return KindActor
	case v.get("orderedItems", "items", "totalItems", "first").present():
		return KindCollection
	case v.get("actor").present() && v.get("object", "target").present():
		return KindActivity
	}
	return KindUnknown
}
