package federation

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"passerelles/federation/vocab"
)

// vector is the test vector of FEP-8b32: signed by vectorSecret at vectorTime.
const vector = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v1"],` +
	`"id":"https://server.example/activities/1","type":"Create","actor":"https://server.example/users/alice",` +
	`"object":{"id":"https://server.example/objects/1","type":"Note","attributedTo":"https://server.example/users/alice",` +
	`"content":"Hello world","location":{"type":"Place","longitude":-71.184902,"latitude":25.273962}},` +
	`"proof":{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v1"],` +
	`"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"https://server.example/users/alice#ed25519-key",` +
	`"proofPurpose":"assertionMethod","proofValue":"zLaewdp4H9kqtwyrLatK4cjY5oRHwVcw4gibPSUDYDMhi4M49v8pcYk3ZB6D69dNpAPbUmY8ocuJ3m9KhKJEEg7z",` +
	`"created":"2023-02-24T23:36:38Z"}}`

var vectorTime = time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)

// proven says whether a document has a proof that this key verifies at this time.
func proven(t *testing.T, document string, key crypto.PublicKey, now time.Time) bool {
	t.Helper()
	d, err := vocab.Decode([]byte(document))
	if err != nil {
		return false
	}
	for _, p := range IntegrityProofs(d, now) {
		if p.Verify(key) {
			return true
		}
	}
	return false
}

func TestVectorOfIntegrityProofs(t *testing.T) {
	t.Parallel()
	key := vectorKey(t)
	if !proven(t, vector, key.Public(), vectorTime) {
		t.Error("the published vector does not verify")
	}
	d, err := vocab.Decode([]byte(vector))
	if err != nil {
		t.Fatal(err)
	}
	p := IntegrityProofs(d, vectorTime)[0]
	unproven, err := d.Unproven(nil)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := proofSum(p.Options, unproven)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := multibase(ed25519.Sign(key, sum)), p.Value; got != want {
		t.Errorf("we sign it %s, want %s", got, want)
	}
}

// ours is a document that we prove.
func ours(t *testing.T, key ed25519.PrivateKey, at time.Time) string {
	t.Helper()
	const me = "https://server.example/users/alice"
	a := vocab.Activity{ID: me + "/1", Type: "Like", Actor: me, Object: vocab.Link("https://b.example/é"), To: []string{vocab.Public}}
	body, err := a.EncodeToProve()
	if err != nil {
		t.Fatal(err)
	}
	proof, err := Prove(body, PrivateKey{ID: me + "#ed25519-key", Signer: key}, at)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(proof, body[:len(body)-1]) {
		t.Errorf("the bytes changed: %s, of %s", proof, body)
	}
	return string(proof)
}

func TestIntegrityProofs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 6, 7, 8, 9, 123, time.UTC)
	key := vectorKey(t)
	other, err := NewEd25519Key()
	if err != nil {
		t.Fatal(err)
	}
	document := ours(t, key, now)
	change := func(old, replaced string) string {
		if !strings.Contains(document, old) {
			t.Fatalf("there is no %s in %s", old, document)
		}
		return strings.Replace(document, old, replaced, 1)
	}
	_, proof, _ := strings.Cut(document, `"proof":`)
	proof = strings.TrimSuffix(proof, "}")
	anew := func(old, replaced string) string { // whoever has the key signs what the proof says
		d, err := vocab.Decode([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		all, err := d.Proofs()
		if err != nil {
			t.Fatal(err)
		}
		unproven, err := d.Unproven(nil)
		if err != nil {
			t.Fatal(err)
		}
		p := all[0]
		p.Options = bytes.Replace(p.Options, []byte(old), []byte(replaced), 1)
		sum, err := proofSum(p.Options, unproven)
		if err != nil {
			t.Fatal(err)
		}
		p.Value = multibase(ed25519.Sign(key, sum))
		return string(vocab.AddProof(unproven, p))
	}
	end := func(expires string) string { return anew(`{`, `{"expires":"`+expires+`",`) }
	without := strings.Replace(proof, `"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],`, "", 1)
	if without == proof {
		t.Fatal("the proof has another context than this test thinks: " + proof)
	}
	for name, tc := range map[string]struct {
		document string
		key      crypto.PublicKey
		after    time.Duration
		want     bool
	}{
		"as it is":                           {document: document, want: true},
		"written otherwise":                  {document: change(`"type":"Like",`, `"type" : "Lik\u0065" ,`), want: true},
		"with an LD signature beside":        {document: change(`"type":"Like",`, `"type":"Like","signature":{"type":"RsaSignature2017"},`), want: true},
		"with a context added":               {document: change(`data-integrity/v2"],"id"`, `data-integrity/v2","https://www.w3.org/ns/cid/v1"],"id"`), want: true},
		"with a context before":              {document: change(`{"@context":["https`, `{"@context":["https://www.w3.org/ns/cid/v1","https`)},
		"with another context":               {document: change(`data-integrity/v2"],"id"`, `data-integrity/v1"],"id"`)},
		"without a context":                  {document: change(`{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],"id"`, `{"id"`)},
		"as Fedify leaves out the context":   {document: change(proof, without), want: true},
		"tampered with":                      {document: change(`"type":"Like"`, `"type":"Dislike"`)},
		"with a property more":               {document: change(`"type":"Like",`, `"type":"Like","x":null,`)},
		"of another key":                     {document: document, key: other.Public()},
		"of a key of another kind":           {document: document, key: eveKey().Public()},
		"under another key's name":           {document: change(`alice#ed25519-key`, `mallory#ed25519-key`)},
		"of a suite that is not known":       {document: change(`eddsa-jcs-2022`, `eddsa-rdfc-2022`)},
		"of another type":                    {document: change(`DataIntegrityProof`, `Ed25519Signature2020`)},
		"for another purpose":                {document: change(`assertionMethod`, `authentication`)},
		"of no time":                         {document: change(`"created"`, `"createt"`)},
		"signed anew":                        {document: anew(`x`, `x`), want: true},
		"of a suite that is not known, so":   {document: anew(`eddsa-jcs-2022`, `eddsa-rdfc-2022`)},
		"of another type, signed so":         {document: anew(`DataIntegrityProof`, `Ed25519Signature2020`)},
		"for another purpose, signed so":     {document: anew(`assertionMethod`, `authentication`)},
		"of no time, signed so":              {document: anew(`"created"`, `"createt"`)},
		"an hour early":                      {document: document, after: -50 * time.Minute, want: true},
		"of the future":                      {document: document, after: -2 * time.Hour},
		"of last week":                       {document: document, after: 7 * 24 * time.Hour, want: true},
		"of last month":                      {document: document, after: 30 * 24 * time.Hour},
		"of last month, for a year":          {document: end("2027-05-06T07:08:09Z"), after: 30 * 24 * time.Hour, want: true},
		"before its end":                     {document: end("2026-05-06T08:08:09Z"), want: true},
		"after its end":                      {document: end("2026-05-06T08:08:09Z"), after: time.Hour + time.Second},
		"of an end that cannot be read":      {document: end("tomorrow")},
		"with an end added":                  {document: change(`"created"`, `"expires":"2027-05-06T07:08:09Z","created"`)},
		"in a list":                          {document: change(proof, "["+proof+"]"), want: true},
		"beside one that is wrong":           {document: change(proof, "["+strings.Replace(proof, "Value\":\"z", "Value\":\"z1", 1)+`,{"type":"X"},null,7,`+proof+"]"), want: true},
		"beside eleven":                      {document: change(proof, "["+strings.Repeat(proof+",", 10)+proof+"]")},
		"beside wrong ones only":             {document: change(proof, `[{"type":"X"},7]`)},
		"with two proofs of one name":        {document: change(`"proof":`, `"proof":{},"proof":`)},
		"with a property twice":              {document: change(`"type":"Like",`, `"type":"Like","type":"Like",`)},
		"with a property twice by an escape": {document: change(`"type":"Like",`, `"type":"Like","typ\u0065":"Like",`)},
		"without a value":                    {document: change(`"proofValue"`, `"proofvalue"`)},
		"with half a surrogate":              {document: change(`"type":"Like",`, `"type":"Like","x":"\ud800",`)},
		"with a proof that is a text":        {document: change(proof, `"https://server.example/proof"`)},
	} {
		if tc.key == nil {
			tc.key = key.Public()
		}
		if got := proven(t, tc.document, tc.key, now.Add(tc.after)); got != tc.want {
			t.Errorf("%s: %v, want %v: %s", name, got, tc.want, tc.document)
		}
	}
}

func FuzzIntegrityProofs(f *testing.F) {
	f.Add([]byte(vector))
	f.Add([]byte(strings.Replace(vector, `"proof":`, `"proof":[7,`, 1)))
	f.Add([]byte(`{"id":"https://a.example/1","proof":{"type":"DataIntegrityProof"}}`))
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := vocab.Decode(body)
		if err != nil {
			return
		}
		for _, p := range IntegrityProofs(d, vectorTime) {
			if p.Verify(key.Public()) {
				t.Errorf("a key that signed nothing verifies %s", body)
			}
		}
		if unproven, err := d.Unproven(nil); err == nil {
			if _, err := vocab.Decode(unproven); err != nil {
				t.Errorf("%s, once taken apart: %v", body, err)
			}
		}
	})
}
