// Package push tells apps that are not open what their member was told, by the push service that the
// app chose: RFC 8030, encrypted for the app alone (RFC 8291, aes128gcm; older.go has its draft), signed by
// this server (RFC 8292).
//
// A Subscription belongs to one token of one app, and ends with it. Each notice puts a job for each
// subscription of its reader in the transaction that tells it (Queue); what it says is looked up when it
// leaves (send.go), and is no more than a mail would say.
package push

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"passerelles/actors"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/storage"
)

// Options are the parts that push needs.
type Options struct {
	DB     *storage.DB
	Key    []byte                                                              // 32 bytes, of which the key pair of this server is made: the same at each start
	Origin string                                                              // of this server: whom a push service asks when something is amiss
	Icon   string                                                              // shown beside what is told
	Do     func(*http.Request) (*http.Response, error)                         // to other servers
	Holds  func(ctx context.Context, tokens []int64) (map[int64]bool, error)   // which tokens still open the API
	Line   func(ctx context.Context, notice int64) (notifications.Line, error) // a notice in one line
	TypeOf func(kind string) string                                            // what apps call a kind of notice; "" nothing
	Now    func() time.Time
}

// Service tells apps.
type Service struct {
	Options
	private, public string // base64, as the library reads them
}

const jobKind = "push"

// New builds the service.
func New(o Options) (*Service, error) {
	s := &Service{Options: o}
	sum := o.Key
	for { // one in four thousand million is no key
		if key, err := ecdh.P256().NewPrivateKey(sum); err == nil {
			s.private = base64.RawURLEncoding.EncodeToString(key.Bytes())
			s.public = base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
			return s, nil
		}
		next := sha256.Sum256(sum)
		sum = next[:]
	}
}

// PublicKey is by which push services know this server, as apps hand it on.
func (s *Service) PublicKey() string { return s.public }

// Register has the engine send.
func (s *Service) Register(e *jobs.Engine) { e.Handle(jobKind, s.send) }

// Queue has the apps of a notice's reader told, in the transaction that tells it.
func (s *Service) Queue(ctx context.Context, tx storage.Tx, n notifications.Notice) error {
	if s.TypeOf(n.Kind) == "" {
		return nil
	}
	subscriptions, err := subscriptionsOf(ctx, tx, n.Reader)
	if err != nil {
		return err
	}
	for _, id := range subscriptions {
		if err := jobs.Add(ctx, tx, jobKind, keyOf(id, n.ID), nil, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// follows says whether one actor follows another.
func (s *Service) follows(ctx context.Context, who, whom actors.ID) (bool, error) {
	return follows(ctx, s.DB, who, whom)
}
