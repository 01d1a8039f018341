package federation

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"passerelles/fault"
	"passerelles/federation/vocab"
)

// FetchKey fetches the key that a signature names, and the document of its
// owner, which proves it: a key is believed only if the actor that it names,
// asked at its own address, lists that very key id. Whatever the key's address
// answered before (the actor, a stub of it, the key alone) only tells whom to
// ask, and only within the origin of the key.
func (c *Client) FetchKey(ctx context.Context, keyID string) (PublicKey, Fetched, error) {
	first, err := c.Fetch(ctx, keyID)
	if err != nil {
		return PublicKey{}, Fetched{}, err
	}
	owner, err := ownerOf(first.Body, keyID)
	if err != nil {
		return PublicKey{}, Fetched{}, err
	}
	document := first
	if address, _, _ := strings.Cut(keyID, "#"); owner != address {
		if document, err = c.Fetch(ctx, owner); err != nil {
			return PublicKey{}, Fetched{}, err
		}
	}
	key, err := keyListed(document, first, owner, keyID)
	document.ID = owner
	return key, document, err
}

// ownerOf says whom a key document gives as its owner.
func ownerOf(body []byte, keyID string) (string, error) {
	d, err := vocab.Decode(body)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "the other server answers a key that cannot be read", err)
	}
	owner := d.ID
	if d.ID == keyID {
		var key struct{ Owner, Controller string }
		if err := json.Unmarshal(body, &key); err != nil {
			return "", fault.Wrap(fault.Invalid, "the other server answers a key that cannot be read", err)
		}
		owner = cmp.Or(key.Owner, key.Controller, d.ID)
	}
	if !SameOrigin(owner, keyID) {
		return "", fault.New(fault.Invalid, "the key and its owner are on different servers")
	}
	return owner, nil
}

// keyListed finds the key in the document of its owner, or where that only names it in
// the key's own document.
func keyListed(f, alone Fetched, owner, keyID string) (PublicKey, error) {
	actor, err := vocab.ReadActor(f.Body)
	if err != nil {
		return PublicKey{}, fault.Wrap(fault.Invalid, "the owner of the key cannot be read", err)
	}
	if actor.ID != owner || !SameOrigin(f.URL, owner) {
		return PublicKey{}, fault.New(fault.Invalid, "the owner of the key is not at its address")
	}
	listed := actor.Keys
	if slices.Contains(actor.KeyIDs, keyID) && SameOrigin(alone.URL, owner) {
		d, err := vocab.Decode(alone.Body)
		if err != nil {
			return PublicKey{}, fault.Wrap(fault.Invalid, "the other server answers a key that cannot be read", err)
		}
		more, err := d.Keys()
		if err != nil {
			return PublicKey{}, fault.Wrap(fault.Invalid, "the other server answers a key that cannot be read", err)
		}
		listed = append(listed, more...)
	}
	for _, k := range listed {
		if k.ID != keyID || k.PEM == "" && k.Multibase == "" || k.Owner != owner && (k.Owner != "" || k.PEM == "") {
			continue
		}
		key, err := ParseKey(k)
		if err != nil {
			return PublicKey{}, err
		}
		return PublicKey{ID: keyID, Owner: owner, Key: key}, nil
	}
	return PublicKey{}, fault.New(fault.Invalid, "the owner does not list this key")
}
