package text

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// ValidName says whether a member or a community may be called so.
func ValidName(name string) bool { return validName.MatchString(name) }

var (
	validName = regexp.MustCompile(`^[a-z0-9_]{3,30}$`)
	// A handle with its host may be another software's, which allows dots and
	// hyphens in names; one without is ours.
	mentionForm = regexp.MustCompile(`^@(\w+(?:[.-]\w+)*@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?(?::\d+)?|\w+)`)
	// At most 100 characters and not only digits, as Mastodon has it.
	hashtagForm = regexp.MustCompile(`^#([\p{L}\p{M}\p{N}_·]*[\p{L}_][\p{L}\p{M}\p{N}_·]*)`)
)

const longestHashtag = 100

// name is a mention or a hashtag in a Markdown text.
type name struct {
	ast.BaseInline
	sign byte   // '@' or '#'
	word string // what follows the sign
	href string // "" when it leads nowhere
}

var kindName = ast.NewNodeKind("Name")

func (n *name) Kind() ast.NodeKind { return kindName }
func (n *name) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"name": string(n.sign) + n.word}, nil)
}

// nameParser reads mentions or hashtags as the text is parsed, so that code
// hides them and underscores in them are no emphasis.
type nameParser struct {
	sign byte
	form *regexp.Regexp
}

func (p nameParser) Trigger() []byte { return []byte{p.sign} }

func (p nameParser) Parse(_ ast.Node, block gmtext.Reader, _ parser.Context) ast.Node {
	if before := block.PrecendingCharacter(); strings.ContainsRune("/@#&=.-_", before) || unicode.IsLetter(before) || unicode.IsNumber(before) {
		return nil // inside an e-mail or other address, or a word
	}
	line, _ := block.PeekLine()
	m := p.form.FindSubmatch(line)
	if m == nil || p.sign == '#' && len([]rune(string(m[1]))) > longestHashtag {
		return nil
	}
	block.Advance(len(m[0]))
	return &name{sign: p.sign, word: string(m[1])}
}

// entityParser keeps a reference such as &#39; in one piece, which the sign of
// hashtags would cut in two.
type entityParser struct{}

var entityForm = regexp.MustCompile(`^&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});`)

func (entityParser) Trigger() []byte { return []byte{'&'} }

func (entityParser) Parse(_ ast.Node, block gmtext.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	entity := entityForm.Find(line)
	if entity == nil {
		return nil
	}
	block.Advance(len(entity))
	return ast.NewTextSegment(segment.WithStop(segment.Start + len(entity)))
}

// nodeRenderer writes the nodes that we show in our own way.
type nodeRenderer struct{}

// RegisterFuncs names them.
func (nodeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindName, renderName)
	r.Register(ast.KindRawHTML, renderRawHTML)
	r.Register(ast.KindHTMLBlock, renderHTMLBlock)
	r.Register(ast.KindImage, renderImage)
}

// renderName writes the microformats by which Mastodon knows a mention.
func renderName(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*name)
	if !entering {
		return ast.WalkContinue, nil
	}
	word, href := html.EscapeString(n.word), html.EscapeString(n.href)
	switch {
	case n.href == "":
		_, _ = w.WriteString(string(n.sign) + word) // a buffer takes everything, here and below
	case n.sign == '@':
		short, _, _ := strings.Cut(word, "@")
		_, _ = w.WriteString(`<span class="h-card"><a class="u-url mention" href="` + href + `">@<span>` + short + `</span></a></span>`)
	default:
		_, _ = w.WriteString(`<a class="mention hashtag" href="` + href + `">#<span>` + word + `</span></a>`)
	}
	return ast.WalkContinue, nil
}

// renderRawHTML shows typed tags as typed: nothing disappears, and nobody
// forges our markup.
func renderRawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(html.EscapeString(string(node.(*ast.RawHTML).Segments.Value(source))))
	}
	return ast.WalkSkipChildren, nil
}

func renderHTMLBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*ast.HTMLBlock)
		typed := string(n.Lines().Value(source))
		if n.HasClosure() {
			typed += string(n.ClosureLine.Value(source))
		}
		typed = html.EscapeString(strings.TrimSpace(typed))
		_, _ = w.WriteString("<p>" + strings.ReplaceAll(typed, "\n", "<br>\n") + "</p>\n")
	}
	return ast.WalkSkipChildren, nil
}

// renderImage writes a link: pictures are attached, never loaded from elsewhere.
func renderImage(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<a href="` + html.EscapeString(string(node.(*ast.Image).Destination)) + `">`)
	} else {
		_, _ = w.WriteString(`</a>`)
	}
	return ast.WalkContinue, nil
}
