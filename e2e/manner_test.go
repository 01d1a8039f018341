package e2e

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// manner is how a software signs what it sends, and what it demands of what it gets, by its
// own rules and without our code: the two cannot err together.
type manner struct {
	covered   string // "" as Mastodon
	algorithm string // "" as Mastodon
	demands   func(r *http.Request, s seal, body []byte) error
	guarded   bool // it shows its actors only to signed requests
}

// manners are by software; the others do as Mastodon.
var manners = map[string]manner{
	"mastodon": {demands: asMastodon},
	"lemmy": {covered: "(request-target) (created) (expires) content-type digest host", algorithm: "hs2019", demands: func(r *http.Request, s seal, body []byte) error {
		if !regexp.MustCompile(`^[^#]+#[^#]+$`).MatchString(s.params["keyId"]) {
			return fmt.Errorf("no actor can be told of the keyId %s", s.params["keyId"])
		}
		return ofOneHost(s, body)
	}},
	"gotosocial": {covered: "(request-target) host date digest", algorithm: "hs2019", guarded: true, demands: func(r *http.Request, _ seal, _ []byte) error {
		if t := r.Header.Get("Content-Type"); t != "application/activity+json" && t != vocab.MediaType {
			return fmt.Errorf("406 for a body of %q", t)
		}
		return nil
	}},
	"misskey": {covered: "(request-target) date host digest", demands: func(r *http.Request, s seal, body []byte) error {
		if !slices.Contains(s.covered, "host") || !strings.HasPrefix(r.Header.Get("Digest"), "SHA-256=") || strings.Contains(r.Header.Get("Digest"), ",") {
			return fmt.Errorf("it covers %s with the digest %s", s.covered, r.Header.Get("Digest"))
		}
		return ofOneHost(s, body)
	}},
	"mbin": {covered: "(request-target) host date digest content-type", demands: func(r *http.Request, s seal, body []byte) error {
		if r.Header.Get("Date") == "" {
			return fmt.Errorf("there is no Date")
		}
		return ofOneHost(s, body)
	}},
	"nodebb":    {covered: "(request-target) host date digest", demands: asMastodon},
	"mobilizon": {covered: "(request-target) content-length date digest host", demands: asMastodon},
}

func (p *peer) manner() manner {
	m := manners[p.software]
	if m.covered == "" {
		m.covered = "(request-target) host date digest content-type"
	}
	if m.algorithm == "" {
		m.algorithm = "rsa-sha256"
	}
	return m
}

// asMastodon holds to what SignedRequest demands.
func asMastodon(r *http.Request, s seal, body []byte) error {
	covers := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(s.covered, name) })
	}
	sent, err := http.ParseTime(r.Header.Get("Date"))
	now := time.Now()
	switch {
	case s.params["algorithm"] != "rsa-sha256" && s.params["algorithm"] != "hs2019":
		return fmt.Errorf("algorithm %q", s.params["algorithm"])
	case !covers("date", "(created)") || !covers("digest", "(request-target)") || r.Method == http.MethodGet && !covers("host") ||
		r.Method == http.MethodPost && !covers("digest"):
		return fmt.Errorf("it covers %s only", s.covered)
	case err != nil || sent.After(now.Add(time.Hour)) || sent.Before(now.Add(-65*time.Minute)):
		return fmt.Errorf("it is of %s", r.Header.Get("Date"))
	}
	return nil
}

// ofOneHost demands that an activity, its actor and the key be of one host.
func ofOneHost(s seal, body []byte) error {
	a, err := vocab.ReadActivity(body)
	if err != nil {
		return err
	}
	for _, iri := range []string{a.ID, a.Actor} {
		u, err := url.Parse(iri)
		key, keyErr := url.Parse(s.params["keyId"])
		if err != nil || keyErr != nil || u.Host != key.Host {
			return fmt.Errorf("%s is signed by the key %s", iri, s.params["keyId"])
		}
	}
	return nil
}

// sign puts a signature in the manner of the software on a request, by hand.
func (p *peer) sign(r *http.Request, body []byte, key federation.PrivateKey, at time.Time) error {
	m, sum := p.manner(), sha256.Sum256(body)
	created, expires := strconv.FormatInt(at.Unix(), 10), strconv.FormatInt(at.Add(5*time.Minute).Unix(), 10)
	r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	params := fmt.Sprintf(`keyId="%s",algorithm="%s"`, key.ID, m.algorithm)
	if strings.Contains(m.covered, "(created)") {
		params += ",created=" + created + ",expires=" + expires
	} else {
		r.Header.Set("Date", at.UTC().Format(http.TimeFormat))
	}
	r.Header.Set("Content-Length", strconv.Itoa(len(body))) // only to be signed: the transport writes its own
	signed := sha256.Sum256(signingString(r, m.covered, map[string]string{"(created)": created, "(expires)": expires}))
	value, err := key.Signer.Sign(rand.Reader, signed[:], crypto.SHA256)
	if err != nil {
		return err
	}
	r.Header.Set("Signature", params+fmt.Sprintf(`,headers="%s",signature="%s"`, m.covered, base64.StdEncoding.EncodeToString(value)))
	return nil
}

// signingString is what a signature of draft-cavage is made of.
func signingString(r *http.Request, covered string, times map[string]string) []byte {
	var lines []string
	for name := range strings.FieldsSeq(covered) {
		value := r.Header.Get(name)
		switch {
		case name == "(request-target)":
			value = strings.ToLower(r.Method) + " " + r.URL.RequestURI()
		case name == "host":
			value = r.Host
		case times[name] != "":
			value = times[name]
		}
		lines = append(lines, name+": "+value)
	}
	return []byte(strings.Join(lines, "\n"))
}

// seal is a signature of draft-cavage as it is received.
type seal struct {
	params  map[string]string
	covered []string
}

var parameter = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

// verify checks a request that a town has signed, by hand and by the rules of the software.
func (p *peer) verify(r *http.Request, body []byte) error {
	s := seal{params: map[string]string{}}
	for _, found := range parameter.FindAllStringSubmatch(r.Header.Get("Signature"), -1) {
		s.params[found[1]] = found[2]
	}
	s.covered = strings.Fields(s.params["headers"])
	owner, err := fetched(strings.Split(s.params["keyId"], "#")[0])
	if err != nil {
		return err
	}
	shown, _ := owner["publicKey"].(map[string]any)
	pem, _ := shown["publicKeyPem"].(string)
	public, err := federation.ParsePublicPEM(pem)
	key, isRSA := public.(*rsa.PublicKey)
	if err != nil || !isRSA {
		return fmt.Errorf("the key %s: %w", s.params["keyId"], err)
	}
	value, err := base64.StdEncoding.DecodeString(s.params["signature"])
	if err != nil {
		return err
	}
	sum := sha256.Sum256(signingString(r, s.params["headers"], nil))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], value); err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		of := sha256.Sum256(body)
		digest, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Digest"), "SHA-256="))
		if err != nil || !bytes.Equal(digest, of[:]) {
			return fmt.Errorf("the digest %q is not that of the body", r.Header.Get("Digest"))
		}
	}
	if demands := p.manner().demands; demands != nil && r.Method == http.MethodPost {
		return demands(r, s, body)
	}
	return nil
}
