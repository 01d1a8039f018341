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
