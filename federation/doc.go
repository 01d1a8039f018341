// Package federation speaks to other servers: it signs, verifies, fetches, posts and finds.
//
// It knows how to speak, not what is said: there is no SQL here and no rule of
// the community. Client is the only way out of this program: each connection
// that it opens passes the guard (guard.go), which refuses private networks.
// Sign and Verify know two schemes of signatures (scheme.go): draft-cavage
// (signature.go), through go-fed/httpsig and around its defects, and RFC 9421
// (message.go). Origin and its kin (iri.go) are the
// one way to compare, block and fetch an address.
package federation
