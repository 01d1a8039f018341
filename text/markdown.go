package text

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Each form begins with ^: goldmark tries them at every space and sign, and one
// that searched on would read the whole text each time.
var (
	bareURL = regexp.MustCompile(`^https?://[\p{L}\p{N}.-]+(?::\d+)?(?:[/#?][^\s<>"]*)?`)
	bareWWW = regexp.MustCompile(`^www\.[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]+(?:[/#?][^\s<>"]*)?`)
	never   = regexp.MustCompile(`^[^\x00-\x{10FFFF}]`)
)

// markdown reads CommonMark, bare addresses, ~~struck~~ words, @mentions and
// #hashtags. A line break typed is a line break shown.
var markdown = goldmark.New(
	goldmark.WithParser(bounded()),
	goldmark.WithExtensions(
		extension.Strikethrough,
		extension.NewLinkify(
			extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}),
			extension.WithLinkifyURLRegexp(bareURL),
			extension.WithLinkifyWWWRegexp(bareWWW),
			extension.WithLinkifyEmailRegexp(never)), // an address in a post is not to be harvested
	),
	goldmark.WithParserOptions(parser.WithInlineParsers(
		util.Prioritized(nameParser{'@', mentionForm}, 500),
		util.Prioritized(nameParser{'#', hashtagForm}, 500),
		util.Prioritized(entityParser{}, 500))),
	goldmark.WithRendererOptions(gmhtml.WithHardWraps(), renderer.WithNodeRenderers(
		util.Prioritized(nodeRenderer{}, 500))),
)

// Markdown renders a member's text.
func Markdown(src string, opts Options) Rendered {
	source := []byte(clean(src))
	doc := markdown.Parser().Parse(gmtext.NewReader(source))
	r := Rendered{}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if entering {
			r.visit(n, source, opts)
		}
		return ast.WalkContinue, nil
	})
	var page bytes.Buffer
	_ = markdown.Renderer().Render(&page, source, doc) // a buffer takes everything
	r.HTML = Sanitize(strings.TrimSpace(page.String()))
	return r
}

// visit records what a node links to, and resolves the names in it.
func (r *Rendered) visit(n ast.Node, source []byte, opts Options) {
	switch n := n.(type) {
	case *name:
		if inLink(n) {
			return
		}
		if n.sign == '@' {
			r.visitMention(n, opts)
		} else {
			r.visitHashtag(n, opts)
		}
	case *ast.Link:
		r.addLink(string(n.Destination))
	case *ast.Image:
		r.addLink(string(n.Destination))
	case *ast.AutoLink:
		r.addLink(string(n.URL(source)))
	}
}

func (r *Rendered) visitMention(n *name, opts Options) {
	known := slices.IndexFunc(r.Mentions, func(m Mention) bool { return strings.EqualFold(m.Handle, n.word) })
	if known >= 0 {
		n.href = r.Mentions[known].Href
		return
	}
	if opts.Resolve == nil {
		return
	}
	if href, ok := opts.Resolve(n.word); ok {
		n.href = href
		r.Mentions = append(r.Mentions, Mention{Handle: n.word, Href: href})
	}
}

func (r *Rendered) visitHashtag(n *name, opts Options) {
	if opts.Hashtag != nil {
		if href, ok := opts.Hashtag(n.word); ok {
			n.href = href
		}
	}
	folded := FoldHashtag(n.word)
	if !slices.ContainsFunc(r.Hashtags, func(tag string) bool { return FoldHashtag(tag) == folded }) {
		r.Hashtags = append(r.Hashtags, n.word)
	}
}

func (r *Rendered) addLink(href string) {
	if href, ok := safeHref(html.UnescapeString(href)); ok && !slices.Contains(r.Links, href) {
		r.Links = append(r.Links, href)
	}
}

// inLink says whether a node stands in the words of a link or an image.
func inLink(n ast.Node) bool {
	for n = n.Parent(); n != nil; n = n.Parent() {
		if k := n.Kind(); k == ast.KindLink || k == ast.KindImage {
			return true
		}
	}
	return false
}
