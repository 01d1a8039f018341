package federation

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"passerelles/fault"
)

func TestGuardAllows(t *testing.T) {
	t.Parallel()
	g := newGuard(Options{})
	for _, ip := range strings.Fields(`
		0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254
		169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.168.1.1 192.88.99.1
		198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
		:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
		64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
		2002:7f00:1:: 2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd00::2 fe80::1 fe80::1%eth0 2606:4700::1%eth0
		fec0::1 ff02::1 ffff::1`) {
		if g.allows(netip.MustParseAddr(ip)) {
			t.Errorf("%s is allowed", ip)
		}
	}
	for _, ip := range strings.Fields(`
		1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 128.0.0.1 169.253.1.1 172.15.0.1 172.32.0.1
		192.0.1.1 192.167.1.1 198.17.1.1 198.20.0.1 223.255.255.255 ::ffff:8.8.8.8
		2001:200::1 2606:4700:4700::1111 2a00:1450::1 2003::1 3ffe::1`) {
		if !g.allows(netip.MustParseAddr(ip)) {
			t.Errorf("%s is refused", ip)
		}
	}
	open := newGuard(Options{AllowNetworks: loopback})
	for ip, want := range map[string]bool{"127.0.0.1": true, "::ffff:127.0.0.1": true, "::1": true, "10.0.0.1": false, "::127.0.0.1": false} {
		if got := open.allows(netip.MustParseAddr(ip)); got != want {
			t.Errorf("with loopback open, %s: %v, want %v", ip, got, want)
		}
	}
}

func TestGuardPorts(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{ // strict, with http and 8443
		"8.8.8.8:443": {true, true}, "8.8.8.8:80": {false, true}, "8.8.8.8:8443": {false, true},
		"8.8.8.8:22": {}, "8.8.8.8:25": {}, "8.8.8.8:6379": {}, "8.8.8.8:5432": {}, "8.8.8.8:11211": {}, "8.8.8.8:9200": {},
	} {
		strict := newGuard(Options{}).control(t.Context(), "tcp4", address, nil)
		loose := newGuard(Options{AllowHTTP: true, AllowPorts: []uint16{8443}}).control(t.Context(), "tcp4", address, nil)
		if got := [2]bool{strict == nil, loose == nil}; got != want {
			t.Errorf("%s: %v, want %v (%v, %v)", address, got, want, strict, loose)
		}
	}
	if err := newGuard(Options{}).control(t.Context(), "udp4", "8.8.8.8:443", nil); !errors.Is(err, errGuard) {
		t.Errorf("udp: %v", err)
	}
}

// names is a DNS server whose answers are a script: the nth question for a name
// gets its nth list of addresses, the last one for ever.
type names struct {
	mu     sync.Mutex
	script map[string][]string
	asked  map[string]int
}

func (n *names) answer(name string, kind dnsmessage.Type) (ips []netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	lists := n.script[name]
	if len(lists) == 0 {
		return nil
	}
	// Both families are asked for one resolution: they count as one.
	key := name + kind.String()
	list := lists[min(n.asked[key], len(lists)-1)]
	n.asked[key]++
	for _, text := range strings.Fields(list) {
		if ip := netip.MustParseAddr(text); ip.Is4() == (kind == dnsmessage.TypeA) {
			ips = append(ips, ip)
		}
	}
	return ips
}

// resolver starts the server and gives a resolver that asks it.
func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	n.asked = map[string]int{}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply, err := n.reply(buffer[:size]); err == nil {
				_, _ = conn.WriteTo(reply, from) // the test sees the silence
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (n *names) reply(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions[:1]}
	name := strings.TrimSuffix(q.Name.String(), ".")
	if _, known := n.script[name]; !known {
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, ip := range n.answer(name, q.Type) {
		var body dnsmessage.ResourceBody = &dnsmessage.AAAAResource{AAAA: ip.As16()}
		if ip.Is4() {
			body = &dnsmessage.AResource{A: ip.As4()}
		}
		reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: body})
	}
	return reply.Pack()
}

// TestGuardAtDial lets 127.0.0.2 stand for a public address, while 127.0.0.1
// and ::1, where the same server listens, stay private.
func TestGuardAtDial(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ErrorLog: quiet(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		if to, ok := strings.CutPrefix(r.URL.Path, "/to/"); ok {
			http.Redirect(w, r, "http://"+to, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", activityJSON)
		w.Header().Set("Connection", "close") // so that each fetch dials
		_, _ = w.Write([]byte(`{}`))
	})}
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	port := netip.MustParseAddrPort(listener.Addr().String()).Port()
	_, colonPort, _ := net.SplitHostPort(listener.Addr().String())
	colonPort = ":" + colonPort

	script := &names{script: map[string][]string{
		"public.example":  {"127.0.0.2"},
		"private.example": {"127.0.0.1"},
		"six.example":     {"::1"},
		"mapped.example":  {"::ffff:127.0.0.1"},
		"mixed.example":   {"127.0.0.1 127.0.0.2 ::1"},
		"rebind.example":  {"127.0.0.2", "127.0.0.1"},
	}}
	client := func(t *testing.T) *Client {
		return clientFor(t, func(o *Options) {
			o.AllowHTTP, o.AllowPorts, o.SignAs = true, []uint16{port}, nil
			o.AllowNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
			o.Resolver = script.resolver(t)
		})
	}
	// The subtests share one count and the script: one after the other.
	c := client(t)
	fetch := func(host string) error {
		_, err := c.Fetch(t.Context(), "http://"+host+colonPort+"/")
		return err
	}
	check := func(name string, err error, packets int64) {
		t.Helper()
		got := reached.Swap(0)
		if packets > 0 && err != nil || got != packets {
			t.Errorf("%s: reached %d times, want %d, %v", name, got, packets, err)
		}
		if packets == 0 && (!fault.Is(err, fault.Unavailable) || fault.Message(err) != "the other server cannot be reached") {
			t.Errorf("%s: got %v, want unavailable, without telling why", name, err)
		}
	}
	check("SS-08 twin: public", fetch("public.example"), 1)
	check("SS-08 private", fetch("private.example"), 0)
	check("SS-08 private over IPv6", fetch("six.example"), 0)
	check("SS-06 mapped", fetch("mapped.example"), 0)
	check("SS-08 mixed: only the public one is dialled", fetch("mixed.example"), 1)
	check("SS-09 rebinding, first answer", fetch("rebind.example"), 1)
	check("SS-09 rebinding, second answer", fetch("rebind.example"), 0)
	check("SS-01 loopback", fetch("127.0.0.1"), 0)
	check("SS-01 localhost", fetch("localhost"), 0)
	check("SS-05 ::1", fetch("[::1]"), 0)
	check("SS-06 v4 in v6", fetch("[::ffff:127.0.0.1]"), 0)
	check("SS-03 0.0.0.0", fetch("0.0.0.0"), 0)
	check("SS-03 ::", fetch("[::]"), 0)
	check("no such name", fetch("nobody.example"), 0)

	for _, to := range []string{"127.0.0.1", "private.example", "[::1]", "169.254.169.254"} {
		_, err := c.Fetch(t.Context(), "http://public.example"+colonPort+"/to/"+to+colonPort+"/")
		if got := reached.Swap(0); got != 1 || !fault.Is(err, fault.Unavailable) {
			t.Errorf("SS-10 redirect to %s: reached %d times, %v", to, got, err)
		}
	}
	_, err = c.Fetch(t.Context(), "http://public.example"+colonPort+"/to/public.example"+colonPort+"/")
	check("SS-10 twin: redirect to public", err, 2)
	_, err = c.Fetch(t.Context(), "http://public.example"+colonPort+"/to/public.example:6379/")
	if got := reached.Swap(0); got != 1 || !errors.Is(err, errGuard) {
		t.Errorf("SS-15 redirect to another port: reached %d times, %v", got, err)
	}
}

func TestGuardRefusesHTTP(t *testing.T) {
	t.Parallel()
	c := NewClient(Options{})
	if _, err := c.Fetch(t.Context(), "http://s.example/"); !errors.Is(err, errGuard) {
		t.Errorf("fetch: %v", err)
	}
	if _, err := c.Post(t.Context(), "http://s.example/inbox", nil, eve()); !errors.Is(err, errGuard) {
		t.Errorf("post: %v", err)
	}
}

func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	t.Parallel()
	if NewClient(Options{}).transport.Proxy != nil {
		t.Error("the transport has a proxy")
	}
}
