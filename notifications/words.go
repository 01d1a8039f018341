package notifications

import (
	"embed"
	"fmt"
	"net/url"
	"strings"
	"time"

	"passerelles/text"
)

//go:embed texts
var texts embed.FS

// composed is a mail as it leaves.
type composed struct {
	ID                string // of the message, without brackets
	At                time.Time
	Site              string
	To, Subject, Body string
	Language          string
}

// compose says a mail in its language; key tells it from all others.
func (s *Service) compose(m Mail, key string) (composed, error) {
	m.Language = text.Spoken(m.Language)
	values := map[string]any{"Site": s.Site, "Origin": s.Origin}
	for name, value := range m.Values {
		values[name] = value
	}
	say := func(part string) (string, error) {
		said, err := s.words.Say(m.Language, part, values)
		if err != nil {
			return "", fmt.Errorf("write a mail: %w", err)
		}
		return said, nil
	}
	subject, err := say(m.Text + ".subject")
	if err != nil {
		return composed{}, err
	}
	body, err := say(m.Text + ".body")
	if err != nil {
		return composed{}, err
	}
	foot, err := say("mail.foot")
	if err != nil {
		return composed{}, err
	}
	return composed{ID: key + "@" + s.host(), At: s.Now(), Site: text.OneLine(s.Site), To: m.To,
		Subject: text.OneLine(subject), Body: strings.TrimSpace(body) + "\n\n" + foot + "\n", Language: m.Language}, nil
}

func (s *Service) host() string {
	u, err := url.Parse(s.Origin)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	return u.Hostname()
}
