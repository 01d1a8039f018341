package text

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// goldmark reads what is nested once for each level, and where a link leads from each of
// its beginnings. CommonMark lets both be bounded, so that nothing costs the square of its length.
const (
	mostNested   = 20   // quotes and lists in each other; what is deeper is text
	mostBrackets = 32   // in each other, in the address of a link
	longestHref  = 4096 // bytes
)

// bounded is goldmark's own parser within these bounds.
func bounded() parser.Parser {
	blocks, inlines := parser.DefaultBlockParsers(), parser.DefaultInlineParsers()
	replace(blocks, parser.NewListParser(), shallow{parser.NewListParser()})
	replace(blocks, parser.NewBlockquoteParser(), shallow{parser.NewBlockquoteParser()})
	links := parser.NewLinkParser()
	replace(inlines, links, nearLinks{links, links.(parser.CloseBlocker)})
	return parser.NewParser(parser.WithBlockParsers(blocks...), parser.WithInlineParsers(inlines...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
}

func replace(all []util.PrioritizedValue, old, by any) {
	for i := range all {
		if all[i].Value == old {
			all[i].Value = by
		}
	}
}

type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader gmtext.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if k := n.Kind(); k == ast.KindList || k == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= mostNested {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

type nearLinks struct {
	parser.InlineParser
	parser.CloseBlocker
}

func (l nearLinks) Parse(parent ast.Node, block gmtext.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if to, is := bytes.CutPrefix(line, []byte("](")); is && leadsTooFar(to) {
		return nil
	}
	return l.InlineParser.Parse(parent, block, pc)
}

// leadsTooFar says of what stands behind the bracket of a link that no address is so.
func leadsTooFar(to []byte) bool {
	depth := 0
	for i, c := range to {
		switch {
		case c <= ' ', c == ')' && depth == 0:
			return false
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth > mostBrackets || i == longestHref {
			return true
		}
	}
	return false
}
