package mastodon

import (
	"strconv"

	"passerelles/posts"
)

// audience are the words of apps for whom a post is for.
var audience = map[string]string{posts.Public: "public", posts.Unlisted: "unlisted", posts.Members: "private",
	posts.Animators: "private", posts.Direct: "direct"}

type status struct {
	ID          string      `json:"id"`
	URI         string      `json:"uri"`
	URL         *string     `json:"url"`
	CreatedAt   string      `json:"created_at"`
	EditedAt    *string     `json:"edited_at"`
	InReplyTo   *string     `json:"in_reply_to_id"`
	InReplyToBy *string     `json:"in_reply_to_account_id"`
	Sensitive   bool        `json:"sensitive"`
	Spoiler     string      `json:"spoiler_text"`
	Visibility  string      `json:"visibility"`
	Language    *string     `json:"language"`
	Content     string      `json:"content"`
	Text        *string     `json:"text,omitempty"` // of a post of one's own that was just deleted
	Replies     int         `json:"replies_count"`
	Reblogs     int         `json:"reblogs_count"`
	Favourites  int         `json:"favourites_count"`
	Favourited  bool        `json:"favourited"`
	Reblogged   bool        `json:"reblogged"`
	Muted       bool        `json:"muted"`
	Bookmarked  bool        `json:"bookmarked"`
	Pinned      bool        `json:"pinned"`
	Account     account     `json:"account"`
	Reblog      *status     `json:"reblog"`
	Application *string     `json:"application"`
	Media       []mediaItem `json:"media_attachments"`
	Mentions    []mention   `json:"mentions"`
	Tags        []tag       `json:"tags"`
	Emojis      []string    `json:"emojis"`
	Card        *string     `json:"card"`
	Poll        *poll       `json:"poll"`
	Filtered    []filterHit `json:"filtered"`

	Quote    any           `json:"quote"` // nil, quoteEntity or shallowQuote
	Quotes   int           `json:"quotes_count"`
	Approval quoteApproval `json:"quote_approval"`
}

type mention struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	URL      string `json:"url"`
	Acct     string `json:"acct"`
}

type mediaItem struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	URL         string         `json:"url"`
	PreviewURL  string         `json:"preview_url"`
	RemoteURL   *string        `json:"remote_url"`
	Meta        map[string]any `json:"meta"`
	Description *string        `json:"description"`
	Blurhash    *string        `json:"blurhash"`
}

type poll struct {
	ID        string       `json:"id"`
	ExpiresAt *string      `json:"expires_at"`
	Expired   bool         `json:"expired"`
	Multiple  bool         `json:"multiple"`
	Votes     int          `json:"votes_count"`
	Voters    *int         `json:"voters_count"`
	Voted     bool         `json:"voted"`
	OwnVotes  []int        `json:"own_votes"`
	Options   []pollOption `json:"options"`
	Emojis    []string     `json:"emojis"`
}

type pollOption struct {
	Title string `json:"title"`
	Votes *int   `json:"votes_count"` // nil: not to be known yet
}

// statusOf is a post as one reader sees it; parents are the posts that it and others answer.
func (h *Handler) statusOf(c *call, p posts.Post, parents map[int64]posts.Post) status {
	s := status{ID: id(p.ID), URI: p.IRI, URL: orNull(p.URL), CreatedAt: stamp(p.Published), Sensitive: p.Sensitive, Spoiler: p.Summary,
		Visibility: audience[p.Scope], Language: orNull(p.Language), Content: p.WithQuote(), Replies: p.Replies, Favourites: p.Likes,
		Favourited: p.LikedByReader, Reblogs: p.Boosts, Reblogged: p.BoostedByReader, Pinned: p.Featured || p.Pinned, Account: h.accountIn(c, p.Author), Media: h.mediaOf(c, p), Mentions: []mention{}, Tags: []tag{},
		Emojis: []string{}, Filtered: []filterHit{}, Poll: pollOf(p, c.mine(p))}
	if p.Updated != nil {
		s.EditedAt = orNull(stamp(*p.Updated))
	}
	if parent, ok := parents[p.ParentID]; ok && p.ParentID != 0 {
		s.InReplyTo, s.InReplyToBy = orNull(id(p.ParentID)), orNull(id(parent.Author.ID))
	}
	for _, name := range p.Tagged() {
		s.Tags = append(s.Tags, h.tagOf(name))
	}
	for _, m := range p.Mentions {
		s.Mentions = append(s.Mentions, mention{id(m.ID), m.Name, m.URL, acct(m)})
	}
	if p.Community != nil {
		s.Mentions = append(s.Mentions, mention{id(p.Community.ID), p.Community.Name, p.Community.URL, acct(*p.Community)})
	}
	return s
}

func (h *Handler) mediaOf(c *call, p posts.Post) []mediaItem {
	items := []mediaItem{}
	for _, f := range p.Files {
		grant := ""
		if p.Scope != posts.Public && p.Scope != posts.Unlisted {
			grant = h.Media.GrantTo(c.reader(), f) // apps load pictures without their token
		}
		items = append(items, h.fileOf(f, grant))
	}
	for i, picture := range p.Pictures {
		address := h.IRIs.Origin + h.Media.Address(picture.Ref(), picture.URL)
		items = append(items, mediaItem{ID: id(p.ID) + strconv.Itoa(i), Type: "image", URL: address, PreviewURL: address,
			RemoteURL: orNull(picture.URL), Description: orNull(picture.Alt), Blurhash: orNull(picture.Blurhash), Meta: sizes(picture.Width, picture.Height)})
	}
	return items
}

func sizes(width, height int) map[string]any {
	if width == 0 || height == 0 {
		return map[string]any{}
	}
	return map[string]any{"original": map[string]any{"width": width, "height": height,
		"size": strconv.Itoa(width) + "x" + strconv.Itoa(height), "aspect": float64(width) / float64(height)}}
}

// boostID is the id under which a community's announcement of a post goes: apps want one of
// its own. Ids have 21 random bits at their end, so that the next number is nobody's.
func boostID(post int64) int64 { return post ^ 1 }

// boosted wraps a post as the boost of who shares it; of a community, that is how what it let in
// shows.
func (h *Handler) boosted(c *call, s status, by sharing) status {
	b := s
	b.ID, b.Account, b.Reblog = id(by.id), h.accountIn(c, by.by), &s
	return b
}

// pollOf is a poll as its reader knows it: who asks counts as having voted, for they cannot.
func pollOf(p posts.Post, mine bool) *poll {
	if p.Poll == nil {
		return nil
	}
	v := &poll{ID: id(p.ID), Multiple: p.Poll.Multiple, OwnVotes: append([]int{}, p.Poll.Chosen...), Voted: len(p.Poll.Chosen) > 0 || mine,
		Expired: p.Poll.Over, Votes: p.Poll.Votes(), Options: []pollOption{}, Emojis: []string{}}
	if p.Poll.EndsAt != nil {
		v.ExpiresAt = orNull(stamp(*p.Poll.EndsAt))
	}
	if p.Poll.Voters > 0 || p.Local {
		v.Voters = &p.Poll.Voters
	}
	for _, o := range p.Poll.Options {
		option := pollOption{Title: o.Name, Votes: &o.Votes}
		if p.Poll.Hidden() {
			option.Votes = nil
		}
		v.Options = append(v.Options, option)
	}
	if p.Poll.Hidden() {
		v.Votes = 0
	}
	return v
}
