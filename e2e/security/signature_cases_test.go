package security

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/acts"
	"passerelles/posts"
)

// TestSignatures sends a post to a community under each false signature, and under the
// true one that is nearest to it. What is refused changes nothing; what is taken is applied.
func TestSignatures(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	eve, victim := p.person("eve"), newPeer(t).person("victim")
	for _, who := range []*remote{eve, victim} { // known, so that rows count what each case does
		who.tells(w, who.writes(w, "first"))
	}
	other := bytesOf(eve.writes(w, "other"))
	covers := func(names string) func(l *letter) { return func(l *letter) { l.covered = names } }
	says := func(name, value string) func(l *letter) {
		return func(l *letter) { l.before = func(h http.Header) { h.Set(name, value) } }
	}
	edited := func(f func(s string) string) func(l *letter) { return func(l *letter) { l.params = f } }
	sent := func(f func(r *http.Request, h http.Header)) func(l *letter) { return func(l *letter) { l.after = f } }
	named := func(algorithm string) func(l *letter) { return func(l *letter) { l.algorithm = algorithm } }
	dated := func(by time.Duration) func(l *letter) { return func(l *letter) { l.date = w.now().Add(by) } }
	stated := func(created, expires time.Duration) func(l *letter) {
		return func(l *letter) {
			at := strconv.FormatInt(w.now().Add(created).Unix(), 10)
			until := strconv.FormatInt(w.now().Add(expires).Unix(), 10)
			l.covered = "(request-target) host (created) (expires) digest"
			l.before = func(h http.Header) { h["(created)"], h["(expires)"] = []string{at}, []string{until} }
			l.after = func(_ *http.Request, h http.Header) { delete(h, "(created)"); delete(h, "(expires)") }
			l.params = func(s string) string { return s + ",created=" + at + ",expires=" + until }
		}
	}
	for _, tc := range []struct {
		name   string
		change func(l *letter)
		want   int
	}{
		{"HS-01 twin: signed", func(*letter) {}, 202},
		{"HS-01 not signed", sent(func(_ *http.Request, h http.Header) { h.Del("Signature") }), 401},
		{"HS-01 an empty Signature", sent(func(_ *http.Request, h http.Header) { h.Set("Signature", "") }), 401},
		{"HS-01 a Signature-Input of nothing", sent(func(_ *http.Request, h http.Header) { h.Set("Signature-Input", "x") }), 401},
		{"HS-02 two hours old", dated(-2 * time.Hour), 401},
		{"HS-02 twin: 59 minutes old", dated(-59 * time.Minute), 202},
		{"HS-03 of in two hours", dated(2 * time.Hour), 401},
		{"HS-03 twin: of in 59 minutes", dated(59 * time.Minute), 202},
		{"HS-03 a date that is none", says("Date", "foo"), 401},
		{"HS-03 no date", func(l *letter) { l.before = func(h http.Header) { h.Del("Date") } }, 401},
		{"HS-03 no time is covered", covers("(request-target) host digest content-type"), 401},
		{"HS-03 created in two hours", stated(2*time.Hour, 3*time.Hour), 401},
		{"HS-03 expired two hours ago", stated(-50*time.Minute, -2*time.Hour), 401},
		{"HS-03 twin: created now", stated(0, time.Hour), 202},
		{"HS-04 no digest", func(l *letter) {
			l.covered, l.before = "(request-target) host date", func(h http.Header) { h.Del("Digest") }
		}, 401},
		{"HS-04 a digest that is not covered", covers("(request-target) host date"), 401},
		{"HS-05 another body", func(l *letter) { l.replaced = other }, 401},
		{"HS-05 a digest of another kind beside", func(l *letter) { says("Digest", "SHA-256="+digestOf(l.body)+",MD5=eHh4eA==")(l) }, 401},
		{"HS-05 digests that disagree", func(l *letter) { says("Content-Digest", "sha-256=:"+digestOf(other)+":")(l) }, 401},
		{"HS-05 an empty digest", says("Digest", ""), 401},
		{"HS-05 twin: in lower case", func(l *letter) { says("Digest", "sha-256="+digestOf(l.body))(l) }, 202},
		{"HS-06 the host is not covered", covers("(request-target) date digest"), 401},
		{"HS-06 for another host", func(l *letter) { l.host = "other.test" }, 401},
		{"HS-06 twin: our host in capitals, with its port", func(l *letter) { l.host = strings.ToUpper(w.host) }, 202},
		{"HS-07 the target is not covered", covers("host date digest"), 401},
		{"HS-07 for another inbox", func(l *letter) { l.signedPath = "/c/pub/inbox" }, 401},
		{"HS-07 of a GET", func(l *letter) { l.signedMethod = "GET" }, 401},
		{"HS-08 the key of another person", func(l *letter) { l.body = bytesOf(with(eve.writes(w, "x"), "actor", victim.IRI)) }, 401},
		{"HS-08 the key of another person, whose id it is too", func(l *letter) { l.body = bytesOf(victim.writes(w, "x")) }, 403},
		{"HS-14 two dates", sent(func(_ *http.Request, h http.Header) { h["Date"] = append(h["Date"], h["Date"][0]) }), 401},
		{"HS-14 two digests", sent(func(_ *http.Request, h http.Header) { h["Digest"] = append(h["Digest"], h["Digest"][0]) }), 401},
		{"HS-14 two signatures", sent(func(_ *http.Request, h http.Header) { h["Signature"] = append(h["Signature"], h["Signature"][0]) }), 401},
		{"HS-14 keyId twice", edited(func(s string) string { return `keyId="` + victim.key.ID + `",` + s }), 401},
		{"HS-14 a header covered twice", covers("(request-target) host date date digest"), 401},
		{"HS-15 hmac with the public key", named("hmac-sha256"), 401},
		{"HS-15 none", named("none"), 401},
		{"HS-15 rsa-sha1", named("rsa-sha1"), 401},
		{"HS-15 ed25519 with an RSA key", named("ed25519"), 401},
		{"HS-15 twin: hs2019", named("hs2019"), 202},
		{"HS-23 a query that was not signed", func(l *letter) { l.path, l.signedPath = "/inbox?a=1", "/inbox?a=2" }, 401},
		{"HS-23 twin: with its query", func(l *letter) { l.path = "/inbox?a=1" }, 202},
		{"HS-23 twin: without its query", func(l *letter) { l.path, l.signedPath = "/inbox?a=1", "/inbox" }, 202},
		{"HS-23 dots", func(l *letter) { l.path, l.signedPath = "/a/%2e%2e/inbox", "/inbox" }, 404},
		{"HS-23 two slashes", func(l *letter) { l.path, l.signedPath = "//inbox", "/inbox" }, 404},
		{"HS-23 the method in capitals", func(l *letter) {
			l.covered = strings.Replace(l.withDefaults().covered, "(request-target)", "(Request-Target)", 1)
		}, 401},
		{"HS-25 a key said twice", func(l *letter) {
			l.body = bytes.Replace(l.body, []byte(`{`), []byte(`{"actor":"`+victim.IRI+`",`), 1)
		}, 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			create := eve.writes(w, tc.name)
			l := letter{who: eve, town: w, body: bytesOf(create)}
			tc.change(&l)
			before := w.rows()
			r := l.request()
			r.Header.Set("X-Forwarded-For", "198.51.100."+strconv.FormatInt(ids.Add(1)%250, 10)) // no case suffers from another's refusals
			got := w.request(r)
			if got.StatusCode != tc.want {
				t.Fatalf("%d %q, want %d", got.StatusCode, got.text, tc.want)
			}
			if tc.want != http.StatusAccepted {
				if after := w.rows(); after != before {
					t.Errorf("refused, it changed %s into %s", before, after)
				}
				return
			}
			if got := w.outcome(idOf(create)); got != "applied" {
				t.Errorf("taken, it is %s", got)
			}
		})
	}
	t.Run("HS-14 two hosts", func(t *testing.T) {
		if got := w.raw(t, "POST /inbox HTTP/1.1\r\nHost: "+w.host+"\r\nHost: other.test\r\nConnection: close\r\n\r\n"); got != 400 {
			t.Errorf("%d, want 400", got)
		}
	})
}

// TestForeignKeys lets hostile servers show keys that are not theirs to show.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	eve, victim := p.person("eve"), newPeer(t).person("victim")
	private, reached := closedServer(t)
	key := func(id, owner string) object {
		return object{"id": id, "owner": owner, "publicKeyPem": pemOf(t, eve.key.Signer.(*rsa.PrivateKey))}
	}
	p.shows("/k1", key(p.URL+"/k1", victim.IRI))
	p.shows("/k2", key(victim.key.ID, victim.IRI))
	p.redirects("/k3", victim.IRI)
	p.redirects("/k4", "https://"+private+"/")
	p.redirects("/k5", p.URL+"/k5")
	victim.redirects("/k6", p.URL+"/k6")
	p.shows("/k6", key(victim.URL+"/k6", victim.IRI))
	p.shows("/k7", key(p.URL+"/k7", eve.IRI))
	for _, tc := range []struct {
		name, keyID string
		as          *remote
		want        int
	}{
		{"HS-09 a key that says that it is the victim's", p.URL + "/k1", victim, 401},
		{"HS-09 a key that its owner does not list", p.URL + "/k7", eve, 401},
		{"HS-10 a document whose id is the victim's key", p.URL + "/k2", victim, 401},
		{"HS-12 a redirect to the victim", p.URL + "/k3", victim, 401},
		{"HS-12 the victim's open redirect to the key", victim.URL + "/k6", victim, 401},
		{"HS-12 a redirect to a private address", p.URL + "/k4", eve, 503},
		{"HS-12 a redirect to itself", p.URL + "/k5", eve, 503},
		{"HS-09 twin: the key that the actor lists", eve.key.ID, eve, 202},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := letter{who: eve, town: w, body: bytesOf(tc.as.writes(w, tc.name)), keyID: tc.keyID}
			if got := w.request(l.request()); got.StatusCode != tc.want {
				t.Errorf("%d %q, want %d", got.StatusCode, got.text, tc.want)
			}
			if n := p.asked("/k5"); n > 4 {
				t.Errorf("a loop was followed: %d questions, want at most 4", n)
			}
		})
	}
	t.Run("HS-11 a fragment that the actor does not have, signed with the key that it has", func(t *testing.T) {
		l := letter{who: victim, town: w, body: bytesOf(victim.writes(w, "HS-11")), keyID: victim.IRI + "#evil"}
		if got := w.request(l.request()); got.StatusCode != 401 {
			t.Errorf("%d %q, want 401", got.StatusCode, got.text)
		}
	})
	t.Run("HS-10 twin: the victim's own key still holds", func(t *testing.T) {
		if got := victim.tells(w, victim.writes(w, "mine")); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
	if n := w.number(`SELECT count(*) FROM posts WHERE content LIKE '%HS-%' AND author = (SELECT id FROM actors WHERE iri = $1)`, victim.IRI); n != 0 {
		t.Errorf("%d posts in the name of the victim", n)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("a private address was reached %d times", n)
	}
}

// TestWeakKeys signs with keys that prove nothing, or cost too much.
func TestWeakKeys(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := keys()[0]
	text := func(key *rsa.PublicKey) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)}))
	}
	huge := new(big.Int).SetBit(new(big.Int).Set(good.N), 16383, 1)
	for i, tc := range []struct {
		name, pem string
		signer    *rsa.PrivateKey
		want      int
	}{
		{"HS-16 1024 bits", text(&weak.PublicKey), weak, 401},
		{"HS-16 16384 bits", text(&rsa.PublicKey{N: huge, E: 65537}), good, 401},
		{"HS-16 an exponent of 1", text(&rsa.PublicKey{N: good.N, E: 1}), good, 401},
		{"HS-16 a megabyte", text(&good.PublicKey) + strings.Repeat("A", 1<<19), good, 401},
		{"HS-16 no key", "-----BEGIN PUBLIC KEY-----", good, 401},
		{"HS-16 twin: PKCS#1", text(&good.PublicKey), good, 202},
		{"HS-16 twin: PKIX", pemOf(t, good), good, 202},
	} {
		t.Run(tc.name, func(t *testing.T) {
			who := p.person("u" + strconv.Itoa(i))
			who.doc["publicKey"] = object{"id": who.key.ID, "owner": who.IRI, "publicKeyPem": tc.pem}
			l := letter{who: who, town: w, body: bytesOf(who.writes(w, "x")), signer: tc.signer}
			if got := w.request(l.request()); got.StatusCode != tc.want {
				t.Errorf("%d %q, want %d", got.StatusCode, got.text, tc.want)
			}
		})
	}
}

// TestReplays sends again what was taken before.
func TestReplays(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	eve := newPeer(t).person("eve")
	effects := func(word string) int {
		return w.number(`SELECT count(*) FROM posts WHERE content LIKE '%' || $1 || '%'`, word)
	}
	t.Run("HS-17 the same bytes, a hundred at once", func(t *testing.T) {
		create := eve.writes(w, "hundred")
		l := letter{who: eve, town: w, body: bytesOf(create)}
		var wg sync.WaitGroup
		first := l.request().Header // signed once: the others are its copies
		for range 100 {
			wg.Go(func() {
				r := l.request()
				r.Header = first.Clone()
				if got := w.request(r); got.StatusCode != http.StatusAccepted {
					t.Errorf("%d %q, want 202", got.StatusCode, got.text)
				}
			})
		}
		wg.Wait()
		if got := w.outcome(idOf(create)); got != "applied" || effects("hundred") != 1 {
			t.Errorf("%s, %d posts, want one", got, effects("hundred"))
		}
		if n := w.number(`SELECT count(*) FROM received WHERE iri = $1`, idOf(create)); n != 1 {
			t.Errorf("it is kept %d times, want once", n)
		}
	})
	t.Run("HS-19 to another inbox", func(t *testing.T) {
		own := strings.TrimPrefix(w.anaIRI(), w.origin) + "/inbox"
		l := letter{who: eve, town: w, body: bytesOf(eve.writes(w, "captured")), signedPath: own}
		if got := w.request(l.request()).StatusCode; got != http.StatusUnauthorized {
			t.Errorf("captured: %d, want 401", got)
		}
		l.path = own
		if got := w.request(l.request()).StatusCode; got != http.StatusAccepted {
			t.Errorf("twin, where it was sent: %d, want 202", got)
		}
	})
	t.Run("HS-18 forty days later, signed anew", func(t *testing.T) {
		create := eve.writes(w, "forty")
		eve.tells(w, create)
		w.pass(40 * 24 * time.Hour)
		create["object"] = eve.note("forty-one", object{"audience": w.makersIRI()})
		if got := eve.says(w, create); got != http.StatusAccepted {
			t.Errorf("%d, want 202", got)
		}
		eve.tells(w, eve.writes(w, "last")) // what came before it has been applied
		if effects("forty") != 1 || effects("forty-one") != 0 {
			t.Errorf("%d and %d posts, want one and none", effects("forty"), effects("forty-one"))
		}
	})
}

// TestKeysOfTheShunned signs validly, by who is not to be heard.
func TestKeysOfTheShunned(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	shut, gone := newPeer(t).person("shut"), newPeer(t).person("gone")
	gone.tells(w, gone.writes(w, "before"))
	gone.tells(w, gone.does("Delete", gone.IRI))
	if err := w.Hosts.Suspend(t.Context(), shut.host(), "spam"); err != nil {
		t.Fatal(err)
	}
	t.Run("HS-20 of a suspended server", func(t *testing.T) {
		if got := shut.says(w, shut.writes(w, "x")); got != http.StatusForbidden {
			t.Errorf("%d, want 403", got)
		}
		if n := shut.asked(""); n != 0 {
			t.Errorf("it was asked %d times, want never", n)
		}
	})
	t.Run("HS-20 of somebody deleted", func(t *testing.T) {
		if got := gone.says(w, gone.writes(w, "x")); got != http.StatusUnauthorized {
			t.Errorf("%d, want 401", got)
		}
	})
	t.Run("HS-20 twin: of a server that is restored", func(t *testing.T) {
		if err := w.Moderation.RestoreHost(t.Context(), acts.By{}, shut.host()); err != nil {
			t.Fatal(err)
		}
		if got := shut.tells(w, shut.writes(w, "x")); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
}

// TestQuestionsAboutKeys counts what signatures make us ask of others.
func TestQuestionsAboutKeys(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	eve := p.person("eve")
	eve.tells(w, eve.writes(w, "first"))
	t.Run("HS-21 a new key is asked for once, garbage never again", func(t *testing.T) {
		w.pass(11 * time.Minute)
		asked := p.asked("/u/eve")
		old := *eve
		eve = p.person("eve") // the same id, another key
		if got := eve.tells(w, eve.writes(w, "second")); got != "applied" {
			t.Errorf("signed with the new key, it is %s", got)
		}
		for range 50 {
			if got := old.says(w, old.writes(w, "garbage")); got != http.StatusUnauthorized {
				t.Fatalf("signed with the old key: %d, want 401", got)
			}
		}
		if n := p.asked("/u/eve") - asked; n != 1 {
			t.Errorf("it was asked %d times, want once", n)
		}
	})
	for _, victims := range []struct {
		name   string
		status int
		path   string
		method string
	}{
		{"that it does not have", http.StatusNotFound, "/inbox", http.MethodPost},
		{"while it is ill", http.StatusInternalServerError, "/inbox", http.MethodPost},
		{"that it does not have, to read a document", http.StatusNotFound, "", http.MethodGet},
		{"while it is ill, to read a document", http.StatusInternalServerError, "", http.MethodGet},
	} {
		t.Run("HS-22 a hundred keys of one server, "+victims.name, func(t *testing.T) {
			t.Parallel()
			victim := newPeer(t)
			known := victim.person("known")
			from := "203.0.113." + strconv.FormatInt(ids.Add(1)%250, 10)
			post, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "To read", Text: "Something."})
			if err != nil {
				t.Fatal(err)
			}
			if victims.path == "" {
				victims.path = strings.TrimPrefix(post.IRI, w.origin)
			}
			begun := time.Now()
			for i := range 100 {
				victim.shows("/"+strconv.Itoa(i), victims.status)
				l := letter{who: eve, town: w, body: []byte{}, keyID: victim.URL + "/" + strconv.Itoa(i), method: victims.method, path: victims.path}
				if victims.method == http.MethodPost {
					l.body = bytesOf(known.does("Like", victim.URL+"/1"))
				}
				r := l.request()
				r.Header.Set("X-Forwarded-For", from)
				r.Header.Set("Accept", "application/activity+json")
				w.request(r)
			}
			if n, most := victim.asked(""), 11+int(time.Since(begun)/(6*time.Second)); n > most || n < 2 {
				t.Errorf("it was asked %d times, want at most %d", n, most)
			}
			if got := known.tells(w, known.writes(w, "x")); got != "applied" {
				t.Errorf("twin, from its own address: %s", got)
			}
		})
	}
}

// TestLinkedDataGames sends what a reader of JSON-LD would understand in another way.
func TestLinkedDataGames(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	eve, victim := newPeer(t).person("eve"), newPeer(t).person("victim")
	for _, who := range []*remote{eve, victim} {
		who.tells(w, who.writes(w, "first"))
	}
	signed := object{"type": "RsaSignature2017", "creator": victim.key.ID, "signatureValue": "AAAA"}
	proof := object{"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "verificationMethod": victim.key.ID, "proofValue": "z1"}
	for _, tc := range []struct {
		name     string
		activity func() object
		want     int
		outcome  string
	}{
		{"HS-24 the activity under @graph", func() object {
			return object{"@context": "https://www.w3.org/ns/activitystreams", "@graph": []any{victim.writes(w, "forged")}, "signature": signed}
		}, 400, ""},
		{"HS-24 another activity under @included", func() object {
			return with(with(victim.writes(w, "forged"), "@included", []any{victim.writes(w, "forged")}), "signature", signed)
		}, 202, "ignored"},
		{"HS-24 the object under @reverse", func() object {
			a := with(victim.writes(w, "forged"), "@reverse", object{"object": victim.note("forged", nil)})
			delete(a, "object")
			return with(a, "signature", signed)
		}, 202, "ignored"},
		{"HS-24 terms that are defined anew", func() object {
			return with(with(victim.writes(w, "forged"), "@context", object{"actor": "as:object"}), "signature", signed)
		}, 202, "ignored"},
		{"HS-25 a proof that is none", func() object { return with(victim.writes(w, "forged"), "proof", proof) }, 202, "ignored"},
		{"HS-24 twin: from who wrote it", func() object { return eve.writes(w, "honest") }, 202, "applied"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := tc.activity()
			if got := eve.says(w, a); got != tc.want {
				t.Fatalf("%d, want %d", got, tc.want)
			}
			if tc.outcome == "" {
				return
			}
			if got := w.outcome(idOf(a)); got != tc.outcome {
				t.Errorf("it is %s, want %s", got, tc.outcome)
			}
		})
	}
	if n := w.number(`SELECT count(*) FROM posts WHERE content LIKE '%forged%'`); n != 0 {
		t.Errorf("%d forged posts are kept", n)
	}
}

// closedServer listens where our server must not go, and counts who comes.
func closedServer(t testing.TB) (address string, reached *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String(), count(t, listener)
}

// count hangs up on whoever comes.
func count(t testing.TB, listener net.Listener) *atomic.Int64 {
	reached, done := &atomic.Int64{}, make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			c.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return reached
}
