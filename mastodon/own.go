package mastodon

import (
	_ "embed"
	"encoding/json"
	"net/url"
	"strings"

	"passerelles/actors"
	"passerelles/communities"
)

// What Mastodon's API cannot say is said below an address of our own, by the same door: the same
// tokens, rights and errors (docs/api.md). Each verb is that of the page of the site.

const (
	own          = "/api/passerelles/v1"
	ownCommunity = own + "/communities/{id:[0-9]+}"
)

func (h *Handler) ownWays() []way {
	return []way{
		{"GET", own + "/openapi.json", anybody, "", h.openAPI},
		{"GET", own + "/communities", anybody, "read:accounts", h.ownCommunities},
		{"GET", ownCommunity, anybody, "read:accounts", h.ownCommunity},
		{"GET", ownCommunity + "/themes", anybody, "read:accounts", h.ownThemes},
		{"POST", ownCommunity + "/themes", aMember, "write:accounts", h.addTheme},
		{"PATCH", ownCommunity + "/themes/{theme:[0-9]+}", aMember, "write:accounts", h.changeTheme},
		{"POST", ownCommunity + "/themes/{theme:[0-9]+}/retire", aMember, "write:accounts", h.retireTheme},
		{"POST", ownCommunity + "/themes/{theme:[0-9]+}/restore", aMember, "write:accounts", h.restoreTheme},
		{"GET", own + "/memberships", aMember, "read:follows", h.memberships},
		{"POST", ownCommunity + "/membership", aMember, "write:follows", h.join},
		{"DELETE", ownCommunity + "/membership", aMember, "write:follows", h.leave},
		{"GET", ownCommunity + "/members", aMember, "read:follows", h.members},
		{"PATCH", ownCommunity + "/members/{who:[0-9]+}", aMember, "write:follows", h.setRole},
		{"DELETE", ownCommunity + "/members/{who:[0-9]+}", aMember, "write:follows", h.dismiss},
		{"GET", ownCommunity + "/requests", aMember, "read:follows", h.joinRequests},
		{"POST", ownCommunity + "/requests/{who:[0-9]+}/accept", aMember, "write:follows", h.acceptJoin},
		{"POST", ownCommunity + "/requests/{who:[0-9]+}/decline", aMember, "write:follows", h.declineJoin},
		{"GET", ownCommunity + "/reports", aMember, "admin:read:reports", h.communityReports},
		{"POST", own + "/reports/{report:[0-9]+}/settle", aMember, "admin:write:reports", h.settleReport},
		{"GET", ownCommunity + "/rulings", anybody, "read:accounts", h.communityRulings},
	}
}

//go:embed openapi.json
var openAPI string

// openAPI describes these addresses, with this server's own.
func (h *Handler) openAPI(*call) (any, error) {
	return json.RawMessage(strings.ReplaceAll(openAPI, "https://passerelles.example", h.IRIs.Origin)), nil
}

// ours is the community of this server that an address names, if the caller may know of it.
func (h *Handler) ours(c *call) (communities.Community, error) {
	a, err := h.someone(c)
	if err == nil && (a.Kind != actors.Group || !a.Local()) {
		err = errNone
	}
	if err != nil {
		return communities.Community{}, err
	}
	return h.Communities.ByID(c.r.Context(), a.ID)
}

// next says where a list goes on: the value that its parameter then has.
func (h *Handler) next(c *call, param, value string) {
	query := c.r.URL.Query()
	query.Set(param, value)
	at := url.URL{Path: strings.TrimSuffix(c.r.URL.Path, "/"), RawQuery: query.Encode()}
	c.w.Header().Set("Link", "<"+h.IRIs.Origin+at.String()+`>; rel="next"`)
}

// somebody is a person in these answers.
type somebody struct {
	ID   string `json:"id"` // as in Mastodon's API
	Acct string `json:"acct"`
	Name string `json:"display_name"`
	URL  string `json:"url"`
	URI  string `json:"uri"`
}

func somebodyOf(a actors.Actor) somebody {
	s := somebody{ID: id(a.ID), Acct: acct(a), Name: a.DisplayName(), URL: a.URL, URI: a.IRI}
	if s.URL == "" {
		s.URL = a.IRI
	}
	return s
}

func orNobody(a *actors.Actor) *somebody {
	if a == nil {
		return nil
	}
	s := somebodyOf(*a)
	return &s
}
