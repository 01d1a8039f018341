package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// RedisIsOpen says whether Redis is asked over the network without a password: then
// whoever reaches it can have this server do any work, or none.
func (c Config) RedisIsOpen() bool {
	u, err := url.Parse(c.RedisURL)
	if err != nil || c.RedisURL == "" || strings.HasPrefix(u.Scheme, "redis-socket") {
		return false
	}
	if _, secret := u.User.Password(); secret {
		return false
	}
	name := u.Hostname()
	ip, err := netip.ParseAddr(name)
	return name != "localhost" && (err != nil || !ip.IsLoopback())
}
