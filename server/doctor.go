package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"passerelles/config"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/outbox"
)

// Finding is what one check of the doctor found, and what to do about it.
type Finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Note  bool   `json:"note,omitempty"` // neither well nor ill: good to know
	Says  string `json:"says"`
}

const redisIsOpen = "without a password, Redis does the work of whoever reaches it over the network: " +
	"set requirepass, or an ACL, and put the password into redis_url"

const skewAllowed = 5 * time.Second

// Examine checks what an administrator can get wrong, and changes nothing: it may come
// before the first start, and when what the server needs is away. The settings are right
// already: nothing opens with wrong ones.
func Examine(ctx context.Context, cfg config.Config, o Options) (findings []Finding, err error) {
	s := newServer(cfg, o)
	defer func() { err = errors.Join(err, s.Close()) }()
	databaseURL, redisURL, err := s.startServices(ctx)
	if err != nil {
		return nil, err
	}
	add := func(found ...Finding) { findings = append(findings, found...) }
	add(Finding{Check: "settings", OK: true, Says: "read; the origin is " + cfg.Origin})
	add(s.check(ctx, "database", func(ctx context.Context) (string, error) { return s.checkDatabase(ctx, databaseURL) }))
	whole := false
	if s.DB != nil {
		var found []Finding
		found, whole = s.checkContent(ctx, redisURL)
		add(found...)
	}
	add(s.check(ctx, "redis", func(ctx context.Context) (string, error) { return s.checkRedis(ctx, redisURL) }))
	if s.DB != nil {
		add(s.check(ctx, "clock", s.checkClock))
	}
	if whole {
		add(s.check(ctx, "deliveries", s.checkDeliveries))
	}
	return append(findings, s.checkPublic(ctx, whole)...), nil
}

// checkPublic looks from outside; by whom we are called only a whole server knows.
func (s *Server) checkPublic(ctx context.Context, whole bool) []Finding {
	if s.Config.Localhost() {
		return []Finding{{Check: "public name", OK: true, Note: true,
			Says: "the origin is localhost, for trial only: no other server can reach it. Set origin to your public name"}}
	}
	findings := []Finding{s.check(ctx, "dns", s.checkDNS), s.check(ctx, "tls", s.checkTLS)}
	if whole {
		findings = append(findings, s.check(ctx, "webfinger", s.checkWebFinger))
	}
	return findings
}

func (s *Server) check(ctx context.Context, name string, look func(context.Context) (string, error)) Finding {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	says, err := look(ctx)
	if err != nil {
		return Finding{Check: name, Says: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	return Finding{Check: name, OK: true, Says: says}
}

func (s *Server) checkRedis(ctx context.Context, address string) (string, error) {
	if s.Config.RedisIsOpen() {
		return "", errors.New(redisIsOpen)
	}
	if err := jobs.Ping(ctx, address); err != nil {
		return "", fmt.Errorf("%w: see that Redis runs and that redis_url is right; until then deliveries wait", err)
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
