package inbox

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// envelope is what must be known of an activity before it is believed.
type envelope struct {
	vocab.Activity
	origin string // of the actor, and of the id
	host   string
	key    string // id of the key that is said to have signed
	body   []byte
}

// checkRequest refuses what is not an activity in a body of its own.
func checkRequest(r *http.Request) error {
	if r.Method != http.MethodPost {
		return fault.New(fault.MethodNotAllowed, "an inbox only takes POST")
	}
	if !activityType(r.Header.Get("Content-Type")) {
		return fault.New(fault.UnsupportedMedia, "an inbox takes "+vocab.MediaType+" or "+vocab.LDMediaType)
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fault.New(fault.UnsupportedMedia, "the body must not be compressed")
	}
	return nil
}

// activityType accepts the two types under which activities travel. Of ld+json the
// profile may be missing: some peers leave it out, and here it proves nothing.
func activityType(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if kind != vocab.MediaType && kind != "application/ld+json" {
		return false
	}
	charset := params["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}

// readBody reads at most limit bytes; one more is too large.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, fault.New(fault.TooLarge, "the body is too large")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "the body cannot be read", err)
	}
	if int64(len(body)) > limit {
		return nil, fault.New(fault.TooLarge, "the body is too large")
	}
	return body, nil
}

// readEnvelope reads an activity and demands that its id and its actor are under one
// authority, which is not ours.
func readEnvelope(body []byte, ours federation.IRIs) (envelope, error) {
	a, err := vocab.ReadActivity(body)
	if err != nil {
		return envelope{}, fault.Wrap(fault.Invalid, "the body is not an activity", err)
	}
	e := envelope{Activity: a, body: body}
	if a.Type == "" || len(a.Type) > 64 {
		return e, unreadable("the activity has no type")
	}
	if e.origin, err = federation.Origin(a.Actor); err != nil {
		return e, unreadable("the actor is not an address")
	}
	from, err := federation.Origin(a.ID)
	if err != nil {
		return e, unreadable("the id is not an address")
	}
	if mine, _ := federation.Origin(ours.Origin); e.origin == mine || from == mine {
		return e, forbidden("this server does not write to itself")
	}
	if from != e.origin {
		return e, unproven("the id is not of the actor's server")
	}
	e.host = federation.Host(a.Actor)
	return e, nil
}

// onceTypes are recorded once for each id: they tell of one thing that happened. The
// others are recognised by state, since Misskey's ids repeat and an Undo frees them.
var onceTypes = []string{"Create", "Update", "Delete"}

// onceKey is under what an activity is known for ever, nil if it may come again. It is
// claimed only by who is proved to be of the origin. What a community tells has an id each
// time that it is told, which NodeBB shares among what it tells in one millisecond.
func (e envelope) onceKey() []byte {
	switch {
	case slices.Contains(onceTypes, e.Type):
		return hash(e.origin, e.ID)
	case e.Type == "Announce":
		inner, err := activityIn(e.Object)
		if err == nil && inner.Actor != "" && inner.ID != "" {
			return hash(e.origin, e.ID, inner.ID)
		}
	}
	return nil
}

// line is what must be applied in the order in which it came: what somebody does to
// something and may undo and do again, a boost too, and what a community tells of a post. Of the rest,
// and of an Undo that only names an activity, the order does not matter or is not known: nil.
func (e envelope) line() *int64 {
	a := e.Activity
	if a.Type == "Announce" {
		if inner, err := activityIn(a.Object); err == nil {
			a = inner
		}
	}
	who, object := a.Actor, a.Object.ID
	kind := a.Type
	if kind == "Undo" {
		undone, err := activityIn(a.Object)
		if err != nil {
			return nil
		}
		kind, object = undone.Type, undone.Object.ID
	}
	switch kind {
	case "Lock", "Add", "Remove":
		who = "" // one moderator takes back what another did
	case "Follow", "Like", "EmojiReact", "Dislike", "Join", "Leave", "Block", "Announce":
	case "Create", "Update", "Delete":
		if e.Type != "Announce" {
			return nil // a version has its time, a deletion its tombstone
		}
		who = "" // its author writes, a moderator deletes
	default:
		return nil
	}
	if e.Type == "Announce" && kind == "Block" {
		who = ""
	}
	line := int64(binary.BigEndian.Uint64(hash(e.Actor, who, object)))
	return &line
}

var errNoActivity = errors.New("no activity is in it")

func activityIn(r vocab.Ref) (vocab.Activity, error) {
	if r.Raw == nil {
		return vocab.Activity{}, errNoActivity
	}
	d, err := r.Document()
	if err != nil {
		return vocab.Activity{}, err
	}
	return d.Activity()
}

func hash(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return sum[:]
}

// bySelf says whether an actor deletes or updates itself.
func (e envelope) bySelf() bool {
	return (e.Type == "Delete" || e.Type == "Update") && e.Object.ID == e.Actor
}

// forwarded says whether the body carries a proof of its own, as what Mastodon forwards
// from others does.
func (e envelope) forwarded() bool {
	body := string(e.body)
	return strings.Contains(body, `"signature"`) || strings.Contains(body, `"proof"`)
}
