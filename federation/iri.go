package federation

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"passerelles/fault"
)

const maxIRI = 2048

// hostProfile maps a name as a browser would before looking it up. Hyphens in
// the third and fourth place are left alone: such names exist.
var hostProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
	idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.CheckHyphens(false))

// CheckIRI refuses what is not an http(s) address that may be fetched and stored.
func CheckIRI(iri string) error {
	_, err := parseIRI(iri)
	return err
}

// Origin gives scheme://host[:port] of an address in its one canonical form:
// lower case, punycode, without the port that the scheme implies. Comparing,
// blocking and fetching all go through it, so that they cannot disagree.
func Origin(iri string) (string, error) {
	u, err := parseIRI(iri)
	if err != nil {
		return "", err
	}
	return originOf(u), nil
}

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// SameOrigin says whether two addresses are under the same authority; what is
// not an address is under none.
func SameOrigin(a, b string) bool {
	first, err := Origin(a)
	if err != nil {
		return false
	}
	second, err := Origin(b)
	return err == nil && first == second
}

// Host gives the canonical host of an address, with its port when that is not
// the one of the scheme; "" for what is not an address.
func Host(iri string) string {
	u, err := parseIRI(iri)
	if err != nil {
		return ""
	}
	return u.Host
}

// parseIRI gives the address whose Host is canonical. The rest stays as it came.
func parseIRI(iri string) (*url.URL, error) {
	if err := checkSpelling(iri); err != nil {
		return nil, err
	}
	u, err := url.Parse(iri)
	if err != nil {
		return nil, refuse("it cannot be read")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || u.Host == "" {
		return nil, refuse("it does not start with https:// and a host")
	}
	if u.User != nil {
		return nil, refuse("it holds a user name")
	}
	// net/url decodes percents of a host, others do not.
	if strings.Contains(authority(iri), "%") {
		return nil, refuse("its host is encoded")
	}
	u.Host, err = canonicalHostPort(u)
	return u, err
}

func refuse(why string) error {
	return fault.New(fault.Invalid, "this address is refused: "+why)
}

func authority(iri string) string {
	_, rest, _ := strings.Cut(iri, "//")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		return rest[:end]
	}
	return rest
}

// mustBeEncoded are the characters of ASCII that have no place in an address.
var mustBeEncoded = func() (set [0x80]bool) {
	for r := range set {
		set[r] = r <= ' ' || strings.ContainsRune("\"\\<>^`{|}\x7f", rune(r))
	}
	return set
}()

// checkSpelling refuses the characters about which parsers disagree.
func checkSpelling(iri string) error {
	if iri == "" || len(iri) > maxIRI {
		return refuse("it is empty or too long")
	}
	if !utf8.ValidString(iri) {
		return refuse("it is not UTF-8")
	}
	for _, r := range iri {
		if r <= 0x7f && mustBeEncoded[r] || r > 0x7f && !unicode.IsPrint(r) {
			return refuse("it holds a character that must be encoded")
		}
	}
	return nil
}

func canonicalHostPort(u *url.URL) (string, error) {
	host, err := CanonicalHost(u.Hostname())
	if err != nil {
		return "", err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return "", refuse("its port is empty")
		}
		return host, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "", refuse("its port is absurd")
	}
	if u.Scheme == "https" && n == 443 || u.Scheme == "http" && n == 80 {
		return host, nil
	}
	return host + ":" + port, nil
}

// CanonicalHost gives the one spelling of a host name or IP address without
// port: lower case, punycode. A trailing dot and the odd spellings of an IPv4
// address (octal, one number, two parts) are refused.
func CanonicalHost(host string) (string, error) {
	if strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		if err != nil || ip.Zone() != "" {
			return "", refuse("its IP address is absurd")
		}
		return ip.String(), nil
	}
	if plainHost(host) {
		return host, nil
	}
	if ip, err := netip.ParseAddr(host); err == nil { // of version 4, in its one spelling
		return ip.String(), nil
	}
	return mappedHost(host)
}

// plainHost says whether a name is its own canonical form beyond doubt, as nearly all
// are: mapping it would only cost.
func plainHost(host string) bool {
	last, long := "", len(host) > 253
	for label := range strings.SplitSeq(host, ".") {
		if len(label) > 63 || label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.HasPrefix(label, "xn--") {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
		last = label
	}
	return !long && !looksNumeric(last)
}

func mappedHost(host string) (string, error) {
	ascii, err := hostProfile.ToASCII(host)
	if err != nil || !stable(ascii, host) {
		return "", refuse("its host name is not one")
	}
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if last == "" {
		return "", refuse("its host name is empty or ends with a dot")
	}
	if !looksNumeric(last) {
		return ascii, nil
	}
	// A last label that reads as a number makes it an IPv4 address for the
	// resolver, whatever it is for us.
	ip, err := netip.ParseAddr(ascii)
	if err != nil || ascii != host {
		return "", refuse("its host is a number")
	}
	return ip.String(), nil
}

// stable says whether the canonical name is its own canonical name: a few
// code points that mapping lets through are not valid afterwards.
func stable(ascii, host string) bool {
	if ascii == host {
		return true
	}
	again, err := hostProfile.ToASCII(ascii)
	return err == nil && again == ascii
}

func looksNumeric(label string) bool {
	if strings.HasPrefix(label, "0x") {
		return true
	}
	for _, r := range label {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// hostOrigin gives the https origin of host[:port], as typed in a handle.
func hostOrigin(host string) (*url.URL, error) {
	if strings.ContainsAny(host, "/?#@") {
		return nil, refuse(fmt.Sprintf("%.50q is not a host", host))
	}
	return parseIRI("https://" + host)
}
