package vocab

import (
	"slices"
	"strconv"
	"strings"
)

func noteFields(n Note, m naive) []claim {
	all := append(addressed(n.To, n.Cc, n.Audience, m), tagFields(n.Tags, m)...)
	all = append(all, attachmentFields(n.Attachments, m.all("attachment"))...)
	all = append(all, pollFields(n.Poll, m)...)
	all = append(all, eventFields(n.Event, m)...)
	all = append(all, policyFields(n, m)...)
	return append(all,
		claim{"attributedTo", n.Authors, m.iris("attributedTo"), addresses},
		points("author", n.AttributedTo, m.iris("attributedTo")),
		said("name", n.Name, m.words("name", n.Name)),
		said("summary", n.Summary, m.words("summary", n.Summary)),
		said("content", n.Content, m.words("content", n.Content)),
		claim{"contentMap", languagesOf(n.ContentMap), m.languages("contentMap"), asText},
		claim{"nameMap", languagesOf(n.NameMap), m.languages("nameMap"), asText},
		claim{"summaryMap", languagesOf(n.SummaryMap), m.languages("summaryMap"), asText},
		said("sensitive", strconv.FormatBool(n.Sensitive), m.truth("sensitive")),
		points("url", n.URL, m.page()),
		points("image", n.Image.URL, append(m.addresses("image"), m.addresses("icon")...)),
		points("inReplyTo", n.InReplyTo, m.iris("inReplyTo")),
		points("context", n.Context, m.iris("context")),
		points("replies", n.Replies, m.answers()),
		claim{"answers", n.Answers, m.answersInside(), addresses},
		said("source", n.Source, m.source()),
		said("sourceType", n.SourceType, m.sub("source").text("mediaType")),
		said("mediaType", n.MediaType, m.text("mediaType")),
		said("language", n.Language, m.language(n.Content, n.Language)),
		points("target", n.Target, m.iris("target")),
		points("targetOwner", n.TargetOwner, m.sub("target").iris("attributedTo")),
		said("commentsEnabled", told(n.CommentsEnabled), m.yesOrNo("commentsEnabled")),
		said("stickied", strconv.FormatBool(n.Stickied), m.truth("stickied")),
		said("distinguished", strconv.FormatBool(n.Distinguished), m.truth("distinguished")),
		points("likes", n.Likes, m.iris("likes")),
		points("shares", n.Shares, m.iris("shares")),
		dated("published", moment(n.Published), m.moment("published")),
		dated("updated", moment(n.Updated), m.moment("updated")),
		dated("startTime", moment(n.StartTime), m.moment("startTime")),
		dated("endTime", moment(n.EndTime), m.moment("endTime")),
	)
}

// policyFields are what a post says of quotes, and who may do what with it.
func policyFields(n Note, m naive) []claim {
	may := func(what string, got []string) claim {
		return claim{what, got, m.sub("interactionPolicy").sub(what).iris("automaticApproval", "always"), addresses}
	}
	return []claim{
		may("canReply", n.AnswerableBy), may("canAnnounce", n.AnnounceableBy), may("canQuote", n.QuotableBy),
		points("approvedBy", n.ApprovedBy, m.iris("approvedBy", "replyAuthorization")),
		points("quote", n.QuoteOf, m.quoted()),
		points("quoteAuthorization", n.QuoteApproval, m.iris("quoteAuthorization")),
		points("interactingObject", n.InteractingObject, m.iris("interactingObject", "object")),
		points("interactionTarget", n.InteractionTarget, m.iris("interactionTarget")),
	}
}

// quoted is what a post quotes, in the words of Mastodon, Misskey, Fedibird, or in a tag.
func (m naive) quoted() []string {
	for _, name := range []string{"quote", "quoteUrl", "quoteUri", "quoteURL", "_misskey_quote"} {
		if iris := m.iris(name); len(iris) > 0 {
			return iris
		}
	}
	for _, o := range m.objects("tag") {
		if slices.Contains(o.types(), "Link") && strings.HasSuffix(o.text("rel"), "_misskey_quote") {
			return o.iris("href")
		}
	}
	return nil
}

// source is what was typed.
func (m naive) source() string {
	if o := m.sub("source"); o != nil {
		return o.text("content")
	}
	return m.text("source")
}

// language is that of the entry that says the same as the content, which may be any of several,
// else of any entry, else what stands beside.
func (m naive) language(content, got string) string {
	var same, all []string
	for _, entry := range m.languages("contentMap") {
		key, text, _ := strings.Cut(entry, "=")
		all = append(all, key)
		if text == content {
			same = append(same, key)
		}
	}
	for _, keys := range [][]string{same, all} {
		if slices.Contains(keys, got) {
			return got
		}
		if len(keys) > 0 {
			return keys[0]
		}
	}
	for _, code := range []string{m.sub("language").text("identifier"), m.text("inLanguage")} {
		if code == "und" {
			return ""
		}
		if code != "" {
			return code
		}
	}
	return ""
}

// answers are where the replies are listed, if anywhere.
func (m naive) answers() []string {
	if iris := m.iris("replies"); len(iris) > 0 {
		return iris
	}
	if iris := m.sub("replies").iris("first"); len(iris) > 0 {
		return iris
	}
	return m.sub("replies").sub("first").iris("next")
}

// answersInside are the replies in a list that has no address.
func (m naive) answersInside() []string {
	list := m.sub("replies")
	if len(m.iris("replies")) > 0 || list == nil || len(list.iris("first")) > 0 {
		return nil
	}
	if page := list.sub("first"); page != nil {
		list = page
	}
	return list.iris("orderedItems", "items")
}

func told(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// yesOrNo is a truth that may not be said.
func (m naive) yesOrNo(name string) string {
	if b, said := m.prop(name).(bool); said {
		return strconv.FormatBool(b)
	}
	return ""
}

func languagesOf(texts map[string]string) (entries []string) {
	for key, text := range texts {
		entries = append(entries, key+"="+text)
	}
	slices.Sort(entries)
	return entries
}

// attachmentFields compares row by row; a bare address is a Link.
func attachmentFields(got []Attachment, raw []any) []claim {
	var want []naive
	for _, x := range raw {
		if s, isText := x.(string); isText {
			x = map[string]any{"type": "Link", "url": s}
		}
		if o := object(x); o != nil {
			want = append(want, o)
		}
	}
	number := func(n int) string { return strconv.Itoa(n) }
	return []claim{
		{"attachment.type", rows(got, func(a Attachment) string { return a.Type }), rows(want, func(o naive) string { return first(o.types()) }), column},
		{"attachment.url", rows(got, func(a Attachment) string { return a.URL }), rows(want, func(o naive) string { return first(o.addresses("url", "href")) }), links},
		{"attachment.mediaType", rows(got, func(a Attachment) string { return a.MediaType }), rows(want, func(o naive) string { return o.text("mediaType", "mimeType") }), column},
		{"attachment.name", rows(got, func(a Attachment) string { return a.Name }), rows(want, func(o naive) string { return o.text("name") }), column},
		{"attachment.blurhash", rows(got, func(a Attachment) string { return a.Blurhash }), rows(want, func(o naive) string { return o.text("blurhash") }), column},
		{"attachment.value", rows(got, func(a Attachment) string { return a.Value }), rows(want, func(o naive) string { return o.text("value") }), column},
		{"attachment.width", rows(got, func(a Attachment) string { return number(a.Width) }), rows(want, func(o naive) string { return o.count("width") }), column},
		{"attachment.height", rows(got, func(a Attachment) string { return number(a.Height) }), rows(want, func(o naive) string { return o.count("height") }), column},
	}
}

func pollFields(p *Poll, m naive) []claim {
	options := append(m.objects("oneOf"), m.objects("anyOf")...)
	if p == nil {
		p = &Poll{}
	}
	all := []claim{
		{"poll.name", rows(p.Options, func(o PollOption) string { return o.Name }), rows(options, func(o naive) string { return o.text("name") }), column},
		{"poll.votes", rows(p.Options, func(o PollOption) string { return strconv.Itoa(o.Votes) }), rows(options, func(o naive) string { return o.sub("replies").count("totalItems") }), column},
	}
	if len(options) == 0 {
		return all
	}
	return append(all,
		said("poll.multiple", strconv.FormatBool(p.Multiple), strconv.FormatBool(len(m.objects("anyOf")) > 0)),
		said("poll.voters", strconv.Itoa(p.Voters), m.count("votersCount")),
		said("poll.closed", strconv.FormatBool(p.Closed), m.truth("closed")),
		dated("poll.closedAt", moment(p.ClosedAt), m.moment("closed")),
	)
}

func eventFields(e *Event, m naive) []claim {
	if !slices.Contains(m.types(), "Event") {
		return nil
	}
	if e == nil {
		e = &Event{}
	}
	return append(placeFields(e.Location, m),
		said("event.timezone", e.Timezone, m.text("timezone")),
		said("event.online", strconv.FormatBool(e.Online), m.truth("isOnline")),
		said("event.joinMode", e.JoinMode, m.text("joinMode")),
		said("event.status", e.Status, m.text("ical:status", "eventStatus", "status")),
		said("event.category", e.Category, m.text("category")),
		points("event.joinURL", e.JoinURL, m.online()),
		points("event.external", e.ExternalURL, m.iris("externalParticipationUrl")),
		said("event.capacity", strconv.Itoa(e.Capacity), m.count("maximumAttendeeCapacity")),
		said("event.participants", strconv.Itoa(e.Participants), m.count("participantCount")),
		claim{"event.organizers", e.Organizers, append(m.iris("actor"), m.iris("organizers")...), addresses},
	)
}

// placeFields compares the first place that is not on the web.
func placeFields(p *Place, m naive) []claim {
	where := naive{}
	for _, x := range m.all("location") {
		if s, isText := x.(string); isText {
			x = map[string]any{"name": s}
		}
		if o := object(x); !slices.Contains(o.types(), "VirtualLocation") {
			where = o
			break
		}
	}
	if p == nil {
		p = &Place{}
	}
	postal, got := where.sub("address"), ""
	if p.Located {
		got = position(p.Latitude, p.Longitude)
	}
	return []claim{
		points("place.id", p.ID, some(where.text("id"))),
		said("place.name", p.Name, where.text("name")),
		said("place.address", p.Address, where.text("address")),
		said("place.street", p.Street, postal.text("streetAddress")),
		said("place.locality", p.Locality, postal.text("addressLocality")),
		said("place.region", p.Region, postal.text("addressRegion")),
		said("place.postalCode", p.PostalCode, postal.text("postalCode")),
		said("place.country", p.Country, postal.text("addressCountry")),
		said("place.position", got, where.position()),
	}
}

// online is where to attend from afar.
func (m naive) online() (urls []string) {
	for _, o := range m.objects("location") {
		if slices.Contains(o.types(), "VirtualLocation") {
			urls = append(urls, o.addresses("url", "href")...)
		}
	}
	return urls
}

// position is where a place is, as it says itself or in its geo.
func (m naive) position() string {
	for _, o := range []naive{m, m.sub("geo")} {
		lat, hasLat := o.prop("latitude").(float64)
		long, hasLong := o.prop("longitude").(float64)
		if hasLat && hasLong {
			return position(lat, long)
		}
	}
	return ""
}

func position(lat, long float64) string {
	return strconv.FormatFloat(lat, 'g', -1, 64) + " " + strconv.FormatFloat(long, 'g', -1, 64)
}
