package bench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is many servers in one: each has an address of its own in 127.0.0.0/8.
type crowd struct {
	port     int
	answered atomic.Int64
	handle   atomic.Pointer[func(host int, w http.ResponseWriter, r *http.Request) (answered bool)]
	server   *http.Server
}

// newCrowd opens the one listener behind all the addresses. Unless told
// otherwise by handle, it answers 202 to everything.
func newCrowd(t testing.TB, ca *authority) *crowd {
	t.Helper()
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{port: listener.Addr().(*net.TCPAddr).Port}
	c.server = &http.Server{
		Handler:   http.HandlerFunc(c.answer),
		TLSConfig: &tls.Config{GetCertificate: ca.forAddress, MinVersion: tls.VersionTLS12},
		ErrorLog:  log.New(io.Discard, "", 0), // the server's connections end when it does
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.server.ServeTLS(listener, "", "") // says that it was closed
	}()
	t.Cleanup(func() {
		_ = c.server.Close()
		<-done
	})
	return c
}

func (c *crowd) answer(w http.ResponseWriter, r *http.Request) {
	if handle := c.handle.Load(); handle != nil {
		if (*handle)(hostNumber(r.Host), w, r) {
			return
		}
	}
	_, _ = io.Copy(io.Discard, r.Body) // lost with the connection
	w.WriteHeader(http.StatusAccepted)
	c.answered.Add(1)
}

// name is host:port of the server of that number.
func (c *crowd) name(host int) string {
	return fmt.Sprintf("127.%d.%d.%d:%d", 1+host/62500, 1+host/250%250, 1+host%250, c.port)
}

func hostNumber(name string) int {
	var a, b, d int
	host, _, _ := strings.Cut(name, ":")
	if _, err := fmt.Sscanf(host, "127.%d.%d.%d", &a, &b, &d); err != nil {
		return -1
	}
	return (a-1)*62500 + (b-1)*250 + d - 1
}

// authority certifies all servers of a run.
type authority struct {
	certificate *x509.Certificate
	key, leaf   *ecdsa.PrivateKey
	file        string
	mu          sync.Mutex
	made        map[string]*tls.Certificate
}

func newAuthority(t testing.TB, dir string) *authority {
	t.Helper()
	ca := &authority{made: map[string]*tls.Certificate{}, file: filepath.Join(dir, "ca.pem")}
	var err error
	if ca.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if ca.leaf, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Passerelles bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, ca.key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	if ca.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	writePEM(t, ca.file, "CERTIFICATE", der)
	return ca
}

func (ca *authority) forAddress(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return ca.certify(hello.Conn.LocalAddr().(*net.TCPAddr).IP.String())
}

func (ca *authority) certify(address string) (*tls.Certificate, error) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	if made := ca.made[address]; made != nil {
		return made, nil
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: address},
		IPAddresses: []net.IP{net.ParseIP(address)}, NotBefore: ca.certificate.NotBefore, NotAfter: ca.certificate.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca.certificate, ca.leaf.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	ca.made[address] = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: ca.leaf}
	return ca.made[address], nil
}

// write puts a certificate and its key in files.
func (ca *authority) write(t testing.TB, dir, address string) (certificate, key string) {
	t.Helper()
	made, err := ca.certify(address)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(ca.leaf)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, certificate, "CERTIFICATE", made.Certificate[0])
	writePEM(t, key, "PRIVATE KEY", private)
	return certificate, key
}

func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePort is one that nobody listens on for now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
