package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"passerelles/e2e/programs"
	"passerelles/storage/storagetest"
)

// road joins two places, each a network of its own in the kernel, by a cable. A server
// is called at one address and calls from another, so that one direction can be cut alone.
type road struct {
	t    *testing.T
	ends [2]end
}

type end struct {
	place        string // name of the namespace
	device       string
	called, from string // addresses
}

var roads atomic.Int32

// newRoad makes the places and the cable; they go with the test.
func newRoad(t *testing.T) *road {
	t.Helper()
	programs.Need(t, "ip", "iproute2")
	r := &road{t: t}
	n := roads.Add(1)
	for i := range r.ends {
		e := end{
			place: fmt.Sprintf("passerelles-%d-%d-%d", os.Getpid(), n, i), device: fmt.Sprintf("road%d", i),
			called: fmt.Sprintf("10.77.0.%d", i+1), from: fmt.Sprintf("10.77.0.%d", i+11),
		}
		if out, err := exec.Command("ip", "netns", "add", e.place).CombinedOutput(); err != nil {
			storagetest.GiveUp(t, fmt.Errorf("%w: %s", err, out)) // only root may
		}
		t.Cleanup(func() { r.ip("netns", "del", e.place) })
		r.ends[i] = e
	}
	near, far := r.ends[0], r.ends[1]
	r.ip("link", "add", near.device, "netns", near.place, "type", "veth", "peer", "name", far.device, "netns", far.place)
	for i, e := range r.ends {
		r.at(i, "link set lo up")
		for _, address := range []string{e.called, e.from} {
			r.at(i, "addr add "+address+"/24 dev "+e.device)
		}
	}
	r.open()
	return r
}

func (r *road) ip(args ...string) {
	r.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		r.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// at changes something at an end of the road.
func (r *road) at(i int, change string) {
	r.t.Helper()
	r.ip(append([]string{"-n", r.ends[i].place}, strings.Fields(change)...)...)
}

// open plugs the cable in and tells each end by which address it calls the other.
func (r *road) open() {
	r.t.Helper()
	for i, e := range r.ends {
		r.at(i, "link set "+e.device+" up")
	}
	for i, e := range r.ends {
		other := r.ends[1-i]
		r.at(i, "route replace "+other.called+"/32 dev "+e.device+" src "+e.from)
		r.at(i, "neigh flush all")
	}
}

// unplug pulls the cable.
func (r *road) unplug() {
	r.t.Helper()
	for i, e := range r.ends {
		r.at(i, "link set "+e.device+" down")
	}
}

// lose lets what an end sends to these addresses vanish on the way: it leaves for nobody.
func (r *road) lose(i int, addresses ...string) (found func()) {
	r.t.Helper()
	for _, a := range addresses {
		r.at(i, "neigh replace "+a+" lladdr 02:00:00:00:00:99 nud permanent dev "+r.ends[i].device)
	}
	return func() {
		r.t.Helper()
		for _, a := range addresses {
			r.at(i, "neigh del "+a+" dev "+r.ends[i].device)
		}
	}
}

// settle makes a server at an end of the road.
func (r *road) settle(i int, databaseURL, redisURL string) *town {
	r.t.Helper()
	const port = "8443"
	e, dir := r.ends[i], r.t.TempDir()
	certificate, key, _ := certify(r.t, dir, net.ParseIP(e.called))
	host := net.JoinHostPort(e.called, port)
	s := settleOn(r.t, databaseURL, redisURL,
		"PASSERELLES_ORIGIN=https://"+host, "PASSERELLES_LISTEN="+host,
		"PASSERELLES_TLS_CERT="+certificate, "PASSERELLES_TLS_KEY="+key,
		"PASSERELLES_ALLOW_NETWORKS=10.77.0.0/24", "PASSERELLES_ALLOW_PORTS="+port)
	s.host, s.origin, s.place = host, "https://"+host, e.place
	transport := client().Transport.(*http.Transport).Clone()
	transport.DialContext = e.dial
	transport.TLSClientConfig = &tls.Config{RootCAs: transport.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	s.t.Cleanup(transport.CloseIdleConnections)
	s.caller = &http.Client{Timeout: client().Timeout, Transport: transport}
	return s
}

// dial connects from within the place. Its thread is never used for anything else.
func (e end) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and ends with this
		var place *os.File
		if place, err = os.Open("/run/netns/" + e.place); err != nil {
			return
		}
		defer place.Close()
		if err = unix.Setns(int(place.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
	}()
	<-done
	return conn, err
}
