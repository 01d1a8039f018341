package security

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"passerelles/accounts"
	"passerelles/acts"
)

// looks has a member look for something, and now and then another one: one may look for
// so much only.
func (s *scene) looks(path, what string) {
	s.t.Helper()
	if s.looked++; s.looked%20 == 0 {
		name := "looker" + strconv.Itoa(s.looked)
		who, err := s.Accounts.Create(s.ctx(), accounts.New{Name: name, Email: name + "@example.org", Password: "correct horse battery"})
		if err != nil {
			s.t.Fatal(err)
		}
		if s.token, err = s.Accounts.IssueToken(s.ctx(), acts.By{}, who.ID, "test", 0); err != nil {
			s.t.Fatal(err)
		}
	}
	if got := s.get(path+url.QueryEscape(what), true); got.StatusCode == http.StatusTooManyRequests {
		s.t.Errorf("%s was not looked for at all", what)
	}
}

// ways are all by which a stranger can have our server ask an address.
func (s *scene) ways() map[string]func(address string) {
	return map[string]func(address string){
		"to be followed": func(address string) { s.looks("/follow?who=", address) },
		"searched for":   func(address string) { s.looks("/search?q=", address) },
		"the key of a signature": func(address string) {
			if strings.ContainsAny(address, "\r\n") {
				return // no header can hold it
			}
			s.request(letter{who: s.eve, town: s.town, body: bytesOf(s.eve.writes(s.town, "x")), keyID: address}.request())
		},
		"what a community announces": func(address string) { s.den.says(s.town, s.den.does("Announce", address)) },
		"what is created":            func(address string) { s.eve.says(s.town, s.eve.does("Create", address)) },
		"what a post answers": func(address string) {
			s.eve.says(s.town, s.eve.does("Create", s.eve.note("x", object{"audience": s.makersIRI(), "inReplyTo": address})))
		},
		"a mention in a post of ours": func(address string) {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "https" || u.User != nil {
				return // its host alone may well be asked
			}
			s.postForm("/posts", url.Values{"community": {strconv.FormatInt(int64(s.makers.Actor.ID), 10)},
				"title": {"x"}, "text": {"Hello @eve@" + u.Host}})
		},
	}
}

// tried waits until all that was taken has been tried once, with the network.
func (w *town) tried() {
	w.t.Helper()
	w.await("all is tried", func() bool {
		return w.number(`SELECT count(*) FROM inbox_queue WHERE attempts = 0 OR lease_until IS NOT NULL`) == 0
	})
}

// postForm sends a form as a script of Ana's.
func (w *town) postForm(path string, form url.Values) answer {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+w.token)
	return w.request(r)
}

// TestAddressesThatAreNotAsked gives our server private addresses by every way.
func TestAddressesThatAreNotAsked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	port, reached := everywhere(t, "0")
	_, service := everywhere(t, "127.66.255.1:6379")
	public := "127.66.255.2:" + port // so that nothing but the spelling forbids it
	for _, tc := range []struct{ name, address string }{
		{"SS-01 loopback", "https://127.0.0.1:" + port + "/"},
		{"SS-01 another loopback", "https://127.255.255.254:" + port + "/"},
		{"SS-01 localhost", "https://localhost:" + port + "/"},
		{"SS-01 localhost with a dot", "https://localhost.:" + port + "/"},
		{"SS-01 short loopback", "https://127.1:" + port + "/"},
		{"SS-02 a private network", "https://10.0.0.1:" + port + "/"},
		{"SS-02 carriers' networks", "https://100.64.0.1:" + port + "/"},
		{"SS-03 unspecified", "https://0.0.0.0:" + port + "/"},
		{"SS-03 unspecified, one figure", "https://0:" + port + "/"},
		{"SS-03 unspecified IPv6", "https://[::]:" + port + "/"},
		{"SS-04 metadata of clouds", "https://169.254.169.254:" + port + "/latest/meta-data"},
		{"SS-04 link-local with a zone", "https://[fe80::1%25lo]:" + port + "/"},
		{"SS-05 IPv6 loopback", "https://[::1]:" + port + "/"},
		{"SS-05 IPv6 private", "https://[fc00::1]:" + port + "/"},
		{"SS-06 IPv4 in IPv6", "https://[::ffff:127.0.0.1]:" + port + "/"},
		{"SS-06 IPv4 compatible", "https://[::127.0.0.1]:" + port + "/"},
		{"SS-06 NAT64", "https://[64:ff9b::7f00:1]:" + port + "/"},
		{"SS-06 6to4", "https://[2002:7f00:1::]:" + port + "/"},
		{"SS-07 one number", "https://2130706433:" + port + "/"},
		{"SS-07 hexadecimal", "https://0x7f.1:" + port + "/"},
		{"SS-07 octal", "https://0177.0.0.1:" + port + "/"},
		{"SS-07 circled digits", "https://①②⑦.⓪.⓪.①:" + port + "/"},
		{"SS-11 without TLS", "http://" + public + "/"},
		{"SS-11 a file", "file:///etc/passwd"},
		{"SS-11 gopher", "gopher://127.0.0.1:" + port + "/"},
		{"SS-14 a user before the host", "https://" + s.vera.host() + "@" + public + "/"},
		{"SS-14 a backslash", `https://` + s.vera.host() + `\@` + public + "/"},
		{"SS-14 a line break", "https://" + public + "/\r\nX: y"},
		{"SS-15 the port of a service", "https://127.66.255.1:6379/"},
		{"SS-16 an encoded host", "https://127.66.255.2%0d%0a:" + port + "/"},
		{"SS-16 an encoded line break in a host's letters", "https://127.66.255%2e2:" + port + "/"},
		{"SS-17 ourselves", s.origin + "/actors/1"},
		{"SS-10 a redirect to loopback", s.eve.URL + "/to-loopback"},
		{"SS-10 a permanent redirect to loopback", s.eve.URL + "/to-loopback-308"},
		{"SS-12 a redirect to itself", s.eve.URL + "/to-itself"},
		{"SS-11 a redirect to a file", s.eve.URL + "/to-file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.eve.redirects("/to-loopback", "https://127.0.0.1:"+port+"/")
			s.eve.redirects("/to-itself", s.eve.URL+"/to-itself")
			s.eve.redirects("/to-file", "file:///etc/passwd")
			s.eve.shows("/to-loopback-308", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://localhost:"+port+"/", http.StatusPermanentRedirect)
			}))
			for way, ask := range s.ways() {
				ask(tc.address)
				if n := reached.Swap(0) + service.Swap(0); n != 0 {
					t.Errorf("%s, it was reached %d times", way, n)
				}
			}
		})
	}
	t.Run("SS-01 by the ways that take longer", func(t *testing.T) {
		s.tried()
		if n := reached.Load() + service.Load(); n != 0 {
			t.Errorf("what is closed was reached %d times", n)
		}
	})
	t.Run("SS-12 a loop is soon left", func(t *testing.T) {
		if n := s.eve.asked("/to-itself"); n == 0 || n > 4*len(s.ways()) {
			t.Errorf("a loop was followed: %d questions, want some and at most %d", n, 4*len(s.ways()))
		}
	})
	t.Run("SS-01 twin: by each way a public address is asked", func(t *testing.T) {
		for way, ask := range s.ways() {
			p := newPeer(t)
			ask(p.URL + "/x")
			s.await(way+" asks", func() bool { return p.asked("") > 0 })
		}
	})
	t.Run("SS-21 an inbox in private is not delivered to", func(t *testing.T) {
		who := s.eve.person("private")
		who.doc["inbox"], who.doc["endpoints"] = "https://127.0.0.1:"+port+"/inbox", object{}
		if got := s.get("/follow?who="+url.QueryEscape(who.IRI), true).StatusCode; got == http.StatusOK {
			t.Errorf("%d, want a refusal", got)
		}
		who = s.eve.person("ours")
		who.doc["inbox"] = s.origin + "/inbox"
		if got := s.get("/follow?who="+url.QueryEscape(who.IRI), true).StatusCode; got == http.StatusOK {
			t.Errorf("an inbox of ours: %d, want a refusal", got)
		}
	})
}

// TestAnswersTellNothing compares what one is told of addresses that are closed,
// forbidden, and broken.
func TestAnswersTellNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	port, _ := everywhere(t, "0")
	shut := newPeer(t)
	shut.Close()
	const canary = "CNRY-0e1f"
	if err := s.Accounts.SetLanguage(t.Context(), s.ana.ID, "en"); err != nil { // in others only what is translated can be told
		t.Fatal(err)
	}
	s.eve.shows("/ill", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Canary", canary)
		http.Error(w, canary, http.StatusInternalServerError)
	}))
	told := func(address string) string {
		got := s.get("/follow?who="+url.QueryEscape(address), true)
		text := strings.NewReplacer(address, "…", url.QueryEscape(address), "…").Replace(got.text)
		return strconv.Itoa(got.StatusCode) + text
	}
	closed := told(shut.URL + "/x")
	for name, address := range map[string]string{
		"SS-19 a private address":           "https://127.0.0.1:" + port + "/x",
		"SS-19 a network that is not there": "https://10.1.2.3:" + port + "/x",
		"SS-19 a port of a service":         "https://" + strings.Split(shut.host(), ":")[0] + ":6379/x",
	} {
		if got := told(address); got != closed {
			t.Errorf("%s: told otherwise than of a closed one:\n%s\n%s", name, got, closed)
		}
	}
	t.Run("SS-22 what the other server said is not told", func(t *testing.T) {
		if got := told(s.eve.URL + "/ill"); strings.Contains(got, canary) || strings.Contains(s.log.String(), canary) {
			t.Error("its answer is shown, or logged")
		}
	})
}

// everywhere listens on all addresses of this machine, or on one, and counts who comes.
func everywhere(t testing.TB, address string) (port string, reached *atomic.Int64) {
	t.Helper()
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	reached = count(t, listener)
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port, reached
}
