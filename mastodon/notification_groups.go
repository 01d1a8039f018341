package mastodon

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"passerelles/notifications"
)

// groupKey is of notices that apps may show as one: who likes or shares the same post, who follows on
// the same day.
func groupKey(n notifications.Notice) string {
	switch n.Kind {
	case notifications.Liked, notifications.Boosted:
		return fmt.Sprintf("%s-%d", typeOf[n.Kind], n.Post)
	case notifications.Followed:
		return "follow-" + n.At.UTC().Format("20060102")
	}
	return "ungrouped-" + id(n.ID)
}

const mostSampled = 8 // accounts of a group

type notificationGroup struct {
	Key      string   `json:"group_key"`
	Count    int      `json:"notifications_count"`
	Type     string   `json:"type"`
	Latest   int64    `json:"most_recent_notification_id,string"`
	PageMin  string   `json:"page_min_id"`
	PageMax  string   `json:"page_max_id"`
	LatestAt string   `json:"latest_page_notification_at"`
	Sample   []string `json:"sample_account_ids"`
	Status   *string  `json:"status_id,omitempty"`
}

type groupedNotifications struct {
	Accounts []account           `json:"accounts"`
	Statuses []status            `json:"statuses"`
	Groups   []notificationGroup `json:"notification_groups"`
}

// groupedNotifications are a part of them, with those of one group as one.
func (h *Handler) groupedNotifications(c *call) (any, error) {
	list, err := h.told(c, 40, 80)
	if err != nil {
		return nil, err
	}
	return grouped(list, c.params["grouped_types"]), nil
}

// grouped joins those of one key, unless an app says of which types alone it wants that.
func grouped(list []notification, types []string) groupedNotifications {
	g := groupedNotifications{[]account{}, []status{}, []notificationGroup{}}
	for _, n := range list {
		if len(types) > 0 && !slices.Contains(types, n.Type) {
			n.GroupKey = "ungrouped-" + n.ID
		}
		g.add(n)
	}
	return g
}

func (g *groupedNotifications) add(n notification) {
	if !slices.ContainsFunc(g.Accounts, func(a account) bool { return a.ID == n.Account.ID }) {
		g.Accounts = append(g.Accounts, n.Account)
	}
	if n.Status != nil && !slices.ContainsFunc(g.Statuses, func(s status) bool { return s.ID == n.Status.ID }) {
		g.Statuses = append(g.Statuses, *n.Status)
	}
	at := slices.IndexFunc(g.Groups, func(other notificationGroup) bool { return other.Key == n.GroupKey })
	if at < 0 {
		latest, _ := strconv.ParseInt(n.ID, 10, 64) // which we wrote
		one := notificationGroup{Key: n.GroupKey, Type: n.Type, Latest: latest, PageMax: n.ID, LatestAt: n.CreatedAt}
		if n.Status != nil {
			one.Status = &n.Status.ID
		}
		g.Groups, at = append(g.Groups, one), len(g.Groups)
	}
	in := &g.Groups[at]
	in.Count++
	in.PageMin = n.ID
	if len(in.Sample) < mostSampled {
		in.Sample = append(in.Sample, n.Account.ID)
	}
}

// keyed gives the notices of the group that the address names, the latest first.
func (h *Handler) keyed(c *call) ([]notification, error) {
	key := pathVar(c.r, "key")
	name, rest, _ := strings.Cut(key, "-")
	kinds := kindsOf(func(t string) bool { return t == name })
	if name == "ungrouped" {
		number, _ := strconv.ParseInt(rest, 10, 64) // 0 is nobody's
		n, err := h.Notices.ByID(c.r.Context(), c.member().ID, number)
		if err != nil {
			return nil, err
		}
		return h.notificationsOf(c, []notifications.Notice{n})
	}
	all, err := h.Notices.For(c.r.Context(), c.member().ID, notifications.Page{Limit: mostGrouped, Kinds: kinds})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(n notifications.Notice) bool { return groupKey(n) != key })
	list, err := h.notificationsOf(c, all)
	if err == nil && len(list) == 0 {
		err = errNone
	}
	return list, err
}

const mostGrouped = 1000 // notices that are looked through for a group

func (h *Handler) notificationGroup(c *call) (any, error) {
	list, err := h.keyed(c)
	if err != nil {
		return nil, err
	}
	return grouped(list, nil), nil
}

func (h *Handler) groupAccounts(c *call) (any, error) {
	list, err := h.keyed(c)
	if err != nil {
		return nil, err
	}
	return grouped(list, nil).Accounts, nil
}

func (h *Handler) dismissGroup(c *call) (any, error) {
	list, err := h.keyed(c)
	if err != nil {
		return nil, err
	}
	for _, n := range list {
		number, _ := strconv.ParseInt(n.ID, 10, 64) // which we wrote
		if err := h.Notices.Dismiss(c.r.Context(), c.member().ID, number); err != nil {
			return nil, err
		}
	}
	return struct{}{}, nil
}
