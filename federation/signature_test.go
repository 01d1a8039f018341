package federation

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fed/httpsig"

	"passerelles/fault"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// TestDefectsOfHTTPSig shows each known defect of the library beside what our
// wrapper makes of the same request.
func TestDefectsOfHTTPSig(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(verifying(eveKey().Public()))
	t.Cleanup(server.Close)
	accepted := func(s signedByHand) func(t *testing.T) {
		return func(t *testing.T) {
			if status, reason := s.send(t, server); status != http.StatusAccepted {
				t.Errorf("got %d %s, want 202", status, reason)
			}
		}
	}
	refused := func(s signedByHand, want string) func(t *testing.T) {
		return func(t *testing.T) {
			if status, reason := s.send(t, server); status != http.StatusUnauthorized || !strings.Contains(reason, want) {
				t.Errorf("got %d %q, want 401 %q", status, reason, want)
			}
		}
	}
	t.Run("1 the path is not decoded", accepted(signedByHand{target: "/users/caf%C3%A9/inbox"}))
	t.Run("1 an encoded slash stays one", accepted(signedByHand{target: "/c/a%2Fb"}))
	t.Run("1 twin: another path is refused", refused(signedByHand{target: "/c/a%2Fb", signedTarget: "/c/a/b"}, "this request"))
	t.Run("2 a bare question mark stays", accepted(signedByHand{target: "/inbox?"}))
	t.Run("2 twin: another query is refused", refused(signedByHand{target: "/inbox?a=1", signedTarget: "/inbox?a=2"}, "this request"))
	t.Run("3 spaces between parameters", accepted(signedByHand{separator: ", "}))
	t.Run("3 twin: without a comma", refused(signedByHand{separator: " "}, "cannot be read"))
	t.Run("4 a comma in keyId", accepted(signedByHand{keyID: "https://evil.example/u/eve,1#main-key"}))
	t.Run("4 twin: a quote in keyId", refused(signedByHand{keyID: `https://evil.example/u/e"ve`}, "cannot be read"))
	t.Run("5 the digest is that of the body", refused(signedByHand{extra: http.Header{"Digest": {sha256Digest("other")}}}, "digest"))
	t.Run("5 twin: the right digest", accepted(signedByHand{}))
	t.Run("6 a date alone", refused(signedByHand{covered: "date", date: noon.AddDate(-20, 0, 0)}, "(request-target)"))
	t.Run("6 a date of long ago", refused(signedByHand{date: noon.AddDate(-20, 0, 0)}, "date"))
	t.Run("6 twin: a date of now", accepted(signedByHand{date: noon}))
	t.Run("7 the host is signed without being set", func(t *testing.T) {
		r := request4(t, "https://Ours.Example:443/inbox?a=1", `{}`)
		mustSign(t, r, `{}`)
		if r.Host != "ours.example" {
			t.Errorf("Host = %q, want ours.example", r.Host)
		}
		mustVerify(t, r, `{}`)
	})
	t.Run("8 a request may be signed twice", func(t *testing.T) {
		r := request4(t, "https://ours.example/inbox", `{}`)
		mustSign(t, r, `{}`)
		mustSign(t, r, `{"second":1}`)
		mustVerify(t, r, `{"second":1}`)
		if _, err := Verify(r, []byte(`{}`), eveKey().Public(), noon); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the first body: %v, want unauthenticated", err)
		}
	})
	t.Run("9 many sign at once with one key", func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 4 {
					r := request4(t, "https://ours.example/inbox", `{}`)
					mustSign(t, r, `{}`)
					mustVerify(t, r, `{}`)
				}
			})
		}
		all.Wait()
	})
	t.Run("10 verifying leaves the request as it came", func(t *testing.T) {
		r := request4(t, "https://ours.example/inbox", `{}`)
		mustSign(t, r, `{}`)
		before := r.Header.Clone()
		mustVerify(t, r, `{}`)
		if _, there := r.Header["Host"]; there || len(before) != len(r.Header) {
			t.Errorf("headers = %v, want %v", r.Header, before)
		}
	})
	t.Run("the algorithm is written by its true name", func(t *testing.T) {
		r := request4(t, "https://ours.example/inbox", `{}`)
		mustSign(t, r, `{}`)
		if s := r.Header.Get("Signature"); !strings.Contains(s, `algorithm="rsa-sha256"`) {
			t.Errorf("Signature = %s", s)
		}
	})
	for name, created := range map[string]time.Duration{"ahead": 40 * time.Minute, "behind": -40 * time.Minute} {
		at := noon.Add(created).Unix()
		s := signedByHand{covered: "(request-target) (created) (expires) host digest", created: at, expires: at + 10, algorithm: "hs2019"}
		t.Run("11 the library's clock does not count, peer "+name, accepted(s))
	}
}

// TestVerifyCreatedFirst is the one order in which the library's clock counts.
func TestVerifyCreatedFirst(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := signedByHand{covered: "(created) (expires) (request-target) host date digest", created: now.Unix(), expires: now.Unix() + 60, date: now}.withDefaults()
	r := httptest.NewRequest(s.method, s.target, nil)
	r.Host, r.Header = s.host, s.headers(t)
	got, err := Verify(r, []byte(s.body), eveKey().Public(), now)
	if err != nil || got.Created.Unix() != now.Unix() {
		t.Errorf("Verify = %+v, %v", got, err)
	}
}

// TestHTTPSigIsAsWeThink fails when the library mends a defect, so that what
// goes around it can go.
func TestHTTPSigIsAsWeThink(t *testing.T) {
	t.Parallel()
	verifies := func(s signedByHand) bool {
		s = s.withDefaults()
		r := httptest.NewRequest(s.method, s.target, strings.NewReader(s.body))
		r.Host, r.Header = s.host, s.headers(t)
		v, err := httpsig.NewVerifier(r)
		return err == nil && v.Verify(eveKey().Public(), httpsig.RSA_SHA256) == nil
	}
	if !verifies(signedByHand{}) {
		t.Fatal("the library refuses a plain request")
	}
	if !verifies(signedByHand{covered: "date", date: noon.AddDate(-20, 0, 0)}) {
		t.Error("6: the library looks at what is covered now")
	}
	for name, s := range map[string]signedByHand{
		"1": {target: "/c/a%2Fb"}, "2": {target: "/inbox?"}, "3": {separator: ", "}, "4": {keyID: "https://evil.example/a,b"},
	} {
		if verifies(s) {
			t.Errorf("%s: the library accepts this now", name)
		}
	}
}

func request4(t testing.TB, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", activityJSON)
	return r
}

func mustSign(t testing.TB, r *http.Request, body string) {
	t.Helper()
	if err := Sign(r, []byte(body), eve(), noon); err != nil {
		t.Error(err)
	}
}

func mustVerify(t testing.TB, r *http.Request, body string) {
	t.Helper()
	got, err := Verify(r, []byte(body), eveKey().Public(), noon)
	if err != nil || got.KeyID != eveKeyID || !got.Created.Equal(noon) || len(got.Value) != 256 {
		t.Errorf("Verify = %+v, %v", got, err)
	}
}

// TestVerify is the list of attacks on signatures; each refusal has its twin.
func TestVerify(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(verifying(eveKey().Public()))
	t.Cleanup(server.Close)
	both := sha256Digest(`{"type":"Create"}`)
	cases := []struct {
		name string
		s    signedByHand
		want string // why it is refused, "" when it is accepted
	}{
		{"HS-01 twin: signed", signedByHand{}, ""},
		{"HS-02 two hours ago", signedByHand{date: noon.Add(-2 * time.Hour)}, "too far"},
		{"HS-02 twin: 59 minutes ago", signedByHand{date: noon.Add(-59 * time.Minute)}, ""},
		{"HS-03 in two hours", signedByHand{date: noon.Add(2 * time.Hour)}, "too far"},
		{"HS-03 twin: in 59 minutes", signedByHand{date: noon.Add(59 * time.Minute)}, ""},
		{"HS-03 unparseable", signedByHand{extra: http.Header{"Date": {"foo"}}}, "date cannot be read"},
		{"HS-03 missing", signedByHand{extra: http.Header{"Date": nil}}, "0 times"},
		{"HS-03 created in two hours", signedByHand{covered: "(request-target) host (created) digest", created: noon.Unix() + 7200}, "too far"},
		{"HS-03 twin: created now", signedByHand{covered: "(request-target) host (created) digest", created: noon.Unix()}, ""},
		{"HS-03 expired", signedByHand{covered: "(request-target) host (created) (expires) digest", created: noon.Unix() - 3000, expires: noon.Unix() - 7200}, "expired"},
		{"HS-03 expired though not covered", signedByHand{expires: noon.Unix() - 7200}, "expired"},
		{"HS-03 created covered, not stated", signedByHand{covered: "(request-target) host (created) digest"}, "does not state"},
		{"HS-03 neither date nor created covered", signedByHand{covered: "(request-target) host digest"}, "neither"},
		{"HS-03 old date beside a new created", signedByHand{covered: "(request-target) (created) host date digest", created: noon.Unix(), date: noon.Add(-3 * time.Hour)}, "too far"},
		{"HS-04 digest not covered", signedByHand{covered: "(request-target) host date"}, "cover the digest"},
		{"HS-05 digest of something else", signedByHand{extra: http.Header{"Digest": {sha256Digest("x")}}}, "not that of the body"},
		{"HS-05 twin: lower case", signedByHand{extra: http.Header{"Digest": {strings.Replace(both, "SHA", "sha", 1)}}}, ""},
		{"HS-05 with MD5", signedByHand{extra: http.Header{"Digest": {both + ",MD5=eHh4eA=="}}}, "proves nothing"},
		{"HS-05 second digest disagrees", signedByHand{extra: http.Header{"Digest": {both + "," + sha256Digest("x")}}}, "not that of the body"},
		{"HS-05 twin: with one we do not know", signedByHand{extra: http.Header{"Digest": {both + ",id-blake=eHh4eA=="}}}, ""},
		{"HS-05 only one we do not know", signedByHand{extra: http.Header{"Digest": {"id-blake=eHh4eA=="}}}, "no kind"},
		{"HS-05 Content-Digest disagrees", signedByHand{extra: http.Header{"Content-Digest": {"sha-256=:AAAA:"}}}, "not that of the body"},
		{"HS-05 twin: Content-Digest agrees", signedByHand{extra: http.Header{"Content-Digest": {"sha-256=:" + both[8:] + ":"}}}, ""},
		{"HS-05 empty digest", signedByHand{extra: http.Header{"Digest": {""}}}, "cannot be read"},
		{"HS-05 digest without value", signedByHand{extra: http.Header{"Digest": {"SHA-256="}}}, "cannot be read"},
		{"HS-06 host not covered", signedByHand{covered: "(request-target) date digest"}, "cover host"},
		{"HS-07 target not covered", signedByHand{covered: "host date digest"}, "(request-target)"},
		{"HS-07 another path", signedByHand{target: "/c/priv/inbox", signedTarget: "/c/pub/inbox"}, "this request"},
		{"HS-08 another key", signedByHand{key: otherKey()}, "this key"},
		{"HS-14 two dates", signedByHand{extra: http.Header{"Date": {noon.Format(http.TimeFormat), noon.Format(http.TimeFormat)}}}, "2 times"},
		{"HS-14 two digests", signedByHand{extra: http.Header{"Digest": {both, both}}}, "2 times"},
		{"HS-14 keyId twice", signedByHand{edit: func(s string) string { return `keyId="https://victim.example/v",` + s }}, "keyId twice"},
		{"HS-14 headers twice", signedByHand{edit: func(s string) string { return s + `,headers="date"` }}, "headers twice"},
		{"HS-14 date covered twice", signedByHand{covered: "(request-target) host date date digest"}, "header twice"},
		{"HS-14 date covered twice, by case", signedByHand{edit: func(s string) string { return strings.Replace(s, "host date", "host date Date", 1) }}, "header twice"},
		{"HS-15 hmac", signedByHand{algorithm: "hmac-sha256"}, "algorithm"},
		{"HS-15 none", signedByHand{algorithm: "none"}, "algorithm"},
		{"HS-15 rsa-sha1", signedByHand{algorithm: "rsa-sha1"}, "algorithm"},
		{"HS-15 ed25519 with an RSA key", signedByHand{algorithm: "ed25519"}, "algorithm"},
		{"HS-15 twin: hs2019", signedByHand{algorithm: "hs2019"}, ""},
		{"HS-15 twin: upper case", signedByHand{algorithm: "RSA-SHA256"}, ""},
		{"HS-15 SHA-512 inside", signedByHand{algorithm: "hs2019", hash: crypto.SHA512}, "this key"},
		{"HS-19 another inbox", signedByHand{target: "/actors/2/inbox", signedTarget: "/actors/1/inbox"}, "this request"},
		{"HS-23 with the query", signedByHand{target: "/inbox?a=%20b&c"}, ""},
		{"HS-23 without the query", signedByHand{target: "/inbox?a=1", signedTarget: "/inbox"}, ""},
		{"HS-23 a query that is not sent", signedByHand{target: "/inbox", signedTarget: "/inbox?a=1"}, "this request"},
		{"HS-23 dots", signedByHand{target: "/a/%2e%2e/inbox", signedTarget: "/inbox"}, "this request"},
		{"HS-23 twin: dots that are signed", signedByHand{target: "/a/%2e%2e/inbox"}, ""},
		{"HS-23 double slash", signedByHand{target: "//inbox", signedTarget: "/inbox"}, "this request"},
		{"no headers parameter", signedByHand{edit: func(s string) string { return s[:strings.Index(s, ",headers=")] + s[strings.Index(s, ",signature="):] }}, "(request-target)"},
		{"a GET", signedByHand{method: "GET"}, ""},
		{"a GET that states accept too", signedByHand{method: "GET", covered: "(request-target) host date accept", extra: http.Header{"Accept": {"a/b"}}}, ""},
		{"HS-07 a GET used for POST", signedByHand{method: "GET", target: "/inbox", edit: nil, body: "x"}, "cover the digest"},
		{"Akkoma covers content-length", signedByHand{covered: "(request-target) content-length date digest host"}, ""},
		{"Lemmy covers the digest of nothing", signedByHand{method: "GET", covered: "(request-target) (created) (expires) accept digest host", algorithm: "hs2019",
			created: noon.Unix(), expires: noon.Unix() + 3600, extra: http.Header{"Accept": {"a/b"}, "Digest": {sha256Digest("")}}}, ""},
		{"it covers itself", signedByHand{covered: "(request-target) host date digest signature"}, "not a header"},
		{"created first", signedByHand{covered: "(created) (request-target) host date digest", created: time.Now().Unix()}, "too far"},
		{"keyId is acct:", signedByHand{keyID: "acct:eve@evil.example"}, "keyId"},
		{"not base64", signedByHand{edit: func(s string) string { return strings.Replace(s, `signature="`, `signature="!`, 1) }}, "value"},
		{"backslash", signedByHand{edit: func(s string) string { return strings.Replace(s, "eve", `e\"ve`, 1) }}, "cannot be read"},
		{"trailing comma", signedByHand{edit: func(s string) string { return s + "," }}, "cannot be read"},
		{"a parameter that we do not know", signedByHand{edit: func(s string) string { return s + `, opaque="x"` }}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, reason := c.s.send(t, server)
			if c.want == "" && status != http.StatusAccepted {
				t.Errorf("got %d %q, want 202", status, reason)
			}
			if c.want != "" && (status != http.StatusUnauthorized || !strings.Contains(reason, c.want) || strings.Contains(reason, "\n")) {
				t.Errorf("got %d %q, want 401 %q", status, reason, c.want)
			}
		})
	}
	t.Run("HS-01 not signed", func(t *testing.T) {
		status, reason := sendRaw(t, server, []byte("POST /inbox HTTP/1.1\r\nHost: ours.example\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"))
		if status != http.StatusUnauthorized || reason != "the request is not signed" {
			t.Errorf("got %d %q", status, reason)
		}
	})
	t.Run("HS-05 another body", func(t *testing.T) {
		s := signedByHand{}.withDefaults()
		r := httptest.NewRequest("POST", "/inbox", nil)
		r.Host, r.Header = s.host, s.headers(t)
		if _, err := Verify(r, []byte(`{"type":"Delete"}`), eveKey().Public(), noon); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("got %v, want unauthenticated", err)
		}
	})
	t.Run("HS-14 two signatures", func(t *testing.T) {
		s := signedByHand{}.withDefaults()
		r := httptest.NewRequest("POST", "/inbox", nil)
		r.Host, r.Header = s.host, s.headers(t)
		r.Header.Add("Signature", r.Header.Get("Signature"))
		if _, err := Verify(r, []byte(s.body), eveKey().Public(), noon); !strings.Contains(fault.Message(err), "several") {
			t.Errorf("got %v, want several signatures", err)
		}
		if _, err := KeyID(r); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("KeyID: got %v, want unauthenticated", err)
		}
	})
	t.Run("HS-14 two hosts", func(t *testing.T) {
		var wire bytes.Buffer
		wire.WriteString("POST /inbox HTTP/1.1\r\nHost: ours.example\r\nHost: other.example\r\nConnection: close\r\n\r\n")
		if status, _ := sendRaw(t, server, wire.Bytes()); status != http.StatusBadRequest {
			t.Errorf("got %d, want 400", status)
		}
	})
}

func TestKeyID(t *testing.T) {
	t.Parallel()
	r := request4(t, "https://ours.example/inbox", `{}`)
	mustSign(t, r, `{}`)
	if got, err := KeyID(r); err != nil || got != eveKeyID {
		t.Errorf("KeyID = %q, %v, want %q", got, err, eveKeyID)
	}
}

func TestEd25519(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := request4(t, "https://ours.example/inbox", `{}`)
	if err := Sign(r, []byte(`{}`), PrivateKey{ID: eveKeyID, Signer: private}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(r, []byte(`{}`), public, noon); err != nil {
		t.Error(err)
	}
	if _, err := Verify(r, []byte(`{}`), eveKey().Public(), noon); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("with an RSA key: %v, want unauthenticated", err)
	}
}
