package oauth

import (
	"slices"
	"strings"

	"passerelles/fault"
)

// Scopes are the rights of a token, in the words of Mastodon:
// https://docs.joinmastodon.org/api/oauth-scopes/
type Scopes []string

// nouns are what a right to read or write may be narrowed to.
var nouns = map[string][]string{
	"read": {"accounts", "blocks", "bookmarks", "favourites", "filters", "follows", "lists", "mutes",
		"notifications", "search", "statuses"},
	"write": {"accounts", "blocks", "bookmarks", "conversations", "favourites", "filters", "follows", "lists",
		"media", "mutes", "notifications", "reports", "statuses"},
	"admin:read": {"accounts", "reports", "domain_allows", "domain_blocks", "ip_blocks",
		"email_domain_blocks", "canonical_email_blocks"},
	"admin:write": {"accounts", "reports", "domain_allows", "domain_blocks", "ip_blocks",
		"email_domain_blocks", "canonical_email_blocks"},
	"profile": {}, "push": {},
	"follow": {},
}

// follows is the older word for several rights, which apps still ask for.
var follows = []string{"read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes"}

// Known gives every right there is, the wide ones first.
func Known() (all []string) {
	for _, wide := range []string{"read", "write", "follow", "push", "profile", "admin:read", "admin:write"} {
		all = append(all, wide)
		for _, noun := range nouns[wide] {
			all = append(all, wide+":"+noun)
		}
	}
	return all
}

// ParseScopes reads rights that are parted by spaces, each once; "" is "read", as there.
func ParseScopes(text string) (s Scopes) {
	for _, word := range strings.Fields(text) {
		if !slices.Contains(s, word) {
			s = append(s, word)
		}
	}
	if s == nil {
		return Scopes{"read"}
	}
	return s
}

// readScopes is ParseScopes for words from outside; fault.Invalid: one is none that we know.
func readScopes(text string) (Scopes, error) {
	s, known := ParseScopes(text), Known()
	for _, one := range s {
		if !slices.Contains(known, one) {
			return nil, errScope
		}
	}
	return s, nil
}

// String writes them as they are read.
func (s Scopes) String() string { return strings.Join(s, " ") }

// Allow says whether they hold a right, by itself or in a wider one.
func (s Scopes) Allow(right string) bool {
	for _, one := range s {
		if one == right || strings.HasPrefix(right, one+":") || one == "follow" && slices.Contains(follows, right) {
			return true
		}
	}
	return false
}

// Within says whether all of them are allowed by others.
func (s Scopes) Within(others Scopes) bool {
	return !slices.ContainsFunc(s, func(right string) bool { return !others.Allow(right) })
}

var errScope = fault.New(fault.Invalid, "The requested scope is invalid, unknown, or malformed.")
