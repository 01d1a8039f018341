package federation

import "slices"

// What software says that it can do (FEP-844e).
const (
	messageSignatures = "https://datatracker.ietf.org/doc/html/rfc9421"
	messageEd25519    = messageSignatures + "#name-eddsa-using-curve-edwards25"
)

// Implements is what this software does.
var Implements = []string{messageSignatures, messageEd25519}

// VerifiesEd25519 says whether an actor's software verifies RFC 9421 with Ed25519.
func VerifiesEd25519(implements []string) bool { return slices.Contains(implements, messageEd25519) }
