package vocab

import (
	"testing"

	ap "github.com/go-ap/activitypub"
)

// byGoAp is a document as go-ap reads it, or nil: it knows fewer types, and is not trusted not to panic.
func byGoAp(body []byte) (item ap.Item) {
	defer func() {
		if recover() != nil {
			item = nil
		}
	}()
	item, err := ap.UnmarshalJSON(body)
	if err != nil || ap.IsNil(item) || item.IsCollection() {
		return nil
	}
	return item
}

// link is what go-ap takes a property for, if that is one sound IRI.
func link(item ap.Item) string {
	if ap.IsNil(item) || item.IsCollection() {
		return ""
	}
	return clean(string(item.GetLink()))
}

// TestReadsWhatGoApReads holds our readers against go-ap's where that one sees something.
func TestReadsWhatGoApReads(t *testing.T) {
	t.Parallel()
	agreed := 0
	for _, p := range corpus(t) {
		d, err := Decode(p.body)
		item := byGoAp(p.body)
		if err != nil || item == nil {
			continue
		}
		same := func(property string, item ap.Item, ours string) {
			if theirs := link(item); theirs != "" && theirs != ours {
				t.Errorf("%s: %s = %q, go-ap reads %q", p.file, property, ours, theirs)
			} else if theirs != "" {
				agreed++
			}
		}
		same("id", item.GetLink(), d.ID)
		switch it := item.(type) {
		case *ap.Activity:
			if a, err := d.Activity(); err == nil {
				same("actor", it.Actor, a.Actor)
				same("object", it.Object, a.Object.ID)
				same("target", it.Target, a.Target.ID)
				same("origin", it.Origin, a.Origin.ID)
				same("result", it.Result, a.Result.ID)
			}
		case *ap.Actor:
			if a, err := d.Actor(); err == nil {
				same("inbox", it.Inbox, a.Inbox)
				same("outbox", it.Outbox, a.Outbox)
				same("followers", it.Followers, a.Followers)
				same("following", it.Following, a.Following)
				if it.Endpoints != nil {
					same("sharedInbox", it.Endpoints.SharedInbox, a.SharedInbox)
				}
				if len(a.Keys) > 0 {
					same("publicKey", it.PublicKey.ID, a.Keys[0].ID)
				}
			}
		case *ap.Object:
			if n, err := d.Note(); err == nil {
				same("attributedTo", it.AttributedTo, n.AttributedTo)
				same("inReplyTo", it.InReplyTo, n.InReplyTo)
				same("context", it.Context, n.Context)
				same("replies", it.Replies, n.Replies)
				if !it.Published.IsZero() && it.Published.Unix() != n.Published.Unix() {
					t.Errorf("%s: published = %v, go-ap reads %v", p.file, n.Published, it.Published)
				}
			}
		}
	}
	t.Logf("agreed on %d properties", agreed)
}
