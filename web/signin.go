package web

import (
	"net"
	"net/http"
	"net/netip"

	"passerelles/fault"
)

type signInPage struct{ Login, Next, Error string }

// signingIn shows the form, which leads back to where one came from.
func (h *Handler) signingIn(v *visit) error {
	next := localPath(v.r.URL.Query().Get("next"))
	if v.member != nil {
		return v.redirect(next)
	}
	return h.show(v, "sign-in", page{Title: "signin.title", Hidden: true, Body: signInPage{Next: next}})
}

// enter signs in.
func (h *Handler) enter(v *visit) error {
	form := signInPage{Login: v.r.PostFormValue("login"), Next: localPath(v.r.PostFormValue("next"))}
	m, err := h.Accounts.SignIn(v.r.Context(), form.Login, v.r.PostFormValue("password"), Visitor(v.r))
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.TooMany) {
		form.Error = h.words.fault(v.language, fault.Message(err))
		return h.render(v, h.weigh(v, err).Status(), "sign-in", page{Title: "signin.title", Hidden: true, Body: form})
	}
	if err != nil {
		return err
	}
	if err := h.signIn(v.r.Context(), m); err != nil {
		return err
	}
	v.language = ours(m.Language)
	v.attachSession(h)
	return h.done(v, "done.entered", form.Next)
}

// leave signs out.
func (h *Handler) leave(v *visit) error {
	if err := h.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return h.done(v, "done.left", "/")
}

// Visitor is the address that limits count: of IPv6 the part that a household has.
func Visitor(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if address = address.Unmap().WithZone(""); address.Is6() {
		if household, err := address.Prefix(64); err == nil {
			return household.String()
		}
	}
	return address.String()
}

type aboutPage struct{ Contact string }

// about says what this server is, who answers for it, and where posts go.
func (h *Handler) about(v *visit) error {
	return h.show(v, "about", page{Title: "about.title", Body: aboutPage{h.Contact}})
}
