package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"strings"
)

// SMTPPassword reads the password of who carries our e-mail, "" when there is none.
func (c Config) SMTPPassword() (string, error) {
	if c.SMTPPasswordFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the password of the SMTP server: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

func (c Config) checkMail() (problems []error) {
	say := func(sentence string) { problems = append(problems, errors.New(sentence)) }
	if address, err := mail.ParseAddress(c.SMTPFrom); c.SMTPFrom != "" && (err != nil || address.Address != c.SMTPFrom) {
		say("smtp_from must be an e-mail address such as passerelles@example.org")
	}
	if c.SMTPAddress == "" {
		return problems
	}
	if !listenable(c.SMTPAddress) || strings.HasPrefix(c.SMTPAddress, ":") {
		say("smtp_address must be a host and a port such as mail.example.org:587")
	}
	if c.SMTPFrom == "" {
		say("smtp_from must be set with smtp_address")
	}
	if (c.SMTPUser == "") != (c.SMTPPasswordFile == "") {
		say("smtp_user and smtp_password_file must be set together")
	}
	if c.SMTPTLS == "none" && !onThisMachine(c.SMTPAddress) {
		say("smtp_tls may be none only with an smtp_address on this machine: letters and password would be readable on the way")
	}
	return problems
}

func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // which is said otherwise
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
