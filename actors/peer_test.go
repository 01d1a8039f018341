package actors_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"passerelles/federation"
)

// peer is another server, which answers what a test lays out.
type peer struct {
	*httptest.Server
	mu       sync.Mutex
	answers  map[string]answer // by path, with the query where there is one
	hits     map[string]int
	unsigned []string // paths that came without a signature
}

type answer struct {
	status  int
	kind    string
	body    string
	started chan<- struct{} // told that the question came
	hold    <-chan struct{} // answers when this closes
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{answers: map[string]answer{}, hits: map[string]int{}}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	a, ok := p.answers[r.URL.RequestURI()]
	p.hits[r.URL.RequestURI()]++
	if r.Header.Get("Signature") == "" && !strings.HasPrefix(r.URL.Path, "/.well-known") {
		p.unsigned = append(p.unsigned, r.URL.Path)
	}
	p.mu.Unlock()
	if a.started != nil {
		a.started <- struct{}{}
	}
	if a.hold != nil {
		select {
		case <-a.hold:
		case <-r.Context().Done():
		}
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.WriteHeader(a.status)
	fmt.Fprint(w, a.body)
}

func (p *peer) host() string { return strings.TrimPrefix(p.URL, "https://") }

func (p *peer) port() uint16 {
	_, text, _ := strings.Cut(p.host(), ":")
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		panic(err) // httptest always listens on a port
	}
	return uint16(port)
}

func (p *peer) set(path string, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = a
}

func (p *peer) asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// lay puts a document at a path.
func (p *peer) lay(path string, doc map[string]any) {
	p.set(path, answer{status: 200, kind: "application/activity+json", body: encode(doc)})
}

func (p *peer) status(path string, status int) { p.set(path, answer{status: status}) }

func encode(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of texts always encode
	}
	return string(body)
}

// actor lays an actor and its handle; changes overrule what it says.
func (p *peer) actor(kind, name string, changes ...map[string]any) string {
	iri := p.URL + "/users/" + name
	doc := map[string]any{
		"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       iri, "type": kind, "preferredUsername": name, "name": "The " + name,
		"inbox": iri + "/inbox", "outbox": iri + "/outbox", "followers": iri + "/followers",
		"endpoints": map[string]any{"sharedInbox": p.URL + "/inbox"},
		"publicKey": map[string]any{"id": iri + "#main-key", "owner": iri, "publicKeyPem": publicPEM(0)},
	}
	for _, c := range changes {
		maps.Copy(doc, c)
	}
	p.lay("/users/"+name, doc)
	p.finger(name+"@"+p.host(), iri, "")
	return iri
}

// finger lays the WebFinger answer for a handle; subject "" is the handle itself.
func (p *peer) finger(handle, iri, subject string) {
	if subject == "" {
		subject = handle
	}
	p.set("/.well-known/webfinger?resource="+url.QueryEscape("acct:"+handle), answer{
		status: 200, kind: "application/jrd+json",
		body: encode(map[string]any{"subject": "acct:" + subject, "links": []any{
			map[string]any{"rel": "self", "type": "application/activity+json", "href": iri},
		}}),
	})
}

// software lays the NodeInfo documents.
func (p *peer) software(name string) {
	p.set("/.well-known/nodeinfo", answer{status: 200, kind: "application/json", body: encode(map[string]any{
		"links": []any{map[string]any{
			"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": p.URL + "/nodeinfo/2.0",
		}},
	})})
	p.set("/nodeinfo/2.0", answer{status: 200, kind: "application/json", body: encode(map[string]any{
		"software": map[string]any{"name": name, "version": "4.5.6"},
	})})
}

// theirKeys are made once: making one costs more than most tests.
var theirKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		key, err := federation.NewRSAKey()
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func publicPEM(i int) string {
	text, err := federation.PublicPEM(&theirKeys()[i].PublicKey)
	if err != nil {
		panic(err)
	}
	return text
}

func roots(peers []*peer) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, p := range peers {
		pool.AddCert(p.Certificate())
	}
	return pool
}
