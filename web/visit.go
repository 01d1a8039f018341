package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/oauth"
	"passerelles/text"
)

const largestForm = 1 << 20 // bytes

// visit is one request: who asks, in which language, and where the answer goes.
type visit struct {
	w        http.ResponseWriter
	r        *http.Request
	language string
	member   *accounts.Member // nil: nobody is signed in
	session  int64            // in which they are signed in; 0: by a token
	remember func(notice string)
	notice   func() string // takes what the last page left to say
	came     newcomers     // files that came with a form
}

// by is who looks, as who acts for the server.
func (v *visit) by() acts.By { return acts.By{Account: v.member.ID} }

// action answers a visit, or says why not.
type action func(v *visit) error

// door lets a visit in: posts from our own pages only, with its session.
func (h *Handler) door(f action) http.Handler {
	return h.sameSite.Handler(h.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, largestForm)
		v, err := h.visitOf(w, r)
		if err == nil {
			err = readForm(r)
		}
		if err == nil {
			err = f(v)
		}
		if err != nil {
			h.fail(v, err)
		}
	})))
}

// signedIn lets only members in; others sign in first, and come back.
func (h *Handler) signedIn(f action) action {
	return func(v *visit) error {
		if v.member == nil {
			return v.redirect("/sign-in?next=" + url.QueryEscape(v.where()))
		}
		return f(v)
	}
}

// stranger is a visit of which nothing is known but the language.
func (h *Handler) stranger(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{w: w, r: r, language: h.languageOf(r), remember: func(string) {}, notice: func() string { return "" }}
}

func (h *Handler) visitOf(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := h.stranger(w, r)
	m, session, err := h.memberOf(r)
	if err != nil || m == nil {
		v.attachSession(h)
		return v, err
	}
	v.member, v.session, v.language = m, session, ours(m.Language)
	if oauth.Bearer(r) == "" { // scripts read no notices
		v.attachSession(h)
	}
	return v, nil
}

func (v *visit) attachSession(h *Handler) {
	ctx := v.r.Context()
	v.remember = func(notice string) { h.sessions.Put(ctx, noticeKey, notice) }
	v.notice = func() string { return h.sessions.PopString(ctx, noticeKey) }
}

// memberOf gives who signed in, nil for nobody, and in which session.
func (h *Handler) memberOf(r *http.Request) (*accounts.Member, int64, error) {
	ctx := r.Context()
	if secret := oauth.Bearer(r); secret != "" {
		m, err := h.Accounts.ByToken(ctx, secret)
		return &m, 0, err
	}
	session := h.sessionOf(ctx)
	if session == 0 {
		return nil, 0, nil // nobody signed in: no member, and no error either
	}
	m, err := h.Accounts.BySession(ctx, session)
	if err == nil {
		err = h.Accounts.Admitted(ctx, m.ID)
	}
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
		return nil, 0, h.sessions.Destroy(ctx)
	}
	return &m, session, err
}

func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	err := r.ParseForm()
	if _, large := err.(*http.MaxBytesError); large {
		return fault.Wrap(fault.TooLarge, "This is more than a form can take.", err)
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "This form cannot be read.", err)
	}
	for _, values := range r.PostForm {
		for i, typed := range values {
			values[i] = text.Storable(typed)
		}
	}
	return nil
}

// reader is who asks, as the rules of access know it.
func (v *visit) reader() access.Reader {
	if v.member == nil {
		return access.Reader{}
	}
	return access.Reader{ID: v.member.ID}
}

// where is the page that the visitor sees: the one asked for, or the one with the form.
func (v *visit) where() string {
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		return v.r.URL.RequestURI()
	}
	if from, err := url.Parse(v.r.Referer()); err == nil && from.Host == v.r.Host {
		return localPath(from.RequestURI())
	}
	return "/"
}

// redirect sends the browser to another page of ours.
func (v *visit) redirect(to string) error {
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// number is a part of the address, or a field, that counts something of ours.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return n, nil
}

// before is the place in a list from which the page goes on; 0: its beginning.
func (v *visit) before() int64 {
	n, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // anything else is the beginning
	return max(n, 0)
}

// localPath is the path if it leads to a page of ours, else the first page.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
