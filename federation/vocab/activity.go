package vocab

import "time"

// Activity is what somebody does: Create, Follow, Announce…
type Activity struct {
	ID, Type string
	Actor    string // the first, if there are several
	Object   Ref    // the first of Objects
	Objects  []Ref  // all of them: Flag and PieFed's Announce carry several

	Target, Origin, Result, Instrument Ref

	To, Cc, Audience []string

	Summary, Content string // a reason, a reaction
	Name             string
	Tags             []Tag // the emoji of a reaction
	RemoveData       bool  // Block: what they wrote goes too

	Published, Updated, EndTime time.Time

	Raw []byte // the bytes it was read from
}

// Activity views the document as something somebody does.
func (d Document) Activity() (Activity, error) { return Activity{}, errUnread }

// ReadActivity decodes a body that must be an activity.
func ReadActivity(body []byte) (Activity, error) {
	d, err := Decode(body)
	if err != nil {
		return Activity{}, err
	}
	return d.Activity()
}

// Encode writes the activity as a document of its own.
func (a Activity) Encode() ([]byte, error) { return nil, errUnread }
