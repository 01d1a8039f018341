package vocab

import (
	"slices"

	ap "github.com/go-ap/activitypub"
)

// Encode writes the note as a document of its own.
func (n Note) Encode() ([]byte, error) { return withContextOf(n.bare()) }

// Embed writes the note to stand inside an activity, which then defines its terms.
func (n Note) Embed() (Ref, error) { return embed(n.ID, n.Type)(n.bare()) }

func (n Note) bare() ([]byte, error) {
	if err := legible(n.ID, n.AttributedTo); err != nil {
		return nil, err
	}
	o := ap.Object{
		ID: ap.IRI(n.ID), Type: ap.ActivityVocabularyType(n.Type), AttributedTo: n.authors(),
		Name: words(n.Name), Summary: words(n.Summary), Content: words(n.Content), MediaType: ap.MimeType(n.MediaType),
		InReplyTo: iri(n.InReplyTo), Context: iri(n.Context), URL: iri(n.URL),
		To: iris(n.To), CC: iris(n.Cc), Image: imageItem(n.Image),
		Published: n.Published.UTC(), Updated: n.Updated.UTC(), StartTime: n.StartTime, EndTime: n.EndTime,
		Tag: slices.Concat(themeItems(n.Themes), olderThemeItems(n.Themes), tagItems(n.Tags)), Replies: iri(n.Replies), Likes: iri(n.Likes), Shares: iri(n.Shares),
	}
	if n.Source != "" {
		o.Source = ap.Source{Content: words(n.Source), MediaType: ap.MimeType(n.SourceType)}
	}
	if n.Event == nil { // an event's hours are those of its clocks
		o.StartTime, o.EndTime = n.StartTime.UTC(), n.EndTime.UTC()
	}
	files := attachmentItems(n.Attachments)
	more := append(n.extensions(), n.Poll.properties()...)
	more = append(more, property{"attachment", files})
	if n.InteractingObject == "" { // an approval is no post
		more = append(more, orNone("to", len(n.To)), orNone("cc", len(n.Cc)), orNone("tag", len(n.Tags)+len(n.Themes)), orNone("attachment", len(files)))
	}
	if n.Event != nil {
		o.Location = n.Event.location()
		more = append(more, n.Event.properties()...)
	}
	return encode(&o, more)
}

// authors is one author as text, as everybody reads it, or the list of several.
func (n Note) authors() ap.Item {
	if len(n.Authors) > 1 {
		return iris(n.Authors)
	}
	if n.AttributedTo == "" && len(n.Authors) == 1 {
		return iri(n.Authors[0])
	}
	return iri(n.AttributedTo)
}

// extensions are what ActivityStreams has no word for.
func (n Note) extensions() properties {
	more := properties{
		audience(n.Audience), {"conversation", n.Conversation},
		{"nameMap", n.NameMap}, {"summaryMap", n.SummaryMap}, {"contentMap", n.contents()},
		{"approvedBy", n.ApprovedBy}, {"replyAuthorization", n.ApprovedBy}, {"quoteAuthorization", n.QuoteApproval}, n.target(), n.policy(),
		{"interactingObject", n.InteractingObject}, {"interactionTarget", n.InteractionTarget},
		{"quote", n.QuoteOf}, {"quoteUrl", n.QuoteOf}, {"quoteUri", n.QuoteOf}, {"_misskey_quote", n.QuoteOf},
	}
	if n.Language != "" {
		more = append(more, property{"language", languageTag(n.Language)})
	}
	for _, flag := range []struct {
		key string
		set bool
	}{{"sensitive", n.Sensitive}, {"stickied", n.Stickied}, {"distinguished", n.Distinguished}} {
		if flag.set {
			more = append(more, property{flag.key, true})
		}
	}
	if n.CommentsEnabled != nil {
		more = append(more, property{"commentsEnabled", *n.CommentsEnabled})
	}
	return more
}

// target is the wall or the topic that a post belongs to, with its owner, as FEP-400e wants it.
func (n Note) target() property {
	if n.TargetOwner == "" {
		return property{"target", n.Target}
	}
	return property{"target", properties{{"type", "Collection"}, {"id", n.Target}, {"attributedTo", n.TargetOwner}}}
}

// policy says who may do what unasked; nobody is an empty list.
func (n Note) policy() property {
	var rules properties
	for _, rule := range []struct {
		key string
		who []string
	}{{"canReply", n.AnswerableBy}, {"canAnnounce", n.AnnounceableBy}, {"canQuote", n.QuotableBy}} {
		if rule.who != nil {
			approval := properties{{"automaticApproval", rule.who}, orNone("automaticApproval", len(rule.who))}
			rules = append(rules, property{rule.key, approval})
		}
	}
	return property{"interactionPolicy", rules}
}

// contents are the content by language: Mastodon finds the language there.
func (n Note) contents() map[string]string {
	if n.ContentMap == nil && n.Language != "" && n.Content != "" {
		return map[string]string{n.Language: n.Content}
	}
	return n.ContentMap
}

// properties are what a Question adds.
func (p *Poll) properties() properties {
	if p == nil {
		return nil
	}
	options := make([]properties, 0, len(p.Options))
	for _, o := range p.Options {
		replies := properties{{"type", "Collection"}, {"totalItems", o.Votes}}
		options = append(options, properties{{"type", "Note"}, {"name", o.Name}, {"replies", replies}})
	}
	key := "oneOf"
	if p.Multiple {
		key = "anyOf"
	}
	more := properties{{key, options}, {"votersCount", p.Voters}}
	switch {
	case !p.ClosedAt.IsZero():
		more = append(more, property{"closed", p.ClosedAt.UTC()})
	case p.Closed:
		more = append(more, property{"closed", true})
	}
	return more
}

// properties are what an Event adds, its place apart.
func (e *Event) properties() properties {
	more := properties{
		{"timezone", e.Timezone}, {"joinMode", e.JoinMode}, {"externalParticipationUrl", e.ExternalURL},
		{"ical:status", e.Status}, {"category", e.Category}, {"organizers", e.Organizers},
		{"isOnline", e.Online}, {"participantCount", e.Participants},
	}
	if e.Capacity > 0 {
		more = append(more, property{"maximumAttendeeCapacity", e.Capacity})
	}
	if len(e.Organizers) > 0 {
		more = append(more, property{"actor", e.Organizers[0]}) // Mobilizon's organiser
	}
	return more
}

// location is where an event is: a list only if it is in two places, since Mobilizon reads one.
func (e *Event) location() ap.Item {
	var places ap.ItemCollection
	if e.Location != nil {
		places = append(places, e.Location.item())
	}
	if e.JoinURL != "" {
		places = append(places, &ap.Object{Type: "VirtualLocation", URL: ap.IRI(e.JoinURL)})
	}
	if len(places) == 0 {
		return nil
	}
	if len(places) == 1 {
		return places[0]
	}
	return places
}

func (p *Place) item() ap.Item {
	place := ap.Place{ID: ap.IRI(p.ID), Type: ap.PlaceType, Name: words(p.Name)}
	more := properties{{"address", p.Address}}
	if p.Located {
		more = append(more, property{"latitude", p.Latitude}, property{"longitude", p.Longitude})
	}
	address := properties{
		{"streetAddress", p.Street}, {"addressLocality", p.Locality}, {"addressRegion", p.Region},
		{"postalCode", p.PostalCode}, {"addressCountry", p.Country},
	}
	for _, line := range address {
		if line.value != "" {
			more[0].value = append(properties{{"type", "PostalAddress"}}, address...)
			break
		}
	}
	return extended{&place, more}
}
