package documents

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// town is a server of ours: Ana, Makers whom she animates, a post and a reply of hers.
type town struct {
	*Handler
	t           testing.TB
	db          *storage.DB
	server      *httptest.Server
	accounts    *accounts.Service
	ana         accounts.Member
	makers      communities.Community
	post, reply posts.Post
	at          time.Time
}

func (w *town) now() time.Time { return w.at }

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{t: t, db: storagetest.New(t), at: time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)}
	router := mux.NewRouter().SkipClean(true).UseEncodedPath()
	w.server = httptest.NewServer(router)
	t.Cleanup(w.server.Close)
	iris := federation.IRIs{Origin: w.server.URL}
	client := federation.NewClient(federation.Options{
		Origin: iris.Origin, AllowHTTP: true, AllowPorts: everyPort(), Now: w.now,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	directory := actors.New(actors.Options{DB: w.db, Client: client, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: w.now})
	groups := communities.NewService(communities.Options{DB: w.db, Directory: directory, IRIs: iris, Now: w.now})
	w.accounts = accounts.NewService(accounts.Options{DB: w.db, Directory: directory, IRIs: iris, Now: w.now})
	w.Handler = New(Options{
		DB: w.db, Directory: directory, Hosts: access.NewHosts(w.db, w.now), Communities: groups,
		Posts: posts.NewService(posts.Options{DB: w.db, Directory: directory, Communities: groups, Client: client, IRIs: iris, Now: w.now}),
		IRIs:  iris, Name: "Town", Version: "1.2.3", Now: w.now,
	})
	w.Routes(router)
	router.HandleFunc("/posts/{id:[0-9]+}", page)
	router.HandleFunc("/c/{name}", page)
	router.HandleFunc("/@{name}", page)
	router.HandleFunc("/", page)
	w.settle()
	return w
}

func page(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") }

func everyPort() (ports []uint16) {
	for p := 1024; p < 1<<16; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

func (w *town) settle() {
	w.t.Helper()
	ctx := context.Background()
	check := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	_, err := w.Directory.EnsureServer(ctx)
	check(err)
	w.ana, err = w.accounts.Create(ctx, accounts.New{Name: "ana", Email: "ana@example.org", Password: "correct horse battery", Title: "Ana"})
	check(err)
	w.makers, err = w.Communities.Create(ctx, communities.New{Name: "makers", Title: "Makers", Animator: w.ana.ID})
	check(err)
	w.post, err = w.Posts.Publish(ctx, w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "Glue", Text: "Which glue?"})
	check(err)
	w.at = w.at.Add(time.Second)
	w.reply, err = w.Posts.Publish(ctx, w.ana.ID, posts.Draft{InReplyTo: w.post.ID, Text: "This one."})
	check(err)
}

// got is an answer that was read.
type got struct {
	*http.Response
	body []byte
}

func (g got) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(g.body, &m); err != nil {
		t.Fatalf("%s: %v in %q", g.Request.URL, err, g.body)
	}
	return m
}

func (w *town) ask(method, path, accept string, change ...func(*http.Request)) got {
	w.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = w.server.URL + path
	}
	r, err := http.NewRequest(method, path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	for _, c := range change {
		c(r)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return got{res, body}
}

func (w *town) get(path string) got { w.t.Helper(); return w.ask("GET", path, vocab.MediaType) }

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	group, person := w.makers.Actor.IRI, w.IRIs.Actor(int64(w.ana.ID))
	for _, tc := range []struct{ path, typ string }{
		{group, "Group"}, {person, "Person"}, {"/actor", "Application"}, {"/", "Application"},
		{"/@ana", "Person"}, {"/c/makers", "Group"}, {"/c/Makers", "Group"},
		{w.post.IRI, "Note"}, {w.reply.IRI, "Note"},
		{group + "/outbox", "OrderedCollection"}, {group + "/outbox?page=true", "OrderedCollectionPage"},
		{person + "/outbox", "OrderedCollection"}, {group + "/followers", "Collection"}, {person + "/following", "Collection"},
		{group + "/moderators", "OrderedCollection"}, {group + "/featured", "OrderedCollection"},
		{w.post.IRI + "/context", "OrderedCollection"}, {w.post.IRI + "/replies", "Collection"}, {w.post.IRI + "/likes", "Collection"},
		{"/actor/outbox", "OrderedCollection"},
	} {
		g := w.get(tc.path)
		if g.StatusCode != 200 || !strings.HasPrefix(g.Header.Get("Content-Type"), vocab.MediaType) || g.Header.Get("Vary") != "Accept" {
			t.Errorf("%s: %d %s Vary %q: %s", tc.path, g.StatusCode, g.Header.Get("Content-Type"), g.Header.Get("Vary"), g.body)
			continue
		}
		d := g.json(t)
		if d["type"] != tc.typ {
			t.Errorf("%s: type = %v, want %s", tc.path, d["type"], tc.typ)
		}
		if strings.HasPrefix(tc.path, "http") && d["id"] != tc.path {
			t.Errorf("%s: id = %v", tc.path, d["id"])
		}
		if etag := g.Header.Get("Etag"); etag == "" {
			t.Errorf("%s has no Etag", tc.path)
		} else if again := w.ask("GET", tc.path, vocab.MediaType, func(r *http.Request) { r.Header.Set("If-None-Match", etag) }); again.StatusCode != 304 || len(again.body) != 0 {
			t.Errorf("%s again: %d with %d bytes, want 304 with none", tc.path, again.StatusCode, len(again.body))
		}
		if head := w.ask("HEAD", tc.path, vocab.MediaType); head.StatusCode != 200 || head.ContentLength != int64(len(g.body)) {
			t.Errorf("HEAD %s: %d with length %d, want 200 with %d", tc.path, head.StatusCode, head.ContentLength, len(g.body))
		}
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	group := w.makers.Actor.IRI
	outbox := w.get(group + "/outbox").json(t)
	if items, _ := outbox["orderedItems"].([]any); len(items) == 0 || outbox["totalItems"].(float64) < 1 {
		t.Errorf("outbox = %v", outbox)
	}
	if items := w.get(group + "/moderators").json(t)["orderedItems"]; !contains(items, w.IRIs.Actor(int64(w.ana.ID))) {
		t.Errorf("moderators = %v", items)
	}
	if items := w.get(w.post.IRI + "/context").json(t)["orderedItems"]; !contains(items, w.post.IRI) || !contains(items, w.reply.IRI) {
		t.Errorf("context = %v", items)
	}
	if items := w.get(w.post.IRI + "/replies").json(t)["items"]; !contains(items, w.reply.IRI) {
		t.Errorf("replies = %v", items)
	}
	for i := range 45 {
		w.at = w.at.Add(time.Second)
		if _, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "n" + strconv.Itoa(i), Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	seen, next := map[string]bool{}, group+"/outbox?page=true"
	for next != "" {
		p := w.get(next).json(t)
		for _, item := range p["orderedItems"].([]any) {
			id := item.(map[string]any)["id"].(string)
			if seen[id] {
				t.Fatalf("%s stands on two pages", id)
			}
			seen[id] = true
			if a := w.get(id); a.StatusCode != 200 || a.json(t)["id"] != id {
				t.Fatalf("activity %s: %d", id, a.StatusCode)
			}
		}
		next, _ = p["next"].(string)
	}
	if total := int(w.get(group + "/outbox").json(t)["totalItems"].(float64)); len(seen) != total || total < 46 {
		t.Errorf("pages hold %d, totalItems %d", len(seen), total)
	}
}

func contains(list any, want string) bool {
	items, _ := list.([]any)
	for _, item := range items {
		if item == want {
			return true
		}
	}
	return false
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	person := w.IRIs.Actor(int64(w.ana.ID))
	for _, tc := range []struct {
		method, path, accept string
		want                 int
	}{
		{"GET", "/.well-known/webfinger", "", 400},
		{"GET", "/.well-known/webfinger?resource=acct:ana", "", 400},
		{"GET", "/.well-known/webfinger?resource=mailto:ana", "", 400},
		{"GET", "/.well-known/webfinger?resource=acct:ana@elsewhere.example", "", 404},
		{"GET", "/.well-known/webfinger?resource=acct:nobody@" + w.IRIs.Host(), "", 404},
		{"GET", "/.well-known/webfinger?resource=acct:ana@" + w.IRIs.Host(), "", 200},
		{"GET", "/.well-known/webfinger?resource=acct:ANA@" + strings.ToUpper(w.IRIs.Host()), "", 200},
		{"GET", "/.well-known/webfinger?resource=" + person, "", 200},
		{"GET", "/.well-known/webfinger?resource=" + w.server.URL + "/@ana", "", 200},
		{"GET", "/.well-known/webfinger?resource=" + w.server.URL + "/c/makers", "", 200},
		{"GET", "/.well-known/webfinger?resource=" + w.server.URL + "/@makers", "", 404},
		{"POST", "/.well-known/webfinger?resource=acct:ana@" + w.IRIs.Host(), "", 405},
		{"GET", "/.well-known/host-meta", "", 200},
		{"GET", "/.well-known/host-meta.json", "", 200},
		{"GET", "/.well-known/nodeinfo", "", 200},
		{"GET", "/nodeinfo/2.0", "", 200},
		{"GET", "/nodeinfo/2.1", "", 200},
		{"GET", "/nodeinfo/2.2", "", 404},
		{"GET", "/actors/1", vocab.MediaType, 404},
		{"GET", "/actors/99999999999999999999", vocab.MediaType, 404},
		{"GET", "/posts/1", vocab.MediaType, 404},
		{"GET", "/posts/1/context", vocab.MediaType, 404},
		{"GET", "/activities/nothing", vocab.MediaType, 404},
		{"GET", "/@makers", vocab.MediaType, 404},
		{"GET", "/c/ana", vocab.MediaType, 404},
		{"DELETE", "/actor", vocab.MediaType, 405},
		{"GET", person, "image/png", 406},
		{"GET", w.post.IRI, "image/png", 406},
		{"GET", person + "/outbox", "image/png", 406},
		{"GET", person, "*/*", 200},
		{"GET", person, "", 200},
		{"GET", person, "text/html,*/*;q=0.8", 303},
		{"GET", person + "/outbox?before=x", vocab.MediaType, 400},
		{"GET", person + "/moderators", vocab.MediaType, 404},
	} {
		if g := w.ask(tc.method, tc.path, tc.accept); g.StatusCode != tc.want {
			t.Errorf("%s %s as %q: %d %q, want %d", tc.method, tc.path, tc.accept, g.StatusCode, g.body, tc.want)
		}
	}
	for _, accept := range []string{"", "*/*", "text/html"} {
		if g := w.ask("GET", w.post.IRI, accept); string(g.body) != "a page" {
			t.Errorf("post as %q: %q, want a page", accept, g.body)
		}
	}
}

func TestWebfinger(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	g := w.ask("GET", "/.well-known/webfinger?resource=acct:makers@"+w.IRIs.Host(), "")
	if g.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(g.Header.Get("Content-Type"), "application/jrd+json") {
		t.Errorf("headers = %v", g.Header)
	}
	var j jrd
	if err := json.Unmarshal(g.body, &j); err != nil {
		t.Fatal(err)
	}
	if j.Subject != "acct:makers@"+w.IRIs.Host() {
		t.Errorf("subject = %s", j.Subject)
	}
	for _, l := range j.Links {
		if l.Rel == "self" && (l.Type != vocab.MediaType || l.Href != w.makers.Actor.IRI) {
			t.Errorf("self = %+v", l)
		}
	}
}

func TestNodeinfo(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.ask("GET", "/nodeinfo/2.1", "").json(t)
	usage := d["usage"].(map[string]any)
	if n, isNumber := usage["users"].(map[string]any)["total"].(float64); !isNumber || n != 1 {
		t.Errorf("users = %v", usage["users"])
	}
	if usage["localPosts"] != 1.0 || usage["localComments"] != 1.0 {
		t.Errorf("usage = %v, want a post and a comment", usage)
	}
	if name := d["software"].(map[string]any)["name"]; name != "passerelles" {
		t.Errorf("software = %v", name)
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if g := w.get(w.reply.IRI); g.StatusCode != 200 {
		t.Fatalf("before: %d", g.StatusCode)
	}
	if err := w.Posts.Delete(t.Context(), w.ana.ID, w.reply.ID); err != nil {
		t.Fatal(err)
	}
	outbox := w.get(w.reply.Author.Outbox + "?page=true")
	if strings.Contains(string(outbox.body), w.reply.IRI) {
		t.Errorf("the outbox still shows a deleted post: %s", outbox.body)
	}
	g := w.get(w.reply.IRI)
	if g.StatusCode != 410 || g.json(t)["type"] != "Tombstone" {
		t.Errorf("a deleted post: %d %s, want 410 and a Tombstone", g.StatusCode, g.body)
	}
	err := w.db.Write(t.Context(), func(tx storage.Tx) error { return w.Directory.MarkGone(t.Context(), tx, w.ana.ID) })
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{w.IRIs.Actor(int64(w.ana.ID)), "/.well-known/webfinger?resource=acct:ana@" + w.IRIs.Host()} {
		if g := w.get(path); g.StatusCode != 410 {
			t.Errorf("%s of who is gone: %d, want 410", path, g.StatusCode)
		}
	}
}

func TestEditShowsAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.get(w.post.IRI) // now it is kept
	w.at = w.at.Add(time.Second)
	if _, err := w.Posts.Edit(t.Context(), w.ana.ID, w.post.ID, posts.Draft{Title: "Glue", Text: "Which tape?"}); err != nil {
		t.Fatal(err)
	}
	if g := w.get(w.post.IRI); !bytes.Contains(g.body, []byte("tape")) {
		t.Errorf("after the edit: %s", g.body)
	}
}

// TestSigned asks with signatures of a server whose key we fetch.
func TestSigned(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	private, err := federation.NewRSAKey()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := federation.PublicPEM(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	var there *httptest.Server
	there = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", vocab.MediaType)
		_ = json.NewEncoder(rw).Encode(map[string]any{
			"@context": "https://www.w3.org/ns/activitystreams", "id": there.URL + "/actor", "type": "Application",
			"preferredUsername": "there", "inbox": there.URL + "/inbox",
			"publicKey": map[string]any{"id": there.URL + "/actor#main-key", "owner": there.URL + "/actor", "publicKeyPem": pem},
		})
	}))
	t.Cleanup(there.Close)
	sign := func(r *http.Request) {
		if err := federation.Sign(r, nil, federation.PrivateKey{ID: there.URL + "/actor#main-key", Signer: private}, w.at); err != nil {
			t.Fatal(err)
		}
	}
	spoil := func(r *http.Request) {
		sign(r)
		r.Header.Set("Date", w.at.Add(time.Minute).UTC().Format(http.TimeFormat))
	}
	for _, path := range []string{w.post.IRI, w.makers.Actor.IRI, w.makers.Actor.IRI + "/outbox", w.post.IRI + "/context"} {
		if g := w.ask("GET", path, vocab.MediaType, sign); g.StatusCode != 200 {
			t.Errorf("%s signed: %d %s, want 200", path, g.StatusCode, g.body)
		}
		if g := w.ask("GET", path, vocab.MediaType, spoil); g.StatusCode != 401 {
			t.Errorf("%s signed badly: %d, want 401", path, g.StatusCode)
		}
	}
	if g := w.ask("GET", "/actor", vocab.MediaType, spoil); g.StatusCode != 200 {
		t.Errorf("the server's own actor, signed badly: %d, want 200", g.StatusCode)
	}
	if err := w.Hosts.Suspend(t.Context(), federation.Host(there.URL), "spam"); err != nil {
		t.Fatal(err)
	}
	if g := w.ask("GET", w.post.IRI, vocab.MediaType, sign); g.StatusCode != 403 {
		t.Errorf("suspended: %d, want 403", g.StatusCode)
	}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":                          false,
		"*/*":                       false,
		"text/html":                 false,
		"application/activity+json": true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: true,
		`application/ld+json`: true,
		`application/ld+json; profile="https://example.org/else"`: false,
		"application/json": true,
		"application/activity+json, application/ld+json":                                                  true,
		"application/activity+json, text/html":                                                            true,
		"text/html, application/activity+json":                                                            false,
		"text/html;q=0.1, application/activity+json":                                                      true,
		"application/activity+json;q=0.5, text/html":                                                      false,
		"application/activity+json;q=0":                                                                   false,
		"application/activity+json, */*;q=0.1":                                                            true,
		"application/activity+json;q=0.1, */*":                                                            false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8":                      false,
		`application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: true,
		"application/*":    true,
		"image/png":        false,
		"nonsense;;;q=,,,": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/posts/1", nil)
		r.Header.Set("Accept", accept)
		if got := Wanted(r); got != want {
			t.Errorf("%q: %t, want %t", accept, got, want)
		}
	}
}

// BenchmarkDocuments asks for a community and a post, unsigned, over kept connections.
func BenchmarkDocuments(b *testing.B) {
	w := newTown(b)
	for name, iri := range map[string]string{"group": w.makers.Actor.IRI, "post": w.post.IRI} {
		b.Run(name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, _ := http.NewRequest(http.MethodGet, iri, nil)
					r.Header.Set("Accept", vocab.MediaType)
					res, err := client.Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
					if res.StatusCode != http.StatusOK {
						b.Errorf("status %d", res.StatusCode)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}
