package config

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Host is the origin's host, with its port unless that is the scheme's own.
func (c Config) Host() string {
	_, host, _ := strings.Cut(c.Origin, "://")
	return host
}

// Secure says whether the origin is https.
func (c Config) Secure() bool { return strings.HasPrefix(c.Origin, "https://") }

// Localhost says whether the origin is http://localhost, on any port.
func (c Config) Localhost() bool { return !c.Secure() && c.hostname() == "localhost" }

// PublicName says whether the origin's host is a name that the Internet may
// know: neither an IP address nor a name reserved for tests and private use.
func (c Config) PublicName() bool {
	name := c.hostname()
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	for _, private := range []string{"localhost", "test", "example", "invalid", "internal", "local"} {
		if name == private || strings.HasSuffix(name, "."+private) {
			return false
		}
	}
	return true
}

func (c Config) hostname() string {
	u, err := url.Parse(c.Origin)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// canonicalOrigin writes an origin in the one way that ids are built from.
func canonicalOrigin(origin string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(origin))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return origin, errors.New("origin must be an address such as https://passerelles.example.org")
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return origin, errors.New("origin must be a scheme and a host only, without a path or a user")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if addr, err := netip.ParseAddr(host); err == nil {
		if host = addr.String(); addr.Is6() {
			host = "[" + host + "]"
		}
	} else if !hostName.MatchString(host) {
		return origin, errors.New("origin must have a host in plain letters, digits and hyphens (a name with accents is written xn--…)")
	}
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	if port == "" {
		return u.Scheme + "://" + host, nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return origin, errors.New("origin must have a port between 1 and 65535")
	}
	return u.Scheme + "://" + host + ":" + port, nil
}
