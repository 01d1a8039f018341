package security

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// letter is a delivery signed by hand, not by our own code, so that the two cannot err
// together. What is not given is as it should be.
type letter struct {
	who  *remote
	town *town
	body []byte

	method, path, host string
	signedMethod       string // where it differs from what is sent
	signedPath         string
	date               time.Time
	covered            string
	keyID, algorithm   string
	before             func(h http.Header)                  // changes what is signed
	params             func(s string) string                // changes the Signature header
	after              func(r *http.Request, h http.Header) // changes what is sent
	signer             crypto.Signer
	replaced           []byte // a body that is sent instead of the one that was signed
}

func (l letter) withDefaults() letter {
	set := func(p *string, value string) {
		if *p == "" {
			*p = value
		}
	}
	set(&l.method, http.MethodPost)
	set(&l.path, "/inbox")
	set(&l.host, l.town.host)
	set(&l.signedMethod, l.method)
	set(&l.signedPath, l.path)
	set(&l.covered, "(request-target) host date digest content-type")
	set(&l.keyID, l.who.key.ID)
	set(&l.algorithm, "rsa-sha256")
	if l.date.IsZero() {
		l.date = l.town.now()
	}
	if l.signer == nil {
		l.signer = l.who.key.Signer
	}
	return l
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// request makes the request.
func (l letter) request() *http.Request {
	l = l.withDefaults()
	h := http.Header{
		"Content-Type": {"application/activity+json"}, "Date": {dateOf(l.date)}, "Digest": {"SHA-256=" + digestOf(l.body)},
	}
	if l.before != nil {
		l.before(h)
	}
	h["Signature"] = []string{l.signature(h)}
	body := l.body
	if l.replaced != nil {
		body = l.replaced
	}
	r, err := http.NewRequest(l.method, l.town.origin+l.path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header, r.Host = h, l.host
	if l.after != nil {
		l.after(r, h)
	}
	return r
}

func (l letter) signature(h http.Header) string {
	var lines []string
	for name := range strings.FieldsSeq(l.covered) {
		value := strings.Join(h[http.CanonicalHeaderKey(name)], ", ")
		switch name {
		case "(request-target)":
			value = strings.ToLower(l.signedMethod) + " " + l.signedPath
		case "host":
			value = l.host
		}
		lines = append(lines, name+": "+value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	signed, err := l.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	s := fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s",signature="%s"`,
		l.keyID, l.algorithm, l.covered, base64.StdEncoding.EncodeToString(signed))
	if l.params != nil {
		s = l.params(s)
	}
	return s
}
