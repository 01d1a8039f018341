package oauth

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	refused "github.com/go-oauth2/oauth2/v4/errors"

	"passerelles/actors"
	"passerelles/fault"
)

// Refusal is an error of the protocol, by its code (RFC 6749, 4.1.2.1 and 5.2).
type Refusal struct {
	Code        string
	Description string
}

// Error gives the sentence.
func (r *Refusal) Error() string { return r.Description }

func refuse(err error) error {
	return &Refusal{Code: err.Error(), Description: refused.Descriptions[err] + "."}
}

var (
	errClient   = refuse(refused.ErrInvalidClient)
	errGrant    = refuse(refused.ErrInvalidGrant)
	errBadScope = refuse(refused.ErrInvalidScope)
	errRequest  = refuse(refused.ErrInvalidRequest)
)

// Asking is what an app asks a member for, in the parameters of the page for consent.
type Asking struct {
	ResponseType string // "code"
	Client       string
	Redirect     string
	Scopes       string // "": read
	State        string // given back as it came
	Challenge    string // PKCE, S256; "" for none
	Method       string // of the challenge
}

// Consider says who asks, and for which rights. fault.Invalid: nobody can be told but the
// reader. A *Refusal: the app is told at its address.
func (s *Service) Consider(ctx context.Context, a Asking) (App, Scopes, error) {
	app, _, err := appByClient(ctx, s.db, a.Client)
	switch {
	case fault.Is(err, fault.NotFound):
		return App{}, nil, fault.New(fault.Invalid, "This app is not known here: it has to introduce itself again.")
	case err != nil:
		return App{}, nil, err
	case !slices.Contains(app.Redirects, a.Redirect):
		return App{}, nil, fault.New(fault.Invalid, "This app asks for the answer at an address that it did not name before.")
	}
	scopes, err := readScopes(a.Scopes)
	switch {
	case a.ResponseType != "code":
		return app, nil, refuse(refused.ErrUnsupportedResponseType)
	case err != nil || !scopes.Within(app.Scopes):
		return app, nil, errBadScope
	case a.Challenge == "" && a.Method == "":
		return app, scopes, nil
	case a.Method != oauth2.CodeChallengeS256.String() || len(a.Challenge) < shortestProof || len(a.Challenge) > longestProof:
		return app, nil, errRequest
	}
	return app, scopes, nil
}

// Grant has a member agree, and gives the code for the app. It holds ten minutes, once.
func (s *Service) Grant(ctx context.Context, who actors.ID, a Asking) (string, error) {
	_, scopes, err := s.Consider(ctx, a)
	if err != nil {
		return "", err
	}
	t, err := s.core.GenerateAuthToken(ctx, oauth2.Code, &oauth2.TokenGenerateRequest{
		ClientID: a.Client, UserID: strconv.FormatInt(int64(who), 10), RedirectURI: a.Redirect, Scope: scopes.String(),
		CodeChallenge: a.Challenge, CodeChallengeMethod: oauth2.CodeChallengeMethod(a.Method),
	})
	if err != nil {
		return "", asRefusal(err)
	}
	return t.GetCode(), nil
}

// Trade is what an app gives for a token.
type Trade struct {
	Type           string // authorization_code or client_credentials
	Client, Secret string
	Code, Redirect string
	Verifier       string // that proves the challenge
	Scopes         string // of the app itself
}

// Token is a secret that is given once.
type Token struct {
	Secret    string
	Scopes    string
	CreatedAt time.Time
}

// Exchange gives a token, or a *Refusal.
func (s *Service) Exchange(ctx context.Context, t Trade) (Token, error) {
	ask := &oauth2.TokenGenerateRequest{ClientID: t.Client, ClientSecret: t.Secret}
	kind := oauth2.GrantType(t.Type)
	switch kind {
	case oauth2.AuthorizationCode:
		if t.Code == "" || t.Redirect == "" {
			return Token{}, errRequest
		}
		ask.Code, ask.RedirectURI, ask.CodeVerifier = t.Code, t.Redirect, t.Verifier
	case oauth2.ClientCredentials:
		app, err := s.proven(ctx, t.Client, t.Secret)
		if err != nil {
			return Token{}, err
		}
		scopes, err := readScopes(t.Scopes)
		if err != nil || !scopes.Within(app.Scopes) {
			return Token{}, errBadScope
		}
		ask.Scope = scopes.String()
	default:
		return Token{}, refuse(refused.ErrUnsupportedGrantType)
	}
	if t.Secret == "" && t.Verifier == "" {
		return Token{}, errClient
	}
	given, err := s.core.GenerateAccessToken(ctx, kind, ask)
	if err != nil {
		return Token{}, asRefusal(err)
	}
	return Token{Secret: given.GetAccess(), Scopes: given.GetScope(), CreatedAt: s.now()}, nil
}

// asRefusal tells the errors of the core; what went wrong here stays as it is.
func asRefusal(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind != fault.NotFound:
		return err
	case errors.Is(err, refused.ErrInvalidClient):
		return errClient
	case f != nil, errors.Is(err, refused.ErrInvalidAuthorizeCode), errors.Is(err, refused.ErrInvalidCodeChallenge),
		errors.Is(err, refused.ErrMissingCodeVerifier), errors.Is(err, refused.ErrMissingCodeChallenge),
		errors.Is(err, refused.ErrInvalidRedirectURI):
		return errGrant
	}
	return err
}

// sameRedirect wants the very text of one of those that were named.
func sameRedirect(named, asked string) error {
	if slices.Contains(strings.Split(named, "\n"), asked) {
		return nil
	}
	return refused.ErrInvalidRedirectURI
}
