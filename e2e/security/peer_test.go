package security

import (
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// object is a JSON document.
type object = map[string]any

// peer is another server, scripted by path. What it is sent, it remembers.
type peer struct {
	*httptest.Server
	t    testing.TB
	mu   sync.Mutex
	docs map[string]any // path → a document, a status, or a handler
	hits map[string]int
	all  int
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	p := &peer{t: t, docs: map[string]any{}, hits: map[string]int{}}
	listener, origin := listen(t)
	p.Server = httptest.NewUnstartedServer(p)
	p.Listener.Close()
	p.Listener = listener
	p.Config.ErrorLog = nil
	p.Start()
	p.URL = origin
	t.Cleanup(p.Close)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.all++
	p.hits[r.URL.Path]++
	doc, found := p.docs[r.URL.Path]
	p.mu.Unlock()
	switch d := doc.(type) {
	case http.HandlerFunc:
		d(w, r)
	case int:
		w.WriteHeader(d)
	default:
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", vocab.MediaType)
		_ = json.NewEncoder(w).Encode(doc) // who asked may have gone
	}
}

// shows scripts a path: a document, a status, or a handler.
func (p *peer) shows(path string, doc any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = doc
}

// redirects scripts a path that leads elsewhere.
func (p *peer) redirects(path, to string) {
	p.shows(path, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}))
}

// asked counts the requests to a path, or with "" to any.
func (p *peer) asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if path == "" {
		return p.all
	}
	return p.hits[path]
}

func (p *peer) host() string { return strings.TrimPrefix(p.URL, "https://") }

// keys are made once: they cost much and tests need many.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	list := make([]*rsa.PrivateKey, 6)
	for i := range list {
		list[i], _ = federation.NewRSAKey()
	}
	return list
})

var nextKey atomic.Uint32

// remote is somebody on a peer.
type remote struct {
	*peer
	IRI string
	key federation.PrivateKey
	doc object
}

func (p *peer) person(name string) *remote { return p.lives("Person", name) }

func (p *peer) lives(kind, name string) *remote {
	p.t.Helper()
	iri, private := p.URL+"/u/"+name, keys()[int(nextKey.Add(1))%len(keys())]
	r := &remote{peer: p, IRI: iri, key: federation.PrivateKey{ID: iri + "#main-key", Signer: private}}
	r.doc = object{
		"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       iri, "type": kind, "preferredUsername": name, "name": name,
		"inbox": iri + "/inbox", "outbox": iri + "/outbox", "followers": iri + "/followers",
		"endpoints": object{"sharedInbox": p.URL + "/inbox"},
		"publicKey": object{"id": iri + "#main-key", "owner": iri, "publicKeyPem": pemOf(p.t, private)},
	}
	if kind == "Group" {
		r.doc["featured"], r.doc["attributedTo"] = iri+"/featured", iri+"/moderators"
	}
	p.shows("/u/"+name, r.doc)
	p.shows("/inbox", http.StatusAccepted)
	p.shows("/u/"+name+"/inbox", http.StatusAccepted)
	return r
}

func pemOf(t testing.TB, key *rsa.PrivateKey) string {
	t.Helper()
	text, err := federation.PublicPEM(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var ids atomic.Int64

// does makes an activity of an actor.
func (r *remote) does(kind string, what any) object {
	return object{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.URL + "/activities/" + strconv.FormatInt(ids.Add(1), 10),
		"type":     kind, "actor": r.IRI, "object": what, "to": []string{vocab.Public},
	}
}

// note makes a public note and shows it.
func (r *remote) note(text string, more object) object {
	path := "/notes/" + strconv.FormatInt(ids.Add(1), 10)
	n := object{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.URL + path, "type": "Note", "attributedTo": r.IRI, "content": "<p>" + text + "</p>",
		"to": []string{vocab.Public}, "cc": []string{r.IRI + "/followers"}, "published": "2026-03-14T12:00:00Z",
	}
	for k, v := range more {
		n[k] = v
	}
	r.shows(path, n)
	return n
}

// writes makes a Create of a note in a community.
func (r *remote) writes(w *town, text string) object {
	return r.does("Create", r.note(text, object{"audience": w.makersIRI()}))
}

// says sends an activity, signed by our own code, and gives the status.
func (r *remote) says(w *town, activity any) int {
	r.t.Helper()
	return w.request(letter{who: r, town: w, body: bytesOf(activity)}.request()).StatusCode
}

// insists sends an activity until it is taken: who sends much may be asked to come again.
func (r *remote) insists(w *town, activity object) {
	r.t.Helper()
	got := r.says(w, activity)
	for ; got == http.StatusServiceUnavailable; got = r.says(w, activity) {
		time.Sleep(50 * time.Millisecond)
	}
	if got != http.StatusAccepted {
		r.t.Fatalf("%v by %s: %d, want 202", activity["type"], r.IRI, got)
	}
}

// tells sends an activity that must be taken, and gives what became of it.
func (r *remote) tells(w *town, activity object) string {
	r.t.Helper()
	if got := r.says(w, activity); got != http.StatusAccepted {
		r.t.Fatalf("%v by %s: %d, want 202", activity["type"], r.IRI, got)
	}
	return w.outcome(activity["id"].(string))
}

// follows makes Ana follow somebody who accepts.
func (w *town) follows(r *remote) {
	w.t.Helper()
	them, err := w.Directory.Resolve(w.ctx(), r.IRI)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Accounts.Follow(w.ctx(), w.ana.ID, them); err != nil {
		w.t.Fatal(err)
	}
	accept := r.does("Accept", object{"type": "Follow", "actor": w.anaIRI(), "object": r.IRI})
	if got := r.tells(w, accept); got != "applied" {
		w.t.Fatalf("the Accept is %s", got)
	}
}

func bytesOf(v any) []byte {
	if body, ok := v.([]byte); ok {
		return body
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return body
}

// with sets one property.
func with(o object, key string, value any) object { o[key] = value; return o }

func idOf(o object) string { return o["id"].(string) }

// dateOf writes a time as Date does.
func dateOf(at time.Time) string { return at.UTC().Format(http.TimeFormat) }
