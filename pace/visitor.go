package pace

import (
	"net"
	"net/http"
	"net/netip"
)

// Visitor is the address that limits count: of IPv6 the part that a household has.
func Visitor(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if address = address.Unmap().WithZone(""); address.Is6() {
		if household, err := address.Prefix(64); err == nil {
			return household.String()
		}
	}
	return address.String()
}
