package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelles/config"
)

// TestOurCertificateEnds: the log of a start complains in time, and the meters tell at any
// time. That it has ended keeps nobody from starting: the proxy of somebody may not mind.
func TestOurCertificateEnds(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		left time.Duration
		says string
	}{
		"in fifteen days":  {15 * day, ""},
		"in fourteen days": {14*day - time.Minute, "ends in 13 days"},
		"tomorrow":         {day, "ends in 1 days"},
		"yesterday":        {-day, "has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			cfg := config.Default()
			cfg.DatabaseURL, cfg.Listen = "postgres:///x", "127.0.0.1:0"
			cfg.TLSCert, cfg.TLSKey = certify(t, now.Add(c.left))
			s := newServer(cfg, Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now }})
			listener, err := s.listen()
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			if got := log.String(); c.says == "" && got != "" || !strings.Contains(got, c.says) {
				t.Errorf("the log says %q, want %q", got, c.says)
			}
			families, err := s.meters.registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			told := time.Duration(0)
			for _, f := range families {
				if f.GetName() == "passerelles_certificate_seconds" {
					told = time.Duration(f.GetMetric()[0].GetGauge().GetValue()) * time.Second
				}
			}
			if told != c.left {
				t.Errorf("the meter says %v, want %v", told, c.left)
			}
		})
	}
}

// certify writes a certificate that holds until a time, and its key.
func certify(t *testing.T, until time.Time) (certificate, key string) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"here.example"}, NotBefore: until.Add(-time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, own.Public(), own)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private)
}
