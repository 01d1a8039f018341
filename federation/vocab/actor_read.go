package vocab

import (
	"fmt"

	ap "github.com/go-ap/activitypub"
)

// Actor views the document as a person, a group or a server.
func (d Document) Actor() (Actor, error) {
	d, err := d.as(KindActor)
	if err != nil {
		return Actor{}, err
	}
	v := d.root
	a := Actor{
		ID: d.ID, Type: d.Type, Raw: d.Raw,
		PreferredUsername: v.get("preferredUsername").text(),
		Name:              v.words("name"),
		URL:               v.get("url").best("text/html").URL,
		Inbox:             v.get("inbox").iri(),
		Outbox:            v.get("outbox").iri(),
		Followers:         v.get("followers").iri(),
		Following:         v.get("following").iri(),
		Featured:          v.get("featured").iri(),
		SharedInbox:       textIRIOr(v.get("endpoints").get("sharedInbox"), v.get("sharedInbox")),
		Moderators:        v.moderators(d.Type),
		Icon:              v.get("icon").picture(),
		Image:             v.get("image").picture(),

		ManuallyApprovesFollowers: v.get("manuallyApprovesFollowers").truth(),
		Discoverable:              v.get("discoverable", "toot:discoverable").truth(),
		Indexable:                 v.get("indexable", "toot:indexable").truth(),
		PostingRestrictedToMods:   v.get("postingRestrictedToMods").truth(),
		Sensitive:                 v.get("sensitive").truth(),
		Suspended:                 v.get("suspended").truth(),

		MovedTo: v.get("movedTo").iri(), Webfinger: v.get("webfinger").text(),
		Openness: v.get("openness").text(), Members: v.get("members").iri(),
		AccessType: v.get("accessType", "sm:accessType").text(),
		Published:  v.get("published").time(), Updated: v.get("updated").time(),
	}
	a.readText(v)
	if err := a.readLists(v); err != nil {
		return Actor{}, fmt.Errorf("%s %s: %w", d.Type, d.ID, err)
	}
	return a, nil
}

func textIRIOr(v, other value) string {
	if iri := v.iri(); iri != "" {
		return iri
	}
	return other.iri()
}

// moderators is a group's collection of moderators. PeerTube's list of owners is not one.
func (v value) moderators(name string) string {
	if name != "Group" && name != "Feed" {
		return ""
	}
	if by := v.get("attributedTo"); by.is('"') {
		return by.iri()
	}
	return v.get("moderators").iri()
}

// readText reads how the actor presents itself.
func (a *Actor) readText(v value) {
	var first string
	a.SummaryMap, first = v.get("summaryMap").languages()
	a.Summary = textOr(v.get("summary"), a.SummaryMap[first])
	a.Source, a.SourceType = v.get("source").source()
	v.get("language").each(func(l value) bool {
		if code := textOr(l.get("identifier"), l.plain()); code != "" && code != "und" {
			a.Languages = append(a.Languages, code)
		}
		return len(a.Languages) < maxKeysRead
	})
	if len(a.Languages) > 0 {
		a.Language = a.Languages[0]
	}
}

// readLists reads what an actor may have many of.
func (a *Actor) readLists(v value) (err error) {
	if a.AlsoKnownAs, err = v.get("alsoKnownAs").iris(maxRefs); err != nil {
		return err
	}
	if a.Tags, err = v.get("tag").tags(); err != nil {
		return err
	}
	if a.Type == string(ap.GroupType) {
		a.Themes = v.themes()
	}
	if a.Keys, err = v.keys(); err != nil {
		return err
	}
	a.KeyIDs = v.keyIDs()
	fields, err := v.get("attachment").attachments()
	if err != nil {
		return err
	}
	for _, f := range fields {
		if f.Value != "" {
			a.Fields = append(a.Fields, Field{Name: f.Name, Value: f.Value})
		}
	}
	for _, says := range []value{v.get("implements"), v.get("generator").get("implements")} {
		iris, err := says.iris(maxRefs)
		if err != nil {
			return err
		}
		a.Implements = append(a.Implements, iris...)
	}
	return nil
}
