package text

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// everything links each name and each tag.
var everything = Options{
	Resolve: func(handle string) (string, bool) { return "https://b.example/@" + handle, true },
	Hashtag: func(tag string) (string, bool) { return "https://b.example/tags/" + FoldHashtag(tag), true },
}

// village knows Ana, who is here, and Bob, who is elsewhere.
var village = Options{
	Resolve: func(handle string) (string, bool) {
		href := map[string]string{"ana": "https://here.example/@ana", "bob@b.example": "https://b.example/@bob",
			"my_group@b.example:8443": "https://b.example:8443/c/my_group"}[strings.ToLower(handle)]
		return href, href != ""
	},
	Hashtag: everything.Hashtag,
}

const (
	rel  = ` rel="nofollow noopener noreferrer ugc"`
	ana  = `<span class="h-card"><a class="u-url mention" href="https://here.example/@ana"` + rel + `>@<span>ana</span></a></span>`
	bob  = `<span class="h-card"><a class="u-url mention" href="https://b.example/@bob"` + rel + `>@<span>bob</span></a></span>`
	coop = `<a class="mention hashtag" href="https://b.example/tags/coop"` + rel + `>#<span>coop</span></a>`
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, src, want string }{
		{"nothing", "", ""},
		{"a paragraph", "Hello", "<p>Hello</p>"},
		{"lines as typed", "one\ntwo\n\nthree", "<p>one<br/>\ntwo</p>\n<p>three</p>"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"},
		{"a list", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"a heading", "## a", "<h2>a</h2>"},
		{"a link", "[x](https://a.example/ \"t\")", `<p><a href="https://a.example/"` + rel + `>x</a></p>`},
		{"a bare address", "see https://a.example/b_c?d=e#f.", `<p>see <a href="https://a.example/b_c?d=e#f"` + rel + `>https://a.example/b_c?d=e#f</a>.</p>`},
		{"a bare www", "see www.a.example", `<p>see <a href="http://www.a.example"` + rel + `>www.a.example</a></p>`},
		{"an e-mail address", "ask ana@example.org", "<p>ask ana@example.org</p>"},
		{"a picture", "![a cat](https://a.example/cat.png)", `<p><a href="https://a.example/cat.png"` + rel + `>a cat</a></p>`},
		{"a member", "Hi @ana!", "<p>Hi " + ana + "!</p>"},
		{"somebody elsewhere", "(@bob@b.example)", "<p>(" + bob + ")</p>"},
		{"underscores and a port", "@my_group@b.example:8443: hi", `<p><span class="h-card"><a class="u-url mention" href="https://b.example:8443/c/my_group"` + rel + `>@<span>my_group</span></a></span>: hi</p>`},
		{"a stranger", "Hi @carol and @my_*x*", "<p>Hi @carol and @my_<em>x</em></p>"},
		{"an end of sentence", "Thanks @bob@b.example.", "<p>Thanks " + bob + ".</p>"},
		{"a name in code", "`@ana #coop`\n\n    @ana", "<p><code>@ana #coop</code></p>\n<pre><code>@ana\n</code></pre>"},
		{"a name in a link", "[@ana #coop](https://a.example/)", `<p><a href="https://a.example/"` + rel + `>@ana #coop</a></p>`},
		{"a name in an address", "https://a.example/@ana/#coop", `<p><a href="https://a.example/@ana/#coop"` + rel + `>https://a.example/@ana/#coop</a></p>`},
		{"a name in a word", "x@ana y#coop", "<p>x@ana y#coop</p>"},
		{"a hashtag", "#coop, then", "<p>" + coop + ", then</p>"},
		{"a number", "#2026 &#39;", "<p>#2026 &#39;</p>"},
		{"accents", "#Économie", `<p><a class="mention hashtag" href="https://b.example/tags/economie"` + rel + `>#<span>Économie</span></a></p>`},
		{"typed tags", "<b>a</b> <3", "<p>&lt;b&gt;a&lt;/b&gt; &lt;3</p>"},
		{"a typed block", "<div class=\"modal\">\n<script>alert(1)</script>\n</div>", "<p>&lt;div class=&#34;modal&#34;&gt;<br/>\n&lt;script&gt;alert(1)&lt;/script&gt;<br/>\n&lt;/div&gt;</p>"},
		{"a forged mention", `<a class="mention" href="https://evil.example">@ana</a>`, `<p>&lt;a class=&#34;mention&#34; href=&#34;https://evil.example&#34;&gt;` + ana + `&lt;/a&gt;</p>`},
		{"javascript", "[x](javascript:alert(1)) <javascript:alert(1)>", "<p>x javascript:alert(1)</p>"},
		{"javascript by reference", "[x][1]\n\n[1]: JaVaScRiPt:alert(1)", "<p>x</p>"},
		{"data", "[x](data:text/html;base64,PHNjcmlwdD4=)", "<p>x</p>"},
		{"a picture with a handler", `![x" onerror="alert(1)](https://a.example/ "y' onload='alert(1)")`, `<p><a href="https://a.example/"` + rel + `>x&#34; onerror=&#34;alert(1)</a></p>`},
		{"a relative link", "[x](/settings/delete)", "<p>x</p>"},
		{"mailto", "<mailto:ana@example.org>", "<p>mailto:ana@example.org</p>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := Markdown(tc.src, village).HTML
			if got != tc.want {
				t.Errorf("Markdown(%q)\n got %q\nwant %q", tc.src, got, tc.want)
			}
			checkHarmless(t, got)
		})
	}
}

func TestMarkdownTellsWhatItNames(t *testing.T) {
	t.Parallel()
	got := Markdown("@ana and @bob@b.example, @Ana again, @carol: #Coop #économie #Economie `@ana #no`\n\n"+
		"https://a.example/ [x](http://c.example/d) [y](javascript:z) https://a.example/ ![p](https://e.example/p.png)", village)
	want := Rendered{
		HTML:     got.HTML,
		Mentions: []Mention{{"ana", "https://here.example/@ana"}, {"bob@b.example", "https://b.example/@bob"}},
		Hashtags: []string{"Coop", "économie"},
		Links:    []string{"https://a.example/", "http://c.example/d", "https://e.example/p.png"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMarkdownWithoutOptions(t *testing.T) {
	t.Parallel()
	got := Markdown("@ana #coop", Options{})
	want := Rendered{HTML: "<p>@ana #coop</p>", Hashtags: []string{"coop"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMarkdownIsAlreadySanitized(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		page := Markdown(scraps.Draw(t, "markdown"), everything).HTML
		if again := Sanitize(page); again != page {
			t.Errorf("sanitized again:\n got %q\nwant %q", again, page)
		}
	})
}

func BenchmarkMarkdown(b *testing.B) {
	post := strings.Repeat("Hello @ana, see https://a.example/ and **think** of #coop.\n\n", 5)
	for b.Loop() {
		Markdown(post, village)
	}
}

func BenchmarkMarkdownOfManySigns(b *testing.B) {
	post := strings.Repeat("*a", 25_000)
	for b.Loop() {
		Markdown(post, village)
	}
}
