package server

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// TestHalfSignedInPassesNoDoor tries each door for members with what the password alone opens.
func TestHalfSignedInPassesNoDoor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.turnsOn(t, "chef") // who may most
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path string, form url.Values) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		a, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		return a.StatusCode, a.Header.Get("Location")
	}
	if got, to := ask(http.MethodPost, "/sign-in", url.Values{"login": {"chef"}, "password": {anasPassword}}); to != "/sign-in/code" {
		t.Fatalf("the password leads to %d %s", got, to)
	}
	isHalf := func() {
		t.Helper()
		if got, to := ask(http.MethodGet, "/sign-in/code", nil); got != http.StatusOK {
			t.Fatalf("the page for the code: %d %s", got, to)
		}
	}
	isHalf()
	defer isHalf() // until the last door
	for name, d := range doors {
		if d.who != member && d.who != admin {
			continue
		}
		method, template, _ := strings.Cut(name, " ")
		got, to := ask(method, s.samples.Replace(template), url.Values{"password": {anasPassword}})
		switch {
		case d.who == member && (got != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in?next=")):
			t.Errorf("%s: %d to %q, want to be sent to sign in", name, got, to)
		case d.who == admin && got != http.StatusNotFound:
			t.Errorf("%s: %d, want 404", name, got)
		}
	}
}
