package actors

// Dialect says which forms of what a Group announces a server understands.
// The values are bits, so that a set of dialects is their sum.
type Dialect int16

// The dialects.
const (
	Unknown   Dialect = 1 // software not learned yet, or not in the list
	Threads   Dialect = 2 // understands Announce{activity}: FEP-1b12
	Microblog Dialect = 4 // understands Announce{post} only
)

// DialectOf gives the dialect of a NodeInfo software name.
func DialectOf(software string) Dialect { return Unknown }
