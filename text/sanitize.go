package text

import (
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// linkRel tells browsers and search engines that we do not vouch for a link.
const linkRel = "nofollow noopener noreferrer ugc"

// policy is the last word on what is shown: what members' software exchanges
// and nothing that loads, runs or moves.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "strong", "del", "code", "pre", "blockquote",
		"ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowNoAttrs().OnElements("span")
	classes := regexp.MustCompile(`^((^| )(mention|hashtag|u-url|h-card|invisible|ellipsis|quote-inline))+$`)
	p.AllowAttrs("class").Matching(classes).OnElements("a", "span", "p")
	p.AllowAttrs("rel").Matching(regexp.MustCompile("^" + linkRel + "$")).OnElements("a")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	return p
}()

// Sanitize keeps of HTML that others sent what is safe to show. Sanitizing
// again changes nothing.
func Sanitize(src string) string {
	src = clean(src)
	for range 4 { // rarely more than two: unwrapping may leave what parses otherwise
		next := sanitizeOnce(src)
		if next == src {
			return src
		}
		src = next
	}
	return html.EscapeString(Plain(src))
}

// sanitizeOnce tidies the tree, then lets the policy judge what was written.
func sanitizeOnce(src string) string {
	root, err := parse(src)
	if err != nil { // nested too deeply to be meant for reading
		return html.EscapeString(html.UnescapeString(bluemonday.StrictPolicy().Sanitize(src)))
	}
	tidy(root)
	var out strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		_ = html.Render(&out, n) // a builder takes everything, and no raw-text element is left
	}
	return policy.Sanitize(out.String())
}

// parse reads a fragment under one body.
func parse(src string) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(src), body)
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body, err
}

var (
	kept = atoms(atom.P, atom.Br, atom.A, atom.Span, atom.Em, atom.Strong, atom.Del, atom.Code, atom.Pre, atom.Blockquote,
		atom.Ul, atom.Ol, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)
	// dropped are elements whose content is not meant to be read as text.
	dropped = atoms(atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Applet,
		atom.Title, atom.Textarea, atom.Select, atom.Noembed, atom.Noframes, atom.Frameset, atom.Xmp, atom.Plaintext,
		atom.Audio, atom.Video, atom.Canvas)
	renamed = map[atom.Atom]atom.Atom{atom.B: atom.Strong, atom.I: atom.Em, atom.S: atom.Del, atom.Strike: atom.Del, atom.Div: atom.P}
	// apart are elements whose words stand apart from those around.
	apart = atoms(atom.Tr, atom.Td, atom.Th, atom.Dt, atom.Dd, atom.Figcaption, atom.Section, atom.Article, atom.Header, atom.Footer)
)

func atoms(list ...atom.Atom) map[atom.Atom]bool {
	set := map[atom.Atom]bool{}
	for _, a := range list {
		set[a] = true
	}
	return set
}

// tidy leaves under parent only what the policy knows: other elements are
// unwrapped or dropped with their content.
func tidy(parent *html.Node) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		switch {
		case n.Type == html.TextNode:
			n.Data = clean(n.Data)
		case n.Type != html.ElementNode || n.Namespace != "" || dropped[n.DataAtom]:
			parent.RemoveChild(n)
		case n.DataAtom == atom.Img: // a custom emoji's alt text is its shortcode
			parent.InsertBefore(&html.Node{Type: html.TextNode, Data: clean(attr(n, "alt"))}, n)
			parent.RemoveChild(n)
		default:
			tidy(n)
			tidyElement(parent, n)
		}
		n = next
	}
}

func tidyElement(parent, n *html.Node) {
	if to, ok := renamed[n.DataAtom]; ok {
		n.DataAtom, n.Data = to, to.String()
	}
	href, linked := "", false
	if n.DataAtom == atom.A {
		href, linked = safeHref(attr(n, "href"))
	}
	if !kept[n.DataAtom] || n.DataAtom == atom.A && !linked {
		unwrap(parent, n)
		return
	}
	classes := keptClasses(n)
	if linked {
		switch marks(n, href) {
		case misleading:
			unwrap(parent, n)
			return
		case unmarked:
			classes = nil
		}
	}
	n.Attr = nil
	if len(classes) > 0 {
		n.Attr = append(n.Attr, html.Attribute{Key: "class", Val: strings.Join(classes, " ")})
	}
	if linked {
		n.Attr = append(n.Attr, html.Attribute{Key: "href", Val: href}, html.Attribute{Key: "rel", Val: linkRel})
		if !showsItsHost(n, href) {
			showAll(n)
		}
	}
}

// unwrap puts the children of n in its place.
func unwrap(parent, n *html.Node) {
	if apart[n.DataAtom] && n.NextSibling != nil {
		parent.InsertBefore(&html.Node{Type: html.TextNode, Data: " "}, n.NextSibling)
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		parent.InsertBefore(c, n)
	}
	parent.RemoveChild(n)
}

var classesOf = map[atom.Atom][]string{
	atom.A:    {"mention", "hashtag", "u-url"},
	atom.Span: {"h-card", "invisible", "ellipsis", "quote-inline"},
	atom.P:    {"quote-inline"},
}

// keptClasses gives the classes of n that mean something here. Words are hidden
// only within a link (and see showsItsHost).
func keptClasses(n *html.Node) (classes []string) {
	for _, class := range strings.Fields(attr(n, "class")) {
		if class == "invisible" && !within(n, atom.A) {
			continue
		}
		if slices.Contains(classesOf[n.DataAtom], class) && !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
	}
	return classes
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

func within(n *html.Node, a atom.Atom) bool {
	for p := range n.Ancestors() {
		if p.DataAtom == a {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
