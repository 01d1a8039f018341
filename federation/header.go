package federation

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"passerelles/fault"
)

const (
	maxSignatureHeader = 8 << 10
	maxCovered         = 32
	maxSignature       = maxRSABits / 8
)

// signatureHeader is a Signature header, read strictly: nothing in it can be
// understood in two ways.
type signatureHeader struct {
	keyID     string
	algorithm string
	created   int64 // seconds since 1970, 0 when absent
	expires   int64
	covered   []string // lower case, in the order of signing
	value     []byte
}

func unauthenticated(why string) error { return fault.New(fault.Unauthenticated, why) }

// readSignature reads the one Signature header of a request.
func readSignature(h http.Header) (signatureHeader, error) {
	switch lines := h["Signature"]; {
	case len(lines) == 0:
		return signatureHeader{}, unauthenticated("the request is not signed")
	case len(lines) > 1:
		return signatureHeader{}, unauthenticated("the request has several signatures")
	default:
		return parseSignature(lines[0])
	}
}

func parseSignature(line string) (signatureHeader, error) {
	if len(line) > maxSignatureHeader {
		return signatureHeader{}, unauthenticated("the signature is too long")
	}
	params, err := splitParameters(line)
	if err != nil {
		return signatureHeader{}, err
	}
	s := signatureHeader{keyID: params["keyId"], algorithm: strings.ToLower(params["algorithm"])}
	if s.created, err = seconds(params, "created"); err != nil {
		return signatureHeader{}, err
	}
	if s.expires, err = seconds(params, "expires"); err != nil {
		return signatureHeader{}, err
	}
	if s.covered, err = coveredNames(params["headers"]); err != nil {
		return signatureHeader{}, err
	}
	s.value, err = base64.StdEncoding.Strict().DecodeString(params["signature"])
	if err != nil || len(s.value) == 0 || len(s.value) > maxSignature {
		return signatureHeader{}, unauthenticated("the value of the signature cannot be read")
	}
	if CheckIRI(s.keyID) != nil {
		return signatureHeader{}, unauthenticated("the keyId of the signature is not an address")
	}
	return s, nil
}

// splitParameters reads name="value" and name=number, separated by commas with
// or without spaces. A name that comes twice is refused: one reader would
// believe the first, another the last.
func splitParameters(line string) (map[string]string, error) {
	malformed := unauthenticated("the Signature header cannot be read")
	params := make(map[string]string, 6)
	for rest := strings.TrimSpace(line); ; {
		name, after, ok := strings.Cut(rest, "=")
		name, after = strings.TrimSpace(name), strings.TrimLeft(after, " \t")
		if !ok || !parameterName(name) {
			return nil, malformed
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(after, `"`); isQuoted {
			value, rest, ok = strings.Cut(quoted, `"`)
			if !ok || strings.Contains(value, `\`) {
				return nil, malformed
			}
		} else {
			end := strings.IndexAny(after+",", ", \t")
			value, rest = after[:end], after[end:]
			if !digits(value) {
				return nil, malformed
			}
		}
		if _, twice := params[name]; twice {
			return nil, unauthenticated("the Signature header says " + name + " twice")
		}
		params[name] = value
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return params, nil
		}
		if rest, ok = strings.CutPrefix(rest, ","); !ok {
			return nil, malformed
		}
	}
}

func parameterName(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	return s != "" && len(s) <= 12 && strings.Trim(s, "0123456789") == ""
}

func seconds(params map[string]string, name string) (int64, error) {
	text, ok := params[name]
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	// The canonical spelling is demanded, since it is what is signed.
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text || len(text) > 12 {
		return 0, unauthenticated("the time " + name + " of the signature cannot be read")
	}
	return n, nil
}

// coveredNames splits the list of what is signed.
func coveredNames(list string) ([]string, error) {
	if list == "" {
		return nil, nil // the draft's default covers too little; Verify says so
	}
	names := strings.Split(strings.ToLower(list), " ")
	if len(names) > maxCovered {
		return nil, unauthenticated("the signature covers too many headers")
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return nil, unauthenticated("the signature covers a header twice")
		}
		seen[name] = true
		if !coverable(name) {
			return nil, unauthenticated("the signature covers what is not a header")
		}
	}
	return names, nil
}

func coverable(name string) bool {
	switch name {
	case requestTarget, "(created)", "(expires)":
		return true
	case "", "signature", "authorization":
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
