package text

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const longestTitle = 200

// Plain gives the words of an HTML text: paragraphs apart by an empty line,
// items of lists by a dash or their number.
func Plain(src string) string {
	root, err := parse(src)
	if err != nil {
		return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(src, " ")))
	}
	var p plainWriter
	p.write(root)
	return strings.TrimSpace(p.String())
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plainWriter keeps the line breaks that are due until a word follows.
type plainWriter struct {
	strings.Builder
	breaks int
	space  bool
	pre    bool
}

func (p *plainWriter) write(n *html.Node) {
	item := 0
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode && p.pre:
			p.word(clean(c.Data))
		case c.Type == html.TextNode:
			p.text(clean(c.Data))
		case c.Type == html.ElementNode && c.Namespace == "" && !dropped[c.DataAtom]:
			if c.DataAtom == atom.Li {
				item++
			}
			p.element(c, item)
		}
	}
}

// element writes n, which if it is an item is the item-th of its list.
func (p *plainWriter) element(n *html.Node, item int) {
	switch n.DataAtom {
	case atom.Br:
		p.breaks = min(p.breaks+1, 2)
	case atom.Img:
		p.text(clean(attr(n, "alt")))
	case atom.Li:
		p.breaks = max(p.breaks, 1)
		p.word(bullet(n, item))
		p.write(n)
		p.breaks = max(p.breaks, 1)
	case atom.Pre:
		p.breaks, p.pre = 2, true
		p.write(n)
		p.breaks, p.pre = 2, false
	case atom.P, atom.Div, atom.Blockquote, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table:
		if n.Parent.DataAtom != atom.Li { // the words of an item follow its dash
			p.breaks = 2
		}
		p.write(n)
		p.breaks = 2
	default:
		p.write(n)
		p.space = p.space || apart[n.DataAtom]
	}
}

// bullet gives the dash or the number of an item.
func bullet(n *html.Node, item int) string {
	if n.Parent.DataAtom != atom.Ol {
		return "- "
	}
	return strconv.Itoa(item) + ". "
}

// text writes running text, its white space made one.
func (p *plainWriter) text(s string) {
	words := strings.Fields(s)
	if len(words) == 0 {
		p.space = p.space || s != ""
		return
	}
	if p.space || startsWithSpace(s) {
		p.space = false
		if p.breaks == 0 && p.Len() > 0 && !strings.HasSuffix(p.String(), " ") {
			words[0] = " " + words[0]
		}
	}
	p.word(strings.Join(words, " "))
	last, _ := utf8.DecodeLastRuneInString(s)
	p.space = unicode.IsSpace(last)
}

func startsWithSpace(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(first)
}

// word writes s after the line breaks that are due.
func (p *plainWriter) word(s string) {
	if p.Len() > 0 {
		p.WriteString(strings.Repeat("\n", p.breaks))
	}
	p.WriteString(s)
	p.breaks, p.space = 0, false
}

// Excerpt gives the beginning of an HTML text in plain words: at most n
// characters, cut between words.
func Excerpt(src string, n int) string {
	return shorten(OneLine(Plain(src)), n)
}

// Title gives the first line of an HTML text, without the mentions that it
// begins with, in at most 200 characters. Lemmy makes a title of a post that
// has none in the same way.
func Title(src string) string {
	for line := range strings.Lines(Plain(src)) {
		line = strings.TrimSpace(leadingMentions.ReplaceAllString(line, ""))
		if line != "" {
			return shorten(line, longestTitle)
		}
	}
	return ""
}

var leadingMentions = regexp.MustCompile(`^(\s*@[\w.-]+(@[\p{L}\p{N}.:-]+)?(\s*[,:]?\s+|\s*$))+`)

// shorten cuts s to n characters, the last of them "…", between words where it
// can and never between a letter and its accent.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	runes := []rune(s)
	cut := n - 1
	for i := cut; i > n/2; i-- {
		if unicode.IsSpace(runes[i]) {
			cut = i
			break
		}
	}
	for cut > 0 && (unicode.Is(unicode.M, runes[cut]) || runes[cut] == '\u200d' || runes[cut-1] == '\u200d') {
		cut--
	}
	return strings.TrimRightFunc(string(runes[:cut]), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:", r) }) + "…"
}
