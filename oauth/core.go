package oauth

import (
	"context"
	"crypto/subtle"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	refused "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// ofCode is under what a token's extension says of which code it comes.
const ofCode = "code"

// newCore joins the library's manager to our tables.
func newCore(s *Service) *manage.Manager {
	m := manage.NewManager()
	m.SetAuthorizeCodeExp(codeLife)
	m.SetAuthorizeCodeTokenCfg(&manage.Config{}) // tokens do not expire, and are not refreshed
	m.SetClientTokenCfg(&manage.Config{})
	m.SetValidateURIHandler(sameRedirect)
	m.SetExtractExtensionHandler(func(r *oauth2.TokenGenerateRequest, t oauth2.ExtendableTokenInfo) {
		if r.Code != "" {
			t.SetExtension(url.Values{ofCode: {r.Code}})
		}
	})
	m.MapAuthorizeGenerate(secrets{})
	m.MapAccessGenerate(tokenSecrets{})
	m.MapClientStorage(clients{s})
	m.MapTokenStorage(tokens{s})
	return m
}

type secrets struct{}

// Token makes a code.
func (secrets) Token(context.Context, *oauth2.GenerateBasic) (string, error) { return newSecret(), nil }

type tokenSecrets struct{}

// Token makes an access token.
func (tokenSecrets) Token(context.Context, *oauth2.GenerateBasic, bool) (access, refresh string, err error) {
	return newSecret(), "", nil
}

// client is an app, as the core sees it.
type client struct {
	App
	secret []byte
}

func (c client) GetID() string     { return c.Client }
func (c client) GetSecret() string { return "" } // we hold none: see VerifyPassword
func (c client) GetDomain() string { return strings.Join(c.Redirects, "\n") }
func (c client) IsPublic() bool    { return false }
func (c client) GetUserID() string { return "" }

// VerifyPassword takes the secret, or none: Exchange saw to it that a proof comes instead.
func (c client) VerifyPassword(secret string) bool {
	return secret == "" || subtle.ConstantTimeCompare(c.secret, hash(secret)) == 1
}

type clients struct{ *Service }

// GetByID finds an app by its client_id.
func (c clients) GetByID(ctx context.Context, id string) (oauth2.ClientInfo, error) {
	a, secret, err := appByClient(ctx, c.db, id)
	if fault.Is(err, fault.NotFound) {
		return nil, refused.ErrInvalidClient
	}
	return client{App: a, secret: secret}, err
}

// tokens keep codes and tokens.
type tokens struct{ *Service }

const (
	noCode  = "There is no such code."
	noToken = "There is no such token."
)

// Create keeps a code, or a token with the code it comes of.
func (t tokens) Create(ctx context.Context, info oauth2.TokenInfo) error {
	now := t.now()
	var member *actors.ID
	if id, err := strconv.ParseInt(info.GetUserID(), 10, 64); err == nil {
		member = new(actors.ID(id))
	}
	if text := info.GetCode(); text != "" && member != nil {
		return insertCode(ctx, t.db, code{Hash: hash(text), Client: info.GetClientID(), Member: *member,
			Redirect: info.GetRedirectURI(), Scopes: info.GetScope(), Challenge: info.GetCodeChallenge(), ExpiresAt: now.Add(codeLife)})
	}
	n := issue{ID: storage.NewID(now), Hash: hash(info.GetAccess()), Client: info.GetClientID(), Member: member, Scopes: info.GetScope()}
	if of, ok := info.(oauth2.ExtendableTokenInfo); ok && of.GetExtension().Get(ofCode) != "" {
		n.Code = hash(of.GetExtension().Get(ofCode))
	}
	return t.db.Write(ctx, func(tx storage.Tx) error { return insertToken(ctx, tx, n, now) })
}

// GetByCode finds a code that holds.
func (t tokens) GetByCode(ctx context.Context, text string) (oauth2.TokenInfo, error) {
	c, err := codeByHash(ctx, t.db, hash(text), t.now())
	if fault.Is(err, fault.NotFound) {
		return nil, refused.ErrInvalidAuthorizeCode
	}
	if err != nil {
		return nil, err
	}
	info := models.NewToken()
	info.SetCode(text)
	info.SetClientID(c.Client)
	info.SetUserID(strconv.FormatInt(int64(c.Member), 10))
	info.SetRedirectURI(c.Redirect)
	info.SetScope(c.Scopes)
	info.SetCodeCreateAt(time.Now()) // how old it is we have seen already
	info.SetCodeExpiresIn(codeLife)
	info.SetCodeChallenge(c.Challenge)
	info.SetCodeChallengeMethod(oauth2.CodeChallengeS256)
	return info, nil
}

// RemoveByCode uses a code up, which only one can do.
func (t tokens) RemoveByCode(ctx context.Context, text string) error {
	first := false
	err := t.db.Write(ctx, func(tx storage.Tx) (err error) {
		first, err = useCode(ctx, tx, hash(text), t.now())
		return err
	})
	if err == nil && !first {
		return refused.ErrInvalidAuthorizeCode
	}
	return err
}

// Tokens are verified, and ended, by Service; there are none to refresh.

// RemoveByAccess ends a token.
func (t tokens) RemoveByAccess(context.Context, string) error { return refused.ErrServerError }

// RemoveByRefresh ends a token.
func (t tokens) RemoveByRefresh(context.Context, string) error { return refused.ErrServerError }

// GetByAccess finds a token.
func (t tokens) GetByAccess(context.Context, string) (oauth2.TokenInfo, error) {
	return nil, refused.ErrServerError
}

// GetByRefresh finds a token.
func (t tokens) GetByRefresh(context.Context, string) (oauth2.TokenInfo, error) {
	return nil, refused.ErrServerError
}
