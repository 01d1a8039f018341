package departures

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"passerelles/accounts"
)

// kept is what a member set up for their own reading.
type kept struct {
	Bookmarks []string     `json:"bookmarks"` // IRIs of posts
	Lists     []keptList   `json:"lists"`
	Filters   []keptFilter `json:"filters"`
	Hashtags  []string     `json:"hashtags"` // that are followed
	Notes     []keptNote   `json:"notes"`
	Servers   []string     `json:"muted_servers"`
}

type keptList struct {
	Title    string   `json:"title"`
	Accounts []string `json:"accounts"` // IRIs
}

type keptFilter struct {
	Title     string     `json:"title"`
	Contexts  []string   `json:"contexts"`
	Action    string     `json:"action"`
	ExpiresAt *time.Time `json:"expires_at"`
	Words     []string   `json:"words"`
}

type keptNote struct {
	Account string `json:"account"` // IRI
	Words   string `json:"words"`
}

func (s *Service) exportReading(ctx context.Context, m accounts.Member, w io.Writer) error {
	k, err := keptBy(ctx, s.DB, m.ID)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(k)
}
