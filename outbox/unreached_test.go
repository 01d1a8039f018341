package outbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"passerelles/federation"
)

// issuer signs certificates.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
	}
	i.certificate, i.key = i.sign(t, template)
	return i
}

// sign makes a certificate and its key; the issuer's first is its own.
func (i *issuer) sign(t *testing.T, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	by, with := i.certificate, i.key
	if by == nil {
		by, with = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), with)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// certify makes a certificate for a name, which holds until a time.
func (i *issuer) certify(t *testing.T, name string, until time.Time) tls.Certificate {
	t.Helper()
	certificate, key := i.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
	})
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}
}

// named is a peer that is known by a name, at a TLS server whose certificate may change.
type named struct {
	*peer
	names *names

	mu   sync.Mutex
	tls  *tls.Config
	root *issuer
}

const itsName = "peer.example"

// newNamed makes a town that such a peer follows, beside one that is always well.
func newNamed(t *testing.T) (*town, *named) {
	t.Helper()
	n := &named{peer: &peer{}, root: newIssuer(t)}
	n.names = newNames(t)
	n.shows(n.root.certify(t, itsName, time.Now().Add(time.Hour)))
	n.Server = httptest.NewUnstartedServer(n.peer)
	n.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes
	n.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.tls, nil
	}}
	n.StartTLS()
	t.Cleanup(n.Close)
	to := n.Listener.Addr().(*net.TCPAddr)
	w := newTown(t, 1, func(o *federation.Options) {
		o.Roots.AddCert(n.root.certificate)
		o.AllowPorts = append(o.AllowPorts, uint16(to.Port))
		o.Resolver = n.names.resolver()
	})
	n.URL = "https://" + net.JoinHostPort(itsName, to.AddrPort().String()[len("127.0.0.1:"):])
	n.name = itsName
	w.follow(t, 8, n.peer)
	return w, n
}

// shows has the peer show another certificate from its next connection on.
func (n *named) shows(certificate tls.Certificate) {
	n.mu.Lock()
	n.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	n.tls.SetSessionTicketKeys([][32]byte{[32]byte([]byte(rand.Text() + rand.Text())[:32])}) // nor does it know its sessions
	n.mu.Unlock()
	if n.Server != nil {
		n.CloseClientConnections()
	}
}

// fourDays lets so much time pass while a peer is tried and fails.
func (w *town) fourDays(t *testing.T, p *peer) {
	t.Helper()
	for tries := 0; w.clock.Now().Before(start.Add(4 * day)); tries++ {
		if tries > 80 {
			t.Fatalf("tried %d times by %v", tries, w.clock.Now())
		}
		w.work(t)
		w.sleepOut(t, p)
	}
}

// TestNames has a peer whose name cannot be resolved, each in its way, for three days and
// more: what is said to it waits, what is said to others does not, and it comes once the
// name leads to it.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(*dnsmessage.Message){
		"there is no such name":   func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeNameError },
		"the name server fails":   func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeServerFailure },
		"the name server refuses": func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeRefused },
		"it has no address":       func(*dnsmessage.Message) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p := newNamed(t)
			p.names.say(fails)
			var want []string
			for range 3 {
				want = append(want, w.post(t, 1))
			}
			w.fourDays(t, p.peer)
			if got := w.peers[0].received(); !slices.Equal(got, want) {
				t.Errorf("the peer that is well got %q, want %q", got, want)
			}
			if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting != 3 || dead != 0 || len(p.received()) != 0 {
				t.Fatalf("after 4 days %d wait, %d are dead, %d came; want 3, 0, 0", waiting, dead, len(p.received()))
			}
			p.names.say(p.names.at("127.0.0.1"))
			w.work(t)
			if got := p.received(); !slices.Equal(got, want) {
				t.Errorf("once its name is found it got %q, want %q", got, want)
			}
		})
	}
}

// TestSlowName has a peer whose name is not answered for: others do not wait for it.
func TestSlowName(t *testing.T) {
	t.Parallel()
	w, p := newNamed(t)
	asked := make(chan bool, 100)
	p.names.say(nil)
	p.names.hears = asked
	said := w.post(t, 1)
	bells, err := w.due(t.Context(), w.clock.Now())
	if err != nil || len(bells) != 2 {
		t.Fatalf("bells = %v, %v; want two", bells, err)
	}
	slow := make(chan error, 1)
	for _, b := range bells {
		if lane, _ := parseLane(b.Key); lane.Host == p.host {
			go func() { slow <- w.Courier.answer(context.Background(), b.Key) }()
		}
	}
	<-asked
	for _, b := range bells {
		if lane, _ := parseLane(b.Key); lane.Host != p.host {
			if err := w.Courier.answer(t.Context(), b.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := w.peers[0].received(); !slices.Equal(got, []string{said}) {
		t.Errorf("meanwhile the peer that is well got %q, want %q", got, said)
	}
	select {
	case err := <-slow:
		t.Errorf("the other was not waited for: %v", err)
	default:
	}
	if err := <-slow; err != nil { // in its own time, which has an end
		t.Fatal(err)
	}
	if got := count(t, w.db, "host_states WHERE host = $1 AND resting_until > $2", p.host, w.clock.Now()); got != 1 {
		t.Error("a peer whose name is not answered for does not rest")
	}
	// However often: it is not this activity that is to blame.
	run(t, w.db, `UPDATE deliveries SET attempts = $1`, strikesSilent+1)
	w.sleepOut(t, p.peer)
	w.work(t)
	if n := count(t, w.db, "deliveries WHERE not_before IS NULL"); n != 1 {
		t.Error("an activity is blamed for a name that is not answered for")
	}
}

// TestNameFlips has a name that leads into our own house, once: that is refused for good.
func TestNameFlips(t *testing.T) {
	t.Parallel()
	w, p := newNamed(t)
	p.names.say(p.names.at("10.0.0.1"))
	w.post(t, 1)
	w.work(t)
	if n := count(t, w.db, "dead_letters WHERE host = $1 AND reason LIKE '%refused%'", p.host); n != 1 {
		t.Errorf("%d dead letters, want 1: it is refused", n)
	}
	p.names.say(p.names.at("127.0.0.1"))
	said := w.post(t, 1)
	w.work(t)
	if got := p.received(); !slices.Equal(got, []string{said}) {
		t.Errorf("once it leads outside again it got %q, want %q", got, said)
	}
}

// TestCertificates has a peer whose certificate is not to be trusted: it gets nothing,
// however often it is tried, until it shows one that is.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(*testing.T, *named) tls.Certificate{
		"expired": func(t *testing.T, n *named) tls.Certificate {
			return n.root.certify(t, itsName, time.Now().Add(-time.Minute))
		},
		"not yet": func(t *testing.T, n *named) tls.Certificate {
			return n.root.certify(t, itsName, time.Now().Add(30*time.Hour))
		},
		"of another host": func(t *testing.T, n *named) tls.Certificate {
			return n.root.certify(t, "other.example", time.Now().Add(time.Hour))
		},
		"of no authority": func(t *testing.T, _ *named) tls.Certificate {
			return newIssuer(t).certify(t, itsName, time.Now().Add(time.Hour))
		},
		"signed by itself": func(t *testing.T, _ *named) tls.Certificate {
			return (&issuer{}).certify(t, itsName, time.Now().Add(time.Hour))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p := newNamed(t)
			p.names.say(p.names.at("127.0.0.1"))
			want := []string{w.post(t, 1)}
			w.work(t) // while all is well: the connection, and its session, are kept
			p.shows(bad(t, p))
			want = append(want, w.post(t, 1))
			w.fourDays(t, p.peer)
			if got := p.received(); !slices.Equal(got, want[:1]) {
				t.Errorf("under that certificate it got %q", got)
			}
			if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting != 1 || dead != 0 {
				t.Errorf("%d wait and %d are dead, want 1 and 0", waiting, dead)
			}
			p.shows(p.root.certify(t, itsName, time.Now().Add(2*time.Hour)))
			w.work(t)
			if got := p.received(); !slices.Equal(got, want) {
				t.Errorf("once mended it got %q, want %q", got, want)
			}
		})
	}
}

// TestCertificateRotates has a peer that takes another certificate, and key, between two
// activities: nobody notices.
func TestCertificateRotates(t *testing.T) {
	t.Parallel()
	w, p := newNamed(t)
	p.names.say(p.names.at("127.0.0.1"))
	var want []string
	for range 3 {
		want = append(want, w.post(t, 1))
		w.work(t)
		p.shows(p.root.certify(t, itsName, time.Now().Add(time.Hour)))
	}
	if got := p.received(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := count(t, w.db, "host_states WHERE failing_since IS NOT NULL"); n != 0 {
		t.Error("it is taken for a failure")
	}
}
