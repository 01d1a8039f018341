package vocab

import (
	"fmt"
	"time"

	ap "github.com/go-ap/activitypub"
)

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
func (d Document) Activity() (Activity, error) {
	d, err := d.as(KindActivity)
	if err != nil {
		return Activity{}, err
	}
	v := d.root
	a := Activity{
		ID: d.ID, Type: d.Type, Raw: d.Raw,
		Actor:      v.get("actor").iri(),
		Summary:    v.words("summary"),
		Content:    textOr(v.get("content", "_misskey_reaction"), v.words("content")),
		Name:       v.words("name"),
		RemoveData: v.get("removeData").truth(),
		Published:  v.get("published").time(),
		Updated:    v.get("updated").time(),
		EndTime:    v.get("endTime", "expires").time(),
	}
	if a.Objects, err = v.get("object").refs(maxRefs); err == nil && len(a.Objects) > 0 {
		a.Object = a.Objects[0]
	}
	for _, part := range []struct {
		into *Ref
		key  string
	}{{&a.Target, "target"}, {&a.Origin, "origin"}, {&a.Result, "result"}, {&a.Instrument, "instrument"}} {
		if err == nil {
			*part.into, err = v.get(part.key).one()
		}
	}
	if err == nil {
		a.To, a.Cc, a.Audience, err = v.addressing()
	}
	if err == nil {
		a.Tags, err = v.get("tag").tags()
	}
	if err != nil {
		return Activity{}, fmt.Errorf("activity %s: %w", d.ID, err)
	}
	return a, nil
}

// addressing is to whom a document goes.
func (v value) addressing() (to, cc, audience []string, err error) {
	if to, err = v.get("to").addresses(); err != nil {
		return nil, nil, nil, err
	}
	if cc, err = v.get("cc").addresses(); err != nil {
		return nil, nil, nil, err
	}
	audience, err = v.get("audience").addresses()
	return to, cc, audience, err
}

// ReadActivity decodes a body that must be an activity.
func ReadActivity(body []byte) (Activity, error) {
	d, err := Decode(body)
	if err != nil {
		return Activity{}, err
	}
	return d.Activity()
}

// Named is the activity as an answer to it may name it: who did what to what, without
// whatever else stood in it.
func (a Activity) Named() Activity {
	return Activity{ID: a.ID, Type: a.Type, Actor: a.Actor, Object: Link(a.Object.ID), Instrument: Link(a.Instrument.ID)}
}

// Encode writes the activity as a document of its own.
func (a Activity) Encode() ([]byte, error) { return withContextOf(a.bare()) }

// Embed writes the activity to stand inside another, which then defines its terms.
func (a Activity) Embed() (Ref, error) { return embed(a.ID, a.Type)(a.bare()) }

func (a Activity) bare() ([]byte, error) {
	if err := legible(a.ID, a.Actor); err != nil {
		return nil, err
	}
	more := properties{audience(a.Audience)}
	if len(a.To)+len(a.Cc) > 0 {
		more = append(more, orNone("to", len(a.To)), orNone("cc", len(a.Cc)))
	}
	if a.RemoveData {
		more = append(more, property{"removeData", true})
	}
	objects := a.Objects
	if len(objects) < 2 {
		objects = []Ref{a.Object}
		if a.Object.Empty() && len(a.Objects) == 1 {
			objects = a.Objects
		}
	}
	return encode(&ap.Activity{
		ID: ap.IRI(a.ID), Type: ap.ActivityVocabularyType(a.Type), Actor: iri(a.Actor), Object: oneOrMany(objects),
		Target: a.Target.item(), Origin: a.Origin.item(), Result: a.Result.item(), Instrument: a.Instrument.item(),
		To: iris(a.To), CC: iris(a.Cc),
		Name: words(a.Name), Summary: words(a.Summary), Content: words(a.Content), Tag: tagItems(a.Tags),
		Published: a.Published.UTC(), Updated: a.Updated.UTC(), EndTime: a.EndTime.UTC(),
	}, more)
}

// oneOrMany is a list only if there are several, as peers expect of an object.
func oneOrMany(refs []Ref) ap.Item {
	if len(refs) == 1 {
		return refs[0].item()
	}
	items := make(ap.ItemCollection, 0, len(refs))
	for _, r := range refs {
		items = append(items, r.item())
	}
	return items
}
