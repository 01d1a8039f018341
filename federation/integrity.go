package federation

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gowebpki/jcs"

	"passerelles/federation/vocab"
)

// Integrity proofs (FEP-8b32): a signature that stands in the document, which others can
// pass on. Of the suites one is known: Ed25519 over the canonical JSON of RFC 8785.

const (
	proofType    = "DataIntegrityProof"
	proofSuite   = "eddsa-jcs-2022"
	proofPurpose = "assertionMethod"

	// proofLasts is how long a proof that names no end is believed: as long as anybody
	// delivers. Later its origin is asked, where what was taken back is no more.
	proofLasts = 14 * 24 * time.Hour
)

// Prove adds a proof to an activity of ours, made by EncodeToProve.
func Prove(document []byte, key PrivateKey, at time.Time) ([]byte, error) {
	d, err := vocab.Decode(document)
	if err != nil {
		return nil, err
	}
	p := vocab.Proof{Type: proofType, Cryptosuite: proofSuite, Purpose: proofPurpose, Method: key.ID, Created: at}
	if p.Options, err = p.NewOptions(d.Context()); err != nil {
		return nil, err
	}
	sum, err := proofSum(p.Options, document)
	if err != nil {
		return nil, err
	}
	signature, err := key.Signer.Sign(rand.Reader, sum, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("prove with %s: %w", key.ID, err)
	}
	p.Value = multibase(signature)
	return vocab.AddProof(document, p), nil
}

// proofSum is what is signed: the sums of the proof's options and of the document.
func proofSum(options, document []byte) ([]byte, error) {
	var both []byte
	for _, part := range [][]byte{options, document} {
		canonical, err := jcs.Transform(part)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(canonical)
		both = append(both, sum[:]...)
	}
	return both, nil
}

// IntegrityProof is a proof of a document that we received, which a key may verify.
type IntegrityProof struct {
	vocab.Proof
	document vocab.Document
	value    []byte
}

// IntegrityProofs are those proofs of a document that may be verified: of the suite that
// we know, and of this time.
func IntegrityProofs(d vocab.Document, now time.Time) []IntegrityProof {
	all, err := d.Proofs()
	if err != nil {
		return nil
	}
	var proofs []IntegrityProof
	for _, p := range all {
		value, err := parseMultibase(p.Value)
		if err != nil || len(value) != ed25519.SignatureSize || !timely(p, now) {
			continue
		}
		if p.Type == proofType && p.Cryptosuite == proofSuite && p.Purpose == proofPurpose && CheckIRI(p.Method) == nil {
			proofs = append(proofs, IntegrityProof{p, d, value})
		}
	}
	return proofs
}

// timely says whether a proof is of this time.
func timely(p vocab.Proof, now time.Time) bool {
	switch {
	case p.Created.IsZero() || p.Created.Sub(now) > window:
		return false
	case p.Expiring:
		return now.Before(p.Expires)
	}
	return now.Sub(p.Created) < proofLasts
}

// Verify says whether the proof was made with this key for this document.
func (p IntegrityProof) Verify(key crypto.PublicKey) bool {
	edwards, ok := key.(ed25519.PublicKey)
	if !ok {
		return false
	}
	if p.Context != nil {
		return extends(p.document.Context(), p.Context) && p.signs(edwards, p.Options, p.Context)
	}
	// Without a context of its own the standard signs none. Fedify signs that of the document.
	if p.signs(edwards, p.Options, nil) {
		return true
	}
	context := p.document.Context()
	if context == nil {
		return false
	}
	withContext := slices.Concat([]byte(`{"@context":`), context, []byte(","), p.Options[1:])
	return p.signs(edwards, withContext, nil)
}

func (p IntegrityProof) signs(key ed25519.PublicKey, options, context []byte) bool {
	document, err := p.document.Unproven(context)
	if err != nil {
		return false
	}
	sum, err := proofSum(options, document)
	return err == nil && ed25519.Verify(key, sum, p.value)
}

// extends says whether a context begins with all of another: what was added after
// proving must not change what was proved.
func extends(whole, beginning []byte) bool {
	all, ok := contextList(whole)
	if !ok {
		return false
	}
	first, ok := contextList(beginning)
	if !ok || len(first) > len(all) {
		return false
	}
	return slices.EqualFunc(first, all[:len(first)], bytes.Equal)
}

// contextList gives the canonical parts of a context.
func contextList(context []byte) (parts [][]byte, ok bool) {
	canonical, err := jcs.Transform(context)
	if err != nil {
		return nil, false
	}
	list := []json.RawMessage{canonical}
	if canonical[0] == '[' {
		if err := json.Unmarshal(canonical, &list); err != nil {
			return nil, false
		}
	}
	for _, part := range list {
		parts = append(parts, part)
	}
	return parts, true
}
