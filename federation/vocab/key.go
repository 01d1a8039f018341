package vocab

import (
	"fmt"
	"strings"
)

// PublicKey verifies what an actor signed; PEM or Multibase is set.
type PublicKey struct {
	ID, Owner string
	PEM       string // publicKey
	Multibase string // assertionMethod (FEP-521a), or a publicKey of type Multikey
}

// Keys are the public keys that a document shows, whether it is an actor, a part of one, or a key
// alone: the address of a key may answer with any of these.
func (d Document) Keys() ([]PublicKey, error) {
	d, err := d.as(KindActor)
	if err != nil {
		return nil, err
	}
	return d.root.keys()
}

// keys are the keys of an actor, or the value itself if it is one.
func (v value) keys() (keys []PublicKey, err error) {
	if k := v.key(); k.PEM != "" || k.Multibase != "" {
		return []PublicKey{k}, nil
	}
	for _, name := range []string{"publicKey", "additionalPublicKeys", "assertionMethod"} {
		v.get(name).each(func(e value) bool {
			if k := e.key(); k.PEM != "" || k.Multibase != "" {
				keys = append(keys, k)
			}
			return len(keys) <= maxKeysRead
		})
	}
	if len(keys) > maxKeysRead {
		return nil, fmt.Errorf("%w: more than %d keys", ErrInvalid, maxKeysRead)
	}
	return keys, nil
}

// keyIDs are the keys that an actor only names.
func (v value) keyIDs() (ids []string) {
	for _, name := range []string{"publicKey", "assertionMethod"} {
		v.get(name).each(func(e value) bool {
			if id := clean(e.plain()); strings.Contains(id, "://") {
				ids = append(ids, id)
			}
			return len(ids) < maxKeysRead
		})
	}
	return ids
}

func (v value) key() PublicKey {
	return PublicKey{
		ID: clean(v.get("id", "@id").plain()), Owner: v.get("owner", "controller").iri(),
		PEM: v.get("publicKeyPem").text(), Multibase: v.get("publicKeyMultibase").text(),
	}
}
