// Package vocab reads and writes ActivityStreams documents.
//
// Decode looks at the envelope of what another server sent and keeps its bytes; Document.Activity,
// Note, Actor, Collection and Tombstone then give the view that is wanted. The Encode methods write
// ours. What peers write is read leniently (one value or many, text or object); what would lie or
// harm (duplicate keys, IRIs that break out of a string, endless nesting) is refused.
//
// It is the keeper of github.com/go-ap/activitypub: its types are what is written, and the typed
// view of what is read, but never its JSON codec for text, which alters it (see decode.go, encode.go).
package vocab

// Public is the address of everybody, in the only form that every server knows.
const Public = "https://www.w3.org/ns/activitystreams#Public"

// MediaType is the content type under which documents travel.
const MediaType = "application/activity+json"

// LDMediaType is the other content type for the same documents, for servers that ask for it.
const LDMediaType = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`

// Kind says which view suits a document.
type Kind int

// The kinds of documents.
const (
	KindUnknown    Kind = iota // a type nobody here knows: Document.Note may still read it
	KindActivity               // Document.Activity
	KindObject                 // Document.Note
	KindActor                  // Document.Actor
	KindCollection             // Document.Collection
	KindTombstone              // Document.Tombstone
)
