package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// peer is a server in the manner of some software: what it shows and sends is in the
// files of peers/<software>, where {words} in braces are filled in. It signs with keys of its own and
// believes only what a town has signed.
type peer struct {
	t        *testing.T
	software string
	host     string
	origin   string
	words    map[string]string
	keys     map[string]federation.PrivateKey // by actor
	began    time.Time
	sent     int

	mu       sync.Mutex
	shown    map[string][]byte // by path
	names    map[string]string // of actors, by name
	received []string
}

func newPeer(t *testing.T, software string, s *town) *peer {
	t.Helper()
	p := &peer{t: t, software: software, host: "localhost:" + freePort(t), keys: map[string]federation.PrivateKey{},
		shown: map[string][]byte{}, names: map[string]string{}}
	p.origin = "https://" + p.host
	now := time.Now().UTC()
	p.began = now
	p.words = map[string]string{"peer": p.origin, "town": s.origin, "host": s.host, "time": now.Add(-time.Minute).Format(time.RFC3339),
		"later": now.Add(-time.Second).Format(time.RFC3339)}
	certificate, key, _ := certify(t, t.TempDir())
	server := &http.Server{Addr: p.host, Handler: p, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.ListenAndServeTLS(certificate, key) // always ends with an error: it was closed
	}()
	t.Cleanup(func() {
		_ = server.Close() // nothing is lost that a test still wants
		<-ended
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what became of what came:\n%s", outcomes(s))
		}
	})
	await(t, software+" answers", func() bool {
		response, err := client().Get(p.origin + "/.well-known/nodeinfo")
		return err == nil && response.Body.Close() == nil
	})
	return p
}

// outcomes tells what a town did with what it was sent.
func outcomes(s *town) string {
	db, err := pgx.Connect(context.Background(), s.database)
	if err != nil {
		return err.Error()
	}
	defer db.Close(context.Background())
	rows, _ := db.Query(context.Background(), `
		SELECT type || ' ' || iri || ': ' || outcome || ' ' || reason
		FROM received
		ORDER BY id`) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return fmt.Sprint(strings.Join(all, "\n"), err)
}

// knows gives the address that a town shows for a name a word.
func (p *peer) knows(s *town, word, path string) {
	p.t.Helper()
	document, err := fetched(s.origin + path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.words[word] = document.text("id")
}

func fetched(address string) (answer, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", vocab.MediaType)
	response, err := client().Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := answer{"status": response.StatusCode}
	if response.StatusCode != http.StatusOK {
		return a, nil
	}
	return a, json.NewDecoder(response.Body).Decode(&a)
}

// script reads a file of the software with its words filled in.
func (p *peer) script(name string) []byte {
	p.t.Helper()
	body, err := os.ReadFile(filepath.Join("peers", p.software, name+".json"))
	if err != nil {
		p.t.Fatal(err)
	}
	text := string(body)
	for word, value := range p.words {
		text = strings.ReplaceAll(text, "{"+word+"}", value)
	}
	compact := &bytes.Buffer{}
	if err := json.Compact(compact, []byte(text)); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	return compact.Bytes()
}

// lives shows an actor made of a file, with a key of its own that stays, and gives its address.
func (p *peer) lives(file, name string) string {
	p.t.Helper()
	p.words["name"] = name
	id := jsonOf(p.t, p.script(file)).text("id")
	key, made := p.keys[id]
	if !made {
		private, err := federation.NewRSAKey()
		if err != nil {
			p.t.Fatal(err)
		}
		key = federation.PrivateKey{Signer: private}
	}
	pem, err := federation.PublicPEM(key.Signer.Public())
	if err != nil {
		p.t.Fatal(err)
	}
	quoted, _ := json.Marshal(pem) // of text: never fails
	p.words["pem"] = strings.Trim(string(quoted), `"`)
	document := jsonOf(p.t, p.script(file))
	publicKey, _ := document["publicKey"].(map[string]any)
	key.ID, _ = publicKey["id"].(string)
	p.keys[id] = key
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown[strings.TrimPrefix(id, p.origin)] = p.script(file)
	p.names[name] = id
	if p.software == "gotosocial" { // its keys have addresses of their own
		p.shown[strings.TrimPrefix(key.ID, p.origin)] = p.script("key")
	}
	return id
}

func jsonOf(t *testing.T, body []byte) answer {
	t.Helper()
	a := answer{}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return a
}

// tells posts what a file says to the inbox of a town, signed by its actor.
func (p *peer) tells(s *town, files ...string) {
	p.t.Helper()
	for _, file := range files {
		body := p.script(file)
		key, known := p.keys[jsonOf(p.t, body).text("actor")]
		if !known {
			p.t.Fatalf("%s %s: nobody has signed it", p.software, file)
		}
		if status, line := p.send(s, body, key); status != http.StatusAccepted {
			p.t.Fatalf("%s %s: %d %s, want 202", p.software, file, status, line)
		}
	}
}

func (p *peer) send(s *town, body []byte, key federation.PrivateKey) (int, string) {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.origin+"/inbox", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", vocab.MediaType)
	// The same bytes of the same second have the same signature, and are taken once: each
	// second is used once, whatever time goes by.
	p.sent++
	if err := p.sign(r, body, key, p.began.Add(-time.Duration(p.sent)*time.Second)); err != nil {
		p.t.Fatal(err)
	}
	response, err := client().Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	line, _ := io.ReadAll(io.LimitReader(response.Body, 500)) // only for the message
	return response.StatusCode, string(line)
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		p.take(w, r)
		return
	}
	p.mu.Lock()
	body, found := p.shown[r.URL.Path]
	guarded := found && p.manner().guarded && !strings.HasSuffix(r.URL.Path, "/main-key")
	account := p.names[strings.TrimPrefix(strings.Split(r.URL.Query().Get("resource"), "@")[0], "acct:")]
	p.mu.Unlock()
	switch {
	case r.URL.Path == "/.well-known/nodeinfo":
		fmt.Fprintf(w, `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"%s/nodeinfo/2.0"}]}`, p.origin)
	case r.URL.Path == "/nodeinfo/2.0":
		fmt.Fprintf(w, `{"version":"2.0","software":{"name":"%s","version":"1"},"protocols":["activitypub"],"services":{},"usage":{},"metadata":{}}`, p.software)
	case r.URL.Path == "/.well-known/webfinger" && account != "":
		w.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(w, `{"subject":"%s","links":[{"rel":"self","type":"application/activity+json","href":"%s"}]}`, r.URL.Query().Get("resource"), account)
	case guarded && p.verify(r, nil) != nil:
		w.WriteHeader(http.StatusUnauthorized)
	case found:
		w.Header().Set("Content-Type", vocab.MediaType)
		_, _ = w.Write(body) // fails only if the town has gone
	default:
		http.NotFound(w, r)
	}
}

// take keeps what a town delivers, if the key that the town shows has signed it so as the
// software demands.
func (p *peer) take(w http.ResponseWriter, r *http.Request) {
	if p.software == "nodebb" && r.Header.Get("Signature-Input") != "" {
		w.WriteHeader(http.StatusBadRequest) // it does not read RFC 9421
		return
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = p.verify(r, body)
	}
	if err != nil {
		p.t.Errorf("%s received what is not well signed: %v", p.software, err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.received = append(p.received, string(body))
	w.WriteHeader(http.StatusAccepted)
}

// got waits until the peer has received something that holds all the words, and gives it.
func (p *peer) got(words ...string) string {
	p.t.Helper()
	found := ""
	await(p.t, p.software+" has received "+strings.Join(words, " … "), func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, body := range p.received {
			if holdsAll(body, words) {
				found = body
			}
		}
		return found != ""
	})
	return found
}

// followed has a member of a town follow somebody here, which their server accepts.
func (p *peer) followed(s *town, member, handle string) {
	p.t.Helper()
	s.do("follow", handle, "--as", member)
	p.words["followed"] = jsonOf(p.t, []byte(p.got(`"type":"Follow"`))).text("id")
	p.tells(s, "accept")
	s.follows(member, handle)
}
