package vocab

import "time"

// Actor is a person, a group or a server.
type Actor struct {
	ID, Type string

	PreferredUsername, Name, Summary, URL         string
	Inbox, Outbox, Followers, Following, Featured string
	Moderators                                    string // a Group's attributedTo, a collection
	SharedInbox                                   string

	Keys        []PublicKey
	KeyIDs      []string // of keys that are only named
	Icon, Image Image

	ManuallyApprovesFollowers, Discoverable, Indexable bool
	PostingRestrictedToMods, Sensitive                 bool

	AlsoKnownAs        []string
	MovedTo, Webfinger string
	Language           string   // of what is posted, the first of Languages
	Languages          []string // Lemmy groups may have several
	Source, SourceType string   // of Summary
	SummaryMap         map[string]string
	Fields             []Field
	Tags               []Tag    // the emoji and hashtags of its profile
	Themes             []Theme  // of a Group: under which its posts are sorted
	Implements         []string // FEP-844e: what its software can do

	Openness, Members string // Mobilizon: open, moderated, invite_only; its members collection
	AccessType        string // Smithereen: open, closed, private: who may see what is said in a group
	Suspended         bool

	Published, Updated time.Time

	Raw []byte // the bytes it was read from
}

// Field is a line of a profile, a PropertyValue.
type Field struct{ Name, Value string }

// ReadActor decodes a body that must be an actor.
func ReadActor(body []byte) (Actor, error) {
	d, err := Decode(body)
	if err != nil {
		return Actor{}, err
	}
	return d.Actor()
}
