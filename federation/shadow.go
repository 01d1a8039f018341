package federation

import (
	"cmp"
	"crypto"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-fed/httpsig"
)

// httpsig never sees a request. It sees its shadow: a copy which holds only
// what is signed, spelled so that the library's own reading of it has nothing
// to get wrong. TestDefectsOfHTTPSig lists what that would be.

// shadowOf makes the copy that httpsig reads. The whole target goes in Path,
// since the library would write the path decoded and lose a bare "?".
func shadowOf(r *http.Request, target string, headers int) *http.Request {
	shadow := &http.Request{Method: cmp.Or(r.Method, http.MethodGet), Host: r.Host, URL: &url.URL{Path: target}}
	shadow.Header = make(http.Header, headers)
	shadow.Header["Host"] = []string{r.Host}
	return shadow
}

func copyHeader(to, from http.Header, name string) {
	name = http.CanonicalHeaderKey(name)
	if values := from[name]; len(values) > 0 {
		to[name] = values
	}
}

// checkTarget verifies the signature as if the request were for this target.
func (s signatureHeader) checkTarget(r *http.Request, target string, key crypto.PublicKey, algorithm httpsig.Algorithm) error {
	shadow := shadowOf(r, target, len(s.covered)+1)
	for _, name := range s.covered {
		if !strings.HasPrefix(name, "(") && name != "host" {
			copyHeader(shadow.Header, r.Header, name)
		}
	}
	shadow.Header["Signature"] = []string{s.shadow(shadow)}
	verifier, err := httpsig.NewVerifier(shadow)
	if err != nil {
		return err
	}
	return verifier.Verify(key, algorithm)
}

// shadow spells the Signature header as httpsig reads it: no space, and a
// keyId without comma.
//
// The library holds (created) and (expires) against its own clock, ten seconds
// wide, where peers are an hour off and tests live in another year. So these
// two lines are folded into the value of what is signed before them: the
// string that is signed stays the same. Only those that come first of all have
// nothing before them and meet that clock.
func (s signatureHeader) shadow(shadow *http.Request) string {
	names := make([]string, 0, len(s.covered))
	times := ""
	for _, name := range s.covered {
		at := s.created
		switch name {
		case "(expires)":
			at = s.expires
			fallthrough
		case "(created)":
			if n := len(names); n > 0 && !isTime(names[n-1]) {
				fold(shadow, names[len(names)-1], "\n"+name+": "+strconv.FormatInt(at, 10))
				continue
			}
			times += name[1:len(name)-1] + "=" + strconv.FormatInt(at, 10) + ","
		}
		names = append(names, name)
	}
	return `keyId="k",` + times + `headers="` + strings.Join(names, " ") +
		`",signature="` + base64.StdEncoding.EncodeToString(s.value) + `"`
}

func isTime(name string) bool { return name == "(created)" || name == "(expires)" }

// fold appends a line to the value of something signed.
func fold(shadow *http.Request, name, line string) {
	if name == requestTarget {
		shadow.URL.Path += line
		return
	}
	name = http.CanonicalHeaderKey(name)
	shadow.Header[name] = []string{strings.TrimSpace(shadow.Header.Get(name)) + line}
}
