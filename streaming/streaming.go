// Package streaming tells apps what happens while it happens.
//
// A Line is one open connection of an app, a WebSocket (socket.go) or server-sent events
// (events.go); it hears the streams that it asked for (streams.go). What happens to posts and
// notices stands in a table that triggers fill. Each process that has lines looks there four
// times a second, and at once when it committed something itself (look.go): what became visible
// since the last look, whichever process wrote it. Whom it concerns is asked of the rules of
// the timelines, and how it reads of the door (Words), once for all where everybody may
// read it (tell.go).
//
// A token that does not hold any more ends its lines within a second, in every process.
package streaming

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/oauth"
	"passerelles/storage"
)

// Bounds of what one process holds open. Those of a member and of an address are of this process.
const (
	mostLines     = 8000 // in all
	mostOfMember  = 32
	mostOfVisitor = 100 // of one address
)

// Audience tells who of readers finds which of the posts in a list; with gone, who did until now.
type Audience func(ctx context.Context, list string, posts []int64, readers []actors.ID, gone bool) (map[int64][]actors.ID, error)

// Options are the parts that streams need.
type Options struct {
	DB       *storage.DB
	Audience Audience
	Sharing  func(ctx context.Context, boosts []int64, readers []actors.ID) (map[int64][]actors.ID, error) // who of readers finds boosts in their home timelines
	Holds    func(ctx context.Context, tokens []int64) (map[int64]bool, error)                             // which tokens still open the API

	// Listed tells in which of the lists of members posts stand, and Owns refuses a list that is not
	// a member's.
	Listed func(ctx context.Context, lists []int64, posts []int64, gone bool) (map[int64][]int64, error)
	Owns   func(ctx context.Context, member actors.ID, list int64) error

	Log *slog.Logger
}

// Shown is a post as apps read it.
type Shown struct {
	Status string   // JSON
	Home   string   // JSON, as it stands in a home timeline
	Tags   []string // folded
	Local  bool     // written here
	Media  bool     // something hangs on it
}

// Words says how things read, to whom.
type Words interface {
	// Shown gives those of the posts that the reader may see; the zero Reader is anybody.
	Shown(ctx context.Context, reader access.Reader, posts []int64) (map[int64]Shown, error)
	// Names are the ids under which a post stands in home timelines.
	Names(post int64) []string
	// Shared is a boost as the reader sees it, as JSON; "" where they may not.
	Shared(ctx context.Context, reader access.Reader, boost int64) (string, error)
	// Told is a notice of the reader's as JSON, "" where it is none for apps.
	Told(ctx context.Context, reader actors.ID, notice int64) (string, error)
	// Talk is a conversation of the reader's to which a post belongs, as JSON; "" for none.
	Talk(ctx context.Context, reader actors.ID, post int64) (string, error)
}

// Service holds the lines of this process.
type Service struct {
	Options
	words Words
	wake  chan struct{}

	mu      sync.Mutex
	open    bool // Run has begun, and has not ended
	lines   map[*Line]bool
	members map[actors.ID]int
	visitor map[string]int
	number  int    // of the last line
	since   string // the snapshot of the last look; "": nobody listened
	gone    sync.WaitGroup
}

// New builds the service; Speak comes before Run.
func New(o Options) *Service {
	return &Service{Options: o, wake: make(chan struct{}, 1), lines: map[*Line]bool{}, members: map[actors.ID]int{}, visitor: map[string]int{}}
}

// Speak says who words what is told.
func (s *Service) Speak(w Words) { s.words = w }

// Poke has this process look at once: it has just committed something.
func (s *Service) Poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Caller is who opens a line.
type Caller struct {
	Token   int64
	Member  actors.ID
	Scopes  oauth.Scopes
	Visitor string // "": not counted
}

var (
	errMany    = fault.Later(fault.TooMany, "There are too many open streams.", time.Minute)
	errFull    = fault.Later(fault.Unavailable, "There are too many open streams.", time.Minute)
	errClosing = fault.Later(fault.Unavailable, "There are no streams at the moment.", 5*time.Second)
)

// enter opens a line, from whose first stream on nothing is missed.
func (s *Service) enter(ctx context.Context, c Caller) (*Line, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.open:
		return nil, errClosing
	case len(s.lines) >= mostLines:
		return nil, errFull
	case s.members[c.Member] >= mostOfMember, c.Visitor != "" && s.visitor[c.Visitor] >= mostOfVisitor:
		return nil, errMany
	}
	s.number++
	l := &Line{Caller: c, number: s.number, streams: map[string]stream{}}
	s.lines[l] = true
	s.members[c.Member]++
	s.visitor[c.Visitor]++
	s.gone.Add(1)
	return l, nil
}

// leave takes a line away that is over.
func (s *Service) leave(l *Line) {
	l.end("")
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lines[l] {
		return
	}
	delete(s.lines, l)
	if s.members[l.Member]--; s.members[l.Member] == 0 {
		delete(s.members, l.Member)
	}
	if s.visitor[l.Visitor]--; s.visitor[l.Visitor] == 0 {
		delete(s.visitor, l.Visitor)
	}
	if len(s.lines) == 0 {
		s.since = "" // whoever comes next hears from then on
	}
	s.gone.Done()
}

// begin notes what is already visible, where nobody has listened until now.
func (s *Service) begin(ctx context.Context) error {
	s.mu.Lock()
	idle := s.open && s.since == ""
	s.mu.Unlock()
	if !idle {
		return nil
	}
	now, err := snapshot(ctx, s.DB)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since == "" {
		s.since = now
	}
	return nil
}

// all gives the lines there are.
func (s *Service) all() []*Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Line, 0, len(s.lines))
	for l := range s.lines {
		all = append(all, l)
	}
	return all
}

// Lines counts them.
func (s *Service) Lines() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lines)
}
