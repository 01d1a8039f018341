package mastodon

import (
	"slices"
	"strings"

	"passerelles/push"
)

func (h *Handler) pushWays() []way {
	const address, right = "/api/v1/push/subscription", "push"
	return []way{
		{"GET", address, aMember, right, h.pushed},
		{"POST", address, aMember, right, h.push},
		{"PUT", address, aMember, right, h.changePush},
		{"DELETE", address, aMember, right, h.endPush},
	}
}

// TypeOf is what apps call a kind of notice, "" for what they know nothing of.
func TypeOf(kind string) string { return typeOf[kind] }

type subscription struct {
	ID        string          `json:"id"`
	Endpoint  string          `json:"endpoint"`
	Standard  bool            `json:"standard"`
	Alerts    map[string]bool `json:"alerts"`
	Policy    string          `json:"policy"`
	ServerKey string          `json:"server_key"`
}

func (h *Handler) subscriptionOf(s push.Subscription) subscription {
	v := subscription{ID: id(s.ID), Endpoint: s.Endpoint, Standard: s.Standard, Alerts: map[string]bool{}, Policy: s.Policy, ServerKey: h.Push.PublicKey()}
	for _, name := range push.Types {
		v.Alerts[name] = slices.Contains(s.Alerts, name)
	}
	return v
}

// pushAsked reads what an app asks for.
func pushAsked(c *call) push.Ask {
	a := push.Ask{Endpoint: c.params.Get("subscription[endpoint]"), P256dh: c.params.Get("subscription[keys][p256dh]"),
		Auth: c.params.Get("subscription[keys][auth]"), Policy: c.params.Get("data[policy]"),
		Standard: c.yes("subscription[standard]")}
	if a.Policy == "" {
		a.Policy = c.params.Get("policy")
	}
	for name := range c.params {
		alert, ok := strings.CutPrefix(name, "data[alerts][")
		if ok && c.yes(name) {
			a.Alerts = append(a.Alerts, strings.TrimSuffix(alert, "]"))
		}
	}
	return a
}

// pushed is what the app asked for.
func (h *Handler) pushed(c *call) (any, error) {
	s, err := h.Push.Of(c.r.Context(), c.access.Token)
	return h.subscriptionOf(s), err
}

// push has the app told.
func (h *Handler) push(c *call) (any, error) {
	s, err := h.Push.Subscribe(c.r.Context(), c.access.Token, c.member().ID, pushAsked(c))
	return h.subscriptionOf(s), err
}

func (h *Handler) changePush(c *call) (any, error) {
	s, err := h.Push.Change(c.r.Context(), c.access.Token, pushAsked(c))
	return h.subscriptionOf(s), err
}

func (h *Handler) endPush(c *call) (any, error) {
	return struct{}{}, h.Push.End(c.r.Context(), c.access.Token)
}
