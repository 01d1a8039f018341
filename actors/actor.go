package actors

import "time"

// ID is the number by which we know an actor: public, ordered by time.
type ID int64

// Kind is what an actor is.
type Kind string

// The kinds of actors.
const (
	Person       Kind = "person"
	Group        Kind = "group"
	Application  Kind = "application" // a server itself
	Service      Kind = "service"     // a robot
	Organization Kind = "organization"
)

var types = map[Kind]string{
	Person: "Person", Group: "Group", Application: "Application", Service: "Service", Organization: "Organization",
}

// Type is the name of the kind in documents.
func (k Kind) Type() string { return types[k] }

// kindOf reads a document's type; !ok: not an actor.
func kindOf(documentType string) (Kind, bool) {
	for kind, name := range types {
		if name == documentType {
			return kind, true
		}
	}
	return "", false
}

// Actor is a person, a community or a server, of ours or of others.
type Actor struct {
	ID      ID
	IRI     string
	Kind    Kind
	Host    string // host[:port] of its IRI; "" = ours
	HostID  int64  // of the host's row; 0 = ours
	Domain  string // host of its handle where that is not Host, confirmed both ways
	Name    string // preferredUsername
	Title   string // the name that people read
	Summary string // safe HTML
	Source  string // Markdown of Summary; ours only
	Fields  Fields // the lines of the profile
	URL     string
	Icon    string
	Banner  string // of others

	Inbox, SharedInbox, Outbox, Followers, Following, Featured, Moderators, Members string

	Delivery     int64 // inboxes.id where deliveries to it go; 0 = ours
	Approves     bool  // manuallyApprovesFollowers
	Access       Access
	Restricted   bool // a community in which only those who moderate it begin anything
	Archived     bool // one of ours that is only read
	Discoverable bool
	Indexable    bool
	Published    time.Time
	RefreshedAt  time.Time
	Gone         bool // deleted: 410 for ever
}

// Access is who may see what is said in a community.
type Access string

// The levels of access. A community elsewhere that says nothing has none.
const (
	Open         Access = "open"         // everybody
	ForMembers   Access = "members"      // its members; that there is it, everybody may know
	Confidential Access = "confidential" // likewise; for all others it does not exist
)

// Closed says whether what is said in a community is for its members.
func (a Access) Closed() bool { return a == ForMembers || a == Confidential }

// Local says whether the actor is one of ours.
func (a Actor) Local() bool { return a.HostID == 0 }

// Handle is how people call the actor: @name for ours, @name@host for others.
func (a Actor) Handle() string {
	switch {
	case a.Local():
		return "@" + a.Name
	case a.Domain != "":
		return "@" + a.Name + "@" + a.Domain
	}
	return "@" + a.Name + "@" + a.Host
}

// DisplayName is the title, or for want of one the name.
func (a Actor) DisplayName() string {
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}
