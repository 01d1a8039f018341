package e2e

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"passerelles/storage/storagetest"
)

// patience is how long a story waits for what must come; most comes at once. It is longer
// than a host rests after one failure, which a busy machine can bring about.
const patience = 90 * time.Second

// program is the path of the built binary.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "passerelles-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "passerelles")
	out, err := exec.Command("go", "build", "-o", path, "passerelles/cmd/passerelles").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	trusted, err := trust()
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.Remove(trusted) // as below
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}

// trust lets this process, too, believe the authority of this run.
func trust() (file string, err error) {
	f, err := os.CreateTemp("", "passerelles-ca-")
	if err != nil {
		return "", err
	}
	certificate, _ := authority()
	err = errors.Join(pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}), f.Close(), os.Setenv("SSL_CERT_FILE", f.Name()))
	return f.Name(), err
}

// town is one server of ours: a process, its database, its Redis, its name.
type town struct {
	t      *testing.T
	origin string
	host   string
	dir    string
	env    []string
	served *process
	logsTo *os.File // nil: a buffer that a failure shows

	database string // its address

	place  string       // the network namespace of its programs; "": ours
	caller *http.Client // who asks it; nil: client
}

type process struct {
	cmd  *exec.Cmd
	log  *bytes.Buffer
	done chan struct{}
}

// status asks the server for a page and gives the status, 0 if it does not answer.
func (s *town) status(path string) int {
	response, err := cmp.Or(s.caller, client()).Get(s.origin + path)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// client trusts the authority of this run.
var client = sync.OnceValue(func() *http.Client {
	certificate, _ := authority()
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
})

// newTown makes a server and starts it.
func newTown(t *testing.T) *town {
	t.Helper()
	s := settleTown(t)
	s.start()
	return s
}

// settleTown makes a server that does not run yet.
func settleTown(t *testing.T, more ...string) *town {
	t.Helper()
	return settleOn(t, storagetest.URL(t), storagetest.Redis(t), more...)
}

// settleOn is settleTown on a given database and Redis; "" lets it run its own.
func settleOn(t *testing.T, databaseURL, redisURL string, more ...string) *town {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	certificate, key, authority := certify(t, dir)
	s := &town{t: t, host: "localhost:" + port, dir: dir, database: databaseURL}
	s.origin = "https://" + s.host
	s.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(),
		"PASSERELLES_ORIGIN=" + s.origin,
		"PASSERELLES_LISTEN=" + s.host,
		"PASSERELLES_DATA=" + dir,
		"PASSERELLES_TLS_CERT=" + certificate, "PASSERELLES_TLS_KEY=" + key,
		"PASSERELLES_METRICS_LISTEN=", "PASSERELLES_POSTS_AN_HOUR=0", // few people write all that is counted
		"PASSERELLES_ALLOW_NETWORKS=127.0.0.0/8,::1/128", "PASSERELLES_ALLOW_PORTS=" + strings.Join(ports(), ","),
		"SSL_CERT_FILE=" + authority,
		"DATABASE_URL=" + databaseURL, "REDIS_URL=" + redisURL,
	}, more...)
	return s
}

// start runs serve and waits until it answers.
func (s *town) start() {
	s.t.Helper()
	s.served = s.run("serve")
	await(s.t, s.host+" answers", func() bool {
		select {
		case <-s.served.done:
			s.t.Fatalf("serve ended: %s", s.served.log)
		default:
		}
		return s.status("/readyz") == 200
	})
}

// run starts a command that lasts, ended with the test.
func (s *town) run(args ...string) *process {
	s.t.Helper()
	p := &process{cmd: s.command(context.Background(), args...), log: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if s.logsTo != nil {
		p.cmd.Stdout, p.cmd.Stderr = s.logsTo, s.logsTo
	}
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // killed ones fail, and that is meant
		close(p.done)
	}()
	s.t.Cleanup(func() {
		p.stop(syscall.SIGTERM)
		if s.t.Failed() {
			s.t.Logf("log of %s %s:\n%s", s.host, args, p.log)
		}
	})
	return p
}

// stop sends a signal and waits for the end.
func (p *process) stop(signal syscall.Signal) {
	_ = p.cmd.Process.Signal(signal) // it may have ended
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

func (s *town) command(ctx context.Context, args ...string) *exec.Cmd {
	s.t.Helper()
	path, err := program()
	if err != nil {
		s.t.Fatal(err)
	}
	line := append([]string{path}, args...)
	if s.place != "" {
		line = append([]string{"ip", "netns", "exec", s.place}, line...) // which becomes the program itself
	}
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Env = s.env
	return cmd
}

// answer is the JSON object of a command.
type answer map[string]any

func (a answer) text(field string) string {
	text, _ := a[field].(string)
	return text
}

// do runs a command that must succeed; a line of input follows a "<".
func (s *town) do(args ...string) answer {
	s.t.Helper()
	a, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("%s: passerelles %s: %v", s.host, strings.Join(args, " "), err)
	}
	return a
}

func (s *town) try(args ...string) (answer, error) {
	s.t.Helper()
	input := ""
	if n := len(args); n > 2 && args[n-2] == "<" {
		args, input = args[:n-2], args[n-1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := s.command(ctx, append(args, "--json")...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs.String())
	}
	a := answer{}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out.String())
	}
	return a, nil
}

// member creates an account.
func (s *town) member(name string) {
	s.t.Helper()
	s.do("account", "create", name, "--email", name+"@"+strings.Split(s.host, ":")[0]+".example", "<", "correct horse battery "+name)
}

// community creates a community with its animator and gives its handle.
func (s *town) community(name, animator string) string {
	s.t.Helper()
	return s.do("community", "create", name, "--title", "Les "+name, "--animator", animator).text("handle")
}

// sees waits until readers of the server see a post so.
func (s *town) sees(post string, so func(answer) bool) answer {
	s.t.Helper()
	var a answer
	await(s.t, s.host+" sees "+post, func() bool {
		var err error
		a, err = s.try("post", "show", post)
		return err == nil && so(a)
	})
	return a
}

// follows makes a member follow and waits until it is accepted.
func (s *town) follows(member, target string) {
	s.t.Helper()
	await(s.t, member+" follows "+target, func() bool {
		return s.do("follow", target, "--as", member).text("state") == "accepted"
	})
}

// await waits until something holds, looking now and then.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	awaitFor(t, patience, what, holds)
}

func awaitFor(t *testing.T, long time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(long)
	defer deadline.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("waited in vain until %s", what)
		case <-look.C:
		}
	}
}

// ports are those that the servers of this run may use, and may call. They lie below those that
// the system gives to who calls out: one of these may be taken before its server starts.
var ports = sync.OnceValue(func() []string {
	const first, many = 10_000, 20_000
	var free []string
	for p := mathrand.N(many); len(free) < 128; p = (p + 1) % many {
		port := strconv.Itoa(first + p)
		l, err := net.Listen("tcp", "localhost:"+port)
		if err != nil {
			continue // somebody has it
		}
		defer l.Close() // all together at the end, so that no two are the same
		free = append(free, port)
	}
	return free
})

var taken atomic.Int32

func freePort(t *testing.T) string {
	t.Helper()
	n := int(taken.Add(1)) - 1
	if n >= len(ports()) {
		t.Fatal("no port is left: raise the count in ports")
	}
	return ports()[n]
}

// authority is the certificate authority that the servers of a run trust.
var authority = sync.OnceValues(func() (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Passerelles e2e"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(60 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate, key
})

// certify writes a certificate for localhost and more addresses, its key and the
// authority's certificate.
func certify(t *testing.T, dir string, more ...net.IP) (certificate, key, ca string) {
	t.Helper()
	issuer, _ := authority()
	return certifyUntil(t, dir, issuer.NotAfter, more...)
}

func certifyUntil(t *testing.T, dir string, until time.Time, more ...net.IP) (certificate, key, ca string) {
	t.Helper()
	issuer, issuerKey := authority()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, IPAddresses: append([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, more...),
		NotBefore: issuer.NotBefore, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, issuer, own.Public(), issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, dir, "cert.pem", "CERTIFICATE", der), writePEM(t, dir, "key.pem", "PRIVATE KEY", private),
		writePEM(t, dir, "ca.pem", "CERTIFICATE", issuer.Raw)
}

func writePEM(t *testing.T, dir, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
