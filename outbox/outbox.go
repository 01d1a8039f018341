// Package outbox sends our actors' activities to other servers.
//
// Send (send.go) records the activity and one delivery per inbox in the caller's
// transaction. Courier (courier.go) delivers them later, signed, until each
// inbox has answered or is given up: Due rings for the lanes that wait, Answer
// drains one (drain.go), outcome.go says what an answer means and rest.go how
// long a host that fails is left alone. What is given up stays as a letter
// (letters.go), an administrator may keep everything back (pause.go), and
// collection.go shows what an actor sent.
package outbox

import (
	"time"

	"passerelles/actors"
)

// Activity is one form of what an actor says, in the very bytes that leave.
type Activity struct {
	IRI       string
	Type      string
	Object    string // IRI of what it is about
	Actor     actors.ID
	Body      []byte
	Thread    int64 // order is kept among the activities of a thread
	Listed    bool  // stands in the actor's public outbox
	Published time.Time
	For       actors.Dialect // sum of the dialects that are sent this form; 0: all
	Also      []actors.ID    // sent this form besides the audience; ours are skipped

	// MembersOf, unless zero, is the community of ours whose members alone may read it: it
	// waits for nobody's server but theirs. Animators: of them, those who animate it.
	MembersOf actors.ID
	Animators bool
	Only      actors.ID // of them, this one; 0: all
}

// Audience says to whom an activity goes. An inbox that is reached in several
// ways gets it once.
type Audience struct {
	To          []actors.ID // actors; ours are skipped
	FollowersOf []actors.ID
	MembersOf   actors.ID // a community of ours; 0: none
	Animators   bool      // of MembersOf, those who animate it
	// FormerSince, unless zero, adds those whose follow of FollowersOf, or whose membership,
	// ended at that time or later: they were sent what is now deleted.
	FormerSince time.Time
	Inboxes     []string // addresses of inboxes that we know
	ExceptHost  string   // name of a host that needs none
}

// Stored is an activity that was sent.
type Stored struct {
	ID        int64
	IRI       string
	Actor     actors.ID
	Type      string
	Object    string
	Body      []byte
	Listed    bool
	Published time.Time
}
