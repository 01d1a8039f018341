package federation

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
)

// Body is a document to post and its digest, computed once however many
// servers it goes to.
type Body struct {
	bytes  []byte
	digest string
}

// NewBody computes the digest of a body, which must not change afterwards.
func NewBody(body []byte) Body {
	sum := sha256.Sum256(body)
	return Body{bytes: body, digest: "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])}
}

// reader reads the body anew.
func (b Body) reader() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.bytes)), nil }

// checkDigests compares every digest that the request states with its body:
// httpsig signs the header and never looks at what it says.
func checkDigests(h http.Header, body []byte) error {
	if lines := h["Digest"]; len(lines) > 0 {
		if err := checkDigest(lines, body, false); err != nil {
			return err
		}
	}
	if lines := h["Content-Digest"]; len(lines) > 0 {
		return checkDigest(lines, body, true)
	}
	return nil
}

// checkDigest reads one line of comma-separated algorithm=value. Unknown
// algorithms are passed over, but one that we know must be there, and every
// one that we know must be right. Values stand between colons in RFC 9530.
func checkDigest(lines []string, body []byte, colons bool) error {
	if len(lines) > 1 {
		return unauthenticated("the request has several digests")
	}
	known := 0
	for part := range strings.SplitSeq(lines[0], ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" {
			return unauthenticated("the digest cannot be read")
		}
		want, err := digestOf(strings.ToLower(name), body)
		if err != nil {
			return err
		}
		if want == nil {
			continue
		}
		if colons {
			value = strings.TrimSuffix(strings.TrimPrefix(value, ":"), ":")
		}
		got, err := base64.StdEncoding.DecodeString(value)
		if err != nil || subtle.ConstantTimeCompare(got, want) != 1 {
			return unauthenticated("the digest is not that of the body")
		}
		known++
	}
	if known == 0 {
		return unauthenticated("the digest is of no kind that we know")
	}
	return nil
}

func digestOf(algorithm string, body []byte) ([]byte, error) {
	switch algorithm {
	case "sha-256":
		sum := sha256.Sum256(body)
		return sum[:], nil
	case "sha-512":
		sum := sha512.Sum512(body)
		return sum[:], nil
	case "md5", "sha", "sha-1", "unixsum", "unixcksum", "adler", "crc32c":
		return nil, unauthenticated("the digest is of a kind that proves nothing")
	}
	return nil, nil
}
