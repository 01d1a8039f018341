package actors

import (
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// Document is what other servers read of an actor of ours.
func Document(a Actor, publicKeyPEM string, iris federation.IRIs) vocab.Actor { return vocab.Actor{} }
