package e2e

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/federation"
)

const activityJSON = "application/activity+json"

// stranger is a server that we script: it has actors, posts in their name until
// it is answered 202, and verifies and keeps whatever comes to its inbox.
type stranger struct {
	t      *testing.T
	host   string
	origin string
	key    crypto.Signer // of all its actors: to make one for each takes long
	pem    string
	routes *http.ServeMux
	by     *http.Client // who carries what it says; nil: client

	mu        sync.Mutex
	peers     map[string]crypto.PublicKey // those who may write to it
	parcels   []parcel
	forgetful int            // it hangs up instead of answering each so manieth parcel
	accepted  int            // what it sent and was answered 202
	tries     map[string]int // how it was answered, by answer
	wrong     []string       // what should never have happened
}

// parcel is an activity that came.
type parcel struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	certificate, private, _ := certify(t, dir)
	key, err := federation.NewRSAKey()
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{t: t, host: "localhost:" + port, key: key, peers: map[string]crypto.PublicKey{}, tries: map[string]int{}}
	s.origin = "https://" + s.host
	if s.pem, err = federation.PublicPEM(key.Public()); err != nil {
		t.Fatal(err)
	}
	s.routes = http.NewServeMux()
	s.routes.HandleFunc("GET /actors/{name}", s.showActor)
	s.routes.HandleFunc("POST /inbox", s.receive)
	site := &http.Server{Handler: s.routes, ErrorLog: log.New(io.Discard, "", 0)} // connections that a kill cut
	listener, err := net.Listen("tcp", s.host)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- site.ServeTLS(listener, certificate, private) }()
	t.Cleanup(func() {
		_ = site.Close() // the listener is closed with it
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return s
}

func (s *stranger) actor(name string) string { return s.origin + "/actors/" + name }

func (s *stranger) showActor(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	iri := s.actor(name)
	w.Header().Set("Content-Type", activityJSON)
	_ = json.NewEncoder(w).Encode(answer{ // fails only when the reader was killed
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       iri, "type": "Person", "preferredUsername": name,
		"inbox": s.origin + "/inbox", "outbox": iri + "/outbox", "followers": iri + "/followers",
		"endpoints": answer{"sharedInbox": s.origin + "/inbox"},
		"publicKey": answer{"id": iri + "#main-key", "owner": iri, "publicKeyPem": s.pem},
	})
}

// knows fetches the key of an actor that may write to this server.
func (s *stranger) knows(iri string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, iri, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", activityJSON)
	response, err := client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var actor struct {
		PublicKey struct {
			ID  string `json:"id"`
			PEM string `json:"publicKeyPem"`
		} `json:"publicKey"`
	}
	if err := json.NewDecoder(response.Body).Decode(&actor); err != nil {
		s.t.Fatal(err)
	}
	key, err := federation.ParsePublicPEM(actor.PublicKey.PEM)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[actor.PublicKey.ID] = key
}

func (s *stranger) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender was killed
	}
	id, err := federation.KeyID(r)
	if err != nil {
		s.complain(w, "a signature that cannot be read: %v", err)
		return
	}
	s.mu.Lock()
	key := s.peers[id]
	s.mu.Unlock()
	if key == nil {
		s.complain(w, "a stranger's key: %s", id)
		return
	}
	if _, err := federation.Verify(r, body, key, time.Now()); err != nil {
		s.complain(w, "a false signature: %v", err)
		return
	}
	var p parcel
	if err := json.Unmarshal(body, &p); err != nil {
		s.complain(w, "what is not JSON: %v", err)
		return
	}
	s.mu.Lock()
	s.parcels = append(s.parcels, p)
	forgets := s.forgetful > 0 && len(s.parcels)%s.forgetful == 0
	s.mu.Unlock()
	if forgets {
		panic(http.ErrAbortHandler) // taken, and the connection ends without a word
	}
	w.WriteHeader(http.StatusAccepted)
}

func (s *stranger) complain(w http.ResponseWriter, format string, args ...any) {
	s.note(format, args...)
	w.WriteHeader(http.StatusUnauthorized)
}

func (s *stranger) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// received is all that came, in order.
func (s *stranger) received() []parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]parcel(nil), s.parcels...)
}

// got counts how often each activity came.
func (s *stranger) got() map[string]int {
	times := map[string]int{}
	for _, p := range s.received() {
		times[p.ID]++
	}
	return times
}

// taken counts what was answered 202.
func (s *stranger) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// says posts an activity to an inbox until it is taken, as any server would.
func (s *stranger) says(ctx context.Context, inbox, actor string, activity answer) error {
	body := s.body(actor, activity)
	for {
		status, after, err := s.post(ctx, inbox, actor, body)
		s.judge(status, after, err)
		if status == http.StatusAccepted {
			return nil
		}
		again := time.NewTimer(100 * time.Millisecond)
		select {
		case <-ctx.Done():
			again.Stop()
			return fmt.Errorf("%s was never taken: %d, %w", activity["id"], status, err)
		case <-again.C:
		}
	}
}

func (s *stranger) body(actor string, activity answer) []byte {
	activity["@context"], activity["actor"] = "https://www.w3.org/ns/activitystreams", actor
	body, err := json.Marshal(activity)
	if err != nil {
		panic(err) // it is made of texts
	}
	return body
}

// judge counts an answer. No answer and an honest 503 are all that may go wrong.
func (s *stranger) judge(status int, after string, err error) {
	what := fmt.Sprint(status)
	if err != nil {
		what = "no answer"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[what]++
	switch {
	case err != nil:
	case status == http.StatusAccepted:
		s.accepted++
	case status != http.StatusServiceUnavailable:
		s.wrong = append(s.wrong, fmt.Sprintf("an inbox answered %d", status))
	case after == "":
		s.wrong = append(s.wrong, "an inbox answered 503 without saying until when")
	}
}

// post signs and posts once; any answer but 202 and 503 is kept.
func (s *stranger) post(ctx context.Context, inbox, actor string, body []byte) (status int, retryAfter string, err error) {
	response, said, err := s.throw(ctx, inbox, actor, body)
	if err != nil {
		return 0, "", err
	}
	if response.StatusCode != http.StatusAccepted && response.StatusCode != http.StatusServiceUnavailable {
		s.note("%d: %s", response.StatusCode, strings.TrimSpace(said))
	}
	return response.StatusCode, response.Header.Get("Retry-After"), nil
}

// throw signs and posts once.
func (s *stranger) throw(ctx context.Context, inbox, actor string, body []byte) (response *http.Response, said string, err error) {
	return s.throwBy(ctx, cmp.Or(s.by, client()), inbox, actor, body)
}

// throwBy is throw by a client that knows its way.
func (s *stranger) throwBy(ctx context.Context, by *http.Client, inbox, actor string, body []byte) (response *http.Response, said string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", activityJSON)
	if err := federation.Sign(r, body, federation.PrivateKey{ID: actor + "#main-key", Signer: s.key}, time.Now()); err != nil {
		return nil, "", err
	}
	if response, err = by.Do(r); err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err // the status line alone does not count: it may have been killed while it spoke
}
