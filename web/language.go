package web

import (
	"net/http"
	"slices"

	"golang.org/x/text/language"

	"passerelles/fault"
)

const languageCookie = "language"

var asked = language.NewMatcher([]language.Tag{language.French, language.English})

// languageOf is the visitor's choice, else what the browser asks for, else the server's.
func (h *Handler) languageOf(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(languages, c.Value) {
		return c.Value
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(wanted) > 0 {
		if _, i, sure := asked.Match(wanted...); sure > language.No {
			return languages[i]
		}
	}
	return ours(h.Language)
}

// ours is the language among those of the pages, the first for any other.
func ours(code string) string {
	if len(code) >= 2 && slices.Contains(languages, code[:2]) {
		return code[:2]
	}
	return languages[0]
}

// chooseLanguage keeps the choice: with the account of who has one, else in a cookie.
func (h *Handler) chooseLanguage(v *visit) error {
	chosen := v.r.PostFormValue("language")
	if !slices.Contains(languages, chosen) {
		return fault.New(fault.Invalid, "This language code is not one.")
	}
	if v.member != nil {
		if err := h.Accounts.SetLanguage(v.r.Context(), v.member.ID, chosen); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: h.Secure, SameSite: http.SameSiteLaxMode})
	return v.redirect(localPath(v.r.PostFormValue("next")))
}
