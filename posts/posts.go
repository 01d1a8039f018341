// Package posts holds what people share: discussions, replies, likes, and their
// edits and deletions, ours and those of others.
//
// Verbs that start from a member (Publish, Edit, Delete, Like, Unlike) open
// their transaction. Verbs that are called while an activity is received
// (Receive…) take the caller's, and give the same end state in whatever order
// and however often activities come: of two versions the one updated last
// stays, and what was deleted never comes back.
package posts

import (
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/media"
	"passerelles/notifications"
	"passerelles/storage"
)

// Kinds of thread starters.
const (
	News       = "news"
	Discussion = "discussion"
	Question   = "question"
	Call       = "call"
)

// Scopes.
const (
	Public    = "public"
	Unlisted  = "unlisted"
	Members   = "members"
	Animators = "animators"
	Direct    = "direct"
)

// Post is what somebody shared.
type Post struct {
	ID         int64
	IRI        string
	Author     actors.Actor
	Community  *actors.Actor // nil: none
	ParentID   int64         // 0: none, or not here
	ParentIRI  string        // "" for the first post of a thread
	Root       int64
	Kind       string
	Scope      string
	Title      string
	Content    string // safe HTML
	Source     string // Markdown, of ours
	Summary    string // content warning
	Language   string
	URL        string
	Context    string // IRI of the thread's collection
	Sensitive  bool
	Local      bool
	Deleted    bool
	Announced  bool   // its community let it in
	ApprovedBy string // where the author of what it answers says that they allow it; "": nowhere
	Published  time.Time
	Updated    *time.Time
	DeletedAt  *time.Time

	Mentions []actors.Actor // who is named in it, the parent's author among them
	Pictures []Picture      // of others
	Files    []media.File   // of ours
	Themes   []Theme        // of its community, of the first post of a thread
	Tags     []string       // as they are written, without #

	Poll *Poll // nil: it asks nothing

	Quote    *Quotation // nil: it quotes nothing
	Quotable string     // who may quote it, as its author says; QuotableBy tells what that means
	Quotes   int        // by posts that the reader may see

	Likes, Boosts, Replies         int
	LikedByReader, BoostedByReader bool

	Featured, Locked, Removed, Held bool // by its community
	Pinned                          bool // by its author

	arrived time.Time
	spoken  bool // its community tells it in its own name
}

// Starter says whether the post is the first of its thread.
func (p Post) Starter() bool { return p.ParentIRI == "" }

// communityID is 0 for none.
func (p Post) communityID() actors.ID {
	if p.Community == nil {
		return 0
	}
	return p.Community.ID
}

func (p Post) item() access.Item {
	return access.Item{Post: p.ID, Author: p.Author.ID, Community: p.communityID(), Scope: p.Scope, Deleted: p.Deleted}
}

// Draft is what a member writes.
type Draft struct {
	Community actors.ID // 0: none, or the parent's
	InReplyTo int64     // 0: the first post of a thread
	Kind      string    // empty: discussion
	Title     string
	Text      string // Markdown
	Summary   string // content warning
	Language  string // empty: guessed
	Scope     string // empty: public, or the parent's
	Sensitive bool
	Files     []media.Attach // that its author took before; nil in an edit: those that are there
	Poll      *Asking        // nil: it asks nothing; an edit changes no poll
	Key       string         // of what is to be written once, however often it is asked for; "": none
	Themes    []int64        // of its community, of the first post of a thread; nil in an edit: those that are there
	Quote     int64          // a post that it quotes; 0: none; an edit changes nothing of it
	Quotable  string         // one of QuotedBy; "": as usual, in an edit as it is
}

// Options are the parts that posts need.
type Options struct {
	DB          *storage.DB
	Directory   *actors.Directory
	Communities *communities.Service
	Media       *media.Service         // nil: no files are taken
	Notices     *notifications.Service // nil: nobody is told
	Client      *federation.Client
	IRIs        federation.IRIs
	Key         []byte           // of personal links
	Now         func() time.Time // nil: time.Now
	Poke        func()           // called after something to deliver was committed; may be nil
	PostsAnHour int              // of one person; 0: as many as they write
}

// Service applies the rules of posts.
type Service struct {
	db          *storage.DB
	dir         *actors.Directory
	communities *communities.Service
	media       *media.Service
	notices     *notifications.Service
	client      *federation.Client
	iris        federation.IRIs
	key         []byte
	now         func() time.Time
	poke        func()
	often       *often
}

// NewService builds the service.
func NewService(o Options) *Service {
	s := &Service{db: o.DB, dir: o.Directory, communities: o.Communities, media: o.Media, notices: o.Notices, client: o.Client,
		iris: o.IRIs, key: o.Key, now: o.Now, poke: o.Poke, often: newOften(o.PostsAnHour)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.poke == nil {
		s.poke = func() {}
	}
	return s
}
