package federation

import (
	"net/url"
	"strings"
	"testing"

	"passerelles/fault"
)

func TestOrigin(t *testing.T) {
	t.Parallel()
	for iri, want := range map[string]string{
		"https://s.example/u/1":               "https://s.example",
		"HTTPS://S.Example:443":               "https://s.example",
		"http://s.example:80/":                "http://s.example",
		"https://s.example:80/":               "https://s.example:80",
		"https://s.example:8443/":             "https://s.example:8443",
		"https://café.example/":               "https://xn--caf-dma.example",
		"https://CAFÉ.example/":               "https://xn--caf-dma.example",
		"https://xn--caf-dma.example/":        "https://xn--caf-dma.example",
		"https://ｅｖｉｌ.example/":               "https://evil.example",
		"https://evil。example/":               "https://evil.example",
		"https://192.0.2.7/":                  "https://192.0.2.7",
		"https://[2001:DB8:0::1]/":            "https://[2001:db8::1]",
		"https://[2001:db8::1]:443/":          "https://[2001:db8::1]",
		"http://localhost:8080/":              "http://localhost:8080",
		"https://r3---sn-a.example/":          "https://r3---sn-a.example",
		"https://evil.example#@victim.test/":  "https://evil.example",
		"https://evil.example/?@victim.test/": "https://evil.example",
	} {
		if got, err := Origin(iri); err != nil || got != want {
			t.Errorf("Origin(%q) = %q, %v, want %q", iri, got, err, want)
		}
	}
}

// hostile are the addresses of the catalogue that no function here may accept.
var hostile = []string{
	"", "s.example", "/u/1", "//s.example/u/1", "https:", "https://", "https:///u", "https:s.example",
	"ftp://s.example/", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "gopher://s.example",
	"unix:/run/x", "acct:a@s.example", "urn:uuid:1", "did:key:z6Mk",
	"https://victim.test@evil.example/", "https://a:b@evil.example/", "https://@evil.example/",
	`https://evil.example\@127.0.0.1`, `https://victim.test\@evil.example`, "https://victim.test%00.evil.example",
	"https://evil.example./", "https://evil..example/", "https://.example/", "https://./",
	"https://s.example:/", "https://s.example:0/", "https://s.example:65536/", "https://s.example:0443/", "https://s.example:x/",
	"https://s.example/a b", "https://s.example/\t", "https://s.example/\n", "https://s.example/\r\nX: y", "https://s.example/\x00",
	"https://s.example/\x7f", "https://s.example/\u202e", "https://s.example/\u200b", "https://s.example/\xff", `https://s.example/"`, "https://s.example/<",
	"https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://127.0.0.1./",
	"https://①②⑦.⓪.⓪.①/", "https://1.2.3.4.5/", "https://256.1.1.1/", "https://x.0x10/",
	"https://[fe80::1%25eth0]/", "https://[::1", "https://[v1.a]/", "https://[127.0.0.1]/",
	"https://caf%c3%a9.example/", "https://caf%e8.example/", "https://a%2eb.example/", "https://a\u2135b.example/", "https://Caf\u02f9%e8443/a?b#c\u02a0",
	"https://ex\u00adample.\u0000/", "https://ev il.example/", "https://under_score.example/",
	"https://" + strings.Repeat("a", 64) + ".example/", "https://s.example/" + strings.Repeat("a", maxIRI),
}

func TestHostileIRIs(t *testing.T) {
	t.Parallel()
	for _, iri := range hostile {
		origin, err := Origin(iri)
		if !fault.Is(err, fault.Invalid) || !fault.Is(CheckIRI(iri), fault.Invalid) {
			t.Errorf("Origin(%q) = %q, %v, want invalid", iri, origin, err)
		}
		if SameOrigin(iri, iri) || Host(iri) != "" {
			t.Errorf("%q has an origin", iri)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"https://s.example/a", "https://S.EXAMPLE:443/b", true},
		{"https://s.example/a", "http://s.example/a", false},
		{"https://s.example/a", "https://s.example:8443/a", false},
		{"https://s.example/a", "https://a.s.example/a", false},
		{"https://s.example/a", "https://s.example./a", false},
		{"https://xn--caf-dma.example", "https://café.example/", true},
	} {
		if got := SameOrigin(c.a, c.b); got != c.want || SameOrigin(c.b, c.a) != c.want {
			t.Errorf("SameOrigin(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for iri, want := range map[string]string{
		"https://S.example:443/": "s.example", "http://localhost:8080/": "localhost:8080", "https://[::1]:9/": "[::1]:9",
	} {
		if got := Host(iri); got != want {
			t.Errorf("Host(%q) = %q, want %q", iri, got, want)
		}
	}
}

// FuzzOrigin holds that an origin is a fixed point, and that the host we
// compare is the host that net/url, and so the transport, would go to.
func FuzzOrigin(f *testing.F) {
	for _, iri := range hostile {
		f.Add(iri)
	}
	f.Add("https://Café.example:8443/a?b#c")
	f.Add("http://[2001:db8::1]:80/")
	f.Fuzz(func(t *testing.T, iri string) {
		origin, err := Origin(iri)
		if err != nil {
			return
		}
		if again, err := Origin(origin); err != nil || again != origin {
			t.Errorf("Origin(%q) = %q, whose origin is %q, %v", iri, origin, again, err)
		}
		u, err := url.Parse(origin)
		if err != nil || originOf(u) != origin || u.User != nil || u.Path != "" {
			t.Errorf("Origin(%q) = %q, which net/url reads as %v, %v", iri, origin, u, err)
		}
		if strings.ContainsAny(origin, "@\\%?# ") || strings.ToLower(origin) != origin || strings.HasSuffix(u.Hostname(), ".") {
			t.Errorf("Origin(%q) = %q", iri, origin)
		}
	})
}

// FuzzPlainHost holds that what is taken for canonical at a glance is what mapping gives.
func FuzzPlainHost(f *testing.F) {
	for _, host := range []string{"a.example", "127.0.0.1", "xn--caf-dma.example", "a--b.example", "-a.example", "a-.example", "0x7f.1", "a..b",
		"", ".", "localhost", strings.Repeat("a", 64), strings.Repeat("a.", 127) + "a", "1.2.3.0x4", "café.example", "a_b.example"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if !plainHost(host) {
			return
		}
		if mapped, err := mappedHost(host); err != nil || mapped != host {
			t.Errorf("%q is taken as it is, mapped it is %q, %v", host, mapped, err)
		}
	})
}
