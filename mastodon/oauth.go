package mastodon

import (
	"crypto/rand"
	"net/url"
	"strconv"
	"strings"

	"passerelles/fault"
	"passerelles/oauth"
	"passerelles/pace"
)

type application struct {
	ID           string   `json:"id,omitempty"`
	Name         string   `json:"name"`
	Website      *string  `json:"website"`
	Scopes       []string `json:"scopes,omitempty"`
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	RedirectURI  string   `json:"redirect_uri,omitempty"` // several stand one a line
	ClientID     string   `json:"client_id,omitempty"`
	ClientSecret string   `json:"client_secret,omitempty"`
	VapidKey     string   `json:"vapid_key"`
}

func (h *Handler) applicationOf(a oauth.App) application {
	v := application{ID: strconv.FormatInt(a.ID, 10), Name: a.Name, Scopes: a.Scopes, RedirectURIs: a.Redirects,
		RedirectURI: strings.Join(a.Redirects, "\n"), VapidKey: h.Push.PublicKey()}
	if a.Website != "" {
		v.Website = &a.Website
	}
	return v
}

// appsAnHour is how many apps one address may register.
const appsAnHour = 30

// registerApp makes an app known.
func (h *Handler) registerApp(c *call) (any, error) {
	// Each is another: the counter knows things apart by what they are called.
	if wait, may := h.registered.Take(pace.Visitor(c.r), rand.Text(), h.Now()); !may {
		return nil, fault.Later(fault.TooMany, "Too many requests", wait)
	}
	var redirects []string
	for _, text := range c.params["redirect_uris"] {
		redirects = append(redirects, strings.Fields(text)...)
	}
	a, secret, err := h.Apps.Register(c.r.Context(), oauth.NewApp{Name: c.params.Get("client_name"), Website: c.params.Get("website"),
		Redirects: redirects, Scopes: strings.Join(c.params["scopes"], " ")})
	if err != nil {
		return nil, err
	}
	v := h.applicationOf(a)
	v.ClientID, v.ClientSecret = a.Client, secret
	return v, nil
}

func (h *Handler) verifyApp(c *call) (any, error) { return h.applicationOf(c.access.App), nil }

// client is how an app names itself and proves it: in the body, or as a user of HTTP.
func (c *call) client() (id, secret string) {
	if id, secret, ok := c.r.BasicAuth(); ok {
		if plain, err := url.QueryUnescape(id); err == nil {
			id = plain // RFC 6749, 2.3.1
		}
		if plain, err := url.QueryUnescape(secret); err == nil {
			secret = plain
		}
		return id, secret
	}
	return c.params.Get("client_id"), c.params.Get("client_secret")
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	Scope       string `json:"scope"`
	CreatedAt   int64  `json:"created_at"` // seconds since 1970
}

// token gives a token for a code, or to the app itself.
func (h *Handler) token(c *call) (any, error) {
	client, secret := c.client()
	t, err := h.Apps.Exchange(c.r.Context(), oauth.Trade{Type: c.params.Get("grant_type"), Client: client, Secret: secret,
		Code: c.params.Get("code"), Redirect: c.params.Get("redirect_uri"), Verifier: c.params.Get("code_verifier"),
		Scopes: c.params.Get("scope")})
	if err != nil {
		return nil, err
	}
	return tokenAnswer{t.Secret, "Bearer", t.Scopes, t.CreatedAt.Unix()}, nil
}

// revoke ends a token of the app that asks.
func (h *Handler) revoke(c *call) (any, error) {
	client, secret := c.client()
	return struct{}{}, h.Apps.Revoke(c.r.Context(), client, secret, c.params.Get("token"))
}

// oauthServer tells apps what they may count on: RFC 8414.
func (h *Handler) oauthServer(*call) (any, error) {
	at := h.IRIs.Origin
	return map[string]any{
		"issuer": at + "/", "service_documentation": "https://docs.joinmastodon.org/",
		"authorization_endpoint": at + "/oauth/authorize", "token_endpoint": at + "/oauth/token",
		"app_registration_endpoint": at + "/api/v1/apps", "revocation_endpoint": at + "/oauth/revoke",
		"userinfo_endpoint": at + "/oauth/userinfo",
		"scopes_supported":  oauth.Known(), "response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported":                 []string{"authorization_code", "client_credentials"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256"},
	}, nil
}

// userInfo tells an app that may know no more who somebody is.
func (h *Handler) userInfo(c *call) (any, error) {
	a, err := h.Directory.ByID(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	return map[string]any{"iss": h.IRIs.Origin + "/", "sub": a.IRI, "name": a.DisplayName(), "preferred_username": a.Name,
		"profile": a.URL, "picture": h.avatar(a)}, nil
}
