package oauth

import (
	"net/http"
	"strings"
)

// Bearer is the token with which a program asks, "" for none (RFC 6750, 2.1).
func Bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}
