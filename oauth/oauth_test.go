package oauth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/oauth"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

const (
	password = "correct horse"
	back     = "https://app.example/back?from=here"
	verifier = "a-verifier-that-is-long-enough-for-the-standard-1234"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town has a member, Ana, and an app that may read and write.
type town struct {
	*oauth.Service
	t      *testing.T
	db     *storage.DB
	people *accounts.Service
	clock  *clock
	ana    accounts.Member
	app    oauth.App
	secret string
}

func newTown(t *testing.T) *town {
	t.Helper()
	tw := &town{t: t, db: storagetest.New(t), clock: &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
	iris := federation.IRIs{Origin: "https://town.example"}
	dir := actors.New(actors.Options{DB: tw.db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tw.clock.Now,
		Client: federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test"})})
	_, err := dir.EnsureServer(t.Context())
	tw.check(err)
	tw.people = accounts.NewService(accounts.Options{DB: tw.db, Directory: dir, IRIs: iris, Now: tw.clock.Now,
		Ended: func(ctx context.Context, tx storage.Tx, who actors.ID) error { return tw.EndAll(ctx, tx, who) }})
	tw.Service = oauth.NewService(oauth.Options{DB: tw.db, Accounts: tw.people, Now: tw.clock.Now})
	tw.ana, err = tw.people.Create(t.Context(), accounts.New{Name: "ana", Email: "ana@town.example", Password: password})
	tw.check(err)
	tw.app, tw.secret = tw.registers(oauth.NewApp{Name: "Lunettes", Redirects: []string{back, oauth.OutOfBand}, Scopes: "read write follow push"})
	return tw
}

func (tw *town) check(err error) {
	tw.t.Helper()
	if err != nil {
		tw.t.Fatal(err)
	}
}

func (tw *town) registers(n oauth.NewApp) (oauth.App, string) {
	tw.t.Helper()
	a, secret, err := tw.Register(tw.t.Context(), n)
	tw.check(err)
	return a, secret
}

// asks is what the app asks Ana for.
func (tw *town) asks(change ...func(*oauth.Asking)) oauth.Asking {
	a := oauth.Asking{ResponseType: "code", Client: tw.app.Client, Redirect: back, Scopes: "read write"}
	for _, do := range change {
		do(&a)
	}
	return a
}

func (tw *town) code(change ...func(*oauth.Asking)) string {
	tw.t.Helper()
	code, err := tw.Grant(tw.t.Context(), tw.ana.ID, tw.asks(change...))
	tw.check(err)
	return code
}

func (tw *town) trade(code string, change ...func(*oauth.Trade)) oauth.Trade {
	t := oauth.Trade{Type: "authorization_code", Client: tw.app.Client, Secret: tw.secret, Code: code, Redirect: back}
	for _, do := range change {
		do(&t)
	}
	return t
}

func (tw *town) token() string {
	tw.t.Helper()
	token, err := tw.Exchange(tw.t.Context(), tw.trade(tw.code()))
	tw.check(err)
	return token.Secret
}

func (tw *town) refuses(err error, code string) {
	tw.t.Helper()
	var r *oauth.Refusal
	if !errors.As(err, &r) || r.Code != code {
		tw.t.Errorf("the error is %v, want %s", err, code)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("the error is %v, want of kind %d", err, kind)
	}
}

func challenge(a *oauth.Asking) {
	sum := sha256.Sum256([]byte(verifier))
	a.Challenge, a.Method = base64.RawURLEncoding.EncodeToString(sum[:]), "S256"
}

func TestRegister(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for name, n := range map[string]oauth.NewApp{
		"of a program":         {Name: "Tusky", Redirects: []string{"oauth2redirect://com.keylesspalace.tusky/"}},
		"of a page":            {Name: "Elk", Website: "https://elk.example", Redirects: []string{"https://elk.example/callback", oauth.OutOfBand}},
		"of this machine":      {Name: "Phanpy", Redirects: []string{"http://localhost:23500/"}, Scopes: "read write follow push"},
		"with each narrow one": {Name: "x", Redirects: []string{back}, Scopes: strings.Join(oauth.Known(), " ")},
	} {
		t.Run("takes an app "+name, func(t *testing.T) {
			if _, _, err := tw.Register(t.Context(), n); err != nil {
				t.Error(err)
			}
		})
	}
	with := func(redirects ...string) oauth.NewApp { return oauth.NewApp{Name: "x", Redirects: redirects} }
	for name, n := range map[string]oauth.NewApp{
		"without a name":             {Redirects: []string{back}},
		"with a name without end":    {Name: strings.Repeat("é", 61), Redirects: []string{back}},
		"with a page that runs":      {Name: "x", Redirects: []string{back}, Website: "javascript:alert(1)"},
		"with an unknown right":      {Name: "x", Redirects: []string{back}, Scopes: "read everything"},
		"with a right in capitals":   {Name: "x", Redirects: []string{back}, Scopes: "READ"},
		"without an address":         with(),
		"with eleven addresses":      with(strings.Split(strings.Repeat(back+" ", 11), " ")[:11]...),
		"with a script":              with("javascript:alert(1)"),
		"with a script in capitals":  with("JavaScript:alert(1)"),
		"with data":                  with("data:text/html,hello"),
		"with a path alone":          with("/back"),
		"with a fragment":            with("https://app.example/#here"),
		"with an empty fragment":     with("https://app.example/#"),
		"with somebody's name in it": with("https://town.example@app.example/"),
		"with no host":               with("https:///back"),
		"with one bad among good":    with(back, "vbscript:x"),
	} {
		t.Run("refuses an app "+name, func(t *testing.T) {
			_, _, err := tw.Register(t.Context(), n)
			wantKind(t, err, fault.Invalid)
		})
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held, right string
		want        bool
	}{
		{"read", "read:statuses", true}, {"read:statuses", "read:statuses", true}, {"read:statuses", "read", false},
		{"read", "write:statuses", false}, {"write", "read:statuses", false}, {"follow", "write:follows", true},
		{"follow", "read:statuses", false}, {"", "read:accounts", true}, {"", "write", false},
		{"read write", "push", false}, {"read", "admin:read", false}, {"admin:read", "admin:read:accounts", true},
		{"admin:read", "read:accounts", false}, {"profile", "read:accounts", false},
	} {
		if got := oauth.ParseScopes(c.held).Allow(c.right); got != c.want {
			t.Errorf("%q allows %q: %v, want %v", c.held, c.right, got, c.want)
		}
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	t.Run("each way back is taken as it was named", func(t *testing.T) {
		for _, redirect := range []string{back, oauth.OutOfBand} {
			if _, _, err := tw.Consider(t.Context(), tw.asks(func(a *oauth.Asking) { a.Redirect = redirect })); err != nil {
				t.Errorf("%s: %v", redirect, err)
			}
		}
	})
	for name, redirect := range map[string]string{
		"none": "", "another ending": back + ".evil", "another query": "https://app.example/back?from=there", "a shorter one": "https://app.example/back",
		"a longer path": "https://app.example/back/../evil?from=here", "capitals": "https://APP.example/back?from=here",
		"another scheme": "http://app.example/back?from=here", "a fragment": back + "#x", "two in one": back + "\n" + oauth.OutOfBand,
		"another host": "https://app.example.evil/back?from=here", "a name before": "https://app.example@evil/back?from=here",
		"encoded": "https://app.example/b%61ck?from=here",
	} {
		t.Run("a way back that was not named: "+name, func(t *testing.T) {
			ask := tw.asks(func(a *oauth.Asking) { a.Redirect = redirect })
			_, _, err := tw.Consider(t.Context(), ask)
			wantKind(t, err, fault.Invalid)
			if code, err := tw.Grant(t.Context(), tw.ana.ID, ask); err == nil {
				t.Errorf("it gives the code %s", code)
			}
		})
	}
	for name, change := range map[string]func(*oauth.Asking){
		"more than the app said": func(a *oauth.Asking) { a.Scopes = "read admin:read" },
		"an unknown right":       func(a *oauth.Asking) { a.Scopes = "read all" },
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, _, err := tw.Consider(t.Context(), tw.asks(change))
			tw.refuses(err, "invalid_scope")
		})
	}
	for name, change := range map[string]func(*oauth.Asking){
		"a plain challenge":         func(a *oauth.Asking) { a.Challenge, a.Method = verifier, "plain" },
		"a challenge of no method":  func(a *oauth.Asking) { a.Challenge = verifier },
		"a method of no challenge":  func(a *oauth.Asking) { a.Method = "S256" },
		"a challenge that is short": func(a *oauth.Asking) { a.Challenge, a.Method = "short", "S256" },
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, _, err := tw.Consider(t.Context(), tw.asks(change))
			tw.refuses(err, "invalid_request")
		})
	}
	t.Run("refuses to give a token without a code", func(t *testing.T) {
		_, _, err := tw.Consider(t.Context(), tw.asks(func(a *oauth.Asking) { a.ResponseType = "token" }))
		tw.refuses(err, "unsupported_response_type")
	})
}

func TestExchange(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	t.Run("a code gives a token, which stands for the member and no more than she agreed to", func(t *testing.T) {
		token, err := tw.Exchange(t.Context(), tw.trade(tw.code(func(a *oauth.Asking) { a.Scopes = "read" })))
		tw.check(err)
		a, err := tw.Verify(t.Context(), token.Secret)
		tw.check(err)
		if a.Member == nil || a.Member.ID != tw.ana.ID || a.App.Name != "Lunettes" || a.Scopes.Allow("write:statuses") || !a.Scopes.Allow("read:statuses") {
			t.Errorf("it allows %+v", a)
		}
	})
	other, otherSecret := tw.registers(oauth.NewApp{Name: "Autre", Redirects: []string{back}, Scopes: "read write"})
	for name, change := range map[string]func(*oauth.Trade){
		"of another app":               func(t *oauth.Trade) { t.Client, t.Secret = other.Client, otherSecret },
		"with another way back":        func(t *oauth.Trade) { t.Redirect = oauth.OutOfBand },
		"that is made up":              func(t *oauth.Trade) { t.Code += "x" },
		"with a proof of no challenge": func(t *oauth.Trade) { t.Verifier = verifier },
	} {
		t.Run("refuses a code "+name, func(t *testing.T) {
			_, err := tw.Exchange(t.Context(), tw.trade(tw.code(), change))
			tw.refuses(err, "invalid_grant")
		})
	}
	t.Run("refuses a code after ten minutes", func(t *testing.T) {
		code := tw.code()
		tw.clock.pass(10*time.Minute + time.Second)
		_, err := tw.Exchange(t.Context(), tw.trade(code))
		tw.refuses(err, "invalid_grant")
	})
	for name, change := range map[string]func(*oauth.Trade){
		"a wrong secret": func(t *oauth.Trade) { t.Secret += "x" },
		"no secret":      func(t *oauth.Trade) { t.Secret = "" },
		"no app":         func(t *oauth.Trade) { t.Client = "nobody" },
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := tw.Exchange(t.Context(), tw.trade(tw.code(), change))
			tw.refuses(err, "invalid_client")
		})
	}
	for _, kind := range []string{"password", "refresh_token", "", "implicit"} {
		t.Run("refuses to give a token by "+kind, func(t *testing.T) {
			_, err := tw.Exchange(t.Context(), tw.trade(tw.code(), func(t *oauth.Trade) { t.Type = kind }))
			tw.refuses(err, "unsupported_grant_type")
		})
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	proves := func(t *oauth.Trade) { t.Verifier = verifier }
	t.Run("with it, and the secret", func(t *testing.T) {
		_, err := tw.Exchange(t.Context(), tw.trade(tw.code(challenge), proves))
		tw.check(err)
	})
	t.Run("with it instead of the secret", func(t *testing.T) {
		_, err := tw.Exchange(t.Context(), tw.trade(tw.code(challenge), proves, func(t *oauth.Trade) { t.Secret = "" }))
		tw.check(err)
	})
	for name, change := range map[string]func(*oauth.Trade){
		"without it":   func(*oauth.Trade) {},
		"another one":  func(t *oauth.Trade) { t.Verifier = strings.Repeat("b", 50) },
		"the sum":      func(t *oauth.Trade) { a := oauth.Asking{}; challenge(&a); t.Verifier = a.Challenge },
		"in its place": func(t *oauth.Trade) { t.Verifier, t.Secret = strings.Repeat("b", 50), "" },
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			code := tw.code(challenge)
			_, err := tw.Exchange(t.Context(), tw.trade(code, change))
			tw.refuses(err, "invalid_grant")
			_, err = tw.Exchange(t.Context(), tw.trade(code, proves))
			tw.refuses(err, "invalid_grant") // it is used up
		})
	}
}

// TestCodeUsedTwice: who uses a code again may have stolen it, or the first may have.
func TestCodeUsedTwice(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	t.Run("ends what it gave", func(t *testing.T) {
		code, other := tw.code(), tw.token()
		token, err := tw.Exchange(t.Context(), tw.trade(code))
		tw.check(err)
		_, err = tw.Exchange(t.Context(), tw.trade(code))
		tw.refuses(err, "invalid_grant")
		_, err = tw.Verify(t.Context(), token.Secret)
		wantKind(t, err, fault.Unauthenticated)
		_, err = tw.Verify(t.Context(), other)
		tw.check(err)
	})
	t.Run("fifty times at once", func(t *testing.T) {
		code := tw.code()
		var given sync.Map
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if token, err := tw.Exchange(t.Context(), tw.trade(code)); err == nil {
					given.Store(token.Secret, true)
				}
			})
		}
		all.Wait()
		n := 0
		given.Range(func(secret, _ any) bool {
			n++
			_, err := tw.Verify(t.Context(), secret.(string))
			wantKind(t, err, fault.Unauthenticated)
			return true
		})
		if n > 1 {
			t.Errorf("%d got a token", n)
		}
	})
}

func TestAppItself(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	itself := oauth.Trade{Type: "client_credentials", Client: tw.app.Client, Secret: tw.secret, Scopes: "read"}
	token, err := tw.Exchange(t.Context(), itself)
	tw.check(err)
	a, err := tw.Verify(t.Context(), token.Secret)
	tw.check(err)
	if a.Member != nil {
		t.Errorf("it stands for %s", a.Member.Name)
	}
	more := itself
	more.Scopes = "read admin:write"
	_, err = tw.Exchange(t.Context(), more)
	tw.refuses(err, "invalid_scope")
	public := itself
	public.Secret, public.Verifier = "", verifier
	_, err = tw.Exchange(t.Context(), public)
	tw.refuses(err, "invalid_client")
}

// TestWhatEndsATokenEndsAll walks the ways in which a member's tokens end.
func TestWhatEndsATokenEndsAll(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for name, end := range map[string]func(secret string) error{
		"the app revokes it": func(secret string) error {
			return tw.Revoke(t.Context(), tw.app.Client, tw.secret, secret)
		},
		"the member ends it": func(string) error {
			all, err := tw.Granted(t.Context(), tw.ana.ID)
			if err == nil {
				err = tw.End(t.Context(), tw.ana.ID, all[0].ID)
			}
			return err
		},
		"she ends all sessions": func(string) error { return tw.people.EndOtherSessions(t.Context(), tw.ana.ID, 0) },
		"a new password": func(string) error {
			return tw.people.SetPassword(t.Context(), acts.By{Line: true}, tw.ana.ID, "another horse battery")
		},
		"she is suspended": func(string) error {
			err := tw.people.Suspend(t.Context(), acts.By{Line: true}, tw.ana.ID, "")
			return errors.Join(err, tw.people.Restore(t.Context(), acts.By{Line: true}, tw.ana.ID))
		},
		"the account is closed": func(string) error {
			return tw.db.Write(t.Context(), func(tx storage.Tx) error { return tw.people.Close(t.Context(), tx, tw.ana.ID) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			secret, code := tw.token(), tw.code()
			tw.check(end(secret))
			_, err := tw.Verify(t.Context(), secret)
			wantKind(t, err, fault.Unauthenticated)
			if name == "the app revokes it" || name == "the member ends it" {
				return
			}
			_, err = tw.Exchange(t.Context(), tw.trade(code))
			tw.refuses(err, "invalid_grant")
		})
	}
	t.Run("another app does not", func(t *testing.T) {
		secret := tw.token()
		other, otherSecret := tw.registers(oauth.NewApp{Name: "Autre", Redirects: []string{back}})
		tw.check(tw.Revoke(t.Context(), other.Client, otherSecret, secret))
		_, err := tw.Verify(t.Context(), secret)
		tw.check(err)
		tw.refuses(tw.Revoke(t.Context(), tw.app.Client, "wrong", secret), "invalid_client")
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	tw.token()
	idle, _ := tw.registers(oauth.NewApp{Name: "Vide", Redirects: []string{back}})
	tw.clock.pass(8 * 24 * time.Hour)
	young, _ := tw.registers(oauth.NewApp{Name: "Neuve", Redirects: []string{back}})
	tw.check(tw.Sweep(t.Context()))
	for app, there := range map[string]bool{tw.app.Client: true, idle.Client: false, young.Client: true} {
		_, _, err := tw.Consider(t.Context(), tw.asks(func(a *oauth.Asking) { a.Client = app; a.Scopes = "read" }))
		if (err == nil) != there {
			t.Errorf("%s: %v, want there = %v", app, err, there)
		}
	}
	var codes int
	tw.check(tw.db.QueryRow(t.Context(), `SELECT count(*) FROM app_codes`).Scan(&codes))
	if codes != 0 {
		t.Errorf("%d codes stay", codes)
	}
}

// TestNoSecretIsKept looks for what opens something in the rows themselves.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	code := tw.code()
	token := tw.token()
	for _, secret := range []string{tw.secret, code, token} {
		var found int
		tw.check(tw.db.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM apps a WHERE a::text LIKE $1)
				+ (SELECT count(*) FROM app_codes c WHERE c::text LIKE $1)
				+ (SELECT count(*) FROM app_tokens k WHERE k::text LIKE $1)`, "%"+secret+"%").Scan(&found))
		if found != 0 {
			t.Errorf("a secret stands in %d rows", found)
		}
	}
}
