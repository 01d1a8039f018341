package vocab

import (
	"cmp"

	ap "github.com/go-ap/activitypub"
)

// Encode writes the actor as a document of its own.
func (a Actor) Encode() ([]byte, error) { return withContextOf(a.bare()) }

// Embed writes the actor to stand inside an Update, which then defines its terms.
func (a Actor) Embed() (Ref, error) { return embed(a.ID, a.Type)(a.bare()) }

func (a Actor) bare() ([]byte, error) {
	if err := legible(a.ID, a.Inbox, a.SharedInbox); err != nil {
		return nil, err
	}
	o := ap.Actor{
		ID: ap.IRI(a.ID), Type: ap.ActivityVocabularyType(a.Type),
		PreferredUsername: words(a.PreferredUsername), Name: words(a.Name), Summary: words(a.Summary), URL: iri(a.URL),
		Inbox: iri(a.Inbox), Outbox: iri(a.Outbox), Followers: iri(a.Followers), Following: iri(a.Following),
		AttributedTo: iri(a.Moderators), Icon: imageItem(a.Icon), Image: imageItem(a.Image), Tag: append(tagItems(a.Tags), themeItems(a.Themes)...),
		Published: a.Published.UTC(), Updated: a.Updated.UTC(),
	}
	if a.Source != "" {
		o.Source = ap.Source{Content: words(a.Source), MediaType: ap.MimeType(a.SourceType)}
	}
	// Mobilizon reads endpoints without asking whether they are there, Lemmy refuses them empty.
	if shared := cmp.Or(a.SharedInbox, a.Inbox); shared != "" {
		o.Endpoints = &ap.Endpoints{SharedInbox: iri(shared)}
	}
	var others []PublicKey
	for _, k := range a.Keys {
		if k.PEM != "" && o.PublicKey.ID == "" {
			o.PublicKey = ap.PublicKey{ID: ap.IRI(k.ID), Owner: ap.IRI(k.Owner), PublicKeyPem: k.PEM}
			continue
		}
		others = append(others, k)
	}
	return encode(&o, append(a.extensions(), keyProperties(others)...))
}

// keyProperties are the keys beside the one in publicKey, of which Lemmy reads only one.
func keyProperties(keys []PublicKey) properties {
	var pems, multikeys []properties
	for _, k := range keys {
		if k.PEM != "" {
			pems = append(pems, properties{{"id", k.ID}, {"owner", k.Owner}, {"publicKeyPem", k.PEM}})
			continue
		}
		multikeys = append(multikeys, properties{
			{"id", k.ID}, {"type", "Multikey"}, {"controller", k.Owner}, {"publicKeyMultibase", k.Multibase},
		})
	}
	return properties{{"additionalPublicKeys", pems}, {"assertionMethod", multikeys}}
}

// extensions are what ActivityStreams has no word for. The flags are always said, since peers
// differ in what they take from silence.
func (a Actor) extensions() properties {
	more := properties{
		{"featured", a.Featured}, {"alsoKnownAs", a.AlsoKnownAs}, {"movedTo", a.MovedTo}, {"webfinger", a.Webfinger},
		{"summaryMap", a.SummaryMap}, {"openness", a.Openness}, {"members", a.Members}, {"accessType", a.AccessType},
		{"manuallyApprovesFollowers", a.ManuallyApprovesFollowers},
		{"discoverable", a.Discoverable}, {"indexable", a.Indexable}, {olderThemes, olderThemeItems(a.Themes)},
	}
	if a.Type == string(ap.GroupType) {
		more = append(more, property{"postingRestrictedToMods", a.PostingRestrictedToMods}, property{"sensitive", a.Sensitive})
	}
	if a.Suspended {
		more = append(more, property{"suspended", true})
	}
	languages := a.Languages
	if len(languages) == 0 && a.Language != "" {
		languages = []string{a.Language}
	}
	var tags []properties
	for _, code := range languages {
		tags = append(tags, languageTag(code))
	}
	return append(more, property{"language", tags}, property{"attachment", a.fields()}, a.implements())
}

func (a Actor) fields() (lines []properties) {
	for _, f := range a.Fields {
		lines = append(lines, properties{{"type", "PropertyValue"}, {"name", f.Name}, {"value", f.Value}})
	}
	return lines
}

// implements is what the software can do (FEP-844e), said by its Application, or by an actor of it.
func (a Actor) implements() property {
	var links []properties
	for _, href := range a.Implements {
		links = append(links, properties{{"type", "Link"}, {"href", href}})
	}
	if len(links) == 0 || a.Type == string(ap.ApplicationType) {
		return property{"implements", links}
	}
	return property{"generator", properties{{"type", "Application"}, {"implements", links}}}
}
