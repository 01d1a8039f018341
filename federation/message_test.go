package federation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMessageVector is example B.2.6 of RFC 9421, of which every byte is known.
func TestMessageVector(t *testing.T) {
	t.Parallel()
	const (
		params = `("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
		value  = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
	)
	block, _ := pem.Decode([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----"))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := parsed.(ed25519.PrivateKey)
	r, err := http.NewRequest(http.MethodPost, "https://example.com/foo?param=Value&Pet=dog", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"}}
	s := messageSignature{covered: strings.Split("date @method @path @authority content-type content-length", " "), params: params}
	want := `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ` + params
	if got := s.base(r, "https"); got != want {
		t.Errorf("base:\n%s\nwant\n%s", got, want)
	}
	signed, err := signBase(key, s.base(r, "https"))
	if got := base64.StdEncoding.EncodeToString(signed); err != nil || got != value {
		t.Errorf("signature = %s, %v, want %s", got, err, value)
	}
	if !verifies(key.Public(), want, signed) {
		t.Error("it does not verify")
	}
}

// messageByHand is a signature made from the text of the RFC, without our own code, so
// that the two cannot err together.
type messageByHand struct {
	covered string            // as it stands in Signature-Input; default: what Mastodon covers
	params  string            // default: created, keyid
	label   string            // of the signature, where it differs
	values  map[string]string // signed instead of what is sent
	header  http.Header       // sent instead
	more    string            // a second member of both headers
	key     *rsa.PrivateKey
}

func (m messageByHand) send(t *testing.T, server *httptest.Server) (int, string) {
	t.Helper()
	const body = `{"type":"Create"}`
	sum := sha256.Sum256([]byte(body))
	r, err := http.NewRequest(http.MethodPost, server.URL+"/inbox?x=1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", activityJSON)
	r.Header.Set("Date", noon.Format(http.TimeFormat))
	r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	for name, values := range m.header {
		r.Header[name] = values
	}
	values := map[string]string{
		"@method": "POST", "@target-uri": server.URL + "/inbox?x=1", "@authority": r.URL.Host, "@path": "/inbox", "@query": "?x=1",
		"@request-target": "/inbox?x=1", "@scheme": "http", "content-digest": r.Header.Get("Content-Digest"), "content-type": activityJSON,
		"host": r.URL.Host, "date": r.Header.Get("Date"),
	}
	for name, value := range m.values {
		values[name] = value
	}
	if m.covered == "" {
		m.covered = `"@method" "@target-uri" "content-digest"`
	}
	if m.params == "" {
		m.params = ";created=" + strconv.FormatInt(noon.Unix(), 10) + `;keyid="` + eveKeyID + `"`
	}
	if m.key == nil {
		m.key = eveKey()
	}
	input, base := "("+m.covered+")"+m.params, ""
	for name := range strings.FieldsSeq(m.covered) {
		base += name + ": " + values[strings.Trim(name, `"`)] + "\n"
	}
	hashed := sha256.Sum256([]byte(base + `"@signature-params": ` + input))
	signed, err := rsa.SignPKCS1v15(rand.Reader, m.key, crypto.SHA256, hashed[:])
	if err != nil {
		t.Fatal(err)
	}
	value := ":" + base64.StdEncoding.EncodeToString(signed) + ":"
	label := "any"
	if m.label != "" {
		label = m.label
	}
	r.Header.Set("Signature-Input", "any="+input)
	r.Header.Set("Signature", label+"="+value)
	if m.more != "" {
		r.Header.Set("Signature-Input", "any="+input+", "+m.more+"="+input)
		r.Header.Set("Signature", "any="+value+", "+m.more+"="+value)
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	reason, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(reason)
}

// TestVerifyMessage is the list of attacks on signatures of RFC 9421; each refusal has
// its twin.
func TestVerifyMessage(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(verifying(eveKey().Public()))
	t.Cleanup(server.Close)
	at := func(d time.Duration) string { return strconv.FormatInt(noon.Add(d).Unix(), 10) }
	who := `;keyid="` + eveKeyID + `"`
	other := base64.StdEncoding.EncodeToString(make([]byte, 32))
	long := sha512.Sum512([]byte(`{"type":"Create"}`))
	for _, c := range []struct {
		name string
		m    messageByHand
		want string // why it is refused, "" when it is accepted
	}{
		{"twin: as Mastodon", messageByHand{}, ""},
		{"twin: as Fedify", messageByHand{covered: `"@method" "@target-uri" "@authority" "host" "date" "content-digest"`, params: `;alg="rsa-v1_5-sha256"` + who + ";created=" + at(0)}, ""},
		{"for another Host", messageByHand{covered: `"@method" "@target-uri" "host" "content-digest"`, values: map[string]string{"host": "other.example"}}, "not made"},
		{"twin: the target in parts", messageByHand{covered: `"@method" "@authority" "@path" "@query" "content-digest"`}, ""},
		{"twin: the target as requested", messageByHand{covered: `"@method" "@authority" "@request-target" "content-digest"`}, ""},
		{"twin: sha-512", messageByHand{header: http.Header{"Content-Digest": {"sha-512=:" + base64.StdEncoding.EncodeToString(long[:]) + ":"}}}, ""},
		{"without method", messageByHand{covered: `"@target-uri" "content-digest"`}, "@method"},
		{"without target", messageByHand{covered: `"@method" "content-digest"`}, "@target-uri"},
		{"without host", messageByHand{covered: `"@method" "@path" "@query" "content-digest"`}, "@target-uri"},
		{"without query", messageByHand{covered: `"@method" "@authority" "@path" "content-digest"`}, "@target-uri"},
		{"without digest", messageByHand{covered: `"@method" "@target-uri"`}, "content-digest"},
		{"the digest of another body", messageByHand{header: http.Header{"Content-Digest": {"sha-256=:" + other + ":"}}}, "digest is not"},
		{"for another path", messageByHand{values: map[string]string{"@target-uri": server.URL + "/other"}}, "not made"},
		{"for another host", messageByHand{values: map[string]string{"@target-uri": "http://other.example/inbox?x=1"}}, "not made"},
		{"for another method", messageByHand{values: map[string]string{"@method": "GET"}}, "not made"},
		{"two hours old", messageByHand{params: ";created=" + at(-2*time.Hour) + who}, "too far"},
		{"of in two hours", messageByHand{params: ";created=" + at(2*time.Hour) + who}, "too far"},
		{"twin: 59 minutes old", messageByHand{params: ";created=" + at(-59*time.Minute) + who}, ""},
		{"expired", messageByHand{params: ";created=" + at(0) + ";expires=" + at(-2*time.Hour) + who}, "expired"},
		{"twin: expires soon", messageByHand{params: ";created=" + at(0) + ";expires=" + at(time.Minute) + who}, ""},
		{"without created", messageByHand{params: who}, "when it was created"},
		{"created is a text", messageByHand{params: `;created="1"` + who}, "created of the signature"},
		{"without key", messageByHand{params: ";created=" + at(0)}, "not an address"},
		{"a key that is no address", messageByHand{params: ";created=" + at(0) + `;keyid="eve"`}, "not an address"},
		{"another algorithm", messageByHand{params: ";created=" + at(0) + who + `;alg="hmac-sha256"`}, "algorithm"},
		{"a parameter of a component", messageByHand{covered: `"@method" "@target-uri" "content-digest";req`}, "not understood"},
		{"an unknown component", messageByHand{covered: `"@method" "@target-uri" "content-digest" "@status"`}, "not understood"},
		{"a component twice", messageByHand{covered: `"@method" "@method" "@target-uri" "content-digest"`}, "twice"},
		{"a header that is not there", messageByHand{covered: `"@method" "@target-uri" "content-digest" "x-missing"`}, "0 times"},
		{"a header that is there twice", messageByHand{covered: `"@method" "@target-uri" "content-digest" "x-more"`, header: http.Header{"X-More": {"a", "b"}}}, "2 times"},
		{"two signatures", messageByHand{more: "second"}, "several"},
		{"a signature of another name", messageByHand{label: "other"}, "cannot be read"},
		{"of another key", messageByHand{key: mustKey()}, "not made"},
		{"too much covered", messageByHand{covered: `"@method" "@target-uri" "content-digest"` + strings.Repeat(` "x"`, 40)}, "too many"},
		{"far too long", messageByHand{params: ";created=" + at(0) + who + `;nonce="` + strings.Repeat("x", 9000) + `"`}, "too long"},
	} {
		status, reason := c.m.send(t, server)
		if c.want == "" && status != http.StatusAccepted || c.want != "" && (status != http.StatusUnauthorized || !strings.Contains(reason, c.want)) {
			t.Errorf("%s: %d %q, want %q", c.name, status, reason, c.want)
		}
	}
}

// TestSignMessage signs with each kind of key, with a body and without.
func TestSignMessage(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, signer := range []crypto.Signer{eveKey(), ed} {
		for _, body := range []string{"", `{"type":"Create"}`} {
			r := request4(t, "https://ours.example:8443/inbox?a=b", body)
			r.Host, r.Header = "ours.example:8443", http.Header{"Content-Type": {activityJSON}}
			digest := ""
			if body == "" {
				r.Method = http.MethodGet
			} else {
				digest = NewBody([]byte(body)).digest
			}
			for range 2 { // a second time as well
				if err := signMessage(r, digest, PrivateKey{ID: eveKeyID, Signer: signer}, noon); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := Verify(r, []byte(body), signer.Public(), noon); err != nil || got.KeyID != eveKeyID || !got.Created.Equal(noon) {
				t.Errorf("%T, body %q: %+v, %v", signer, body, got, err)
			}
			if id, err := KeyID(r); id != eveKeyID || err != nil {
				t.Errorf("its key: %q, %v", id, err)
			}
		}
	}
}

// TestFetchKnocks asks a peer that reads RFC 9421 alone, and remembers it.
func TestFetchKnocks(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	p.pages["/u/1"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature-Input") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, err := Verify(r, nil, eveKey().Public(), noon); err != nil {
			t.Errorf("its signature: %v", err)
		}
		w.Header().Set("Content-Type", activityJSON)
		_, _ = io.WriteString(w, "{}") // the asker sees what is missing
	}
	for i, want := range []int{2, 1, 1} {
		if _, err := c.Fetch(t.Context(), p.URL+"/u/1"); err != nil {
			t.Errorf("fetch %d: %v", i, err)
		}
		if n := len(p.requests()); n != want {
			t.Errorf("fetch %d: %d requests, want %d", i, n, want)
		}
	}
	p.says("/open", `{}`)
	if _, err := c.fetch(t.Context(), p.URL+"/open", request{accept: activityJSON, limit: maxDocument}); err != nil {
		t.Fatal(err)
	}
	p.requests()
	if _, err := c.Fetch(t.Context(), p.URL+"/u/1"); err != nil || len(p.requests()) != 1 {
		t.Errorf("what was asked unsigned made it forget: %v", err)
	}
}

// FuzzReadMessage sees that no pair of headers is read in two ways, nor ends the program.
func FuzzReadMessage(f *testing.F) {
	f.Add(`sig1=("@method" "@target-uri");created=1;keyid="https://a.example/k"`, `sig1=:YQ==:`)
	f.Add(`a=("date";sf "@query-param";name="x");created=1.5;alg=x, b=()`, `a=:YQ==:, b=1`)
	f.Fuzz(func(t *testing.T, input, value string) {
		s, err := readMessage(http.Header{signatureInput: {input}, "Signature": {value}})
		if err != nil {
			return
		}
		again, err := readMessage(http.Header{signatureInput: {"x=" + s.params}, "Signature": {"x=:" + base64.StdEncoding.EncodeToString(s.value) + ":"}})
		if err != nil || again.params != s.params || again.keyID != s.keyID || again.created != s.created {
			t.Errorf("%q is read as %+v, then as %+v, %v", input, s, again, err)
		}
	})
}
