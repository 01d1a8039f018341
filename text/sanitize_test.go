package text

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// attacks are what Sanitize must make harmless; check holds what may be left.
var attacks = []struct{ name, src, want string }{
	{"script", `a<script>alert(1)</script>b`, `ab`},
	{"script in capitals", `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`, ``},
	{"script split", `<scr<script>ipt>alert(1)</script>`, `ipt&gt;alert(1)`},
	{"image with handler", `<img src=x onerror=alert(1) alt="a cat">`, `a cat`},
	{"alt text with markup", `<img alt="&lt;script&gt;alert(1)&lt;/script&gt;">`, `&lt;script&gt;alert(1)&lt;/script&gt;`},
	{"svg", `<svg/onload=alert(1)><a href="https://a.example">x</a></svg>b`, `b`},
	{"math with style", `<math><mtext><table><mglyph><style><img src onerror=alert(1)>`, ``},
	{"noscript", `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `&#34;&gt;`},
	{"template", `<template><script>alert(1)</script></template>x`, `x`},
	{"iframe", `<iframe srcdoc="<script>alert(1)</script>"></iframe>x`, `x`},
	{"object and embed", `<object data="x.swf"></object><embed src="x.swf">x`, `x`},
	{"base and meta", `<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example/">x`, `x`},
	{"link and style", `<link rel=stylesheet href=//evil.example><style>*{display:none}</style>x`, `x`},
	{"form", `<form action="https://evil.example"><input name=password><button>Go</button></form>`, `Go`},
	{"textarea breakout", `<textarea></textarea><script>alert(1)</script></textarea>x`, `x`},
	{"comment", `a<!-- <script>alert(1)</script> -->b<!--[if IE]><script></script><![endif]-->`, `ab`},
	{"comment that never ends", `<!--><img src=x onerror=alert(1)>-->`, `--&gt;`},
	{"cdata", `<![CDATA[<script>alert(1)</script>]]>x`, `alert(1)]]&gt;x`},
	{"javascript", `<a href="javascript:alert(1)">x</a>`, `x`},
	{"javascript in mixed case", `<a href="JaVaScRiPt:alert(1)">x</a>`, `x`},
	{"javascript after a control", "<a href=\"\x01javascript:alert(1)\">x</a>", `x`},
	{"javascript with a tab", "<a href=\"java\tscript:alert(1)\">x</a>", `x`},
	{"javascript by entities", `<a href="&#x6A;avascript&colon;alert(1)">x</a>`, `x`},
	{"vbscript", `<a href="vbscript:msgbox(1)">x</a>`, `x`},
	{"data", `<a href="data:text/html,<script>alert(1)</script>">x</a>`, `x`},
	{"blob", `<a href="blob:https://a.example/1">x</a>`, `x`},
	{"intent", `<a href="intent://scan/#Intent;end">x</a>`, `x`},
	{"mailto", `<a href="mailto:ana@example.org">x</a>`, `x`},
	{"relative", `<a href="/settings/delete">x</a>`, `x`},
	{"without a scheme", `<a href="//evil.example/">x</a>`, `x`},
	{"without a host", `<a href="https:evil">x</a>`, `x`},
	{"user before the host", `<a href="https://bank.test@evil.example/">x</a>`, `x`},
	{"attributes", `<p id=csrf name=x style="position:fixed" onclick=alert(1) ONMOUSEOVER=alert(1) data-x=1 class="modal">x</p>`, `<p>x</p>`},
	{"link's attributes", `<a href="https://a.example/" target=_blank id=x style="top:0" download ping="https://evil.example" rel="opener">x</a>`,
		`<a href="https://a.example/" rel="nofollow noopener noreferrer ugc">x</a>`},
	{"classes of ours", `<span class="verified mention h-card admin">x</span>`, `<span class="h-card">x</span>`},
	{"a name that leads to another host", `<a href="https://evil.example/@ana" class="u-url mention">@<span>ana@bank.example</span></a>`, `@<span>ana@bank.example</span>`},
	{"a name without a class that does", `<a href="https://evil.example/ana">@ana@bank.example</a>`, `@ana@bank.example`},
	{"a host that ends alike", `<a href="https://evilbank.example/@ana" class="mention">@ana@bank.example</a>`, `@ana@bank.example`},
	{"a host that begins otherwise", `<a href="https://bank.example/@ana" class="mention">@ana@notbank.example</a>`, `@ana@notbank.example`},
	{"a name behind which is another", `<a href="https://b.example/@eve" class="u-url mention">@ana</a>`,
		`<a href="https://b.example/@eve" rel="nofollow noopener noreferrer ugc">@ana</a>`},
	{"words that pass for a name", `<a href="https://evil.example/pay" class="u-url mention">the bank</a>`,
		`<a href="https://evil.example/pay" rel="nofollow noopener noreferrer ugc">the bank</a>`},
	{"a hashtag that leads elsewhere", `<a href="https://evil.example/pay" class="mention hashtag">#coop</a>`,
		`<a href="https://evil.example/pay" rel="nofollow noopener noreferrer ugc">#coop</a>`},
	{"hidden words", `<span class="invisible">x</span>`, `<span>x</span>`},
	{"hidden host", `<a href="https://evil.example/bank.example"><span class="invisible">https://evil.example/</span><span>bank.example</span></a>`,
		`<a href="https://evil.example/bank.example" rel="nofollow noopener noreferrer ugc"><span>https://evil.example/</span><span>bank.example</span></a>`},
	{"hidden end of the host", `<a href="https://bank.community.example/">bank.com<span class="invisible">munity.example</span></a>`,
		`<a href="https://bank.community.example/" rel="nofollow noopener noreferrer ugc">bank.com<span>munity.example</span></a>`},
	{"tag in a title", `<a href="https://a.example/" title="#tag onfocus=alert(1) autofocus">x</a>`,
		`<a href="https://a.example/" rel="nofollow noopener noreferrer ugc">x</a>`},
	{"quotes in an address", `<a href='https://a.example/"onmouseover="alert(1)'>x</a>`,
		`<a href="https://a.example/%22onmouseover=%22alert%281%29" rel="nofollow noopener noreferrer ugc">x</a>`},
	{"direction override", "a\u202egnp.exe", `agnp.exe`},
	{"direction override by entity", "a&#x202e;gnp.exe", `agnp.exe`},
	{"zero bytes", "<scr\x00ipt>alert(1)</scr\x00ipt>a&#0;b", `ab`},
	{"joiners", "a" + strings.Repeat("\u200d", 50) + "b", "a\u200d\u200db"},
	{"towers of accents", "a" + strings.Repeat("\u0301", 50) + "b", "a" + strings.Repeat("\u0301", mostMarks) + "b"},
	{"custom element", `<x-y onclick=alert(1)>x</x-y>`, `x`},
	{"broken end", `<p>x<a href="https://a.example/`, `<p>x</p>`},
	{"deep nesting", strings.Repeat("<blockquote>", 600) + "x", `x`},
}

func TestSanitizeDisarms(t *testing.T) {
	t.Parallel()
	for _, tc := range attacks {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := Sanitize(tc.src)
			if got != tc.want {
				t.Errorf("Sanitize(%q)\n got %q\nwant %q", tc.src, got, tc.want)
			}
			checkHarmless(t, got)
		})
	}
}

func TestSanitizeKeeps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, src, want string }{
		{"a post", `<p>One <em>two</em> <strong>three</strong><br/>four</p>`, `<p>One <em>two</em> <strong>three</strong><br/>four</p>`},
		{"old names", `<b>a</b><i>b</i><s>c</s><strike>d</strike>`, `<strong>a</strong><em>b</em><del>c</del><del>d</del>`},
		{"lists", `<ul><li>a</li></ul><ol start="3"><li>b</li></ol>`, `<ul><li>a</li></ul><ol><li>b</li></ol>`},
		{"code", `<pre><code class="language-go">a &lt; b</code></pre>`, `<pre><code>a &lt; b</code></pre>`},
		{"headings and quotes", `<h1 id="x">a</h1><blockquote cite="x">b</blockquote>`, `<h1>a</h1><blockquote>b</blockquote>`},
		{"a mention", `<span class="h-card" translate="no"><a href="https://b.example/@ana" class="u-url mention">@<span>ana</span></a></span>`,
			`<span class="h-card"><a class="u-url mention" href="https://b.example/@ana"` + rel + `>@<span>ana</span></a></span>`},
		{"a name with its host", `<a href="https://social.b.example/users/Ana" class="mention">@ana@b.example</a>`,
			`<a class="mention" href="https://social.b.example/users/Ana"` + rel + `>@ana@b.example</a>`},
		{"a community", `<a href="https://b.example/c/cooks" class="mention">!cooks@b.example</a>`,
			`<a class="mention" href="https://b.example/c/cooks"` + rel + `>!cooks@b.example</a>`},
		{"a hashtag in what is asked", `<a href="https://b.example/search?tag=Co%C3%B6p" class="hashtag">#coöp</a>`,
			`<a class="hashtag" href="https://b.example/search?tag=Co%C3%B6p"` + rel + `>#coöp</a>`},
		{"a hashtag", `<a href="https://b.example/tags/coop" class="mention hashtag" rel="tag">#<span>coop</span></a>`,
			`<a class="mention hashtag" href="https://b.example/tags/coop"` + rel + `>#<span>coop</span></a>`},
		{"a shortened link", `<a href="https://www.b.example/a/long/way"><span class="invisible">https://www.</span><span class="ellipsis">b.example/a/long</span><span class="invisible">/way</span></a>`,
			`<a href="https://www.b.example/a/long/way"` + rel + `><span class="invisible">https://www.</span><span class="ellipsis">b.example/a/long</span><span class="invisible">/way</span></a>`},
		{"a quotation's stand-in", `<p class="quote-inline">RE: x</p>`, `<p class="quote-inline">RE: x</p>`},
		{"blocks as paragraphs", `<div>a</div><div>b</div>`, `<p>a</p><p>b</p>`},
		{"cells apart", `<table><tr><td>a</td><td>b</td></tr></table>`, `a b`},
		{"custom emoji", `<p>Hi <img class="emoji" alt=":wave:" src="https://b.example/w.png"></p>`, `<p>Hi :wave:</p>`},
		{"emoji of several", "👩‍👩‍👧 naïve", "👩‍👩‍👧 naïve"},
		{"plain words", `a < b & c`, `a &lt; b &amp; c`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Sanitize(tc.src); got != tc.want {
				t.Errorf("Sanitize(%q)\n got %q\nwant %q", tc.src, got, tc.want)
			}
		})
	}
}

func TestSanitizeTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range attacks {
		checkStable(t, tc.src)
	}
	rapid.Check(t, func(t *rapid.T) { checkStable(t, scraps.Draw(t, "html")) })
}

func FuzzSanitize(f *testing.F) {
	for _, tc := range attacks {
		f.Add(tc.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkStable(t, src)
		checkHarmless(t, Sanitize(src))
		checkHarmless(t, Markdown(src, everything).HTML)
	})
}

// scraps puts pieces of markup together in any order.
var scraps = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"<p>", "</p>", "<a href=https://a.example>", "</a>", "<table>", "<td>", "</table>", "<div>", "</div>", "<b>", "</b>",
			"<i>", "</i>", "<li>", "<ul>", "</ul>", "<pre>\n", "</pre>", "<h1>", "</h2>", "<span class='invisible'>", "</span>", "<svg>", "<style>", "<br>",
			"<img alt='<p>'>", "<button>", "<ruby><rt>", "<!--", "-->", "<select><option>", "<textarea>", "<math><mi>", "&amp;lt;", "&#x202e;", "\r\n", "\u200d"}),
		rapid.String())
	return strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
})

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

func checkStable(t failer, src string) {
	t.Helper()
	once := Sanitize(src)
	if twice := Sanitize(once); twice != once {
		t.Errorf("Sanitize(%q)\nonce  %q\ntwice %q", src, once, twice)
	}
}

// checkHarmless reads the result as a browser does, and asks of every element
// and attribute whether it is allowed.
func checkHarmless(t failer, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><html><head></head><body>" + page))
	if err != nil {
		t.Errorf("%q does not parse: %v", page, err)
		return
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q has a comment", page)
		}
		if n.Type != html.ElementNode || n.Data == "html" || n.Data == "head" || n.Data == "body" {
			continue
		}
		if n.Namespace != "" || !kept[n.DataAtom] {
			t.Errorf("%q has an element %s", page, n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "href" && (strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://")):
			case a.Key == "class", a.Key == "rel" && a.Val == linkRel:
			default:
				t.Errorf("%q has an attribute %s=%q", page, a.Key, a.Val)
			}
		}
		if n.Data == "a" && attr(n, "rel") != linkRel {
			t.Errorf("%q has a link without rel", page)
		}
	}
}

func BenchmarkSanitize(b *testing.B) {
	post := `<p>` + strings.Repeat(`<span class="h-card"><a href="https://b.example/@ana" class="u-url mention">@<span>ana</span></a></span> says <b>hello</b> to all. `, 5) + `</p>`
	for b.Loop() {
		Sanitize(post)
	}
}
