// Package passerelles is the root of a server for federated communities of
// practice; this page is the map of the house.
//
// The house has five floors, and a package imports only from the rows below
// its own:
//
//	house     cmd/passerelles    the command line
//	          server             builds every part, joins and runs them
//	doors     inbox              what other servers send us
//	          documents          what other servers read from us
//	          web                the site
//	          mastodon           apps
//	rules     timelines          what a reader wants to see
//	          history            what others showed before
//	          moderation         what is reported
//	          streaming          what happens while it happens, for apps
//	          push               what apps that are not open are told
//	          departures         who takes along what is theirs, and goes
//	          posts              what people share
//	          oauth              what apps may do for whom
//	          accounts           who signs in here
//	          communities        their rules
//	          reading            what members keep for their own reading
//	carriers  outbox             word on its way to other servers
//	          media              files of members, pictures of other servers
//	          notifications      what members are told, e-mail
//	          access             who may see what, whom we talk to
//	          acts               what administrators did
//	          actors jobs        who is who, work for later
//	ground    federation storage embedded
//	          federation/vocab text fault pace config
//
// Doors speak a language and hold no rule. Nothing leaves but through outbox,
// nothing enters from another server but through inbox. A package owns its
// words, its tables, its SQL and its documents. PostgreSQL is the truth and
// Redis only the motor.
//
// docs/architecture.md tells the same at length; architecture_test.go holds it.
package passerelles
