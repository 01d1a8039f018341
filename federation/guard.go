package federation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
)

// errGuard is in the chain of every error of a connection that we refused to
// make. It is for the log and for Cause, never for whoever asked: the
// difference between closed and forbidden would map our network for them.
var errGuard = errors.New("our own guard refuses")

// guard decides where this program may connect to. It looks at the address
// that is dialled, after the name was resolved, so that neither a name that
// changes its answer nor a redirect gets around it.
type guard struct {
	networks []netip.Prefix
	ports    []uint16
	http     bool
}

func newGuard(o Options) guard {
	g := guard{networks: o.AllowNetworks, ports: []uint16{443}, http: o.AllowHTTP}
	if o.AllowHTTP {
		g.ports = append(g.ports, 80)
	}
	g.ports = append(g.ports, o.AllowPorts...)
	return g
}

// closed lists what is not the public Internet: RFC 6890 and its registries,
// and the ways to write an IPv4 address inside an IPv6 one.
var closed = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23",     // IETF protocols: Teredo, benchmarking, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"2620:4f:8000::/48",
	"3fff::/20", // documentation
)

// global is all of IPv6 that is given out: loopback, ULA, link-local,
// multicast, v4-compatible, 64:ff9b::/96, 100::/64 and what comes next are
// outside of it.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// checkURL refuses a scheme or a port before anything is resolved.
func (g guard) checkURL(u *url.URL) error {
	if u.Scheme == "http" && !g.http {
		return fmt.Errorf("%w: http", errGuard)
	}
	return nil
}

// control is called by the dialer with each address that it is about to try.
func (g guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %s", errGuard, network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errGuard, err)
	}
	if !slices.Contains(g.ports, to.Port()) {
		return fmt.Errorf("%w: port %d", errGuard, to.Port())
	}
	if !g.allows(to.Addr()) {
		return fmt.Errorf("%w: %s", errGuard, to.Addr())
	}
	return nil
}

func (g guard) allows(ip netip.Addr) bool {
	zone := ip.Zone() != ""
	ip = ip.Unmap()
	in := func(p netip.Prefix) bool { return p.Contains(ip) }
	switch {
	case zone:
		return false
	case slices.ContainsFunc(g.networks, in):
		return true
	case ip.Is6() && !global.Contains(ip):
		return false
	}
	return !slices.ContainsFunc(closed, in)
}

// dialer gives the one dialer of this program.
func (g guard) dialer(resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive, Resolver: resolver, ControlContext: g.control}
}
