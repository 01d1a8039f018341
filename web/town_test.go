package web

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/departures"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/history"
	"passerelles/jobs"
	"passerelles/media"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
	"passerelles/timelines"
)

const password = "correct horse battery"

// town is a server with Ana, who animates Makers, and Bob.
type town struct {
	*Handler
	t        testing.TB
	server   *httptest.Server
	router   *mux.Router
	clock    atomic.Int64
	ana, bob accounts.Member
	makers   communities.Community
	engine   *jobs.Engine // which does what it is told to
}

func newTown(t testing.TB) *town {
	t.Helper()
	return newTownAt(t, "127.0.0.1")
}

// newTownAt is one under a name, which passkeys need.
func newTownAt(t testing.TB, host string) *town {
	t.Helper()
	w := &town{t: t, router: mux.NewRouter().SkipClean(true).UseEncodedPath()}
	w.clock.Store(time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC).UnixNano())
	w.server = httptest.NewServer(headers(w.router))
	t.Cleanup(w.server.Close)
	w.server.URL = strings.Replace(w.server.URL, "127.0.0.1", host, 1)
	w.Handler = w.build(storagetest.New(t))
	w.Routes(w.router)
	w.settle()
	return w
}

// headers says of the pages what package server says, so that a browser judges alike.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "+
			"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

func (w *town) now() time.Time { return time.Unix(0, w.clock.Load()).UTC() }

func (w *town) pass(d time.Duration) { w.clock.Add(int64(d)) }

func (w *town) build(db *storage.DB) *Handler {
	w.t.Helper()
	iris := federation.IRIs{Origin: w.server.URL}
	client := federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test", Now: w.now, Roots: peers(w.t), AllowHTTP: true,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowPorts: everyPort()})
	directory := actors.New(actors.Options{DB: db, Client: client, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: w.now})
	mails, hosts := w.post(db), access.NewHosts(db, w.now)
	pictures := media.New(media.Options{DB: db, Client: client, Hosts: hosts, Now: w.now,
		Folder: w.t.TempDir(), Key: bytes.Repeat([]byte{9}, 32), Room: 1 << 30,
		Shelf: w.t.TempDir(), Files: media.Limits{Size: 1 << 20, Post: 4, Sum: 3 << 20, Member: 16 << 20}})
	pictures.Register(w.engine)
	groups := communities.NewService(communities.Options{DB: db, Directory: directory, IRIs: iris, Now: w.now, Notices: mails, Media: pictures})
	shared := posts.NewService(posts.Options{DB: db, Directory: directory, Communities: groups, Media: pictures, Notices: mails, Client: client, IRIs: iris, Now: w.now})
	var apps *oauth.Service
	people := accounts.NewService(accounts.Options{DB: db, Directory: directory, IRIs: iris, Now: w.now, Left: groups.LeaveElsewhere, Media: pictures,
		Mails: mails, Key: bytes.Repeat([]byte{3}, 32), Contact: "responsable@example.org",
		Ended: func(ctx context.Context, tx storage.Tx, who actors.ID) error { return apps.EndAll(ctx, tx, who) }})
	apps = oauth.NewService(oauth.Options{DB: db, Accounts: people, Now: w.now})
	leaving := departures.NewService(departures.Options{DB: db, Directory: directory, Accounts: people, Posts: shared, Communities: groups, Media: pictures, Notices: mails, IRIs: iris, Now: w.now})
	leaving.Register(w.engine)
	h, err := New(Options{
		Hosts: hosts, Moderation: moderation.NewService(moderation.Options{DB: db, Directory: directory, Hosts: hosts,
			Communities: groups, Posts: shared, Notices: mails, IRIs: iris, Now: w.now}),
		Media: pictures,
		DB:    db, Directory: directory, Communities: groups, Posts: shared, Timelines: timelines.NewService(db, shared),
		History:  history.NewService(history.Options{DB: db, Directory: directory, Client: client, Posts: shared, Communities: groups, IRIs: iris, Now: w.now}),
		Accounts: people, Apps: apps, Asked: NewAsked(), Departures: leaving,
		Mails: mails, Origin: w.server.URL, Name: "Passerelles", Language: "fr", Now: w.now,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// post catches the mails, once the engine is told to do what is due.
func (w *town) post(db *storage.DB) *notifications.Service {
	w.t.Helper()
	mails, err := notifications.NewService(notifications.Options{DB: db, Catch: true, Site: "Passerelles", Origin: w.server.URL, Key: bytes.Repeat([]byte{5}, 32), Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.engine, err = jobs.New(jobs.Options{DB: db, RedisURL: "redis://127.0.0.1:1", Now: w.now}); err != nil {
		w.t.Fatal(err)
	}
	mails.Register(w.engine)
	return mails
}

// peers trusts the servers of a test: httptest has one certificate for all.
func peers(t testing.TB) *x509.CertPool {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// everyPort is where the servers of a test may listen.
func everyPort() []uint16 {
	ports := make([]uint16, 0, 1<<16)
	for p := 1024; p < 1<<16; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

func (w *town) settle() {
	w.t.Helper()
	ctx := context.Background()
	if _, err := w.Directory.EnsureServer(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.ana, w.bob = w.member("ana", "Ana Tremblay"), w.member("bob", "Bob Roy")
	var err error
	w.makers, err = w.Communities.Create(ctx, communities.New{
		Name: "makers", Title: "Ateliers partagés", Source: "Pour qui fait vivre un *atelier*.", Animator: w.ana.ID})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) member(name, title string) accounts.Member {
	w.t.Helper()
	m := w.newcomer(name, title)
	if err := w.Accounts.NoteTold(context.Background(), m.ID); err != nil {
		w.t.Fatal(err)
	}
	return m
}

// newcomer has not been told yet where posts go.
func (w *town) newcomer(name, title string) accounts.Member {
	w.t.Helper()
	m, err := w.Accounts.Create(context.Background(), accounts.New{
		Name: name, Email: name + "@example.org", Password: password, Title: title})
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// says publishes without the site.
func (w *town) says(by accounts.Member, d posts.Draft) posts.Post {
	w.t.Helper()
	if d.InReplyTo == 0 && d.Community == 0 {
		d.Community = w.makers.Actor.ID
	}
	w.pass(time.Millisecond)
	p, err := w.Posts.Publish(context.Background(), by.ID, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// far is an actor of another server, which has told us of itself.
func (w *town) far(kind, name string) actors.Actor {
	w.t.Helper()
	iri := "https://far.example/" + name
	a, err := w.Directory.Learn(context.Background(), vocab.Actor{
		ID: iri, Type: kind, PreferredUsername: name, Name: "Far " + name, Inbox: iri + "/inbox", URL: iri,
		Raw: []byte(`{"id":"` + iri + `"}`),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// stored is a post as its author sees it.
func (w *town) stored(id int64) posts.Post {
	w.t.Helper()
	p, err := w.Posts.ByID(context.Background(), access.Reader{ID: w.ana.ID}, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// follows gives the state of a follow, "" for none.
func (w *town) follows(who accounts.Member, a actors.Actor) actors.State {
	f, err := w.Directory.FollowOf(context.Background(), w.DB, a.ID, who.ID)
	if err != nil {
		return ""
	}
	return f.State
}

// guest looks at the site with a browser that goes nowhere by itself.
type guest struct {
	w       *town
	client  *http.Client
	headers http.Header
}

func (w *town) visitor() *guest {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &guest{w: w, headers: http.Header{}, client: &http.Client{Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is somebody who has signed in.
func (w *town) as(m accounts.Member) *guest {
	w.t.Helper()
	v := w.visitor()
	a := v.post("/sign-in", url.Values{"login": {m.Name}, "password": {password}})
	if a.status != http.StatusSeeOther {
		w.t.Fatalf("sign in as %s: %d\n%s", m.Name, a.status, a.body)
	}
	v.get("/about") // reads the notice
	return v
}

// answer is what the site answered.
type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (v *guest) get(path string) answer { return v.send(http.MethodGet, path, nil) }

func (v *guest) post(path string, form url.Values) answer {
	return v.send(http.MethodPost, path, form)
}

func (v *guest) send(method, path string, form url.Values) answer {
	v.w.t.Helper()
	request, err := http.NewRequest(method, v.w.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.w.t.Fatal(err)
	}
	for name, values := range v.headers {
		request.Header[name] = values
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header, string(body)}
}

// shows fails unless the page has the status and each text.
func (a answer) shows(t testing.TB, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("status = %d, want %d\n%s", a.status, status, middle(a.body))
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page lacks %q:\n%s", text, middle(a.body))
		}
	}
	return a
}

func (a answer) lacks(t testing.TB, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("the page has %q", text)
		}
	}
	return a
}

func (a answer) leads(t testing.TB, to string) answer {
	t.Helper()
	if a.status != http.StatusSeeOther || a.location != to {
		t.Errorf("answer = %d to %q, want 303 to %q\n%s", a.status, a.location, to, middle(a.body))
	}
	return a
}

var content = regexp.MustCompile(`(?s)<main.*</main>`)

// middle is the middle of a page, for messages.
func middle(body string) string { return content.FindString(body) }
