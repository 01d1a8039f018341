package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, src, want string }{
		{"nothing", "", ""},
		{"paragraphs", "<p>one\n two</p><p>three<br>four</p>", "one two\n\nthree\nfour"},
		{"inline", "<p>one<b>two</b> <i> three</i></p>", "onetwo three"},
		{"a bullet list", "<p>a</p><ul><li>b</li><li><p>c</p></li></ul><p>d</p>", "a\n\n- b\n- c\n\nd"},
		{"a numbered list", "<ol>\n<li>b</li>\n<li>c</li></ol>", "1. b\n2. c"},
		{"code", "<pre><code>a\n  b\n</code></pre>c", "a\n  b\n\n\nc"},
		{"entities", "a &lt; b &amp;&nbsp;c", "a < b & c"},
		{"script", "a<script>b</script><style>c</style>", "a"},
		{"emoji", `<img alt=":wave:"> hi`, ":wave: hi"},
		{"a shortened link", `<a><span class="invisible">https://</span>b.example/x<span class="invisible">y</span></a>`, "https://b.example/xy"},
		{"what turns the direction", "a\u202eb&#x202e;c<pre>d\u202de&#8238;</pre>", "abc\n\nde"},
		{"what is not seen", "a\x00b" + strings.Repeat("\u200d", 50) + "c" + strings.Repeat("&#x200b;", 50), "ab\u200d\u200dc\u200b\u200b"},
		{"a tower of accents", "e" + strings.Repeat("\u0301", 100), "e" + strings.Repeat("\u0301", 8)},
		{"deep nesting", strings.Repeat("<div>", 600) + "x &amp; y", "x & y"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Plain(tc.src); got != tc.want {
				t.Errorf("Plain(%q) = %q, want %q", tc.src, got, tc.want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		src  string
		n    int
		want string
	}{
		{"<p>one two</p><p>three</p>", 40, "one two three"},
		{"<p>one two three</p>", 10, "one two…"},
		{"<p>one two, three</p>", 10, "one two…"},
		{"<p>onetwothree</p>", 5, "onet…"},
		{"<p>e\u0301e\u0301e\u0301</p>", 4, "e\u0301…"},
		{"<p>éàü</p>", 3, "éàü"},
		{"<p>one</p>", 0, ""},
	} {
		if got := Excerpt(tc.src, tc.n); got != tc.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", tc.src, tc.n, got, tc.want)
		}
	}
}

func TestExcerptIsNeverLonger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(t, "n")
		if got := Excerpt(scraps.Draw(t, "html"), n); utf8.RuneCountInString(got) > n {
			t.Errorf("%q is longer than %d", got, n)
		}
	})
}

func TestTitle(t *testing.T) {
	t.Parallel()
	mention := `<span class="h-card"><a href="https://b.example/c/makers" class="u-url mention">@<span>makers</span></a></span>`
	for _, tc := range []struct{ name, src, want string }{
		{"the first line", "<p>One<br>two</p><p>three</p>", "One"},
		{"without the group", "<p>" + mention + " One</p><p>two</p>", "One"},
		{"with the host shown", "<p>@makers@b.example, one</p>", "one"},
		{"after two mentions", "<p>@makers@b.example @ana one</p>", "one"},
		{"the group on its own line", "<p>" + mention + "<br>One</p>", "One"},
		{"a mention inside", "<p>Thanks @ana</p>", "Thanks @ana"},
		{"mentions only", "<p>@ana</p>", ""},
		{"nothing", "", ""},
		{"a long line", "<p>" + strings.Repeat("word ", 60) + "</p>", strings.Repeat("word ", 39) + "word…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Title(tc.src); got != tc.want {
				t.Errorf("Title(%q) = %q, want %q", tc.src, got, tc.want)
			}
		})
	}
	if got := Title(strings.Repeat("x", 300)); utf8.RuneCountInString(got) != longestTitle {
		t.Errorf("a title has %d characters, want %d", utf8.RuneCountInString(got), longestTitle)
	}
}
