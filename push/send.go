package push

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/text"
)

const (
	newsFor     = 2 * 24 * time.Hour // what was told longer ago is no news
	within      = 15 * time.Second
	longestBody = 600 // characters
)

// message is what an app reads, in the words of Mastodon's. The token does not leave: the app has it.
type message struct {
	AccessToken string `json:"access_token"` // ""
	Locale      string `json:"preferred_locale"`
	ID          string `json:"notification_id"`
	Type        string `json:"notification_type"`
	Icon        string `json:"icon"`
	Title       string `json:"title"`
	Body        string `json:"body"`
}

func keyOf(subscription, notice int64) string { return fmt.Sprintf("%d %d", subscription, notice) }

// send tells one app of one notice. What was read meanwhile, or may not be known any more, is not told.
func (s *Service) send(ctx context.Context, j jobs.Job) error {
	var id, notice int64
	if _, err := fmt.Sscanf(j.Key, "%d %d", &id, &notice); err != nil {
		return jobs.Abandon(err)
	}
	sub, err := subscriptionByID(ctx, s.DB, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	holds, err := s.Holds(ctx, []int64{sub.Token})
	if err != nil || !holds[sub.Token] {
		return err
	}
	line, err := s.Line(ctx, notice)
	if errors.Is(err, notifications.ErrSettled) || err == nil && s.Now().Sub(line.At) > newsFor {
		return nil
	}
	if err != nil {
		return err
	}
	if wants, err := s.wants(ctx, sub, line); err != nil || !wants {
		return err
	}
	body, err := json.Marshal(message{Locale: line.Language, ID: strconv.FormatInt(notice, 10), Type: s.TypeOf(line.Kind), Icon: s.Icon,
		Title: line.Title, Body: text.Excerpt(line.Body, longestBody)})
	if err != nil {
		return jobs.Abandon(err)
	}
	return s.carry(ctx, sub, body)
}

// wants says whether an app asked to be told this.
func (s *Service) wants(ctx context.Context, sub Subscription, line notifications.Line) (bool, error) {
	if line.Reader != sub.Member || !slices.Contains(sub.Alerts, s.TypeOf(line.Kind)) {
		return false, nil
	}
	switch sub.Policy {
	case All:
		return true, nil
	case Followed:
		return s.follows(ctx, sub.Member, line.By)
	case Follower:
		return s.follows(ctx, line.By, sub.Member)
	}
	return false, nil
}

// carry hands a message to the push service. Its address lets whoever knows it send there: no error names it.
func (s *Service) carry(ctx context.Context, sub Subscription, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	encode := base64.RawURLEncoding.EncodeToString
	do := doer(s.Do)
	if !sub.Standard {
		do = s.older(sub, body)
	}
	answer, err := webpush.SendNotificationWithContext(ctx, body,
		&webpush.Subscription{Endpoint: sub.Endpoint, Keys: webpush.Keys{P256dh: encode(sub.P256dh), Auth: encode(sub.Auth)}},
		&webpush.Options{HTTPClient: do, Subscriber: s.Origin, TTL: int(newsFor / time.Second), Urgency: webpush.UrgencyNormal,
			VAPIDPublicKey: s.public, VAPIDPrivateKey: s.private})
	if err != nil {
		return fmt.Errorf("reach the push service %s: %s", hostOf(sub.Endpoint), fault.Message(err))
	}
	defer answer.Body.Close()
	switch status := answer.StatusCode; {
	case status < 300:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return deleteByID(ctx, s.DB, sub.ID)
	case status == http.StatusTooManyRequests, status >= 500:
		return fmt.Errorf("the push service %s answers %d", hostOf(sub.Endpoint), status)
	default:
		return jobs.Abandon(fmt.Errorf("the push service %s refuses: %d", hostOf(sub.Endpoint), status))
	}
}

func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "?"
	}
	return u.Host
}

type doer func(*http.Request) (*http.Response, error)

// Do makes one exchange.
func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
