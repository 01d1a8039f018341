package text

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// What a link is, whose words name somebody or a hashtag.
const (
	honest     = iota // it leads where its words say
	unmarked          // a link like any other, whatever class it has
	misleading        // its words name a host with which its address has nothing to do
)

var handle = regexp.MustCompile(`^[@!]([^\s@/]+)(?:@([^\s@/]+))?$`)

// marks judges a link that passes for the name of somebody, or for a hashtag: apps open these without showing
// where they lead.
func marks(link *html.Node, href string) int {
	words := strings.TrimSpace(visible(link))
	u, err := url.Parse(href)
	if err != nil {
		return unmarked
	}
	if named := handle.FindStringSubmatch(words); named != nil {
		switch {
		case named[2] != "" && !related(strings.ToLower(named[2]), strings.ToLower(u.Hostname())):
			return misleading
		case leadsTo(u, named[1]):
			return honest
		}
		return unmarked
	}
	if tag := strings.TrimLeft(words, "#＃"); tag != words && leadsTo(u, tag) {
		return honest
	}
	return unmarked
}

// related says whether one of two hosts is the other, or stands below it.
func related(a, b string) bool {
	a, _, _ = strings.Cut(a, ":")
	a, b = strings.TrimPrefix(a, "www."), strings.TrimPrefix(b, "www.")
	return a == b || strings.Contains(b, ".") && strings.HasSuffix(a, "."+b) || strings.Contains(a, ".") && strings.HasSuffix(b, "."+a)
}

// leadsTo says whether an address names something in its path, or in what it asks.
func leadsTo(u *url.URL, name string) bool {
	want := FoldHashtag(name)
	for _, part := range strings.Split(u.Path, "/") {
		part, _, _ = strings.Cut(strings.TrimLeft(part, "@!~#"), "@")
		if part != "" && FoldHashtag(part) == want {
			return true
		}
	}
	for _, values := range u.Query() {
		for _, value := range values {
			if FoldHashtag(strings.TrimLeft(value, "#")) == want {
				return true
			}
		}
	}
	return false
}
