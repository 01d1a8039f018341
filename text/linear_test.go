package text

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spent is the time that this thread has computed, however busy the machine is.
func spent(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// least is what a text costs when nothing comes between.
func least(t *testing.T, src string) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Hour
	for range 3 {
		before := spent(t)
		Markdown(src, everything)
		best = min(best, spent(t)-before)
	}
	return best
}

// TestMarkdownIsLinear compares texts of which one is eight times as long: it may cost
// eight times as much, for small things also more, where the square would be 64 times.
func TestMarkdownIsLinear(t *testing.T) {
	for name, part := range map[string]string{
		"words": "word ", "stars": "*", "stars about a letter": "*a ", "underscores": "_a_", "brackets": "[", "closing brackets": "]",
		"nested links": "[a](", "links": "[a](https://a.example) ", "pictures": "![", "references": "[a]: b\n", "quotes": ">", "backticks": "`a",
		"growing backticks": "``` a `", "addresses": "http://a.example ", "half addresses": "http://", "names": "@a", "tags": "#a", "lists": "- ",
		"lists in lists": "- a\n  ", "numbers": "1. ", "entities": "&amp", "tildes": "~~a", "elements": "<a ", "comments": "<!--", "lines": "\n", "escapes": "\\",
		"headings": "# ", "rules": "- - -\n", "marks": "a\u0300",
	} {
		t.Run(name, func(t *testing.T) {
			short, long := strings.Repeat(part, 6000/len(part)), strings.Repeat(part, 48_000/len(part))
			base := max(least(t, short), 5*time.Millisecond) // what costs less than that is cheap however it grows
			if took := least(t, long); took > 24*base {
				t.Errorf("%v for %d bytes, %v for %d", base, len(short), took, len(long))
			}
		})
	}
}

func TestWhatIsNestedTooDeepIsText(t *testing.T) {
	t.Parallel()
	quotes := func(n int) string { return strings.Repeat("> ", n) + "deep" }
	within := strings.Repeat("<blockquote>\n", mostNested) + "<p>deep</p>"
	beyond := strings.Repeat("<blockquote>\n", mostNested) + "<p>&gt; &gt; deep</p>"
	if got := Markdown(quotes(mostNested), everything).HTML; !strings.HasPrefix(got, within) {
		t.Errorf("as deep as may be: %s", got)
	}
	if got := Markdown(quotes(mostNested+2), everything).HTML; !strings.HasPrefix(got, beyond) {
		t.Errorf("deeper: %s", got)
	}
	lists := Markdown(strings.Repeat("1. ", 100)+"deep", everything).HTML
	if n := strings.Count(lists, "<ol>"); n != mostNested || !strings.Contains(lists, "1. deep") {
		t.Errorf("%d lists: %s", n, lists)
	}
	for _, tc := range []struct {
		href  string
		links int
	}{
		{"https://a.example/" + strings.Repeat("(", mostBrackets) + strings.Repeat(")", mostBrackets), 1},
		{"https://a.example/" + strings.Repeat("(", mostBrackets+1) + strings.Repeat(")", mostBrackets+1), 0},
		{"https://a.example/" + strings.Repeat("x", 2000), 1},
		{"https://a.example/" + strings.Repeat("x", longestHref), 0},
	} {
		if got := Markdown("[words]("+tc.href+")", Options{}).HTML; strings.Contains(got, ">words</a>") != (tc.links == 1) {
			t.Errorf("want %d links: %.200s", tc.links, got)
		}
	}
}
