package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"passerelles/e2e/programs"
)

// stage is where each library that we did not write does whatever it can do: two members of its own,
// a community of theirs, somebody elsewhere, and a push service.
type stage struct {
	home, away *town
	remote     string // somebody elsewhere, as one writes them
	post       string // the address of a post of theirs
	far        string // a community there
	courier    string // the address of the push service
}

// TestLibraries has libraries do all that they can, with two members at a time: what one does, the other sees.
func TestLibraries(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	home.community("makers", "ana")
	for _, name := range []string{"gala", "gus", "mona", "max", "meg", "mel", "pia", "pol", "tom", "tess"} {
		home.member(name)
		home.do("community", "join", "makers", "--as", name)
	}
	away.community("atelier", "bob")
	s := &stage{home: home, away: away, remote: "@bob@" + away.host, far: "@atelier@" + away.host, courier: courier(t)}
	s.post = away.do("post", "new", "--as", "bob", "--text", "Une gouge, de loin.").text("id")

	t.Run("go-mastodon", s.goMastodon)
	t.Run("toot", s.toot)
	t.Run("masto.js", func(t *testing.T) { s.plays(t, s.node(t), "acts.mjs", "mona", "max") })
	t.Run("megalodon", func(t *testing.T) { s.plays(t, s.node(t), "megalodon.mjs", "meg", "mel") })
	t.Run("Mastodon.py", func(t *testing.T) {
		s.plays(t, []string{programs.Python(t, "mastodon", "python3-mastodon"), filepath.Join("apps", "python")}, "acts.py", "pia", "pol")
	})
}

// node is its path, and the folder of the programs that it runs.
func (s *stage) node(t *testing.T) []string {
	t.Helper()
	dir := npm(t, "masto", filepath.Join("apps", "masto"), "member.mjs", "sign-in.mjs", "acts.mjs", "posts.mjs", "people.mjs", "told.mjs", "megalodon.mjs")
	return []string{node(dir), dir}
}

// plays runs a program that signs two members in and compares by itself what it gets. Where it says {"due": id}, the
// time of that post for later has come.
func (s *stage) plays(t *testing.T, by []string, script, first, second string) {
	t.Helper()
	a := s.home.app(t, by[0], filepath.Join(by[1], script), s.home.origin, s.remote, s.post, s.far, s.courier)
	a.agree(first, second)
	for a.out.Scan() {
		line := struct{ Due string }{}
		if err := json.Unmarshal(a.out.Bytes(), &line); err != nil || line.Due == "" {
			t.Errorf("%s says %s", script, a.out.Text())
			continue
		}
		s.comes(t, line.Due)
	}
	if err := a.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, a.errs)
	}
}

// comes lets the time of a post for later come: nobody waits five minutes here.
func (s *stage) comes(t *testing.T, scheduled string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), s.home.database)
	must(t, err)
	defer db.Close(context.Background())
	for _, change := range []string{
		`UPDATE scheduled_posts SET at = now() - interval '1 second' WHERE id = $1::text::bigint`,
		`UPDATE jobs SET due_at = now() - interval '1 second' WHERE kind = 'scheduled' AND key = $1`,
	} {
		done, err := db.Exec(t.Context(), change, scheduled)
		must(t, err)
		if done.RowsAffected() != 1 {
			t.Errorf("%s: %s", change, done)
		}
	}
}

// courier is a push service: what is posted to /push/NAME waits until somebody gets it there.
func courier(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	certificate, key, _ := certify(t, t.TempDir())
	pair, err := tls.LoadX509KeyPair(certificate, key)
	must(t, err)
	type parcel struct {
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	var queues queuesOf[parcel]
	mux := http.NewServeMux()
	mux.HandleFunc("POST /push/{name}", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = io.Copy(&body, r.Body) // what lacks is not opened
		p := parcel{map[string]string{}, base64.StdEncoding.EncodeToString(body.Bytes())}
		for name := range r.Header {
			p.Headers[http.CanonicalHeaderKey(name)] = r.Header.Get(name)
		}
		queues.of(r.PathValue("name")) <- p
		w.WriteHeader(http.StatusCreated)
	})
	mux.HandleFunc("GET /push/{name}", func(w http.ResponseWriter, r *http.Request) {
		select {
		case p := <-queues.of(r.PathValue("name")):
			_ = json.NewEncoder(w).Encode(p) // who asked sees that it lacks
		case <-r.Context().Done():
		}
	})
	l, err := tls.Listen("tcp", "localhost:"+port, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	must(t, err)
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }() // ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return "https://localhost:" + port + "/push/"
}
