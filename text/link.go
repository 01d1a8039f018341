package text

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// safeHref gives a link as it may be written, if it may: http or https, with a
// host, and no user name before it, which would pass for the host.
func safeHref(href string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(clean(href)))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", false
	}
	return u.String(), true
}

// showsItsHost says whether the words that are left to see in a link, its
// invisible parts aside, begin with the host where it leads.
func showsItsHost(link *html.Node, href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	return strings.HasPrefix(strings.TrimPrefix(visible(link), "www."), strings.TrimPrefix(u.Host, "www."))
}

func visible(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if hasClass(n, "invisible") {
		return ""
	}
	var words strings.Builder
	for c := range n.ChildNodes() {
		words.WriteString(visible(c))
	}
	return words.String()
}

// showAll takes from the words of a link what hides them.
func showAll(link *html.Node) {
	for n := range link.Descendants() {
		if hasClass(n, "invisible") {
			n.Attr = nil // a span's only attribute is its class
		}
	}
}
