package vocab

import (
	"slices"
	"strconv"
)

// claim is one thing that a document says: as the package reads it, and as it was written.
type claim struct {
	name      string
	got, want []string
	how       reading
}

// reading is what a field holds, and so which exceptions may be made of it.
type reading int

const (
	asText    reading = iota // text, exactly
	addresses                // any number of IRIs
	address                  // the first IRI
	column                   // one text for each row: of tags, attachments…
	links                    // one IRI for each row, or ""
	times
)

func said(name, got, want string) claim {
	return claim{name, some(got), some(want), asText}
}

func points(name, got string, want []string) claim { return claim{name, some(got), want, address} }

func dated(name, got, want string) claim { return claim{name, some(got), some(want), times} }

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// rows are a column of a list of ours.
func rows[T any](all []T, cell func(T) string) (cells []string) {
	for _, e := range all {
		cells = append(cells, cell(e))
	}
	return cells
}

func ids(refs []Ref) []string {
	return slices.DeleteFunc(rows(refs, func(r Ref) string { return r.ID }), func(s string) bool { return s == "" })
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// addressed are to whom a document goes.
func addressed(to, cc, audience []string, m naive) []claim {
	return []claim{
		{"to", to, m.iris("to"), addresses},
		{"cc", cc, m.iris("cc"), addresses},
		{"audience", audience, m.iris("audience"), addresses},
	}
}

func tagFields(tags []Tag, m naive) []claim {
	raw := slices.DeleteFunc(m.objects("tag"), func(o naive) bool { return isTheme(first(o.types())) })
	return []claim{
		{"tag.type", rows(tags, func(t Tag) string { return t.Type }), rows(raw, func(o naive) string { return first(o.types()) }), column},
		{"tag.name", rows(tags, func(t Tag) string { return t.Name }), rows(raw, func(o naive) string { return o.text("name") }), column},
		{"tag.href", rows(tags, func(t Tag) string { return t.Href }), rows(raw, func(o naive) string { return first(o.iris("href")) }), links},
		{"tag.id", rows(tags, func(t Tag) string { return t.ID }), rows(raw, func(o naive) string { return o.text("id") }), links},
		{"tag.icon", rows(tags, func(t Tag) string { return t.Icon }), rows(raw, func(o naive) string { return first(o.addresses("icon")) }), links},
	}
}

func activityFields(a Activity, m naive) []claim {
	return append(append(addressed(a.To, a.Cc, a.Audience, m), tagFields(a.Tags, m)...),
		points("actor", a.Actor, m.iris("actor")),
		claim{"object", ids(a.Objects), m.iris("object"), addresses},
		points("target", a.Target.ID, m.iris("target")),
		points("origin", a.Origin.ID, m.iris("origin")),
		points("result", a.Result.ID, m.iris("result")),
		points("instrument", a.Instrument.ID, m.iris("instrument")),
		said("name", a.Name, m.words("name", a.Name)),
		said("summary", a.Summary, m.words("summary", a.Summary)),
		said("content", a.Content, m.words("content", a.Content)),
		dated("published", moment(a.Published), m.moment("published")),
		dated("updated", moment(a.Updated), m.moment("updated")),
		dated("endTime", moment(a.EndTime), m.moment("endTime", "expires")),
		said("removeData", strconv.FormatBool(a.RemoveData), m.truth("removeData")),
	)
}

func actorFields(a Actor, m naive) []claim {
	values := slices.DeleteFunc(m.objects("attachment"), func(o naive) bool { return o.text("value") == "" })
	return append(tagFields(a.Tags, m),
		said("preferredUsername", a.PreferredUsername, m.text("preferredUsername")),
		said("name", a.Name, m.words("name", a.Name)),
		said("summary", a.Summary, m.words("summary", a.Summary)),
		points("url", a.URL, m.page()),
		points("inbox", a.Inbox, m.iris("inbox")),
		points("outbox", a.Outbox, m.iris("outbox")),
		points("followers", a.Followers, m.iris("followers")),
		points("following", a.Following, m.iris("following")),
		points("featured", a.Featured, m.iris("featured")),
		points("sharedInbox", a.SharedInbox, append(m.sub("endpoints").iris("sharedInbox"), m.iris("sharedInbox")...)),
		points("icon", a.Icon.URL, m.addresses("icon")),
		points("image", a.Image.URL, m.addresses("image")),
		points("movedTo", a.MovedTo, m.iris("movedTo")),
		claim{"alsoKnownAs", a.AlsoKnownAs, m.iris("alsoKnownAs"), addresses},
		claim{"field.name", rows(a.Fields, func(f Field) string { return f.Name }), rows(values, func(o naive) string { return o.text("name") }), column},
		claim{"field.value", rows(a.Fields, func(f Field) string { return f.Value }), rows(values, func(o naive) string { return o.text("value") }), column},
		claim{"key", rows(a.Keys, func(k PublicKey) string { return k.PEM + k.Multibase }), m.keys(), column},
		claim{"key.id", rows(a.Keys, func(k PublicKey) string { return k.ID }), rows(m.keyObjects(), func(o naive) string { return o.text("id") }), links},
		said("source", a.Source, m.source()),
		said("sourceType", a.SourceType, m.sub("source").text("mediaType")),
		claim{"languages", a.Languages, m.spoken(), asText},
		points("moderators", a.Moderators, m.moderators()),
		said("webfinger", a.Webfinger, m.text("webfinger")),
		said("openness", a.Openness, m.text("openness")),
		said("indexable", strconv.FormatBool(a.Indexable), m.truth("indexable", "toot:indexable")),
		said("postingRestrictedToMods", strconv.FormatBool(a.PostingRestrictedToMods), m.truth("postingRestrictedToMods")),
		said("suspended", strconv.FormatBool(a.Suspended), m.truth("suspended")),
		said("manuallyApprovesFollowers", strconv.FormatBool(a.ManuallyApprovesFollowers), m.truth("manuallyApprovesFollowers")),
		said("discoverable", strconv.FormatBool(a.Discoverable), m.truth("discoverable", "toot:discoverable")),
		dated("published", moment(a.Published), m.moment("published")),
		dated("updated", moment(a.Updated), m.moment("updated")),
	)
}

// spoken are the languages of a group.
func (m naive) spoken() (codes []string) {
	for _, x := range m.all("language") {
		if o := object(x); o != nil {
			x = o.text("identifier")
		}
		if code, _ := x.(string); code != "" && code != "und" {
			codes = append(codes, code)
		}
	}
	return codes
}

// moderators is where a group lists who moderates it; the owners that PeerTube lists are none.
func (m naive) moderators() []string {
	if !slices.Contains(m.types(), "Group") && !slices.Contains(m.types(), "Feed") {
		return nil
	}
	if by, _ := m.prop("attributedTo").(string); by != "" {
		return []string{by}
	}
	return m.iris("moderators")
}

// keyObjects are the keys of an actor: RSA first, then the others.
func (m naive) keyObjects() []naive {
	all := append(append(m.objects("publicKey"), m.objects("additionalPublicKeys")...), m.objects("assertionMethod")...)
	return slices.DeleteFunc(all, func(o naive) bool { return o.text("publicKeyPem", "publicKeyMultibase") == "" })
}

func (m naive) keys() []string {
	return rows(m.keyObjects(), func(o naive) string { return o.text("publicKeyPem", "publicKeyMultibase") })
}

func collectionFields(c Collection, m naive) []claim {
	total := ""
	if c.Total != nil {
		total = strconv.Itoa(*c.Total)
	}
	return []claim{
		points("attributedTo", c.AttributedTo, m.iris("attributedTo")),
		said("name", c.Name, m.words("name", c.Name)),
		said("summary", c.Summary, m.words("summary", c.Summary)),
		said("totalItems", total, m.number("totalItems")),
		{"items", ids(c.Items), append(m.iris("items"), m.iris("orderedItems")...), addresses},
		points("first", c.First, m.iris("first")),
		points("last", c.Last, m.iris("last")),
		points("next", c.Next, m.iris("next")),
		points("prev", c.Prev, m.iris("prev")),
		points("partOf", c.PartOf, m.iris("partOf")),
	}
}
