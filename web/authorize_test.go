package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"passerelles/oauth"
)

// TestAuthorize has a member meet an app that asks to act for her.
func TestAuthorize(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const back = "https://lunettes.example/back?from=here"
	app, secret, err := w.Apps.Register(t.Context(), oauth.NewApp{Name: "<b>Lunettes</b>", Website: "https://lunettes.example",
		Redirects: []string{back, oauth.OutOfBand, "lunettes://back"}, Scopes: "read write"})
	if err != nil {
		t.Fatal(err)
	}
	asks := func(change ...string) url.Values {
		q := url.Values{"response_type": {"code"}, "client_id": {app.Client}, "redirect_uri": {back}, "scope": {"read write:statuses"}, "state": {"x&y"}}
		for i := 0; i+1 < len(change); i += 2 {
			q.Set(change[i], change[i+1])
		}
		return q
	}
	at := func(q url.Values) string { return "/oauth/authorize?" + q.Encode() }
	ana := w.as(w.ana)
	exchange := func(code, redirect string) error {
		_, err := w.Apps.Exchange(t.Context(), oauth.Trade{Type: "authorization_code", Client: app.Client, Secret: secret, Code: code, Redirect: redirect})
		return err
	}

	t.Run("who is not signed in is first", func(t *testing.T) {
		w.visitor().get(at(asks())).leads(t, "/sign-in?next="+url.QueryEscape(at(asks())))
	})
	t.Run("the page says who asks, and for what", func(t *testing.T) {
		a := ana.get(at(asks())).shows(t, 200, "&lt;b&gt;Lunettes&lt;/b&gt;", "lire ce que vous voyez", "publier en votre nom", "Autoriser", "Refuser")
		a.lacks(t, "<b>Lunettes", "bloquer et masquer", "administrer")
		if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://lunettes.example;") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("the policy is %s", policy)
		}
		if policy := ana.get(at(asks("redirect_uri", "lunettes://back"))).header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' lunettes:;") {
			t.Errorf("the policy is %s", policy)
		}
	})
	t.Run("looking grants nothing", func(t *testing.T) {
		if all, err := w.Apps.Granted(t.Context(), w.ana.ID); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
	})
	t.Run("yes leads to the app, with a code and what it sent along", func(t *testing.T) {
		form := asks()
		form.Set("act", "allow")
		to, err := url.Parse(ana.post("/oauth/authorize", form).header.Get("Location"))
		if err != nil || to.Host != "lunettes.example" || to.Query().Get("from") != "here" || to.Query().Get("state") != "x&y" {
			t.Fatalf("it leads to %s (%v)", to, err)
		}
		if err := exchange(to.Query().Get("code"), back); err != nil {
			t.Error(err)
		}
	})
	t.Run("yes shows the code to who has to carry it", func(t *testing.T) {
		form := asks("redirect_uri", oauth.OutOfBand)
		form.Set("act", "allow")
		a := ana.post("/oauth/authorize", form).shows(t, 200, "Code d’autorisation")
		code := regexp.MustCompile(`id="code" value="([^"]+)"`).FindStringSubmatch(a.body)
		if code == nil || exchange(code[1], oauth.OutOfBand) != nil {
			t.Errorf("the code is %v", code)
		}
	})
	t.Run("no tells the app so", func(t *testing.T) {
		for _, act := range []string{"refuse", "", "anything"} {
			form := asks()
			form.Set("act", act)
			to := ana.post("/oauth/authorize", form).header.Get("Location")
			if !strings.HasPrefix(to, "https://lunettes.example/back?error=access_denied&") {
				t.Errorf("%q leads to %s", act, to)
			}
		}
	})
	t.Run("what the app may not have is told to it", func(t *testing.T) {
		to := ana.get(at(asks("scope", "admin:read"))).header.Get("Location")
		if !strings.HasPrefix(to, "https://lunettes.example/back?error=invalid_scope&") {
			t.Errorf("it leads to %s", to)
		}
	})
	t.Run("nobody is led to an address that was not named", func(t *testing.T) {
		for _, change := range [][]string{{"redirect_uri", "https://evil.example/"}, {"redirect_uri", ""}, {"client_id", "nobody"}, {"redirect_uri", back + "&x=1"}} {
			if a := ana.get(at(asks(change...))).shows(t, 400); a.header.Get("Location") != "" {
				t.Errorf("%v leads to %s", change, a.header.Get("Location"))
			}
			form := asks(change...)
			form.Set("act", "allow")
			if a := ana.post("/oauth/authorize", form).shows(t, 400); a.header.Get("Location") != "" {
				t.Errorf("%v leads to %s", change, a.header.Get("Location"))
			}
		}
	})
	t.Run("she sees what she granted, and ends it", func(t *testing.T) {
		a := ana.get("/settings/sessions").shows(t, 200, "Applications autorisées", "&lt;b&gt;Lunettes")
		for _, field := range regexp.MustCompile(`name="app" value="(\d+)"`).FindAllStringSubmatch(a.body, -1) {
			ana.post("/settings/sessions/end", url.Values{"app": {field[1]}}).leads(t, "/settings/sessions")
		}
		ana.get("/settings/sessions").lacks(t, "Lunettes")
	})
}

// TestAuthorizeInABrowser goes to another site by a form of ours, which browsers allow where the
// page says so.
func TestAuthorizeInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	came := make(chan url.Values, 1)
	lens := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			came <- r.URL.Query()
		}
		_, _ = out.Write([]byte("<title>Lunettes</title><h1>Merci</h1>")) // fails only if the browser has gone
	}))
	t.Cleanup(lens.Close)
	app, _, err := w.Apps.Register(t.Context(), oauth.NewApp{Name: "Lunettes", Website: "https://lunettes.example", Redirects: []string{lens.URL + "/back", oauth.OutOfBand}, Scopes: "read write follow push"})
	if err != nil {
		t.Fatal(err)
	}
	at := func(redirect string) string {
		return "/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {app.Client}, "redirect_uri": {redirect}, "scope": {"read write follow push"}}.Encode()
	}
	script := axe(t)
	b := newBrowser(t, w)
	b.visits(at(lens.URL + "/back"))
	b.fills("#login", "ana")
	b.fills("#password", password)
	b.presses(`main form button`)
	b.finds("Autoriser une application", "Lunettes", "publier en votre nom")
	b.judges(script, "member", at(oauth.OutOfBand))
	b.presses(`button[value="allow"]`)
	b.finds("Code d’autorisation", "dans les dix minutes")
	b.photographs("member code")
	b.accessible(script, "the code")
	b.visits(at(lens.URL + "/back"))
	b.presses(`button[value="allow"]`)
	b.finds("Merci")
	if q := <-came; q.Get("code") == "" || q.Get("error") != "" {
		t.Errorf("the app is told %v", q)
	}
	b.visits("/settings/sessions")
	b.finds("Mot de passe et sessions")
	b.judges(script, "member", "/settings/sessions")
}
