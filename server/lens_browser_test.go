package server

import (
	"context"
	"flag"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"passerelles/accounts"
	"passerelles/e2e/programs"
)

// The pages are looked at:
//
//	go test ./server -run TestAnAppInAPage -shots /tmp/shots
var shots = flag.String("shots", "", "folder in which to keep pictures of the pages")

// lens is an app in a page of another site, which keeps no secret.
func lens(t *testing.T, home string) *httptest.Server {
	t.Helper()
	page, err := template.ParseFiles("testdata/lens.html")
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, home); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(at.Close)
	return at
}

// TestAnAppInAPage has Ana let an app of another site in, which asks by fetch, with her second
// factor and PKCE.
func TestAnAppInAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	secret := s.turnsOn(t, "ana")
	app := lens(t, s.url)
	v := &viewer{programs.Chromium(t), t}

	v.do(chromedp.Navigate(app.URL))
	v.looks("1 app")
	v.presses("#go")
	v.reads("h1", "Se connecter")
	v.looks("2 sign-in")
	v.fills("#login", "ana")
	v.fills("#password", anasPassword)
	v.presses("main form button")
	v.reads("h1", "Entrez votre code")
	v.looks("3 code")
	code, err := totp.GenerateCode(secret, time.Now().Add(30*time.Second)) // that of now was shown already
	if err != nil {
		t.Fatal(err)
	}
	v.fills("#code", code)
	v.presses("main form button")
	v.reads("main", "Lunettes")
	v.reads("main", "@ana")
	v.looks("4 consent")
	v.presses(`button[value="allow"]`)
	v.awaits(`document.querySelector("#state").textContent.includes("@")`)
	v.reads("#state", "Bonjour @ana (read:accounts profile)")
	v.looks("5 back")

	v.do(chromedp.Navigate(app.URL))
	v.presses("#go")
	v.reads("main", "@ana") // she is signed in by now
	v.presses(`button[value="refuse"]`)
	v.awaits(`document.querySelector("#state").textContent.includes(":")`)
	v.reads("#state", "Échec : access_denied")
	v.looks("6 refused")
}

const anasPassword = "correct horse battery"

// turnsOn gives a member a second factor, and its secret.
func (s *site) turnsOn(t *testing.T, name string) string {
	t.Helper()
	m, err := s.Accounts.ByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	offer, err := s.Accounts.OfferFactor(m)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(offer.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Accounts.TurnOnFactor(t.Context(), m, accounts.Turning{Sealed: offer.Sealed, Credentials: accounts.Credentials{Password: anasPassword, Code: code}})
	if err != nil {
		t.Fatal(err)
	}
	return offer.Secret
}

// viewer looks at pages in a browser.
type viewer struct {
	ctx context.Context
	t   *testing.T
}

func (v *viewer) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) fills(field, text string) {
	v.t.Helper()
	v.do(chromedp.SetValue(chromedp.CSS(field), text))
}

// presses clicks, and waits for the page to which that leads.
func (v *viewer) presses(what string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(what))); err != nil {
		v.t.Fatalf("press %s: %v\n%s", what, err, v.says("body"))
	}
}

func (v *viewer) says(where string) string {
	v.t.Helper()
	words, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).innerText", where)))
	if err != nil {
		v.t.Fatal(err)
	}
	return words
}

func (v *viewer) reads(where, words string) {
	v.t.Helper()
	if got := v.says(where); !strings.Contains(got, words) {
		v.t.Fatalf("%s says %q, want %q", where, got, words)
	}
}

// awaits waits until something holds in the page.
func (v *viewer) awaits(what string) {
	v.t.Helper()
	if _, err := chromedp.Run(v.ctx, chromedp.Poll[bool](what)); err != nil {
		v.t.Fatalf("wait for %s: %v\n%s", what, err, v.says("body"))
	}
}

// looks keeps pictures of a page, and sees that it does not scroll sideways.
func (v *viewer) looks(name string) {
	v.t.Helper()
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			v.do(chromedp.EmulateViewport(width, 900))
			_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
			if err != nil {
				v.t.Fatal(err)
			}
			wide, err := chromedp.Run(v.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
			if err != nil || wide > width {
				v.t.Errorf("%s is %d wide, %v", name, wide, err)
			}
			v.photographs(fmt.Sprintf("lens-%s-%d-%s.png", strings.ReplaceAll(name, " ", "-"), width, scheme))
		}
	}
}

func (v *viewer) photographs(file string) {
	v.t.Helper()
	if *shots == "" {
		return
	}
	picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(*shots, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, file), picture, 0o644)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}
