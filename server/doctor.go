package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"passerelles/federation"
	"passerelles/outbox"
	"passerelles/storage"
)

// Finding is what one check of the doctor found, and what to do about it.
type Finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Says  string `json:"says"`
}

const redisIsOpen = "without a password, Redis does the work of whoever reaches it over the network: " +
	"set requirepass, or an ACL, and put the password into REDIS_URL"

const skewAllowed = 5 * time.Second

// Doctor checks what an administrator can get wrong. The settings are right
// already: nothing opens with wrong ones.
func (s *Server) Doctor(ctx context.Context) []Finding {
	findings := []Finding{
		{"settings", true, "read; the origin is " + s.Config.Origin},
		s.check(ctx, "database", s.checkDatabase),
		s.check(ctx, "redis", s.checkRedis),
		s.check(ctx, "clock", s.checkClock),
		s.check(ctx, "deliveries", s.checkDeliveries),
	}
	if s.Config.Localhost() {
		return append(findings, Finding{"public name", true,
			"the origin is localhost, for trial only: no other server can reach it. Set origin to your public name"})
	}
	return append(findings,
		s.check(ctx, "dns", s.checkDNS),
		s.check(ctx, "tls", s.checkTLS),
		s.check(ctx, "webfinger", s.checkWebFinger))
}

func (s *Server) check(ctx context.Context, name string, look func(context.Context) (string, error)) Finding {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	says, err := look(ctx)
	if err != nil {
		return Finding{name, false, err.Error()}
	}
	return Finding{name, true, says}
}

func (s *Server) checkDatabase(ctx context.Context) (string, error) {
	version, err := storage.Version(ctx, s.DB)
	if err != nil {
		return "", fmt.Errorf("%w: see that PostgreSQL runs and that DATABASE_URL is right", err)
	}
	because, err := s.DB.Durable(ctx)
	if because != "" {
		err = errors.New(because)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("answers; the schema is at version %d", version), nil
}

func (s *Server) checkRedis(ctx context.Context) (string, error) {
	if s.Config.RedisIsOpen() {
		return "", errors.New(redisIsOpen)
	}
	if err := s.Jobs.Ping(ctx); err != nil {
		return "", fmt.Errorf("%w: see that Redis runs and that REDIS_URL is right; until then deliveries wait", err)
	}
	return "answers", nil
}

func (s *Server) checkDeliveries(ctx context.Context) (string, error) {
	pause, paused, err := outbox.Paused(ctx, s.DB)
	if err != nil {
		return "", err
	}
	if paused {
		return "", fmt.Errorf("paused since %s (%s): passerelles deliveries list shows what waits, deliveries resume sends it",
			pause.Since.Format(time.RFC3339), pause.Reason)
	}
	return "not paused", nil
}

func (s *Server) checkClock(ctx context.Context) (string, error) {
	theirs, err := s.DB.Clock(ctx)
	if err != nil {
		return "", err
	}
	skew := time.Until(theirs).Abs()
	if skew > skewAllowed {
		return "", fmt.Errorf("this machine and the database differ by %s: set both by NTP, or other servers refuse our signatures", skew.Round(time.Second))
	}
	return fmt.Sprintf("agrees with the database's within %s", skewAllowed), nil
}

func (s *Server) checkDNS(ctx context.Context) (string, error) {
	name, _ := s.publicAddress()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return "", fmt.Errorf("%s is not found: add an A or AAAA record for it (%w)", name, err)
	}
	return fmt.Sprintf("%s is at %v", name, addresses), nil
}

func (s *Server) checkTLS(ctx context.Context) (string, error) {
	if !s.Config.Secure() {
		return "", fmt.Errorf("the origin is not https: other servers will not speak to it")
	}
	name, port := s.publicAddress()
	connection, err := (&tls.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return "", fmt.Errorf("no TLS at %s:%s: start serve, and the proxy if TLS ends there (%w)", name, port, err)
	}
	defer connection.Close()
	says, soon := renewal(time.Until(connection.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter))
	if soon {
		return "", errors.New(says)
	}
	return says, nil
}

func (s *Server) checkWebFinger(ctx context.Context) (string, error) {
	application, err := s.Directory.Application(ctx)
	if err != nil {
		return "", err
	}
	handle := "@" + application.Name + "@" + s.Config.Host()
	found, err := s.stranger().FindHandle(ctx, handle)
	if err != nil {
		return "", fmt.Errorf("%s is not found by its public name: the proxy must pass /.well-known/ to us (%w)", handle, err)
	}
	if found.IRI != application.IRI {
		return "", fmt.Errorf("%s leads to %s instead of %s: another server answers at this name", handle, found.IRI, application.IRI)
	}
	return handle + " is found", nil
}

// stranger asks as another server would: our own client never asks ourselves.
func (s *Server) stranger() *federation.Client {
	return federation.NewClient(federation.Options{
		UserAgent:     "Passerelles/" + Version + " (doctor)",
		AllowNetworks: s.Config.AllowNetworks, AllowPorts: s.Config.AllowPorts, AllowHTTP: s.Config.AllowHTTP,
	})
}

// publicAddress splits the origin into a name and a port.
func (s *Server) publicAddress() (name, port string) {
	origin, err := url.Parse(s.Config.Origin)
	if err != nil {
		return s.Config.Host(), "443" // the settings were checked: it parses
	}
	if port = origin.Port(); port == "" {
		port = "443"
	}
	return origin.Hostname(), port
}
