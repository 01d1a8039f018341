package actors

import (
	"slices"
	"strings"
)

// Dialect says which forms of what a Group announces a server understands.
// The values are bits, so that a set of dialects is their sum.
type Dialect int16

// The dialects.
const (
	Unknown   Dialect = 1 // software not learned yet, or in neither list
	Threads   Dialect = 2 // understands Announce{activity} (FEP-1b12)
	Microblog Dialect = 4 // understands Announce{post}, and would boost whatever else we announce
)

// threads are those of whom it is known that they unwrap what a Group announces.
var threads = []string{
	"azorius", "discourse", "kbin", "lemmy", "mbin", "nodebb", "passerelles", "piefed",
}

// microblogs take an Announce for a boost, and fetch what it holds. Those that
// are in neither list get both forms: Friendica, Hubzilla, Mobilizon, PeerTube,
// WordPress and all that nobody has tried.
var microblogs = []string{
	"akkoma", "bookwyrm", "bridgy-fed", "calckey", "catodon", "cherrypick", "epicyon", "fedibird",
	"firefish", "flipboard", "foundkey", "ghost", "gotosocial", "hollo", "hometown", "honk",
	"iceshrimp", "iceshrimp.net", "ktistec", "magnetar", "mastodon", "meisskey", "microblogpub",
	"misskey", "mitra", "owncast", "pixelfed", "pleroma", "rebased", "sharkey", "snac", "soapbox",
	"takahe", "threads", "vernissage", "wafrn",
}

// Discretion is whether a server keeps what is for the members of a community to its members.
type Discretion string

// The answers.
const (
	Discreet   Discretion = "discreet"   // only members see it there
	Indiscreet Discretion = "indiscreet" // others may see it there, or it is not shown at all
	Untried    Discretion = "untried"    // the software is not known, or nobody has looked
)

// discreet are those that know communities for members: Lemmy since 1.0, by the server.
var discreet = []string{"lemmy", "passerelles"}

// indiscreet unwrap what a group announces, and have no communities for members across servers.
var indiscreet = []string{"azorius", "discourse", "kbin", "mbin", "nodebb", "piefed"}

// Discretion says it of a host by the software that it runs. A microblog shows nothing of what
// is for members of a group.
func (h Host) Discretion() Discretion {
	software := strings.ToLower(strings.TrimSpace(h.Software))
	switch {
	case software == "lemmy" && strings.HasPrefix(h.Version, "0."):
		return Indiscreet
	case slices.Contains(discreet, software):
		return Discreet
	case slices.Contains(indiscreet, software), slices.Contains(microblogs, software):
		return Indiscreet
	}
	return Untried
}

// DialectOf gives the dialect of a NodeInfo software name.
func DialectOf(software string) Dialect {
	software = strings.ToLower(strings.TrimSpace(software))
	switch {
	case slices.Contains(threads, software):
		return Threads
	case slices.Contains(microblogs, software):
		return Microblog
	}
	return Unknown
}
