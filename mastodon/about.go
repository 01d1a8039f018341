package mastodon

import (
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/fault"
)

// aboutWays are what apps ask of a server and of a member beside posts. Where there is nothing of
// the kind here, the answer is an empty list, and docs/mastodon-api.md says so.
func (h *Handler) aboutWays() []way {
	const instance, account = "/api/v1/instance", "/api/v1/accounts/{id:[0-9]+}"
	return []way{
		{"GET", instance + "/rules", anybody, "", nothing},
		{"GET", instance + "/peers", anybody, "", h.peers},
		{"GET", instance + "/activity", anybody, "", h.activity},
		{"GET", instance + "/domain_blocks", aMember, "", nothing},
		{"GET", instance + "/translation_languages", anybody, "", noneByName},
		{"GET", instance + "/extended_description", anybody, "", h.description},
		{"GET", "/api/v1/announcements", aMember, "", nothing},
		{"GET", "/api/v1/custom_emojis", anybody, "", nothing},
		{"GET", "/api/v1/directory", anybody, "", h.directory},
		{"GET", "/api/v1/suggestions", aMember, "read:accounts", h.suggestions},
		{"GET", "/api/v2/suggestions", aMember, "read:accounts", h.suggestionsV2},
		{"GET", "/api/v1/endorsements", aMember, "read:accounts", nothing},
		{"GET", "/api/v1/accounts", anybody, "read:accounts", h.severalAccounts},
		{"GET", "/api/v1/accounts/familiar_followers", aMember, "read:follows", h.familiar},
		{"GET", account + "/featured_tags", anybody, "read:accounts", nothing},
		{"GET", account + "/endorsements", anybody, "read:accounts", nothing},
		{"POST", account + "/note", aMember, "write:accounts", h.note},
		{"POST", account + "/remove_from_followers", aMember, "write:follows", h.removeFollower},
	}
}

func noneByName(*call) (any, error) { return struct{}{}, nil }

// peers are the servers with which people and open communities of ours are tied: no other tie is
// told.
func (h *Handler) peers(c *call) (any, error) {
	all, err := h.Directory.Peers(c.r.Context())
	if all == nil {
		all = []string{}
	}
	return all, err
}

type week struct {
	Week          string `json:"week"` // its first second, since 1970
	Statuses      string `json:"statuses"`
	Logins        string `json:"logins"`
	Registrations string `json:"registrations"`
}

// activity is of the last twelve weeks. Who signed in when is not kept that long: who wrote something
// counts.
func (h *Handler) activity(c *call) (any, error) {
	all, err := h.Weeks(c.r.Context(), 12)
	if err != nil {
		return nil, err
	}
	shown := make([]week, 0, len(all))
	for _, w := range all {
		shown = append(shown, week{strconv.FormatInt(w.Begins.Unix(), 10), strconv.Itoa(w.Posts), strconv.Itoa(w.Authors), strconv.Itoa(w.Members)})
	}
	return shown, nil
}

func (h *Handler) description(*call) (any, error) {
	return map[string]any{"updated_at": stamp(time.Unix(0, 0)), "content": ""}, nil
}

// directory are the communities of this server that everybody may know, and the people who let
// themselves be found.
func (h *Handler) directory(c *call) (any, error) {
	all, err := h.Directory.Listed(c.r.Context(), int(min(c.number("offset"), 10_000)), c.limit(40, 80))
	if err != nil {
		return nil, err
	}
	return h.accounts(c, all)
}

// suggested are communities that the member does not follow yet.
func (h *Handler) suggested(c *call) ([]account, error) {
	all, err := h.Directory.Unfollowed(c.r.Context(), c.member().ID, c.limit(40, 80))
	if err != nil {
		return nil, err
	}
	return h.accounts(c, all)
}

func (h *Handler) suggestions(c *call) (any, error) { return h.suggested(c) }

type suggestion struct {
	Source  string   `json:"source"`
	Sources []string `json:"sources"`
	Account account  `json:"account"`
}

func (h *Handler) suggestionsV2(c *call) (any, error) {
	all, err := h.suggested(c)
	shown := make([]suggestion, 0, len(all))
	for _, a := range all {
		shown = append(shown, suggestion{"staff", []string{"featured"}, a})
	}
	return shown, err
}

func (h *Handler) severalAccounts(c *call) (any, error) {
	ids := numbers(c.params["id"], 40)
	found := make([]actors.Actor, 0, len(ids))
	for _, n := range ids {
		a, err := h.Directory.ByID(c.r.Context(), actors.ID(n))
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return h.accounts(c, found)
}

type familiar struct {
	ID       string    `json:"id"`
	Accounts []account `json:"accounts"`
}

// familiar tells of nobody: whom others follow is theirs to tell.
func (h *Handler) familiar(c *call) (any, error) {
	shown := []familiar{}
	for _, n := range numbers(c.params["id"], 40) {
		shown = append(shown, familiar{id(n), []account{}})
	}
	return shown, nil
}

// note keeps words about somebody, which the member alone reads.
func (h *Handler) note(c *call) (any, error) {
	a, err := h.someone(c)
	if err == nil {
		err = h.Reading.Note(c.r.Context(), c.member().ID, a.ID, c.params.Get("comment"))
	}
	if err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}

// removeFollower ends somebody's follow of the member.
func (h *Handler) removeFollower(c *call) (any, error) {
	a, err := h.someone(c)
	if err == nil {
		err = h.Accounts.EndFollower(c.r.Context(), c.member().ID, a)
	}
	if err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}
