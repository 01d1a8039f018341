package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/config"
	"passerelles/posts"
)

// courier is a push service, and the app for which it carries.
type courier struct {
	t       *testing.T
	service *httptest.Server
	key     *ecdh.PrivateKey
	auth    []byte
	came    chan pushed

	mu      sync.Mutex
	answers []int // the next ones; none: 201
}

type pushed struct {
	Token string `json:"access_token"`
	Lang  string `json:"preferred_locale"`
	ID    string `json:"notification_id"`
	Type  string `json:"notification_type"`
	Icon  string `json:"icon"`
	Title string `json:"title"`
	Body  string `json:"body"`
	head  http.Header
}

func newCourier(t *testing.T) *courier {
	t.Helper()
	p := &courier{t: t, auth: make([]byte, 16), came: make(chan pushed, 16)}
	var err error
	if p.key, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	_, _ = rand.Read(p.auth) // never fails
	p.service = httptest.NewServer(http.HandlerFunc(p.take))
	t.Cleanup(p.service.Close)
	return p
}

func (p *courier) take(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	status := http.StatusCreated
	if len(p.answers) > 0 {
		status, p.answers = p.answers[0], p.answers[1:]
	}
	p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	w.WriteHeader(status)
	if status != http.StatusCreated {
		return
	}
	v := pushed{head: r.Header}
	open := p.opened
	if r.Header.Get("Content-Encoding") == "aesgcm" {
		open = func(body []byte) []byte { return p.openedOlder(r.Header, body) }
	}
	if err := json.Unmarshal(open(body), &v); err != nil {
		p.t.Error(err)
	}
	p.came <- v
}

// opened reads what is for the app alone (RFC 8188 and 8291).
func (p *courier) opened(body []byte) []byte {
	must := func(b []byte, err error) []byte {
		if err != nil {
			p.t.Error(err)
		}
		return b
	}
	salt, theirs, rest := body[:16], body[21:21+int(body[20])], body[21+int(body[20]):]
	public, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	shared := must(p.key.ECDH(public))
	info := "WebPush: info\x00" + string(p.key.PublicKey().Bytes()) + string(theirs)
	ikm := must(hkdf.Key(sha256.New, shared, p.auth, info, 32))
	block, err := aes.NewCipher(must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)))
	if err != nil {
		p.t.Error(err)
		return nil
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	plain := must(gcm.Open(nil, must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)), rest, nil))
	return []byte(strings.TrimSuffix(strings.TrimRight(string(plain), "\x00"), "\x02"))
}

func (p *courier) next() pushed {
	p.t.Helper()
	select {
	case v := <-p.came:
		return v
	case <-time.After(inVain):
		p.t.Fatal("nothing is pushed")
		return pushed{}
	}
}

func newPushRiver(t *testing.T, p *courier, names ...string) *river {
	t.Helper()
	return newRiverWith(t, func(cfg *config.Config) {
		cfg.AllowHTTP, cfg.AllowNetworks = true, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		cfg.AllowPorts = []uint16{netip.MustParseAddrPort(strings.TrimPrefix(p.service.URL, "http://")).Port()}
	}, names...)
}

// asks calls the address of push with a token.
func (r *river) asksPush(method, token string, form url.Values) (int, map[string]any) {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.Config.Origin+"/api/v1/push/subscription", strings.NewReader(form.Encode()))
	r.must(err)
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	with(token)(q)
	answer, err := http.DefaultClient.Do(q)
	r.must(err)
	defer answer.Body.Close()
	body := map[string]any{}
	r.must(json.NewDecoder(answer.Body).Decode(&body))
	return answer.StatusCode, body
}

func (p *courier) form(more ...string) url.Values {
	form := url.Values{"subscription[endpoint]": {p.service.URL + "/secret-of-the-app"},
		"subscription[keys][p256dh]": {base64.RawURLEncoding.EncodeToString(p.key.PublicKey().Bytes())},
		"subscription[keys][auth]":   {base64.RawURLEncoding.EncodeToString(p.auth)}, "subscription[standard]": {"true"}}
	for _, alert := range more {
		form.Set("data[alerts]["+alert+"]", "true")
	}
	return form
}

// TestPush has an app told that is not open.
func TestPush(t *testing.T) {
	t.Parallel()
	p := newCourier(t)
	r := newPushRiver(t, p, "ana", "bob", "eve")
	town := r.group("ville", actors.Open, "ana", "eve")
	circle := r.group("cercle", actors.Confidential, "ana", "eve")
	token := r.token("eve", "read", "push")
	if status, _ := r.asksPush("GET", token, nil); status != http.StatusNotFound {
		t.Errorf("before it asks: %d", status)
	}
	if status, _ := r.asksPush("POST", r.token("eve", "read", "write"), p.form("mention")); status != http.StatusForbidden {
		t.Errorf("without the right: %d", status)
	}
	bad := p.form("mention")
	bad.Set("subscription[keys][p256dh]", "AAAA")
	if status, _ := r.asksPush("POST", token, bad); status != http.StatusUnprocessableEntity {
		t.Errorf("with a key that is none: %d", status)
	}
	status, said := r.asksPush("POST", token, p.form("mention", "follow"))
	alerts, _ := said["alerts"].(map[string]any)
	if status != http.StatusOK || said["server_key"] != r.Push.PublicKey() || said["standard"] != true || said["policy"] != "all" || alerts["mention"] != true || alerts["favourite"] != false {
		t.Errorf("it asks: %d %v", status, said)
	}

	first := r.says("ana", posts.Draft{Community: town.Actor.ID, Title: "Scie", Text: "Qui vient, @eve?"})
	got := p.next()
	if got.Type != "mention" || got.Token != "" || got.ID == "" || got.Lang != "fr" || got.Icon == "" || !strings.Contains(got.Title, "ana") || !strings.Contains(got.Body, "Qui vient") {
		t.Errorf("who is named is told %+v", got)
	}
	r.signed(p, got.head)

	r.says("ana", posts.Draft{Community: circle.Actor.ID, Title: "Secret", Text: "Entre nous, @eve", Scope: posts.Members})
	got = p.next()
	if got.Type != "mention" || got.Body != "" || strings.Contains(got.Title, "Secret") || strings.Contains(got.Title, "cercle") || strings.Contains(got.Title, "ana") {
		t.Errorf("of what is not for everybody: %+v", got)
	}

	t.Run("what it asked for", func(t *testing.T) {
		if status, said := r.asksPush("PUT", token, url.Values{"data[alerts][mention]": {"true"}, "data[policy]": {"followed"}}); status != http.StatusOK || said["policy"] != "followed" {
			t.Fatalf("it changes: %d %v", status, said)
		}
		if _, err := r.Accounts.Follow(t.Context(), r.people["eve"].ID, r.actor("bob")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Accounts.Follow(t.Context(), r.people["bob"].ID, r.actor("eve")); err != nil { // of which it does not want to be told
			t.Fatal(err)
		}
		r.says("ana", posts.Draft{Community: town.Actor.ID, InReplyTo: first.ID, Text: "Pas celle-ci, @eve"})
		r.settled()
		r.says("bob", posts.Draft{Community: town.Actor.ID, InReplyTo: first.ID, Text: "Mais celle-là, @eve"})
		if got := p.next(); !strings.Contains(got.Body, "celle-là") {
			t.Errorf("it is told %+v", got)
		}
	})
	t.Run("again, where the service could not", func(t *testing.T) {
		p.mu.Lock()
		p.answers = []int{http.StatusServiceUnavailable}
		p.mu.Unlock()
		r.says("bob", posts.Draft{Community: town.Actor.ID, InReplyTo: first.ID, Text: "Encore, @eve"})
		if got := p.next(); !strings.Contains(got.Body, "Encore") {
			t.Errorf("it is told %+v", got)
		}
	})
	t.Run("no more, where the service knows nothing of it", func(t *testing.T) {
		p.mu.Lock()
		p.answers = []int{http.StatusGone}
		p.mu.Unlock()
		r.says("bob", posts.Draft{Community: town.Actor.ID, InReplyTo: first.ID, Text: "Perdu, @eve"})
		r.eventually("the app is forgotten", func() bool { status, _ := r.asksPush("GET", token, nil); return status == http.StatusNotFound })
	})
	if log := r.log.String(); strings.Contains(log, "secret-of-the-app") || strings.Contains(log, token) {
		t.Error("the log holds where an app is told, or its token")
	}
}

// settled waits until no job waits.
func (r *river) settled() {
	r.t.Helper()
	r.eventually("no job waits", func() bool {
		var n int
		r.must(r.DB.QueryRow(r.t.Context(), `SELECT count(*) FROM jobs WHERE kind IN ('push', 'posted')`).Scan(&n))
		return n == 0
	})
}

// signed checks that this server says who it is (RFC 8292).
func (r *river) signed(p *courier, head http.Header) {
	r.t.Helper()
	rest, ok := strings.CutPrefix(head.Get("Authorization"), "vapid t=")
	text, key, found := strings.Cut(rest, ", k=")
	parts := strings.Split(text, ".")
	if !ok || !found || key != r.Push.PublicKey() || len(parts) != 3 || head.Get("Content-Encoding") != "aes128gcm" || head.Get("TTL") == "" {
		r.t.Fatalf("it is signed by %v", head)
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	r.must(err)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	r.must(err)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	r.must(err)
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		r.t.Error("the signature does not hold")
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	r.must(err)
	if !strings.Contains(string(claims), `"aud":"`+p.service.URL+`"`) {
		r.t.Errorf("it is for %s", claims)
	}
}

// TestPushEnds: with its token, and with its member, an app is told nothing more.
func TestPushEnds(t *testing.T) {
	t.Parallel()
	p := newCourier(t)
	r := newPushRiver(t, p, "ana", "bob", "cyd", "dan", "eve")
	town := r.group("ville", actors.Open, "ana")
	tokens := map[string]string{}
	for name := range r.people {
		tokens[name] = r.token(name, "read", "push")
		if status, said := r.asksPush("POST", tokens[name], p.form("mention")); status != http.StatusOK {
			t.Fatalf("%s: %d %v", name, status, said)
		}
	}
	r.must(r.Apps.Revoke(t.Context(), r.app.client.Client, r.app.secret, tokens["bob"]))
	r.must(r.Accounts.SetPassword(t.Context(), acts.By{}, r.people["cyd"].ID, "another horse battery"))
	r.must(r.Accounts.Suspend(t.Context(), acts.By{}, r.people["dan"].ID, "Trop."))
	r.says("ana", posts.Draft{Community: town.Actor.ID, Title: "Tous", Text: "@bob @cyd @dan"})
	r.settled()
	if status, said := r.asksPush("DELETE", tokens["eve"], nil); status != http.StatusOK || len(said) != 0 {
		t.Errorf("it ends: %d %v", status, said)
	}
	r.says("ana", posts.Draft{Community: town.Actor.ID, Title: "Eve", Text: "@eve"})
	r.settled()
	r.says("bob", posts.Draft{Community: town.Actor.ID, Title: "Ana", Text: "@ana, enfin"})
	if got := p.next(); !strings.Contains(got.Body, "enfin") {
		t.Errorf("first is told %+v", got)
	}
	var left int
	r.must(r.DB.QueryRow(t.Context(), `SELECT count(*) FROM push_subscriptions`).Scan(&left))
	if left != 1 { // that of ana
		t.Errorf("%d are left", left)
	}
}
