package push

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// From whom an app wants to hear.
const (
	All      = "all"
	Followed = "followed" // whom the member follows
	Follower = "follower" // who follows the member
	None     = "none"
)

// Types are those of which an app can be told, as apps call them.
var Types = []string{"mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update",
	"quote", "quoted_update", "admin.sign_up", "admin.report"}

const (
	longestEndpoint = 2000 // bytes
	keyLength       = 65   // bytes: a point of P-256, uncompressed
	authLength      = 16   // bytes
)

// Subscription is where an app is told, and of what.
type Subscription struct {
	ID       int64
	Token    int64
	Member   actors.ID
	Endpoint string
	P256dh   []byte
	Auth     []byte
	Alerts   []string // of Types
	Policy   string
	Standard bool // as RFC 8291 has it; false: as its draft, which Mastodon's servers send
}

// Ask is what an app asks for.
type Ask struct {
	Endpoint, P256dh, Auth string // base64, with or without padding
	Alerts                 []string
	Policy                 string // "": All
	Standard               bool
}

var (
	errNone     = fault.New(fault.NotFound, "Record not found")
	errEndpoint = fault.New(fault.Invalid, "Validation failed: Endpoint is not a valid address")
	errKeys     = fault.New(fault.Invalid, "Validation failed: Keys are not those of an app")
	errPolicy   = fault.New(fault.Invalid, "Validation failed: Policy is not included in the list")
)

// Subscribe has the app of a token told; what it asked for before ends.
func (s *Service) Subscribe(ctx context.Context, token int64, member actors.ID, a Ask) (Subscription, error) {
	sub := Subscription{ID: storage.NewID(s.Now()), Token: token, Member: member, Endpoint: a.Endpoint, Standard: a.Standard}
	u, err := url.Parse(a.Endpoint)
	if err != nil || len(a.Endpoint) > longestEndpoint || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return sub, errEndpoint
	}
	sub.P256dh, sub.Auth = decoded(a.P256dh), decoded(a.Auth)
	if _, err := ecdh.P256().NewPublicKey(sub.P256dh); err != nil || len(sub.P256dh) != keyLength || len(sub.Auth) != authLength {
		return sub, errKeys
	}
	if sub.Alerts, sub.Policy, err = wanted(a); err != nil {
		return sub, err
	}
	return sub, upsertSubscription(ctx, s.DB, sub, s.Now())
}

// Of gives what the app of a token asked for; fault.NotFound: nothing.
func (s *Service) Of(ctx context.Context, token int64) (Subscription, error) {
	return subscriptionOf(ctx, s.DB, token)
}

// Change has it told of other things.
func (s *Service) Change(ctx context.Context, token int64, a Ask) (Subscription, error) {
	alerts, policy, err := wanted(a)
	if err != nil {
		return Subscription{}, err
	}
	if err := updateSubscription(ctx, s.DB, token, alerts, policy); err != nil {
		return Subscription{}, err
	}
	return s.Of(ctx, token)
}

// End has it told nothing more; what is not there is no error.
func (s *Service) End(ctx context.Context, token int64) error {
	return deleteOf(ctx, s.DB, token)
}

func wanted(a Ask) (alerts []string, policy string, err error) {
	policy = a.Policy
	if policy == "" {
		policy = All
	}
	if !slices.Contains([]string{All, Followed, Follower, None}, policy) {
		return nil, "", errPolicy
	}
	alerts = []string{}
	for _, name := range a.Alerts {
		if slices.Contains(Types, name) {
			alerts = append(alerts, name)
		}
	}
	return alerts, policy, nil
}

// decoded reads base64 of either alphabet; nil where it is none.
func decoded(text string) []byte {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}
