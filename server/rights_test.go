package server

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/oauth"
)

// right is a line of docs/mastodon-api.md or docs/api.md: an address of the API, and what its token must hold.
type right struct {
	route, who string
	any        []string // of which one will do; empty: none is needed
}

var rightLine = regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`]+)` \\| (anybody|an app|a member) \\| ([^|]+) \\|")

// rights are the lines of the tables.
func rights(t *testing.T) []right {
	t.Helper()
	return slices.Concat(rightsIn(t, "../docs/mastodon-api.md"), rightsIn(t, "../docs/api.md"))
}

func rightsIn(t *testing.T, file string) (all []right) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range rightLine.FindAllStringSubmatch(string(page), -1) {
		r := right{route: m[1], who: m[2]}
		for _, word := range regexp.MustCompile("`([a-z:_]+)`").FindAllStringSubmatch(m[3], -1) {
			r.any = append(r.any, word[1])
		}
		all = append(all, r)
	}
	return all
}

// ofApps says whether a route is one of the API, which has a table of its own; its test is TestEachRight.
func ofApps(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return strings.HasPrefix(path, "/api/") || strings.HasSuffix(path, "{slash:/?}") || strings.HasPrefix(route, http.MethodOptions+" ")
}

// app is one that may ask for everything, with a token of its own and one for whoever agrees.
type app struct {
	t      *testing.T
	s      *Server
	client oauth.App
	secret string
}

func newApp(t *testing.T, s *Server) *app {
	t.Helper()
	a := &app{t: t, s: s}
	var err error
	a.client, a.secret, err = s.Apps.Register(t.Context(), oauth.NewApp{Name: "Lunettes", Redirects: []string{oauth.OutOfBand}, Scopes: strings.Join(oauth.Known(), " ")})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// token is what a member grants.
func (a *app) token(who accounts.Member, scopes ...string) string {
	a.t.Helper()
	code, err := a.s.Apps.Grant(a.t.Context(), who.ID, oauth.Asking{ResponseType: "code", Client: a.client.Client, Redirect: oauth.OutOfBand, Scopes: strings.Join(scopes, " ")})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.exchange(oauth.Trade{Type: "authorization_code", Client: a.client.Client, Secret: a.secret, Code: code, Redirect: oauth.OutOfBand})
}

func (a *app) exchange(t oauth.Trade) string {
	a.t.Helper()
	token, err := a.s.Apps.Exchange(a.t.Context(), t)
	if err != nil {
		a.t.Fatal(err)
	}
	return token.Secret
}

func with(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

const outside = "outside the authorized scopes"

// TestEachRight walks the API: each address with a token of each single right, with none, with one
// that does not hold, and with the app's own.
func TestEachRight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := newApp(t, s.Server)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for _, scope := range oauth.Known() {
		tokens[scope] = a.token(ana, scope)
	}
	own := a.exchange(oauth.Trade{Type: "client_credentials", Client: a.client.Client, Secret: a.secret, Scopes: "read write follow push profile"})
	all := rights(t)
	var listed []string
	for _, r := range all {
		listed = append(listed, r.route)
		t.Run(r.route, func(t *testing.T) {
			method, path, _ := strings.Cut(r.route, " ")
			path = strings.Replace(path, "/accounts/{id:[0-9]+}", "/accounts/"+strconv.FormatInt(int64(ana.ID), 10), 1)
			path = strings.NewReplacer("{id:[0-9]+}", unknownID, "{who:[0-9]+}", unknownID, "{theme:[0-9]+}", unknownID, "{report:[0-9]+}", unknownID, "{quoting:[0-9]+}", unknownID, "{tag}", "scie", "{key}", "ungrouped-1").Replace(path)
			if got, _, _ := s.ask(t, method, path, nil); (got == http.StatusUnauthorized) != (r.who != "anybody") && path != "/oauth/token" && path != "/oauth/revoke" {
				t.Errorf("without a token: %d", got)
			}
			if got, _, _ := s.ask(t, method, path+"?access_token="+tokens["read"], nil); got != http.StatusUnauthorized && r.who != "anybody" && !strings.HasPrefix(path, "/api/v1/streaming") {
				t.Errorf("with a token in the address: %d, want 401", got)
			}
			if path == "/oauth/token" || path == "/oauth/revoke" {
				return // where an app proves itself otherwise
			}
			if got, _, _ := s.ask(t, method, path, nil, with("none")); got != http.StatusUnauthorized {
				t.Errorf("with a token that is none: %d, want 401", got)
			}
			if got, _, text := s.ask(t, method, path, nil, with(own)); r.who == "a member" && (got != http.StatusUnprocessableEntity || !strings.Contains(text, "authenticated user")) {
				t.Errorf("with the app's own token: %d %s, want 422", got, text)
			}
			for scope, token := range tokens {
				got, _, text := s.ask(t, method, path, nil, with(token))
				may := len(r.any) == 0 || slices.ContainsFunc(r.any, oauth.ParseScopes(scope).Allow)
				if refused := got == http.StatusForbidden && strings.Contains(text, outside); refused == may {
					t.Errorf("with %s: %d %s; it may: %v", scope, got, text, may)
				}
			}
		})
	}
	t.Run("the table has each route, and no other", func(t *testing.T) {
		var there []string
		for _, name := range routeNames(t, s.routes()) {
			if name, ok := strings.CutSuffix(name, "{slash:/?}"); ok && !strings.HasPrefix(name, http.MethodOptions) {
				there = append(there, name)
			}
		}
		slices.Sort(there)
		slices.Sort(listed)
		if !slices.Equal(there, listed) {
			t.Errorf("the router has %q, the table %q", there, listed)
		}
	})
}

// TestOtherSitesReadTheAPI: pages of others read what they hold a token for, and nothing else of ours.
func TestOtherSitesReadTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/api/v2/instance", "/api/v1/accounts/verify_credentials", "/oauth/token"} {
		method := http.MethodGet
		if path == "/oauth/token" {
			method = http.MethodPost
		}
		_, head, _ := s.ask(t, method, path, nil, fromElsewhere)
		if head.Get("Access-Control-Allow-Origin") != "*" || head.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s lets them: %q", path, head)
		}
		status, head, _ := s.ask(t, http.MethodOptions, path, nil, fromElsewhere)
		if allowed := head.Get("Access-Control-Allow-Headers"); status != http.StatusOK || !strings.Contains(allowed, "Authorization") {
			t.Errorf("asked whether %s may be: %d %q", path, status, allowed)
		}
	}
	for _, path := range []string{"/", "/settings/sessions", "/oauth/authorize", "/c/makers"} {
		if _, head, _ := s.ask(t, http.MethodGet, path, nil, s.asAna, fromElsewhere); head.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s may be read from another site: %q", path, head)
		}
	}
	t.Run("a session is no token", func(t *testing.T) {
		if status, _, _ := s.ask(t, http.MethodGet, "/api/v1/accounts/verify_credentials", nil, s.asAna); status != http.StatusUnauthorized {
			t.Errorf("a key of the command line opens the API: %d", status)
		}
		ana, err := s.Accounts.ByName(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		token := newApp(t, s.Server).token(ana, oauth.Known()...)
		if status, _, _ := s.ask(t, http.MethodGet, "/settings", nil, with(token)); status == http.StatusOK {
			t.Error("the token of an app opens the settings of the site")
		}
	})
}

// TestAppsByTheThousand: one address registers no more than some.
func TestAppsByTheThousand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 31 {
		status, head, _ := s.ask(t, http.MethodPost, "/api/v1/apps", strings.NewReader("client_name=x&redirect_uris=urn:ietf:wg:oauth:2.0:oob"))
		switch {
		case i < 30 && status != http.StatusOK:
			t.Fatalf("the app number %d: %d", i, status)
		case i == 30 && (status != http.StatusTooManyRequests || head.Get("Retry-After") == ""):
			t.Errorf("one more: %d %q, want 429 and when to come back", status, head.Get("Retry-After"))
		}
	}
}

// TestWhatEndsAnApp goes through the parts as the server joins them.
func TestWhatEndsAnApp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	token := newApp(t, s.Server).token(ana, "read")
	opens := func() int {
		status, _, _ := s.ask(t, http.MethodGet, "/api/v1/accounts/verify_credentials", nil, with(token))
		return status
	}
	if got := opens(); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	if err := s.Accounts.SetPassword(t.Context(), acts.By{}, ana.ID, "another horse battery"); err != nil {
		t.Fatal(err)
	}
	if got := opens(); got != http.StatusUnauthorized {
		t.Errorf("after a new password: %d, want 401", got)
	}
}

// TestInstanceCounts tells apps how large the server is, as it tells other servers.
func TestInstanceCounts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	members, active, written, err := s.Documents.Usage(t.Context())
	if err != nil || members != 2 || written != 2 {
		t.Fatalf("%d members, %d active, %d posts, %v", members, active, written, err)
	}
	for path, want := range map[string]string{"/api/v1/instance": `"stats":{"domain_count":0,"status_count":2,"user_count":2}`,
		"/api/v2/instance": `"active_month":` + strconv.Itoa(active)} {
		if _, _, text := s.ask(t, http.MethodGet, path, nil); !strings.Contains(text, want) {
			t.Errorf("%s lacks %s: %s", path, want, text)
		}
	}
}
