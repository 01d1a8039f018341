package federation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// HTTP Message Signatures, RFC 9421: what the drafts became. Newer peers sign so, most
// do not read it yet.

const (
	signatureInput = "Signature-Input"
	ourLabel       = "sig1" // as Fedify writes it; any will do
)

// AcceptSignature tells who was refused what is read here (RFC 9421, 5.1).
const AcceptSignature = ourLabel + `=("@method" "@target-uri" "content-digest");created`

var (
	messageOfPost = []string{"@method", "@target-uri", "content-digest", "content-type"}
	messageOfGet  = []string{"@method", "@target-uri"}
)

// messageSignature is the one signature of a request, as RFC 9421 writes it.
type messageSignature struct {
	keyID     string
	algorithm string // "" when it is not said
	created   int64  // seconds since 1970
	expires   int64  // 0 when it is not said
	covered   []string
	params    string // as it is signed
	value     []byte
}

// signMessage signs a request whose Host is canonical. The digest is that of Digest.
func signMessage(r *http.Request, digest string, key PrivateKey, now time.Time) error {
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	for _, name := range []string{"Signature", "Digest", "Content-Digest"} {
		r.Header.Del(name)
	}
	covered := messageOfGet
	if digest != "" {
		covered = messageOfPost
		_, sum, _ := strings.Cut(digest, "=")
		r.Header.Set("Content-Digest", "sha-256=:"+sum+":")
	}
	algorithm, err := messageAlgorithm(key.Signer.Public())
	if err != nil {
		return err
	}
	input := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range covered {
		input.Items = append(input.Items, httpsfv.NewItem(name))
	}
	input.Params.Add("created", now.Unix())
	input.Params.Add("keyid", key.ID)
	input.Params.Add("alg", algorithm)
	params, err := httpsfv.Marshal(input)
	if err != nil {
		return err
	}
	s := messageSignature{covered: covered, params: params}
	if s.value, err = signBase(key.Signer, s.base(r, r.URL.Scheme)); err != nil {
		return err
	}
	signature := httpsfv.NewDictionary()
	signature.Add(ourLabel, httpsfv.NewItem(s.value))
	value, err := httpsfv.Marshal(signature)
	r.Header[signatureInput] = []string{ourLabel + "=" + params}
	r.Header["Signature"] = []string{value}
	return err
}

func signBase(signer crypto.Signer, base string) ([]byte, error) {
	if _, ed := signer.Public().(ed25519.PublicKey); ed {
		return signer.Sign(rand.Reader, []byte(base), crypto.Hash(0))
	}
	sum := sha256.Sum256([]byte(base))
	return signer.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// messageAlgorithm derives the algorithm from the key and from nothing else.
func messageAlgorithm(key crypto.PublicKey) (string, error) {
	switch key.(type) {
	case *rsa.PublicKey:
		return "rsa-v1_5-sha256", nil
	case ed25519.PublicKey:
		return "ed25519", nil
	}
	return "", unauthenticated("the key is of a type that signs nothing here")
}

// base is the text that is signed (RFC 9421, 2.5).
func (s messageSignature) base(r *http.Request, scheme string) string {
	var b strings.Builder
	for _, name := range s.covered {
		b.WriteString(`"` + name + `": ` + component(r, scheme, name) + "\n")
	}
	b.WriteString(`"@signature-params": ` + s.params)
	return b.String()
}

// component is the value of what is covered (RFC 9421, 2.1 and 2.2).
func component(r *http.Request, scheme, name string) string {
	target := requestURI(r)
	path, query, _ := strings.Cut(target, "?")
	switch name {
	case "@method":
		return r.Method
	case "@target-uri":
		return scheme + "://" + authorityOf(r, scheme) + target
	case "@authority":
		return authorityOf(r, scheme)
	case "@scheme":
		return scheme
	case "@request-target":
		return target
	case "@path":
		return path
	case "@query":
		return "?" + query
	case "host":
		return r.Host // net/http takes it out of the headers, and lets no second one in
	}
	return strings.TrimSpace(r.Header.Get(name))
}

// requestURI is the path with its query, as the sender wrote them.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// authorityOf is the host in lower case, without the port that the scheme implies.
func authorityOf(r *http.Request, scheme string) string {
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	return strings.TrimSuffix(strings.ToLower(r.Host), port)
}

func (s messageSignature) id() string  { return s.keyID }
func (s messageSignature) raw() []byte { return s.value }

// checkCoverage demands that what would change the meaning of the request is signed,
// and that nothing signed is there twice.
func (s messageSignature) checkCoverage(r *http.Request, body []byte) error {
	covers := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(s.covered, name) })
	}
	query := strings.Contains(requestURI(r), "?")
	whole := covers("@target-uri") || covers("@authority", "@request-target") || covers("@authority", "@path", "@query") ||
		covers("@authority", "@path") && !query
	switch {
	case !covers("@method"):
		return unauthenticated("the signature does not cover @method")
	case !whole:
		return unauthenticated("the signature does not cover @target-uri")
	case !bodyless(r, body) && !covers("content-digest"):
		return unauthenticated("the signature does not cover content-digest")
	}
	for _, name := range s.covered {
		if strings.HasPrefix(name, "@") || name == "host" {
			continue
		}
		if n := len(r.Header[http.CanonicalHeaderKey(name)]); n != 1 {
			return unauthenticated("the signature covers " + name + ", which is there " + strconv.Itoa(n) + " times")
		}
	}
	return nil
}

func (s messageSignature) checkTime(_ http.Header, now time.Time) (time.Time, error) {
	at := time.Unix(s.created, 0)
	switch {
	case now.Sub(at).Abs() > window:
		return at, unauthenticated("the signature was created too far from now")
	case s.expires != 0 && now.Sub(time.Unix(s.expires, 0)) > window:
		return at, unauthenticated("the signature has expired")
	}
	return at, nil
}

// check verifies the value. Behind a proxy the scheme that the sender saw is not known.
func (s messageSignature) check(r *http.Request, key crypto.PublicKey) error {
	algorithm, err := messageAlgorithm(key)
	if err != nil {
		return err
	}
	if s.algorithm != "" && s.algorithm != algorithm {
		return unauthenticated("the algorithm that is stated is not that of the key")
	}
	for _, scheme := range []string{"https", "http"} {
		if verifies(key, s.base(r, scheme), s.value) {
			return nil
		}
	}
	return unauthenticated("the signature was not made with this key for this request")
}

func verifies(key crypto.PublicKey, base string, value []byte) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256([]byte(base))
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], value) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, []byte(base), value)
	}
	return false
}
