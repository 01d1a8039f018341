package posts_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// fetching is a town's posts with a way out to one server, which lays out documents.
func fetching(t *testing.T, tw *town, documents map[string]string) (*posts.Service, *httptest.Server) {
	t.Helper()
	peer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := documents[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", vocab.MediaType)
		fmt.Fprint(w, strings.ReplaceAll(body, "PEER", "https://"+r.Host))
	}))
	t.Cleanup(peer.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(peer.URL, "https://"), ":")
	n, err := strconv.ParseUint(port, 10, 16)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(peer.Certificate())
	client := federation.NewClient(federation.Options{Origin: origin, UserAgent: "test", Roots: roots,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowPorts: []uint16{uint16(n)},
		SignAs: func(ctx context.Context) (federation.PrivateKey, error) {
			a, err := tw.dir.Application(ctx)
			if err != nil {
				return federation.PrivateKey{}, err
			}
			return tw.dir.Key(ctx, a.ID)
		}})
	return posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: tw.communities, Client: client,
		IRIs: federation.IRIs{Origin: origin}, Now: tw.clock.Now}), peer
}

func laid(name, parent string) string {
	doc := `{"@context":"https://www.w3.org/ns/activitystreams","id":"PEER/` + name + `","type":"Note",
		"attributedTo":"PEER/una","content":"<p>` + name + `</p>","to":["https://www.w3.org/ns/activitystreams#Public"],
		"published":"2026-11-22T10:00:00Z"`
	if parent != "" {
		doc += `,"inReplyTo":"` + parent + `"`
	}
	return doc + "}"
}

func TestFetch(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	documents := map[string]string{
		"/1":    laid("1", ""),
		"/2":    laid("2", "PEER/1"),
		"/3":    laid("3", "PEER/2"),
		"/lost": laid("lost", "PEER/missing"),
		"/fake": strings.Replace(laid("fake", ""), "PEER/una", "https://lemmy.example/zoe", 1),
	}
	for i := range 30 { // a thread deeper than we climb
		documents[fmt.Sprintf("/deep%d", i)] = laid(fmt.Sprintf("deep%d", i), fmt.Sprintf("PEER/deep%d", i+1))
	}
	service, peer := fetching(t, tw, documents)
	tw.remote(t, "una", strings.TrimPrefix(peer.URL, "https://"), actors.Person, actors.Unknown)

	p, err := service.Fetch(t.Context(), peer.URL+"/3")
	check(t, err)
	thread, err := service.Thread(t.Context(), access.Reader{}, p.Root)
	check(t, err)
	if len(thread) != 3 || p.Author.Name != "una" || storageDay(p) != 22 {
		t.Errorf("thread of %d posts, post = %+v", len(thread), p)
	}
	peer.CloseClientConnections()
	again, err := service.Fetch(t.Context(), peer.URL+"/3")
	check(t, err)
	if again.ID != p.ID {
		t.Errorf("fetched again as %d, was %d", again.ID, p.ID)
	}

	lost, err := service.Fetch(t.Context(), peer.URL+"/lost")
	check(t, err)
	if lost.ParentID != 0 || lost.ParentIRI != peer.URL+"/missing" {
		t.Errorf("a reply to what cannot be had = %+v", lost)
	}
	if _, err := service.Fetch(t.Context(), peer.URL+"/missing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
	if _, err := service.Fetch(t.Context(), peer.URL+"/fake"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("what says to be by somebody of another server: %v", err)
	}
	deep, err := service.Fetch(t.Context(), peer.URL+"/deep0")
	check(t, err)
	thread, err = service.Thread(t.Context(), access.Reader{}, deep.Root)
	check(t, err)
	if len(thread) != 21 {
		t.Errorf("climbed to %d posts, want it and 20 ancestors", len(thread))
	}
}

func storageDay(p posts.Post) int { return time.UnixMilli(p.ID >> 21).UTC().Day() }
