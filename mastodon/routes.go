package mastodon

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"passerelles/oauth"
)

// Who may call.
type caller int

const (
	anybody caller = iota // with a token or without
	anApp                 // with any token
	aMember               // with a token that stands for somebody
)

// action answers a call with a value that becomes JSON, or says why not.
type action func(c *call) (any, error)

// way is one address of the API.
type way struct {
	method, path string
	who          caller
	right        string // that the token must hold; "": none
	do           action
}

func (h *Handler) ways() []way {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	all := []way{
		{get, "/.well-known/oauth-authorization-server", anybody, "", h.oauthServer},
		{post, "/api/v1/apps", anybody, "", h.registerApp},
		{get, "/api/v1/apps/verify_credentials", anApp, "", h.verifyApp},
		{post, "/oauth/token", anybody, "", h.token},
		{post, "/oauth/revoke", anybody, "", h.revoke},
		{get, "/oauth/userinfo", aMember, "profile", h.userInfo},
		{post, "/oauth/userinfo", aMember, "profile", h.userInfo},

		{get, "/api/v1/instance", anybody, "", h.instanceV1},
		{get, "/api/v2/instance", anybody, "", h.instanceV2},
		{get, "/api/v1/preferences", aMember, "read:accounts", h.preferences},

		{get, "/api/v1/accounts/verify_credentials", aMember, "profile|read:accounts", h.verifyAccount},
		{get, "/api/v1/accounts/lookup", anybody, "read:accounts", h.lookup},
		{get, "/api/v1/accounts/search", aMember, "read:accounts", h.searchAccounts},
		{get, "/api/v1/accounts/relationships", aMember, "read:follows", h.relationships},
		{get, "/api/v1/accounts/{id:[0-9]+}", anybody, "read:accounts", h.account},
		{get, "/api/v1/accounts/{id:[0-9]+}/statuses", anybody, "read:statuses", h.accountStatuses},
		{get, "/api/v1/accounts/{id:[0-9]+}/following", aMember, "read:accounts", h.followingOf},
		{get, "/api/v1/accounts/{id:[0-9]+}/followers", aMember, "read:accounts", h.followersOf},
		{post, "/api/v1/accounts/{id:[0-9]+}/follow", aMember, "write:follows", h.follow},
		{post, "/api/v1/accounts/{id:[0-9]+}/unfollow", aMember, "write:follows", h.unfollow},
		{post, "/api/v1/accounts/{id:[0-9]+}/block", aMember, "write:blocks", h.shun},
		{post, "/api/v1/accounts/{id:[0-9]+}/unblock", aMember, "write:blocks", h.shun},
		{post, "/api/v1/accounts/{id:[0-9]+}/mute", aMember, "write:mutes", h.shun},
		{post, "/api/v1/accounts/{id:[0-9]+}/unmute", aMember, "write:mutes", h.shun},

		{post, "/api/v1/statuses", aMember, "write:statuses", h.publish},
		{get, "/api/v1/statuses", anybody, "read:statuses", h.several},
		{get, "/api/v1/statuses/{id:[0-9]+}", anybody, "read:statuses", h.status},
		{put, "/api/v1/statuses/{id:[0-9]+}", aMember, "write:statuses", h.edit},
		{del, "/api/v1/statuses/{id:[0-9]+}", aMember, "write:statuses", h.erase},
		{get, "/api/v1/statuses/{id:[0-9]+}/context", anybody, "read:statuses", h.context},
		{get, "/api/v1/statuses/{id:[0-9]+}/source", aMember, "read:statuses", h.source},
		{get, "/api/v1/search", anybody, "read:search", h.olderSearch},
		{get, "/api/v2/search", anybody, "read:search", h.search},
	}
	return slices.Concat(all, h.timelineWays(), h.reactionWays(), h.notificationWays(), h.listWays(), h.filterWays(), h.oldFilterWays(),
		h.tagWays(), h.requestWays(), h.aboutWays(), h.mediaWays(), h.streamWays(), h.pushWays(), h.pollWays(), h.scheduledWays(), h.adminWays(), h.ownWays(), h.quoteWays(), h.profileWays(), h.adminAccountWays())
}

// maybeSlash stands at the end of each address, as some clients write it.
const maybeSlash = "{slash:/?}"

// Routes are the addresses.
func (h *Handler) Routes(r *mux.Router) {
	for _, way := range h.ways() {
		r.Handle(way.path+maybeSlash, h.door(way)).Methods(way.method)
		r.HandleFunc(way.path+maybeSlash, preflight).Methods(http.MethodOptions)
	}
	r.HandleFunc(avatarPath, sendAvatar).Methods(http.MethodGet, http.MethodHead)
	r.PathPrefix("/api/").HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		shared(w.Header())
		h.fail(w, req, errNone)
	})
}

func pathVar(r *http.Request, name string) string { return mux.Vars(r)[name] }

// shared lets pages of any site read an answer: they hold a token of their own, and browsers
// send no cookie along.
func shared(head http.Header) {
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("Access-Control-Expose-Headers", "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id")
	head.Del("Cross-Origin-Opener-Policy")
}

func preflight(w http.ResponseWriter, _ *http.Request) {
	shared(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusOK)
}

// door lets a call in: with the right it needs, and nobody's cookie.
func (h *Handler) door(way way) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shared(w.Header())
		c := &call{w: w, r: r}
		err := h.admit(c, way)
		if err == nil {
			c.params, err = h.read(w, r, way)
		}
		var body any
		if err == nil {
			body, err = way.do(c)
		}
		if err != nil {
			h.fail(w, r, err)
			return
		}
		if body != answered {
			reply(w, http.StatusOK, body)
		}
	})
}

// answered is what an action gives that has answered by itself.
var answered any = new(struct{ _ bool })

// admit finds who calls. A token that does not hold is refused everywhere: an app has to
// learn that it is signed out.
func (h *Handler) admit(c *call, way way) error {
	secret := oauth.Bearer(c.r)
	if secret == "" && way.streams() {
		secret = streamToken(c.r)
	}
	if secret == "" || strings.HasPrefix(way.path, "/oauth/") && way.who == anybody {
		if err := h.take(c); err != nil || way.who == anybody {
			return err
		}
		return errNoToken
	}
	a, err := h.Apps.Verify(c.r.Context(), secret)
	if err == nil {
		c.access = &a
	}
	if limited := h.take(c); limited != nil {
		return limited
	}
	if err != nil {
		return err
	}
	if way.who == aMember && a.Member == nil {
		return errNoUser
	}
	if way.right == "" {
		return nil
	}
	for _, right := range strings.Split(way.right, "|") {
		if a.Scopes.Allow(right) {
			return nil
		}
	}
	return errNoRight
}
