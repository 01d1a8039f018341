// Package security tries the attacks that docs/security-cases.md lists, against a
// server that runs: TLS, real PostgreSQL and Redis, and hostile peers with real keys.
//
// Each refusal stands in its table beside its twin that is taken, so that a refusal
// for a wrong reason shows itself. A test holds the document to its word.
package security
