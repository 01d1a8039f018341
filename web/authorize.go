package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"passerelles/oauth"
)

type authorizePage struct {
	App    oauth.App
	Who    string   // agrees, by name
	Wants  []string // the keys of what it may do
	Asking oauth.Asking
	Code   string // for who has to carry it over; "": not yet
}

// askedBy reads what an app asks for, in the address or in the form that repeats it.
func askedBy(r *http.Request) oauth.Asking {
	from := r.URL.Query()
	if r.Method == http.MethodPost {
		from = r.PostForm
	}
	return oauth.Asking{ResponseType: from.Get("response_type"), Client: from.Get("client_id"), Redirect: from.Get("redirect_uri"),
		Scopes: from.Get("scope"), State: from.Get("state"), Challenge: from.Get("code_challenge"), Method: from.Get("code_challenge_method")}
}

// authorizing asks a member whether an app may act for them.
func (h *Handler) authorizing(v *visit) error {
	ask := askedBy(v.r)
	app, scopes, err := h.Apps.Consider(v.r.Context(), ask)
	if err != nil {
		return h.refuse(v, ask, err)
	}
	letLead(v.w.Header(), ask.Redirect)
	return h.show(v, "authorize", page{Title: "authorize.title", Hidden: true, Body: authorizePage{App: app, Who: v.member.Name, Wants: wants(scopes), Asking: ask}})
}

// authorize lets the app act, or tells it that it may not.
func (h *Handler) authorize(v *visit) error {
	ask := askedBy(v.r)
	app, _, err := h.Apps.Consider(v.r.Context(), ask)
	if err == nil && v.r.PostFormValue("act") != "allow" {
		err = &oauth.Refusal{Code: "access_denied", Description: "The resource owner or authorization server denied the request."}
	}
	if err != nil {
		return h.refuse(v, ask, err)
	}
	code, err := h.Apps.Grant(v.r.Context(), v.member.ID, ask)
	if err != nil {
		return err
	}
	if ask.Redirect == oauth.OutOfBand {
		return h.show(v, "authorize", page{Title: "authorize.title", Hidden: true, Body: authorizePage{App: app, Code: code}})
	}
	return lead(v, ask, url.Values{"code": {code}})
}

// refuse tells an app what it cannot have, where it has an address to be told at.
func (h *Handler) refuse(v *visit, ask oauth.Asking, err error) error {
	var refusal *oauth.Refusal
	switch {
	case !errors.As(err, &refusal):
		return err
	case ask.Redirect == oauth.OutOfBand:
		return h.done(v, "done.authorize.refused", "/")
	}
	return lead(v, ask, url.Values{"error": {refusal.Code}, "error_description": {refusal.Description}})
}

// lead sends the browser to the app, whose address was compared with those that it named.
func lead(v *visit, ask oauth.Asking, says url.Values) error {
	u, err := url.Parse(ask.Redirect)
	if err != nil {
		return err
	}
	q := u.Query()
	for name := range says {
		q.Set(name, says.Get(name))
	}
	if ask.State != "" {
		q.Set("state", ask.State)
	}
	u.RawQuery = q.Encode()
	letLead(v.w.Header(), ask.Redirect)
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.Header().Set("Referrer-Policy", "no-referrer")
	v.w.Header().Set("Location", u.String())
	v.w.WriteHeader(http.StatusFound)
	return nil
}

// letLead allows a form of this page to end at the app: browsers hold form-action against
// redirections too.
func letLead(head http.Header, redirect string) {
	u, err := url.Parse(redirect)
	if err != nil || redirect == oauth.OutOfBand {
		return
	}
	source := u.Scheme + ":"
	if u.Scheme == "https" || u.Scheme == "http" {
		source = u.Scheme + "://" + u.Host
	}
	if strings.ContainsAny(source, "; ,'") {
		return
	}
	policy := head.Get("Content-Security-Policy")
	head.Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'self' "+source, 1))
}

// wants gives the keys of what an app may do with such rights, each once.
func wants(scopes oauth.Scopes) (keys []string) {
	for _, c := range []struct {
		key    string
		rights []string
	}{
		{"authorize.read", []string{"read:statuses", "read:accounts", "read:notifications", "read:search", "read:lists", "read:bookmarks", "read:favourites", "read:filters"}},
		{"authorize.who", []string{"profile"}},
		{"authorize.write", []string{"write:statuses", "write:media"}},
		{"authorize.react", []string{"write:favourites", "write:bookmarks", "write:conversations", "write:reports", "write:notifications"}},
		{"authorize.profile", []string{"write:accounts", "write:filters", "write:lists"}},
		{"authorize.follow", []string{"write:follows", "write:blocks", "write:mutes"}},
		{"authorize.push", []string{"push"}},
		{"authorize.admin", []string{"admin:read", "admin:write", "admin:read:accounts", "admin:read:reports", "admin:write:accounts", "admin:write:reports"}},
	} {
		for _, right := range c.rights {
			if scopes.Allow(right) {
				keys = append(keys, c.key)
				break
			}
		}
	}
	return keys
}
