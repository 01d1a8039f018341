package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"passerelles/storage/storagetest"
)

// TestBackup loses a server whose deliveries waited, and restores it from a
// backup made while it ran.
func TestBackup(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	makers := home.community("makers", "ana")
	away.follows("bob", makers)
	said := func(text string) func(answer) bool {
		return func(a answer) bool { return strings.Contains(a.text("content"), text) }
	}
	post := func(text string) string {
		return home.do("post", "new", "--as", "ana", "--community", "makers", "--text", text).text("id")
	}
	first := post("Samedi.")
	away.sees(first, said("Samedi."))
	away.served.stop(syscall.SIGTERM)
	second := post("Dimanche.")
	await(t, "something waits", func() bool { return home.waiting() > 0 })
	group := home.do("community", "show", "makers").text("id")
	key := home.publicKey(group)

	file := filepath.Join(t.TempDir(), "home.tar")
	home.do("backup", file)
	home.served.stop(syscall.SIGKILL)
	restored, dropping := home.again(), home.again()
	restored.do("restore", file)
	restored.start()
	away.start()

	t.Run("keeps its posts and its keys", func(t *testing.T) {
		restored.sees(first, said("Samedi."))
		restored.sees(second, said("Dimanche."))
		if got := restored.publicKey(group); got != key {
			t.Errorf("the key of %s is %q, want %q", group, got, key)
		}
	})

	t.Run("hears, and sends nothing", func(t *testing.T) {
		for range 3 { // each ends the rest of away, and takes bells, which would ring for lanes too
			away.do("post", "like", first, "--as", "bob")
			restored.sees(first, func(a answer) bool { return a["likes"] == 1.0 })
			away.do("post", "unlike", first, "--as", "bob")
			restored.sees(first, func(a answer) bool { return a["likes"] == 0.0 })
		}
		if a, err := away.try("post", "show", second); err == nil {
			t.Errorf("it sent %v", a)
		}
		if restored.waiting() == 0 {
			t.Error("nothing waits")
		}
		if !strings.Contains(restored.served.log.String(), "deliveries are paused") {
			t.Error("its log does not say so")
		}
	})

	t.Run("sends what waited once it is told to", func(t *testing.T) {
		restored.do("deliveries", "resume")
		away.sees(second, said("Dimanche."))
	})

	t.Run("or gives it up", func(t *testing.T) {
		dropping.do("restore", file)
		if n := dropping.do("deliveries", "resume", "--drop")["dropped"]; n == 0.0 || dropping.waiting() != 0 {
			t.Errorf("dropped %v, %d wait", n, dropping.waiting())
		}
	})
}

// again is the same server on a new machine: nothing is there yet.
func (s *town) again() *town {
	s.t.Helper()
	n := *s
	n.dir, n.served = s.t.TempDir(), nil
	n.env = append(s.env[:len(s.env):len(s.env)], "PASSERELLES_DATA="+n.dir,
		"DATABASE_URL="+storagetest.Empty(s.t), "REDIS_URL="+storagetest.Redis(s.t))
	return &n
}

// waiting counts the deliveries that wait.
func (s *town) waiting() (n int) {
	s.t.Helper()
	for _, h := range s.do("deliveries", "list")["hosts"].([]any) {
		n += int(h.(map[string]any)["waiting"].(float64))
	}
	return n
}

// publicKey asks for an actor as other servers do and gives its key.
func (s *town) publicKey(actor string) string {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, actor, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept", "application/activity+json")
	response, err := client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var document struct {
		PublicKey struct {
			PEM string `json:"publicKeyPem"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(text, &document); err != nil || document.PublicKey.PEM == "" {
		s.t.Fatalf("no key in %s (%v)", text, err)
	}
	return document.PublicKey.PEM
}
