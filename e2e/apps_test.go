package e2e

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"passerelles/e2e/programs"
)

//go:embed apps/member.py
var memberApp string

// TestApps drives apps that we did not write: they introduce themselves, a member agrees on the page,
// and they do for her what apps do.
func TestApps(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	for _, name := range []string{"ana", "eve", "mia", "zoe"} {
		home.member(name)
	}
	away.member("bob")
	home.community("makers", "ana")
	home.do("follow", "makers", "--as", "eve")
	home.asks("ana", "makers", "Laquelle?", "Rouge", "Bleue")
	first := home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Qui a une scie?", "--text", "Pour samedi.").text("id")
	home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Dimanche.")

	home.do("post", "new", "--as", "ana", "--text", "Samedi, un cours de #Bois.")
	home.do("follow", "mia", "--as", "eve")
	home.do("post", "new", "--as", "eve", "--text", "Bonjour @mia")
	home.do("post", "new", "--as", "eve", "--scope", "direct", "--text", "psst @mia")

	t.Run("one that is made with Mastodon.py", func(t *testing.T) {
		script := filepath.Join(t.TempDir(), "member.py")
		must(t, os.WriteFile(script, []byte(memberApp), 0o600))
		a := home.app(t, programs.Python(t, "mastodon", "python3-mastodon"), script, home.origin, "@bob@"+away.host)
		a.agrees("mia")
		facts := answer{}
		for a.out.Scan() {
			line := answer{}
			if err := json.Unmarshal(a.out.Bytes(), &line); err != nil {
				t.Fatalf("it says %s: %s", a.out.Text(), a.errs)
			}
			maps.Copy(facts, line)
		}
		if err := a.cmd.Wait(); err != nil {
			t.Fatalf("%v: %s\nafter %v", err, a.errs, facts)
		}
		want := answer{"me": "mia", "group": true, "follows": true, "boosted_by": "makers", "by": "ana", "same": true, "visibility": "public",
			"answers": true, "whose": true, "liked": 1.0, "unliked": 0.0, "pages": true, "back": true, "out": true, "healthy": true, "hears_end": true, "erased": "Ma réponse", "source": "Changé @makers",
			"boosted": true, "boosts": 1.0, "unboosted": false, "kept": true, "unkept": false, "pinned": true, "hush": true, "renamed": "Loin", "marked": true,
			"one": true, "rest": 1.0, "weeks": 12.0, "called": "Mia M.", "reported": "Un essai.", "still": false,
			"ready": true, "once": true, "hides": true, "refused": true, "mine": true, "twice": true}
		for name, value := range want {
			if facts[name] != value {
				t.Errorf("%s is %v, want %v", name, facts[name], value)
			}
		}
		for name, value := range map[string]string{"below": `["<p>Ma réponse</p>"]`, "above": `[true]`, "named": `["makers"]`, "found": `["makers"]`, "words": `[true]`,
			"boosters": `["mia"]`, "bookmarks": `[true]`, "favourites": `[true]`, "likers": `["mia"]`, "pins": `[true]`, "listed": `["ana"]`, "list": `[1,0,0,0]`,
			"lists": `["Loin"]`, "filters": `["dimanche"]`, "held": `[["dimanche"]]`, "marks": `["home"]`, "under": `["Bois"]`, "trend": `["Bois"]`,
			"told": `["follow","mention"]`, "mentions": `[false,true]`, "none": `[]`, "exchange": `[1]`, "emojis": `[]`, "news": `[]`, "asked": `[]`, "blocks": `[]`,
			"peers": `[]`, "links": `[]`, "mutes": `["ana"]`, "blocked": `["ana"]`,
			"picture": `["image","Une scie",0.5]`, "shown": `["Deux scies"]`, "kinds": `["image","unknown"]`, "choice": `["Rouge","Bleue"]`, "vote": `[1]`, "votes": `[0,1]`,
			"away": `["bob@` + away.host + `"]`} {
			if got := compact(t, facts[name]); got != value {
				t.Errorf("%s is %s, want %s", name, got, value)
			}
		}
		if edited := facts.text("edited"); strings.Contains(edited, "Bonjour") {
			t.Errorf("what it was called stays: %s", edited)
		}
		if content := facts.text("content"); !strings.Contains(content, "<br") {
			t.Errorf("its lines became %s", content)
		}
	})

	t.Run("one that is made with masto.js, which listens", func(t *testing.T) {
		dir := npm(t, "masto", filepath.Join("apps", "masto"), "member.mjs")
		a := home.app(t, node(dir), filepath.Join(dir, "member.mjs"), home.origin)
		a.agrees("zoe")
		facts := answer{}
		for a.out.Scan() {
			line := answer{}
			if err := json.Unmarshal(a.out.Bytes(), &line); err != nil {
				t.Fatalf("it says %s: %s", a.out.Text(), a.errs)
			}
			maps.Copy(facts, line)
			if line["ready"] != nil { // each command is a process of its own
				said := home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Rabot", "--text", "Je le prête.").text("id")
				home.do("post", "new", "--as", "eve", "--community", "makers", "--title", "Merci", "--text", "Merci, @zoe!")
				home.do("post", "delete", said, "--as", "ana")
			}
		}
		if err := a.cmd.Wait(); err != nil {
			t.Fatalf("%v: %s\nafter %v", err, a.errs, facts)
		}
		want := answer{"me": "zoe", "group": true, "follows": true, "boosted_by": "makers", "update": "ana", "notice": "mention", "from": "eve",
			"gone": "string", "answers": true, "edited": true, "liked": true, "above": true, "home": true, "out": true}
		for name, value := range want {
			if facts[name] != value {
				t.Errorf("%s is %v, want %v", name, facts[name], value)
			}
		}
	})

	t.Run("toot", func(t *testing.T) {
		eve := home.tooter(t, "eve")
		eve.says("@eve", "whoami")
		if out := eve.says("Qui a une scie?", "timeline", "--once"); !strings.Contains(out, "makers") {
			t.Errorf("timeline: %s", out)
		}
		eve.posts("@makers Je l’apporte.")
		scie := filepath.Join(t.TempDir(), "scie.png")
		must(t, os.WriteFile(scie, small(t, 9), 0o600))
		eve.posts("@makers La voici.", "--media", scie, "--description", "Une scie")
		home.sees(first, func(answer) bool { return true })
		eve.says("apporte", "timeline", "--once", "--public", "--local")
		eve.says("@makers", "search", "makers")
		eve.says("", "logout", "eve@"+home.host)
	})
}

// asks has a member ask with answers to choose from, on the page.
func (s *town) asks(who, community, what string, answers ...string) {
	s.t.Helper()
	browser, page := s.browser(who)
	form := url.Values{"text": {what}, "poll-options": {strings.Join(answers, "\n")}, "poll-hours": {"24"}, "told": {"1"}}
	at := regexp.MustCompile(`name="community" value="(\d+)"`).FindStringSubmatch(page(browser.Get(s.origin + "/c/" + community)))
	if at == nil {
		s.t.Fatal("the community has no form")
	}
	form.Set("community", at[1])
	page(browser.PostForm(s.origin+"/posts", form))
}

func compact(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text))
}

// app is a program that signs in.
type app struct {
	t    *testing.T
	home *town
	cmd  *exec.Cmd
	in   io.WriteCloser
	rest io.Reader
	out  *bufio.Scanner
	errs *strings.Builder
}

func (s *town) app(t *testing.T, name string, args ...string) *app {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(cancel)
	a := &app{t: t, home: s, cmd: exec.CommandContext(ctx, name, args...), errs: &strings.Builder{}}
	folder := t.TempDir()
	a.cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "LANG=C.UTF-8", "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1", "BROWSER=true",
		"REQUESTS_CA_BUNDLE=" + os.Getenv("SSL_CERT_FILE"), "NODE_EXTRA_CA_CERTS=" + os.Getenv("SSL_CERT_FILE")}
	var err error
	a.in, err = a.cmd.StdinPipe()
	must(t, err)
	out, err := a.cmd.StdoutPipe()
	must(t, err)
	a.cmd.Stderr = a.errs
	a.rest, a.out = out, bufio.NewScanner(out)
	must(t, a.cmd.Start())
	return a
}

var consent = regexp.MustCompile(`https://\S*/oauth/authorize\S*`)

// agrees is agree for one member, after what the app asks before.
func (a *app) agrees(who string, before ...string) {
	a.t.Helper()
	a.letsIn(who, before...)
	must(a.t, a.in.Close())
}

// agree has some members let the app in, one after the other.
func (a *app) agree(members ...string) {
	a.t.Helper()
	for _, who := range members {
		a.letsIn(who)
	}
	must(a.t, a.in.Close())
}

// letsIn waits for the address that the app tells, opens the page as a member, presses the button,
// and hands the code over, after what it asks before.
func (a *app) letsIn(who string, before ...string) {
	a.t.Helper()
	at := ""
	for at == "" && a.out.Scan() {
		at = consent.FindString(a.out.Text())
	}
	if at == "" {
		a.t.Fatalf("no address is told: %s", a.errs)
	}
	_, err := io.WriteString(a.in, strings.Join(append(before, a.home.consents(who, at)), "\n")+"\n")
	must(a.t, err)
}

// consents goes through the pages by which a member lets an app in, and gives the code that is shown.
func (s *town) consents(who, at string) string {
	s.t.Helper()
	browser, page := s.browser(who)
	form := url.Values{"act": {"allow"}}
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(page(browser.Get(at)), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	code := regexp.MustCompile(`id="code" value="([^"]+)"`).FindStringSubmatch(page(browser.PostForm(s.origin+"/oauth/authorize", form)))
	if code == nil {
		s.t.Fatal("no code is shown")
	}
	return code[1]
}

// browser is one in which a member is signed in; page reads what it shows.
func (s *town) browser(who string) (browser *http.Client, page func(*http.Response, error) string) {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	browser = &http.Client{Jar: jar, Transport: client().Transport}
	page = func(r *http.Response, err error) string {
		s.t.Helper()
		must(s.t, err)
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		must(s.t, err)
		if r.StatusCode != http.StatusOK {
			s.t.Fatalf("%s is answered %d: %s", r.Request.URL, r.StatusCode, text)
		}
		return string(text)
	}
	page(browser.PostForm(s.origin+"/sign-in", url.Values{"login": {who}, "password": {"correct horse battery " + who}}))
	return browser, page
}
