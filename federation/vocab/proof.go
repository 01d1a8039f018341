package vocab

import (
	"encoding/json"
	"fmt"
	"time"
)

const maxProofs = 10 // of a document

// Proof is a signature that stands in what it signs (FEP-8b32).
type Proof struct {
	Type, Cryptosuite, Purpose string
	Method                     string // the id of the key
	Value                      string
	Created, Expires           time.Time // zero if not said
	Expiring                   bool      // it names an end, readable or not
	Context                    []byte    // as it came; nil if it has none
	Options                    []byte    // all of it but its value
}

// Proofs are the proofs of a document, in their order.
func (d Document) Proofs() ([]Proof, error) {
	d, err := d.as(KindActivity, KindObject, KindActor, KindCollection, KindTombstone)
	if err != nil {
		return nil, err
	}
	var proofs []Proof
	d.root.get("proof").each(func(v value) bool {
		p := Proof{
			Type: v.get("type").plain(), Cryptosuite: v.get("cryptosuite").plain(), Purpose: v.get("proofPurpose").plain(),
			Method: v.get("verificationMethod").iri(), Value: v.get("proofValue").plain(),
			Created: v.get("created").time(), Expires: v.get("expires").time(), Expiring: v.get("expires").present(),
		}
		if context := v.get("@context"); context.present() {
			p.Context = context.bytes()
		}
		if v.is('{') {
			p.Options = v.without(nil, "proofValue")
		}
		proofs = append(proofs, p)
		return len(proofs) <= maxProofs
	})
	if len(proofs) > maxProofs {
		return nil, fmt.Errorf("%w: more than %d proofs", ErrInvalid, maxProofs)
	}
	return proofs, nil
}

// Unproven is the document without its proofs, as they sign it. An LD signature beside
// them is left out: whoever added it did so later. The context is put in the place of
// the document's own, unless it is nil.
func (d Document) Unproven(context []byte) ([]byte, error) {
	d, err := d.as(KindActivity, KindObject, KindActor, KindCollection, KindTombstone)
	if err != nil {
		return nil, err
	}
	return d.root.without(context, "proof", "signature"), nil
}

// Context is the context of the document as it came, nil if it has none.
func (d Document) Context() []byte {
	if context := d.root.get("@context"); context.present() {
		return context.bytes()
	}
	return nil
}

// without writes an object again, but for these properties, and with another context
// if one is given.
func (v value) without(context []byte, names ...string) []byte {
	left := map[string]bool{}
	for _, name := range names {
		left[name] = true
	}
	var w writer
	w.buf = append(make([]byte, 0, len(v.raw())+len(context)), '{')
	add := func(key string, raw []byte) {
		if len(w.buf) > 1 {
			w.buf = append(w.buf, ',')
		}
		w.text(key)
		w.buf = append(append(w.buf, ':'), raw...)
	}
	for i := v.at + 1; i < int(v.node().next); i = int(v.tree.nodes[i].next) {
		key, raw := v.tree.nodes[i].key, value{v.tree, i}.bytes()
		if key == "@context" && context != nil {
			raw = context
		}
		if !left[key] {
			add(key, raw)
		}
	}
	return append(w.buf, '}')
}

// AddProof writes a proof into a document of ours, at its end: the bytes before it stay.
func AddProof(document []byte, p Proof) []byte {
	w := writer{buf: append(make([]byte, 0, len(document)+len(p.Options)+len(p.Value)+32), document[:len(document)-1]...)}
	w.buf = append(w.buf, `,"proof":`...)
	w.buf = append(w.buf, p.Options[:len(p.Options)-1]...)
	w.buf = append(w.buf, `,"proofValue":`...)
	w.text(p.Value)
	return append(w.buf, "}}"...)
}

// NewOptions writes what a proof says of itself, under the context of what it signs.
func (p Proof) NewOptions(context []byte) ([]byte, error) {
	var w writer
	w.value(properties{
		{"@context", json.RawMessage(context)}, {"type", p.Type}, {"cryptosuite", p.Cryptosuite},
		{"verificationMethod", p.Method}, {"proofPurpose", p.Purpose}, {"created", p.Created.UTC().Truncate(time.Second)},
	})
	return w.buf, w.err
}

// EncodeToProve writes the activity as Encode does, with the words of the proof that
// will be added.
func (a Activity) EncodeToProve() ([]byte, error) {
	object, err := a.bare()
	if err != nil {
		return nil, err
	}
	return withContext(object, "proof")
}
