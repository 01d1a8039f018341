package notifications

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"passerelles/jobs"
)

const smtpTimeout = 30 * time.Second // for each step of a conversation

// The ways in which TLS begins.
const (
	StartTLS = "starttls" // asked for at the start of the conversation, and demanded
	TLS      = "tls"      // from the first byte
	Plain    = "none"     // never; for a carrier on the same machine
)

// SMTP is how to reach who carries our mails.
type SMTP struct {
	Address        string // host:port
	User, Password string // both empty: nothing is asked
	From           string // address that mails come from
	TLS            string // StartTLS, TLS or Plain
	Roots          *x509.CertPool
}

// mailer carries mails by SMTP.
type mailer struct {
	SMTP
	options []mail.Option
	host    string
}

func newMailer(o SMTP) (*mailer, error) {
	host, number, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("read the address of the SMTP server: %w", err)
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return nil, fmt.Errorf("read the port of the SMTP server: %w", err)
	}
	m := &mailer{SMTP: o, host: host, options: []mail.Option{mail.WithPort(port), mail.WithTimeout(smtpTimeout),
		mail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: o.Roots, MinVersion: tls.VersionTLS12})}}
	switch o.TLS {
	case TLS:
		m.options = append(m.options, mail.WithSSL())
	case Plain:
		m.options = append(m.options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.User != "" {
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(o.User), mail.WithPassword(o.Password))
	}
	_, err = mail.NewClient(host, m.options...)
	return m, err
}

// carry hands a mail over. What the other side refuses for good is not tried again.
func (m *mailer) carry(ctx context.Context, c composed) error {
	message, err := m.message(c)
	if err != nil {
		return jobs.Abandon(err)
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return jobs.Abandon(err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 {
		return jobs.Abandon(fmt.Errorf("a mail is refused: %w", err))
	}
	if err != nil {
		return fmt.Errorf("hand a mail over: %w", err)
	}
	return nil
}

func (m *mailer) message(c composed) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(message.FromFormat(c.Site, m.From), message.To(c.To)); err != nil {
		return nil, fmt.Errorf("address a mail: %w", err)
	}
	message.SetMessageIDWithValue(c.ID) // the same when it is tried again
	message.SetDateWithValue(c.At)
	message.Subject(c.Subject)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: machines do not answer
	message.SetGenHeader(mail.HeaderContentLang, c.Language)
	if c.End != "" { // RFC 2369, and RFC 8058: in one click
		message.SetGenHeader("List-Unsubscribe", "<"+c.End+">")
		message.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	message.SetBodyString(mail.TypeTextPlain, c.Body)
	return message, nil
}
