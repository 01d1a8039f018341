package server

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const renewalNotice = 14 * 24 * time.Hour

// loadCertificate reads our own certificate, complains in the log if it must be renewed,
// and shows how long it holds among the meters.
func (s *Server) loadCertificate() (tls.Certificate, error) {
	certificate, err := tls.LoadX509KeyPair(s.Config.TLSCert, s.Config.TLSKey)
	if err != nil {
		return certificate, fmt.Errorf("read the TLS certificate: %w", err)
	}
	until := certificate.Leaf.NotAfter
	if says, soon := renewal(until.Sub(s.now())); soon {
		s.Log.Warn(says, "file", s.Config.TLSCert)
	}
	return certificate, s.meters.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "passerelles_certificate_seconds",
		Help: "Time until our TLS certificate ends.",
	}, func() float64 { return until.Sub(s.now()).Seconds() }))
}

// renewal says how long a certificate holds, and whether it must be renewed soon.
func renewal(left time.Duration) (says string, soon bool) {
	days := int(left.Hours() / 24)
	switch {
	case left <= 0:
		return "the certificate has ended: renew it", true
	case left < renewalNotice:
		return fmt.Sprintf("the certificate ends in %d days: renew it", days), true
	}
	return fmt.Sprintf("the certificate is trusted and holds %d days more", days), false
}
