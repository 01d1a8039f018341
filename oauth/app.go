package oauth

import (
	"context"
	"crypto/subtle"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/fault"
	"passerelles/storage"
)

// OutOfBand stands for a page of ours that shows the code, to be carried over by hand.
const OutOfBand = "urn:ietf:wg:oauth:2.0:oob"

// Bounds of what an app says of itself.
const (
	longestName    = 60   // characters
	longestAddress = 2000 // bytes
	mostRedirects  = 10
	longestScopes  = 2000 // bytes
	longestProof   = 128  // characters of a challenge, and of what proves it: RFC 7636
	shortestProof  = 43
)

// App is a program that may ask members to act for them.
type App struct {
	ID        int64
	Client    string // client_id
	Name      string
	Website   string // may be empty
	Redirects []string
	Scopes    Scopes // the most it may ask for
	CreatedAt time.Time
}

// NewApp is what a program says of itself when it registers.
type NewApp struct {
	Name      string
	Website   string
	Redirects []string
	Scopes    string // "": read
}

// Register makes an app known and gives its client_secret, which is not kept.
func (s *Service) Register(ctx context.Context, n NewApp) (App, string, error) {
	scopes, err := n.check()
	if err != nil {
		return App{}, "", err
	}
	now := s.now()
	a := App{ID: storage.NewID(now), Client: newSecret(), Name: strings.TrimSpace(n.Name), Website: n.Website,
		Redirects: n.Redirects, Scopes: scopes, CreatedAt: now}
	secret := newSecret()
	return a, secret, insertApp(ctx, s.db, a, hash(secret))
}

func (n NewApp) check() (Scopes, error) {
	name := strings.TrimSpace(n.Name)
	switch {
	case name == "":
		return nil, fault.New(fault.Invalid, "Validation failed: Application name can't be blank")
	case utf8.RuneCountInString(name) > longestName:
		return nil, fault.New(fault.Invalid, "Validation failed: Application name is too long (maximum is 60 characters)")
	case n.Website != "" && !isPage(n.Website):
		return nil, fault.New(fault.Invalid, "Validation failed: Application website is not a valid URL")
	case len(n.Redirects) == 0:
		return nil, fault.New(fault.Invalid, "Validation failed: Redirect URI can't be blank")
	case len(n.Redirects) > mostRedirects || slices.ContainsFunc(n.Redirects, func(r string) bool { return !isRedirect(r) }):
		return nil, fault.New(fault.Invalid, "Validation failed: Redirect URI must be an absolute URI, without a fragment.")
	case len(n.Scopes) > longestScopes:
		return nil, errScope
	}
	return readScopes(n.Scopes)
}

func isPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= longestAddress && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// harmful schemes would have the browser run something, or open it as ours.
var harmful = []string{"javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "view-source"}

// isRedirect takes the schemes of programs ("tusky://…"), pages, and OutOfBand.
func isRedirect(text string) bool {
	if text == OutOfBand {
		return true
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > longestAddress || u.Scheme == "" || u.Fragment != "" || strings.Contains(text, "#") ||
		u.User != nil || slices.Contains(harmful, strings.ToLower(u.Scheme)) {
		return false
	}
	return u.Scheme != "http" && u.Scheme != "https" || u.Host != ""
}

// proven finds an app that proves itself by its secret.
func (s *Service) proven(ctx context.Context, client, secret string) (App, error) {
	a, sum, err := appByClient(ctx, s.db, client)
	if fault.Is(err, fault.NotFound) || err == nil && subtle.ConstantTimeCompare(sum, hash(secret)) != 1 {
		return App{}, errClient
	}
	return a, err
}
