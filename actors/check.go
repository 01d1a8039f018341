package actors

import (
	"html"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/text"
)

const (
	longestName    = 64
	longestTitle   = 200    // characters
	longestSummary = 50_000 // bytes
	mostKeys       = 10
)

// fromDocument reads what an actor's server says of it. A server is believed
// about what lies under its own origin: an inbox elsewhere is refused, since
// deliveries there would fall on somebody who did not ask; the rest is left out.
func fromDocument(doc vocab.Actor, now time.Time) (Actor, []vocab.PublicKey, error) {
	kind, ok := kindOf(doc.Type)
	if !ok {
		return Actor{}, nil, fault.New(fault.Invalid, "This address is not that of an account or a community.")
	}
	if !federation.SameOrigin(doc.Inbox, doc.ID) {
		return Actor{}, nil, fault.New(fault.Invalid, "This account has no inbox on its own server.")
	}
	name := nameFor(doc, kind)
	if name == "" {
		return Actor{}, nil, fault.New(fault.Invalid, "This account has no name that we can show.")
	}
	own := func(iri string) string {
		if federation.SameOrigin(iri, doc.ID) {
			return iri
		}
		return ""
	}
	a := Actor{
		IRI: doc.ID, Kind: kind, Host: federation.Host(doc.ID), Name: name,
		Title: titleOf(doc.Name), Summary: summaryOf(doc.Summary), Fields: fieldsIn(doc), URL: pageOn(doc.URL, doc.ID), Icon: address(doc.Icon.URL), Banner: address(doc.Image.URL),
		Inbox: doc.Inbox, SharedInbox: own(doc.SharedInbox), Outbox: own(doc.Outbox),
		Followers: own(doc.Followers), Following: own(doc.Following),
		Featured: own(doc.Featured), Moderators: own(doc.Moderators), Members: own(doc.Members), Access: accessOf(doc, kind),
		Restricted: kind == Group && doc.PostingRestrictedToMods,
		Approves:   doc.ManuallyApprovesFollowers, Discoverable: doc.Discoverable, Indexable: doc.Indexable,
		Published: doc.Published, RefreshedAt: now,
	}
	if a.Published.IsZero() || a.Published.After(now) {
		a.Published = now
	}
	return a, ownKeys(doc), nil
}

// accessTypes are the levels of access as Smithereen calls them, and opennesses how one
// joins, as Mobilizon does.
var (
	accessTypes = map[Access]string{Open: "open", ForMembers: "closed", Confidential: "private"}
	opennesses  = map[Access]string{Open: "open", ForMembers: "moderated", Confidential: "invite_only"}
)

// accessOf reads how open a community elsewhere says that it is. Lemmy only tells that it
// approves who follows; of Mobilizon that says nothing of what is read.
func accessOf(doc vocab.Actor, kind Kind) Access {
	if kind != Group {
		return ""
	}
	for access, name := range accessTypes {
		if doc.AccessType == name {
			return access
		}
	}
	if doc.ManuallyApprovesFollowers && doc.Openness == "" {
		return ForMembers
	}
	return ""
}

// ownKeys are the keys that may speak for the actor, in PEM, and without it those that
// it only names. Of two under one id the first counts.
func ownKeys(doc vocab.Actor) []vocab.PublicKey {
	var keys []vocab.PublicKey
	known := map[string]bool{}
	for _, k := range doc.Keys {
		if len(keys) == mostKeys {
			break
		}
		if !speaksFor(k, doc.ID) || known[k.ID] {
			continue
		}
		public, err := federation.ParseKey(k)
		if err != nil {
			continue // of a kind that we do not verify
		}
		if k.PEM == "" {
			if k.PEM, err = federation.PublicPEM(public); err != nil {
				continue
			}
		}
		keys, known[k.ID] = append(keys, k), true
	}
	for _, id := range doc.KeyIDs {
		if len(keys) < mostKeys && !known[id] && federation.SameOrigin(id, doc.ID) {
			keys, known[id] = append(keys, vocab.PublicKey{ID: id}), true
		}
	}
	return keys
}

// speaksFor says whether a key is said to be this actor's. A Multikey always says whose it is.
func speaksFor(k vocab.PublicKey, actor string) bool {
	if k.Owner != actor && (k.Owner != "" || k.PEM == "") {
		return false
	}
	return federation.SameOrigin(k.ID, actor)
}

// nameFor is the preferredUsername where it can stand in a handle. A server's
// own actor often has none, and is called as its host.
func nameFor(doc vocab.Actor, kind Kind) string {
	if validRemoteName(doc.PreferredUsername) {
		return doc.PreferredUsername
	}
	u, err := url.Parse(doc.ID)
	switch {
	case err != nil:
		return ""
	case kind == Application:
		return u.Hostname()
	case validRemoteName(path.Base(u.Path)):
		return path.Base(u.Path)
	}
	return ""
}

// validRemoteName accepts letters and digits of any script and what other
// software allows between them; no mark, space or sign that could hide or turn
// what is read.
func validRemoteName(name string) bool {
	if name == "" || len(name) > longestName || !norm.NFC.IsNormalString(name) {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.~", r) {
			return false
		}
	}
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// titleOf cleans a display name, which is plain text: one line, composed, and
// without what is invisible or turns the direction of what follows.
func titleOf(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r) && r != '\u200d', r == unicode.ReplacementChar: // ZWJ holds emoji together
			return -1
		}
		return r
	}, norm.NFC.String(name))
	runes := []rune(strings.Join(strings.Fields(name), " "))
	return strings.TrimSpace(string(runes[:min(len(runes), longestTitle)]))
}

func summaryOf(summary string) string {
	if len(summary) > longestSummary {
		return html.EscapeString(text.Excerpt(summary, longestSummary/10))
	}
	return text.Sanitize(summary)
}

// pageOn keeps the address of a page only on the actor's own host: elsewhere it
// would make people believe that they read somebody else.
func pageOn(page, id string) string {
	if federation.Host(page) == federation.Host(id) {
		return page
	}
	return ""
}

func address(iri string) string {
	if federation.CheckIRI(iri) != nil {
		return ""
	}
	return iri
}
