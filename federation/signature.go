package federation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-fed/httpsig"
)

// Signatures are of two schemes: that of draft-cavage, which every peer reads, built and
// checked by go-fed/httpsig on a shadow of the request (shadow.go), and RFC 9421
// (message.go). Sign and Verify are where they are chosen.

const (
	requestTarget = httpsig.RequestTarget

	// window is how far the clock of a peer may be from ours.
	window = time.Hour
)

var (
	coveredByPost = []string{requestTarget, "host", "date", "digest", "content-type"}
	coveredByGet  = []string{requestTarget, "host", "date"}
)

// Signed is what a verified signature says.
type Signed struct {
	KeyID   string
	Value   []byte    // the raw bytes: RSA signatures repeat, so replays show
	Created time.Time // (created) when it is signed, else Date
}

// Sign sets Host, Date, Digest (when there is a body) and Signature. It may be
// called again on the same request: what it had set is set anew.
func Sign(r *http.Request, body []byte, key PrivateKey, now time.Time) error {
	u, err := parseIRI(r.URL.String())
	if err != nil {
		return err
	}
	r.Host = u.Host
	digest := ""
	if body != nil {
		digest = NewBody(body).digest
	}
	return signRequest(r, digest, r.URL.RequestURI(), key, now)
}

// signRequest signs a request whose Host is canonical, for a target that may
// lack its query, as some peers verify.
func signRequest(r *http.Request, digest, target string, key PrivateKey, now time.Time) error {
	algorithm, name, err := algorithmOf(key.Signer.Public())
	if err != nil {
		return err
	}
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	for _, name := range []string{"Signature", signatureInput, "Digest", "Content-Digest"} {
		r.Header.Del(name)
	}
	covered := coveredByGet
	if digest != "" {
		covered = coveredByPost
		r.Header.Set("Digest", digest)
	}
	shadow := shadowOf(r, target, len(covered)+1)
	for _, name := range covered[2:] {
		copyHeader(shadow.Header, r.Header, name)
	}
	// A Signer holds a hash that it writes to: one for each request.
	signer, _, err := httpsig.NewSigner([]httpsig.Algorithm{algorithm}, httpsig.DigestSha256, covered, httpsig.Signature, 0)
	if err != nil {
		return err
	}
	if err := signer.SignRequest(key.Signer, key.ID, shadow, nil); err != nil {
		return err
	}
	// httpsig writes hs2019 whatever the key; the parameter is not covered,
	// and old verifiers want the true name.
	signature := strings.Replace(shadow.Header.Get("Signature"), `algorithm="hs2019"`, `algorithm="`+name+`"`, 1)
	r.Header["Signature"] = []string{signature}
	return nil
}

// algorithmOf derives the algorithm from the key and from nothing else.
func algorithmOf(key crypto.PublicKey) (algorithm httpsig.Algorithm, name string, err error) {
	switch key.(type) {
	case *rsa.PublicKey:
		return httpsig.RSA_SHA256, "rsa-sha256", nil
	case ed25519.PublicKey:
		return httpsig.ED25519, "hs2019", nil
	}
	return "", "", unauthenticated("the key is of a type that signs nothing here")
}

// proof is the signature of a request, of whichever scheme.
type proof interface {
	id() string  // of the key
	raw() []byte // the value
	checkCoverage(r *http.Request, body []byte) error
	checkTime(h http.Header, now time.Time) (time.Time, error)
	check(r *http.Request, key crypto.PublicKey) error
}

// readProof reads the one signature of a request; who writes Signature-Input writes as
// RFC 9421 says.
func readProof(h http.Header) (proof, error) {
	if len(h[signatureInput]) > 0 {
		return readMessage(h)
	}
	return readSignature(h)
}

// KeyID reads which key is said to have signed, before anything is looked up.
func KeyID(r *http.Request) (string, error) {
	s, err := readProof(r.Header)
	if err != nil {
		return "", err
	}
	return s.id(), nil
}

// Verify verifies the signature of a request that we received: that it covers
// what it must, is of this hour, states the digest of the body, and was made
// with the key. That r.Host is ours is for the caller to check. All errors are
// fault.Unauthenticated.
func Verify(r *http.Request, body []byte, key crypto.PublicKey, now time.Time) (Signed, error) {
	s, err := readProof(r.Header)
	if err != nil {
		return Signed{}, err
	}
	if err := checkPublic(key); err != nil {
		return Signed{}, unauthenticated("the key is refused")
	}
	if err := s.checkCoverage(r, body); err != nil {
		return Signed{}, err
	}
	created, err := s.checkTime(r.Header, now)
	if err != nil {
		return Signed{}, err
	}
	if err := checkDigests(r.Header, body); err != nil {
		return Signed{}, err
	}
	if err := s.check(r, key); err != nil {
		return Signed{}, err
	}
	return Signed{KeyID: s.id(), Value: s.raw(), Created: created}, nil
}

func (s signatureHeader) id() string  { return s.keyID }
func (s signatureHeader) raw() []byte { return s.value }

// bodyless says whether a request has, and may have, no body.
func bodyless(r *http.Request, body []byte) bool {
	return len(body) == 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// checkCoverage demands that what would change the meaning of the request is
// signed, and that nothing signed is there twice.
func (s signatureHeader) checkCoverage(r *http.Request, body []byte) error {
	covers := func(name string) bool { return slices.Contains(s.covered, name) }
	switch {
	case !covers(requestTarget):
		return unauthenticated("the signature does not cover (request-target)")
	case !covers("host"):
		return unauthenticated("the signature does not cover host")
	case !covers("date") && !covers("(created)"):
		return unauthenticated("the signature covers neither date nor (created)")
	case covers("(created)") && s.created == 0, covers("(expires)") && s.expires == 0:
		return unauthenticated("the signature covers a time that it does not state")
	}
	if !bodyless(r, body) && !covers("digest") && !covers("content-digest") {
		return unauthenticated("the signature does not cover the digest")
	}
	for _, name := range s.covered {
		if strings.HasPrefix(name, "(") || name == "host" {
			continue
		}
		if n := len(r.Header[http.CanonicalHeaderKey(name)]); n != 1 {
			return unauthenticated("the signature covers " + name + ", which is there " + strconv.Itoa(n) + " times")
		}
	}
	return nil
}

// checkTime demands that every time which is signed is near ours, and gives
// the most precise.
func (s signatureHeader) checkTime(h http.Header, now time.Time) (time.Time, error) {
	near := func(t time.Time) bool { return now.Sub(t).Abs() <= window }
	var at time.Time
	if slices.Contains(s.covered, "date") {
		date, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			return at, unauthenticated("the date cannot be read")
		}
		if !near(date) {
			return at, unauthenticated("the date is too far from now")
		}
		at = date
	}
	if slices.Contains(s.covered, "(created)") {
		if at = time.Unix(s.created, 0); !near(at) {
			return at, unauthenticated("the signature was created too far from now")
		}
	}
	if s.expires != 0 && now.Sub(time.Unix(s.expires, 0)) > window {
		return at, unauthenticated("the signature has expired")
	}
	return at, nil
}

// check hands the signature to httpsig, with the query and then without it:
// Misskey, PieFed and older Friendica sign only the path.
func (s signatureHeader) check(r *http.Request, key crypto.PublicKey) error {
	algorithm, name, err := algorithmOf(key)
	if err != nil {
		return err
	}
	if a := s.algorithm; a != "" && a != "hs2019" && a != name && a != string(algorithm) {
		return unauthenticated("the algorithm that is stated is not that of the key")
	}
	target := requestURI(r)
	err = s.checkTarget(r, target, key, algorithm)
	if path, _, query := strings.Cut(target, "?"); err != nil && query {
		err = s.checkTarget(r, path, key, algorithm)
	}
	if err != nil {
		return unauthenticated("the signature was not made with this key for this request")
	}
	return nil
}
