package mastodon

import (
	"slices"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/posts"
)

func (h *Handler) notificationWays() []way {
	return []way{
		{"GET", "/api/v1/notifications", aMember, "read:notifications", h.notifications},
		{"GET", "/api/v1/notifications/unread_count", aMember, "read:notifications", h.unreadCount},
		{"POST", "/api/v1/notifications/clear", aMember, "write:notifications", h.clearNotifications},
		{"POST", "/api/v1/notifications/dismiss", aMember, "write:notifications", h.dismissNotification},
		{"GET", "/api/v1/notifications/requests", aMember, "read:notifications", nothing},
		{"GET", "/api/v1/notifications/{id:[0-9]+}", aMember, "read:notifications", h.notification},
		{"POST", "/api/v1/notifications/{id:[0-9]+}/dismiss", aMember, "write:notifications", h.dismissNotification},
		{"GET", "/api/v2/notifications", aMember, "read:notifications", h.groupedNotifications},
		{"GET", "/api/v2/notifications/unread_count", aMember, "read:notifications", h.unreadCount},
		{"GET", "/api/v2/notifications/policy", aMember, "read:notifications", h.notificationPolicy},
		{"GET", "/api/v1/notifications/policy", aMember, "read:notifications", h.notificationPolicy},
		{"GET", "/api/v2/notifications/{key}", aMember, "read:notifications", h.notificationGroup},
		{"POST", "/api/v2/notifications/{key}/dismiss", aMember, "write:notifications", h.dismissGroup},
		{"GET", "/api/v2/notifications/{key}/accounts", aMember, "read:notifications", h.groupAccounts},
	}
}

// typeOf is what apps call a kind of notice; those that they know nothing of are told by mail and
// on the site alone.
var typeOf = map[string]string{
	notifications.Reply: "mention", notifications.Mention: "mention", notifications.New: "status",
	notifications.Liked: "favourite", notifications.Boosted: "reblog", notifications.Quoted: "quote", notifications.Requoted: "quoted_update", notifications.Followed: "follow",
	notifications.Ended: "poll", notifications.Asked: "follow_request", notifications.Request: "follow_request",
}

// kindsOf are the kinds of notices whose types satisfy wanted.
func kindsOf(wanted func(name string) bool) []string {
	kinds := []string{} // not nil, which would be all
	for kind, name := range typeOf {
		if wanted(name) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

func (c *call) kinds() []string {
	types, without := c.params["types"], c.params["exclude_types"]
	return kindsOf(func(name string) bool {
		return (len(types) == 0 || slices.Contains(types, name)) && !slices.Contains(without, name)
	})
}

type notification struct {
	ID        string  `json:"id"`
	Type      string  `json:"type"`
	GroupKey  string  `json:"group_key"`
	CreatedAt string  `json:"created_at"`
	Account   account `json:"account"`
	Status    *status `json:"status,omitempty"`

	post int64
}

// told gives a part of what the member was told, as apps show it.
func (h *Handler) told(c *call, usual, most int) ([]notification, error) {
	page := c.plainPage(usual, most)
	found, err := h.Notices.For(c.r.Context(), c.member().ID, notifications.Page{Before: page.Before, After: page.After, Oldest: page.Oldest,
		Limit: page.Limit, Kinds: c.kinds(), By: actors.ID(c.number("account_id"))})
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		h.linkTo(c, id(found[0].ID), id(found[len(found)-1].ID))
	}
	return h.notificationsOf(c, found)
}

// notificationsOf finds what notices are about; what is not there any more is left out.
func (h *Handler) notificationsOf(c *call, found []notifications.Notice) ([]notification, error) {
	var about []int64
	var by []actors.ID
	for _, n := range found {
		about, by = append(about, n.Post), append(by, n.By)
	}
	all, err := h.Posts.ByIDs(c.r.Context(), c.reader(), distinct(about))
	if err != nil {
		return nil, err
	}
	shown, err := h.statuses(c, all)
	if err != nil {
		return nil, err
	}
	people, err := h.Directory.ByIDs(c.r.Context(), by)
	if err != nil {
		return nil, err
	}
	list := make([]notification, 0, len(found))
	for _, n := range found {
		who, ok := people[n.By]
		if !ok || n.By == 0 || who.Gone {
			continue
		}
		v := notification{ID: id(n.ID), Type: typeOf[n.Kind], GroupKey: groupKey(n), CreatedAt: stamp(n.At), Account: h.accountOf(who), post: n.Post}
		if n.Post != 0 {
			at := slices.IndexFunc(all, func(p posts.Post) bool { return p.ID == n.Post })
			if at < 0 {
				continue
			}
			v.Status = &shown[at]
		}
		list = append(list, v)
	}
	return list, nil
}

func distinct(ids []int64) []int64 {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (h *Handler) notifications(c *call) (any, error) { return h.told(c, 40, 80) }

func (h *Handler) notification(c *call) (any, error) {
	n, err := h.Notices.ByID(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	list, err := h.notificationsOf(c, []notifications.Notice{n})
	if err == nil && (len(list) == 0 || list[0].Type == "") {
		err = errNone
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// unreadCount is of what was not read on the site nor, as the marker tells, in an app.
func (h *Handler) unreadCount(c *call) (any, error) {
	n, err := h.Notices.Unread(c.r.Context(), c.member().ID, c.kinds())
	return map[string]int{"count": min(n, c.limit(100, 1000))}, err
}

func (h *Handler) clearNotifications(c *call) (any, error) {
	return struct{}{}, h.Notices.Clear(c.r.Context(), c.member().ID)
}

func (h *Handler) dismissNotification(c *call) (any, error) {
	number := c.path("id")
	if number == 0 {
		number = c.number("id") // the older form
	}
	return struct{}{}, h.Notices.Dismiss(c.r.Context(), c.member().ID, number)
}

// notificationPolicy keeps nothing apart: who is not to be heard is muted or blocked.
func (h *Handler) notificationPolicy(*call) (any, error) {
	return map[string]any{"for_not_following": "accept", "for_not_followers": "accept", "for_new_accounts": "accept",
		"for_private_mentions": "accept", "for_limited_accounts": "accept",
		"filter_not_following": false, "filter_not_followers": false, "filter_new_accounts": false, "filter_private_mentions": false,
		"summary": map[string]int{"pending_requests_count": 0, "pending_notifications_count": 0}}, nil
}
