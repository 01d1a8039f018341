package notifications

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"passerelles/jobs"
	"passerelles/storage"
	"passerelles/storage/storagetest"
	"passerelles/text"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// carrier is an SMTP server that keeps what it gets, and refuses some.
type carrier struct {
	address string
	roots   *x509.CertPool
	mails   chan *mail.Message

	mu    sync.Mutex
	says  []error // one for each mail that is offered, then nil
	tries int
}

func newCarrier(t *testing.T) *carrier {
	t.Helper()
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(certified.Close)
	c := &carrier{mails: make(chan *mail.Message, 100), roots: x509.NewCertPool()}
	c.roots.AddCert(certified.Certificate())
	s := smtp.NewServer(c)
	s.TLSConfig = &tls.Config{Certificates: certified.TLS.Certificates}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	c.address = listener.Addr().String()
	return c
}

func (c *carrier) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	return &session{c, conn, false}, nil
}

type session struct {
	*carrier
	conn *smtp.Conn
	in   bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "town" || password != "let me" {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, secure := s.conn.TLSConnectionState(); !secure || !s.in || from != "town@town.example" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Data(r io.Reader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if len(s.says) > 0 {
		answer := s.says[0]
		if s.says = s.says[1:]; answer != nil {
			return answer
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err == nil {
		s.mails <- m
	}
	return err
}

// got is the mail that was handed over.
func (c *carrier) got(t *testing.T) *mail.Message {
	t.Helper()
	select {
	case m := <-c.mails:
		return m
	default:
		t.Fatal("no mail was handed over")
		return nil
	}
}

func (c *carrier) service(t *testing.T, db *storage.DB) *Service {
	t.Helper()
	s, err := NewService(Options{DB: db, Site: "La ville\r\nBcc: eve@evil.example", Origin: "https://town.example", Now: time.Now,
		SMTP: SMTP{Address: c.address, User: "town", Password: "let me", From: "town@town.example", TLS: StartTLS, Roots: c.roots}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// forAnaToEnd is a mail of a list that she may end.
func forAnaToEnd(context.Context, string) (Mail, error) {
	return Mail{To: "ana@example.org", Language: "fr", Text: "notice.settled", End: "https://town.example/unsubscribe/x",
		Values: map[string]any{"Link": "https://town.example/notifications/7", "End": "https://town.example/unsubscribe/x"}}, nil
}

func forAna(language string) Writer {
	return func(_ context.Context, id string) (Mail, error) {
		return Mail{To: "ana@example.org", Language: language, Text: "confirm",
			Values: map[string]any{"Name": "ana_" + id, "Link": "https://town.example/confirm/" + id}}, nil
	}
}

func add(t *testing.T, s *Service, kind, id string) {
	t.Helper()
	if err := s.DB.Write(t.Context(), func(tx storage.Tx) error { return s.Add(t.Context(), tx, kind, id) }); err != nil {
		t.Fatal(err)
	}
}

func TestMailsLeaveBySMTP(t *testing.T) {
	t.Parallel()
	db, c := storagetest.New(t), newCarrier(t)
	s := c.service(t, db)
	s.Write("fr", forAna("fr"))
	s.Write("en", forAna("en"))
	engine, err := jobs.New(jobs.Options{DB: db, RedisURL: storagetest.Redis(t)})
	if err != nil {
		t.Fatal(err)
	}
	s.Register(engine)
	leave := func() {
		t.Helper()
		if err := engine.DoDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	add(t, s, "fr", "7")
	leave()
	m := c.got(t)
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Confirmez votre adresse pour La ville Bcc: eve@evil.example" {
		t.Errorf("subject = %q, %v", subject, err)
	}
	for name, want := range map[string]string{"To": "<ana@example.org>", "Bcc": "", "Auto-Submitted": "auto-generated", "Content-Language": "fr",
		"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "", "X-Mailer": ""} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.HasSuffix(m.Header.Get("Message-Id"), ".fr@town.example>") {
		t.Errorf("it is called %s", m.Header.Get("Message-Id"))
	}
	if !bytes.Contains(body, []byte("https://town.example/confirm/7")) {
		t.Errorf("it says %s", body)
	}
	if m.Header.Get("List-Unsubscribe") != "" {
		t.Error("a mail that is none of a list has a way to end it")
	}
	s.Write("end", forAnaToEnd)
	add(t, s, "end", "9")
	leave()
	m = c.got(t)
	if m.Header.Get("List-Unsubscribe") != "<https://town.example/unsubscribe/x>" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("it is ended by %q, %q", m.Header.Get("List-Unsubscribe"), m.Header.Get("List-Unsubscribe-Post"))
	}
	add(t, s, "en", "8")
	leave()
	if m := c.got(t); !strings.HasPrefix(m.Header.Get("Subject"), "Confirm your address") {
		t.Errorf("in English it is about %s", m.Header.Get("Subject"))
	}
}

// TestMailsThatAreRefused tries again what may go better, and nothing else.
func TestMailsThatAreRefused(t *testing.T) {
	t.Parallel()
	db, c := storagetest.New(t), newCarrier(t)
	s := c.service(t, db)
	s.Write("confirm", forAna("fr"))
	s.Write("settled", func(context.Context, string) (Mail, error) { return Mail{}, ErrSettled })
	if s.send(t.Context(), jobs.Job{ID: 1, Key: "settled 1"}) != nil || c.tries != 0 {
		t.Error("what is settled is told")
	}
	later, never := &smtp.SMTPError{Code: 451, Message: "later"}, &smtp.SMTPError{Code: 550, Message: "never"}
	c.says = []error{later, nil, never}
	abandoned := jobs.Abandoned
	first := s.send(t.Context(), jobs.Job{ID: 2, Key: "confirm 2"})
	if first == nil || abandoned(first) {
		t.Errorf("told to come later: %v", first)
	}
	if err := s.send(t.Context(), jobs.Job{ID: 2, Key: "confirm 2"}); err != nil {
		t.Errorf("later: %v", err)
	}
	if err := s.send(t.Context(), jobs.Job{ID: 3, Key: "confirm 3"}); !abandoned(err) {
		t.Errorf("refused for good: %v", err)
	}
	if err := s.send(t.Context(), jobs.Job{ID: 4, Key: "unheard 3"}); !abandoned(err) {
		t.Errorf("of a kind that nobody writes: %v", err)
	}
	stranger, err := newMailer(SMTP{Address: c.address, User: "town", Password: "let me", From: "town@town.example"})
	if err != nil {
		t.Fatal(err)
	}
	s.mailer = stranger
	if err := s.send(t.Context(), jobs.Job{ID: 5, Key: "confirm 5"}); err == nil || abandoned(err) {
		t.Errorf("a carrier with a certificate that nobody knows: %v", err)
	}
}

// TestMailsAreQueuedOnce with what they tell of, or not at all.
func TestMailsAreQueuedOnce(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	s, err := NewService(Options{DB: db, Site: "Town", Origin: "http://localhost:8080", Now: func() time.Time { return noon }, Catch: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Write("confirm", forAna("fr"))
	undone := errors.New("no")
	if err := db.Write(t.Context(), func(tx storage.Tx) error { return errors.Join(s.Add(t.Context(), tx, "confirm", "6"), undone) }); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	for range 3 {
		add(t, s, "confirm", "7")
	}
	var waiting []string
	if err := db.QueryRow(t.Context(), `SELECT array_agg(key) FROM jobs WHERE kind = 'mail'`).Scan(&waiting); err != nil || len(waiting) != 1 || waiting[0] != "confirm 7" {
		t.Errorf("there wait %q, %v", waiting, err)
	}
}

func TestMailsAreCaught(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	now := noon
	s, err := NewService(Options{DB: db, Site: "Town", Origin: "http://localhost:8080", Now: func() time.Time { return now }, Catch: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Write("confirm", forAna("fr"))
	for range caughtMost + 2 {
		now = now.Add(time.Second)
		if err := s.send(t.Context(), jobs.Job{ID: 7, Key: "confirm 7"}); err != nil {
			t.Fatal(err)
		}
	}
	caught, err := s.Caught(t.Context())
	if err != nil || len(caught) != caughtMost || caught[0].At != now || caught[0].To != "ana@example.org" || !strings.Contains(caught[0].Body, "/confirm/7") {
		t.Errorf("caught %d, the last %+v, %v", len(caught), caught[0], err)
	}
	now = now.Add(caughtFor + time.Second)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if caught, err := s.Caught(t.Context()); err != nil || len(caught) != 0 {
		t.Errorf("after a week %d are left, %v", len(caught), err)
	}
	s.Catch = false
	if err := s.send(t.Context(), jobs.Job{ID: 7, Key: "confirm 7"}); !jobs.Abandoned(err) || s.Sends() {
		t.Errorf("a server without SMTP: %v, sends: %v", err, s.Sends())
	}
}

// TestEachMailIsWrittenTwice sees that both languages have the same texts.
func TestEachMailIsWrittenTwice(t *testing.T) {
	t.Parallel()
	said := map[string]map[string]string{}
	for _, l := range text.Languages {
		said[l] = readTexts(t, l)
	}
	for key := range said["fr"] {
		if said["en"][key] == "" || said["fr"][key] == "" {
			t.Errorf("%s is not said in both", key)
		}
	}
	if len(said["fr"]) != len(said["en"]) {
		t.Errorf("%d texts in French, %d in English", len(said["fr"]), len(said["en"]))
	}
}

func readTexts(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := texts.ReadFile("texts/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	return said
}
