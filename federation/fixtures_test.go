package federation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto"

	"passerelles/fault"
)

// noon is when the tests take place.
var noon = time.Date(2031, 5, 4, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

var (
	eveKey   = sync.OnceValue(mustKey)
	otherKey = sync.OnceValue(mustKey)
)

func mustKey() *rsa.PrivateKey {
	key, err := NewRSAKey()
	if err != nil {
		panic(err)
	}
	return key
}

const eveKeyID = "https://evil.example/u/eve#main-key"

func eve() PrivateKey { return PrivateKey{ID: eveKeyID, Signer: eveKey()} }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// portOf is the port of a test server.
func portOf(t testing.TB, server *httptest.Server) uint16 {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

// serve starts a TLS server on 127.0.0.1, or on ::1.
func serve(t testing.TB, network string, h http.Handler) *httptest.Server {
	t.Helper()
	address := map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0"}[network]
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, EnableHTTP2: true, Config: &http.Server{Handler: h, ErrorLog: quiet()}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// clientFor makes a client that may speak to these servers and to nobody else.
func clientFor(t testing.TB, change func(*Options), servers ...*httptest.Server) *Client {
	t.Helper()
	roots := x509.NewCertPool()
	o := Options{
		Origin: "https://ours.example", UserAgent: "Passerelles-test", AllowNetworks: loopback,
		Now: atNoon, Roots: roots, SignAs: func(context.Context) (PrivateKey, error) { return eve(), nil },
	}
	for _, s := range servers {
		o.AllowPorts = append(o.AllowPorts, portOf(t, s))
		if s.Certificate() != nil {
			roots.AddCert(s.Certificate())
		}
	}
	if change != nil {
		change(&o)
	}
	c := NewClient(o)
	t.Cleanup(c.CloseIdle)
	return c
}

// verifying answers 202 to what Verify accepts, else 401 and why.
func verifying(key crypto.PublicKey) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = Verify(r, body, key, noon)
		}
		if err != nil {
			http.Error(w, fault.Message(err), fault.KindOf(err).Status())
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

// signedByHand is a signature made from the text of the draft, without httpsig
// and without our own code, so that the two cannot err together.
type signedByHand struct {
	method, target, host, body string
	date                       time.Time
	created, expires           int64
	covered                    string
	keyID, algorithm           string
	separator                  string
	signedTarget               string              // when it differs from what is sent
	extra                      map[string][]string // headers beside, or instead
	hash                       crypto.Hash
	key                        *rsa.PrivateKey
	edit                       func(signature string) string
}

func (s signedByHand) withDefaults() signedByHand {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&s.method, "POST")
	set(&s.target, "/inbox")
	set(&s.signedTarget, s.target)
	set(&s.host, "ours.example")
	set(&s.keyID, eveKeyID)
	set(&s.algorithm, "rsa-sha256")
	set(&s.separator, ",")
	if s.method == "POST" {
		set(&s.body, `{"type":"Create"}`)
		set(&s.covered, "(request-target) host date digest")
	}
	set(&s.covered, "(request-target) host date")
	if s.date.IsZero() {
		s.date = noon
	}
	if s.hash == 0 {
		s.hash = crypto.SHA256
	}
	if s.key == nil {
		s.key = eveKey()
	}
	return s
}

// headers gives the headers of the request, with its Signature.
func (s signedByHand) headers(t testing.TB) http.Header {
	t.Helper()
	h := http.Header{"Date": {s.date.UTC().Format(http.TimeFormat)}}
	if s.body != "" {
		h["Digest"] = []string{sha256Digest(s.body)}
	}
	for name, values := range s.extra {
		h[name] = values
		if values == nil {
			delete(h, name)
		}
	}
	var lines []string
	for _, name := range strings.Fields(s.covered) {
		value := ""
		switch name {
		case "(request-target)":
			value = strings.ToLower(s.method) + " " + s.signedTarget
		case "(created)":
			value = strconv.FormatInt(s.created, 10)
		case "(expires)":
			value = strconv.FormatInt(s.expires, 10)
		case "host":
			value = s.host
		case "content-length":
			value = strconv.Itoa(len(s.body))
		default:
			value = strings.Join(h[http.CanonicalHeaderKey(name)], ", ")
		}
		lines = append(lines, name+": "+value)
	}
	params := []string{`keyId="` + s.keyID + `"`, `algorithm="` + s.algorithm + `"`}
	if s.created != 0 {
		params = append(params, "created="+strconv.FormatInt(s.created, 10))
	}
	if s.expires != 0 {
		params = append(params, "expires="+strconv.FormatInt(s.expires, 10))
	}
	params = append(params, `headers="`+s.covered+`"`, `signature="`+s.sign(t, strings.Join(lines, "\n"))+`"`)
	signature := strings.Join(params, s.separator)
	if s.edit != nil {
		signature = s.edit(signature)
	}
	h["Signature"] = []string{signature}
	return h
}

func (s signedByHand) sign(t testing.TB, text string) string {
	t.Helper()
	var sum []byte
	switch s.hash {
	case crypto.SHA512:
		full := sha512.Sum512([]byte(text))
		sum = full[:]
	default:
		short := sha256.Sum256([]byte(text))
		sum = short[:]
	}
	value, err := rsa.SignPKCS1v15(rand.Reader, s.key, s.hash, sum)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(value)
}

func sha256Digest(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// send puts the request on the wire as it is written here, over plain TCP, and
// gives the status and the first line of the answer.
func (s signedByHand) send(t testing.TB, server *httptest.Server) (status int, reason string) {
	t.Helper()
	s = s.withDefaults()
	var wire bytes.Buffer
	wire.WriteString(s.method + " " + s.target + " HTTP/1.1\r\nHost: " + s.host + "\r\nConnection: close\r\n")
	if s.body != "" {
		wire.WriteString("Content-Length: " + strconv.Itoa(len(s.body)) + "\r\n")
	}
	if err := s.headers(t).Write(&wire); err != nil {
		t.Fatal(err)
	}
	wire.WriteString("\r\n" + s.body)
	return sendRaw(t, server, wire.Bytes())
}

func sendRaw(t testing.TB, server *httptest.Server, wire []byte) (status int, reason string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(wire); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(answer), "\r\n\r\n")
	fields := strings.Fields(head)
	if len(fields) < 2 {
		t.Fatalf("no answer: %q", answer)
	}
	if status, err = strconv.Atoi(fields[1]); err != nil {
		t.Fatal(err)
	}
	return status, strings.TrimSpace(body)
}
