package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// normalise writes each setting in the one way that the others rely on.
func (c *Config) normalise(vars map[string]string) (problems []error) {
	var err error
	if c.Origin, err = canonicalOrigin(c.Origin); err != nil {
		problems = append(problems, err)
	}
	switch {
	case c.Data != "":
	case c.Localhost():
		c.Data = trialFolder(vars)
	default:
		c.Data = dataFolder(vars)
	}
	if c.Data == "" {
		problems = append(problems, errors.New("data must name a folder, since there is no HOME to put one in"))
	} else if c.Data, err = filepath.Abs(c.Data); err != nil {
		problems = append(problems, fmt.Errorf("data: %w", err))
	}
	for i, network := range c.AllowNetworks {
		c.AllowNetworks[i] = network.Masked()
	}
	c.Name = strings.TrimSpace(c.Name)
	c.Contact = strings.TrimSpace(c.Contact)
	return problems
}

// check names what is wrong between the settings and within each.
func (c Config) check() []error {
	return slices.Concat(c.checkAddresses(), c.checkFiles(), c.checkLoosening(), c.checkWords(), c.checkMail(), c.checkNumbers())
}

func (c Config) checkAddresses() (problems []error) {
	say := func(sentence string) { problems = append(problems, errors.New(sentence)) }
	if !listenable(c.Listen) {
		say("listen must be a host and a port such as localhost:8080")
	}
	if c.MetricsListen != "" && !listenable(c.MetricsListen) {
		say("metrics_listen must be a host and a port such as localhost:9090, or empty")
	}
	if c.MetricsListen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
		say("metrics_listen and listen must not be the same")
	}
	// The addresses may hold a password: they are never shown.
	if !reaches(c.DatabaseURL, "postgres", "postgresql") && !strings.Contains(c.DatabaseURL, "host=") {
		say("database_url must begin with postgres://, or be empty for a private PostgreSQL")
	}
	if !reaches(c.RedisURL, "redis", "rediss", "redis-socket", "redis-sentinel", "redis-cluster", "rediss-cluster") {
		say("redis_url must begin with redis://, rediss://, redis-socket://, redis-sentinel://, redis-cluster:// or rediss-cluster://, or be empty for a private Redis")
	}
	return problems
}

func (c Config) checkFiles() (problems []error) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		problems = append(problems, errors.New("tls_cert and tls_key must be set together"))
	}
	for _, f := range []struct{ setting, path string }{{"tls_cert", c.TLSCert}, {"tls_key", c.TLSKey}, {"smtp_password_file", c.SMTPPasswordFile}} {
		if f.path == "" {
			continue
		}
		if info, err := os.Stat(f.path); err != nil || info.IsDir() {
			problems = append(problems, fmt.Errorf("%s: there is no file %s", f.setting, f.path))
		}
	}
	return problems
}

// checkLoosening refuses, on a server that the world can reach, what would let
// strangers make it call its own network.
func (c Config) checkLoosening() (problems []error) {
	if c.Secure() && c.PublicName() {
		for _, loose := range []struct {
			setting string
			set     bool
		}{{"allow_networks", len(c.AllowNetworks) > 0}, {"allow_ports", len(c.AllowPorts) > 0}, {"allow_http", c.AllowHTTP}} {
			if loose.set {
				problems = append(problems, fmt.Errorf("%s is for tests only and is refused when the origin is https on a public name", loose.setting))
			}
		}
	}
	if slices.Contains(c.AllowPorts, 0) {
		problems = append(problems, errors.New("allow_ports must hold ports between 1 and 65535"))
	}
	return problems
}

func (c Config) checkWords() (problems []error) {
	if c.Name == "" || utf8.RuneCountInString(c.Name) > 100 || strings.ContainsFunc(c.Name, unicode.IsControl) {
		problems = append(problems, errors.New("name must be one line of 1 to 100 characters"))
	}
	if address, err := mail.ParseAddress(c.Contact); c.Contact != "" && (err != nil || address.Address != c.Contact) {
		problems = append(problems, errors.New("contact must be an e-mail address such as ana@example.org"))
	}
	for _, choice := range []struct {
		setting, value string
		of             []string
	}{
		{"language", c.Language, []string{"fr", "en"}},
		{"smtp_tls", c.SMTPTLS, []string{"starttls", "tls", "none"}},
		{"log_level", c.LogLevel, []string{"debug", "info", "warn", "error"}},
		{"log_format", c.LogFormat, []string{"text", "json"}},
	} {
		if !slices.Contains(choice.of, choice.value) {
			problems = append(problems, fmt.Errorf("%s must be one of %s", choice.setting, strings.Join(choice.of, ", ")))
		}
	}
	return problems
}

func (c Config) checkNumbers() (problems []error) {
	for _, n := range []struct {
		setting      string
		value        int64
		least, great int64
	}{
		{"slots", int64(c.Slots), 1, 8192},
		{"slow_slots", int64(c.SlowSlots), 1, 8192},
		{"inbox_workers", int64(c.InboxWorkers), 1, 8192},
		{"database_conns", int64(c.DatabaseConns), 4, 1000},
		{"max_body", c.MaxBody, 1 << 10, 64 << 20},
		{"media_room", c.MediaRoom, 64 << 20, 1 << 50},
		{"file_size", c.FileSize, 64 << 10, 256 << 20},
		{"files_per_post", int64(c.FilesPerPost), 0, 16},
		{"app_calls", int64(c.AppCalls), 0, 1_000_000},
		{"posts_an_hour", int64(c.PostsAnHour), 0, 10_000},
		{"post_files_size", c.PostFilesSize, 64 << 10, 512 << 20},
		{"member_room", c.MemberRoom, 1 << 20, 1 << 50},
	} {
		if n.value < n.least || n.value > n.great {
			problems = append(problems, fmt.Errorf("%s must be between %d and %d", n.setting, n.least, n.great))
		}
	}
	return problems
}

// listenable says whether a server may listen on the address.
func listenable(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// reaches says whether the URL is empty or has one of the schemes.
func reaches(url string, schemes ...string) bool {
	scheme, _, found := strings.Cut(url, "://")
	return url == "" || found && slices.Contains(schemes, scheme)
}
