package vocab

import (
	"fmt"
	"strings"
)

// activityStreams is the context that every document names, as text: Mastodon silently drops those that do not.
const activityStreams = "https://www.w3.org/ns/activitystreams"

// Contexts by address are only those that every server keeps a copy of. The rest are terms written in
// the document, so that nobody has to fetch anything to read us.
const (
	securityContext  = "https://w3id.org/security/v1"
	cidContext       = "https://www.w3.org/ns/cid/v1"
	proofContext     = "https://w3id.org/security/data-integrity/v2"
	webfingerContext = "https://purl.archive.org/socialweb/webfinger"
)

// contexts says which property needs which context.
var contexts = []struct{ property, context string }{
	{"publicKey", securityContext},
	{"assertionMethod", cidContext},
	{"proof", proofContext},
	{"webfinger", webfingerContext},
}

// namespaces are what the terms below abbreviate, in the order in which they are written.
var namespaces = []struct{ prefix, iri string }{
	{"fep", "https://w3id.org/fep/"},
	{"gts", "https://gotosocial.org/ns#"},
	{"ical", "http://www.w3.org/2002/12/cal/ical#"},
	{"lemmy", "https://join-lemmy.org/ns#"},
	{"misskey", "https://misskey-hub.net/ns#"},
	{"mz", "https://joinmobilizon.org/ns#"},
	{"ostatus", "http://ostatus.org#"},
	{"pt", "https://joinpeertube.org/ns#"},
	{"sc", "http://schema.org/"},
	{"schema", "http://schema.org#"}, // Mastodon's spelling, which PropertyValue is known by
	{"sm", "http://smithereen.software/ns#"},
	{"toot", "http://joinmastodon.org/ns#"},
}

// terms define, in the words of the software that each comes from, what ActivityStreams has no word for.
var terms = parseTerms(`
	CommunityPostTag          lemmy:CommunityPostTag
	EmojiReact                http://litepub.social/ns#EmojiReact
	Emoji                     toot:Emoji
	Hashtag                   as:Hashtag
	Lock                      lemmy:Lock
	PostalAddress             sc:PostalAddress
	PropertyValue             schema:PropertyValue
	QuoteAuthorization        fep:044f#QuoteAuthorization
	QuoteRequest              fep:044f#QuoteRequest
	VirtualLocation           sc:VirtualLocation
	_misskey_quote            misskey:_misskey_quote
	accessType                sm:accessType
	additionalPublicKeys      misskey:additionalPublicKeys
	address                   sc:address
	addressCountry            sc:addressCountry
	addressLocality           sc:addressLocality
	addressRegion             sc:addressRegion
	approvedBy                gts:approvedBy @id
	replyAuthorization        gts:replyAuthorization @id
	background_color          lemmy:background_color
	automaticApproval         gts:automaticApproval @id
	blur_images               lemmy:blur_images
	blurhash                  toot:blurhash
	canAnnounce               gts:canAnnounce @id
	canQuote                  gts:canQuote @id
	canReply                  gts:canReply @id
	category                  sc:category
	commentsEnabled           pt:commentsEnabled
	conversation              ostatus:conversation
	discoverable              toot:discoverable
	display_name              lemmy:display_name
	distinguished             lemmy:distinguished
	externalParticipationUrl  mz:externalParticipationUrl
	featured                  toot:featured @id
	focalPoint                toot:focalPoint @list
	identifier                sc:identifier
	implements                fep:844e/implements @id
	indexable                 toot:indexable
	interactingObject         gts:interactingObject @id
	interactionTarget         gts:interactionTarget @id
	interactionPolicy         gts:interactionPolicy @id
	isOnline                  mz:isOnline
	joinMode                  mz:joinMode
	language                  sc:inLanguage
	manuallyApprovesFollowers as:manuallyApprovesFollowers
	maximumAttendeeCapacity   sc:maximumAttendeeCapacity
	members                   mz:members @id
	movedTo                   as:movedTo @id
	openness                  mz:openness
	organizers                fep:8a8e/organizers @id
	participantCount          mz:participantCount
	postalCode                sc:postalCode
	postingRestrictedToMods   lemmy:postingRestrictedToMods
	quote                     fep:044f#quote @id
	quoteAuthorization        fep:044f#quoteAuthorization @id
	quoteUri                  http://fedibird.com/ns#quoteUri
	quoteUrl                  as:quoteUrl
	removeData                lemmy:removeData
	sensitive                 as:sensitive
	stickied                  lemmy:stickied
	streetAddress             sc:streetAddress
	suspended                 toot:suspended
	text_color                lemmy:text_color
	timezone                  mz:timezone
	value                     schema:value
	votersCount               toot:votersCount`)

type term struct{ name, prefix, definition string }

func parseTerms(list string) []term {
	var all []term
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		t := term{name: words[0], definition: `"` + words[1] + `"`}
		t.prefix, _, _ = strings.Cut(words[1], ":")
		if len(words) == 3 && words[2] == "@id" {
			t.definition = `{"@id":"` + words[1] + `","@type":"@id"}`
		} else if len(words) == 3 {
			t.definition = `{"@id":"` + words[1] + `","@container":"` + words[2] + `"}`
		}
		all = append(all, t)
	}
	return all
}

// withContext gives an object the context that its properties and types need, those of embedded
// documents included unless they bring their own. It reads the object again to find them, and so
// refuses to write what could not be read. More are properties that it will get.
func withContext(object []byte, more ...string) ([]byte, error) {
	t, err := scan(object, maxEncodedDepth)
	if err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	used := map[string]bool{}
	for _, name := range more {
		used[name] = true
	}
	t.words(0, used)
	out := make([]byte, 0, len(object)+512)
	out = append(out, `{"@context":`...)
	out = appendContext(out, used)
	if len(object) > len("{}") {
		out = append(out, ',')
	}
	return append(out, object[1:]...), nil
}

// words notes the names of properties and types that may need defining.
func (t *tree) words(at int, used map[string]bool) {
	end := int(t.nodes[at].next)
	for i := at + 1; i < end; i++ {
		n := &t.nodes[i]
		if n.kind == '{' && (value{t, i}).get("@context").present() {
			i = int(n.next) - 1
			continue
		}
		if _, defined := definable[n.key]; defined {
			used[n.key] = true
		}
		if n.key == "type" && n.kind == '"' {
			used[t.text[n.start+1:n.end-1]] = true
		}
	}
}

// definable are the properties that have a term or a context.
var definable = func() map[string]bool {
	all := map[string]bool{}
	for _, t := range terms {
		all[t.name] = true
	}
	for _, c := range contexts {
		all[c.property] = true
	}
	all["ical:status"] = true // Mobilizon knows it by this spelling only
	all[olderThemes] = true   // and PieFed this
	return all
}()

func appendContext(out []byte, used map[string]bool) []byte {
	var addresses, defined []string
	for _, c := range contexts {
		if used[c.property] {
			addresses = append(addresses, `"`+c.context+`"`)
		}
	}
	prefixes := map[string]bool{"ical": used["ical:status"], "lemmy": used[olderThemes] || used[olderThemeType]}
	for _, t := range terms {
		if used[t.name] {
			prefixes[t.prefix] = true
			defined = append(defined, `"`+t.name+`":`+t.definition)
		}
	}
	var abbreviated []string
	for _, n := range namespaces {
		if prefixes[n.prefix] {
			abbreviated = append(abbreviated, `"`+n.prefix+`":"`+n.iri+`"`)
		}
	}
	if inline := append(abbreviated, defined...); len(inline) > 0 {
		addresses = append(addresses, "{"+strings.Join(inline, ",")+"}")
	}
	if len(addresses) == 0 {
		return append(out, `"`+activityStreams+`"`...)
	}
	return append(out, `["`+activityStreams+`",`+strings.Join(addresses, ",")+`]`...)
}
