package notifications

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Kinds of notices.
const (
	Reply    = "reply"    // somebody answers what the reader wrote
	Mention  = "mention"  // somebody names the reader
	New      = "new"      // somebody posts in a community
	Approved = "approved" // the reader is a member now
	Declined = "declined"
	Invited  = "invited"
	Removed  = "removed"  // the reader is a member no more
	Promoted = "promoted" // the reader animates now
	Owner    = "owner"    // the reader owns the community now
	Demoted  = "demoted"  // the reader neither owns nor animates it any more
	Request  = "request"  // somebody asks to be a member
	Report   = "report"   // a report waits
	Appeal   = "appeal"   // so does an appeal
	Held     = "held"     // and the first post of somebody
	Settled  = "settled"  // what the reader reported is settled
	Answered = "answered" // so is the reader's appeal
	Unsent   = "unsent"   // what the reader wrote for later was refused
	Ended    = "ended"    // a poll is over, which the reader asked or voted in
	Liked    = "liked"    // somebody likes what the reader wrote
	Boosted  = "boosted"  // somebody shares it with those who follow them
	Quoted   = "quoted"   // somebody quotes it, in the post of the notice
	Requoted = "requoted" // what the reader quotes, in the post of the notice, reads otherwise now
	Followed = "followed" // somebody follows the reader
	Asked    = "asked"    // somebody asks to
)

// Lists of notices, each of which a member takes or not.
const (
	Answers    = "answers"
	Posts      = "posts"
	Membership = "membership"
	Work       = "work" // of those who animate
	Outcomes   = "outcomes"
	Signs      = "signs" // of attention
)

// Lists are all lists, in the order of the page.
var Lists = []string{Answers, Posts, Membership, Work, Outcomes, Signs}

var listOf = map[string]string{
	Reply: Answers, Mention: Answers, New: Posts,
	Approved: Membership, Declined: Membership, Invited: Membership, Removed: Membership, Promoted: Membership,
	Owner: Membership, Demoted: Membership,
	Request: Work, Report: Work, Appeal: Work, Held: Work, Settled: Outcomes, Answered: Outcomes,
	Unsent: Outcomes, Ended: Outcomes, Liked: Signs, Boosted: Signs, Quoted: Signs, Requoted: Signs, Followed: Signs, Asked: Signs,
}

// How a member takes a list.
const (
	None   = "none"
	Site   = "site"
	ByMail = "mail" // at once, and on the site
)

// Hows are all of them, in the order of the page.
var Hows = []string{None, Site, ByMail}

// unsaid is how a list is taken by who said nothing.
var unsaid = map[string]string{Answers: ByMail, Posts: None, Membership: ByMail, Work: ByMail, Outcomes: ByMail, Signs: Site}

// Notice is what a member is told.
type Notice struct {
	ID        int64
	Reader    actors.ID
	Kind      string
	By        actors.ID // 0: nobody is named
	Community actors.ID // 0: none
	Post      int64     // 0: none
	Ref       int64     // of a report, a ruling or a post that waits; 0: none
	At        time.Time
	ReadAt    *time.Time
}

// subject is what the notice is about. Of a post each is told once, and of whoever likes, shares
// or follows; of what may happen again, the last time stands.
func (n Notice) subject() string {
	switch {
	case n.Kind == Liked || n.Kind == Boosted:
		return fmt.Sprintf("%s %d %d", n.Kind, n.Post, n.By)
	case n.Kind == Followed || n.Kind == Asked:
		return fmt.Sprintf("%s %d", Followed, n.By)
	case n.Kind == Ended || n.Kind == Requoted:
		return fmt.Sprintf("%s %d", n.Kind, n.Post)
	case n.Post != 0:
		return "post " + strconv.FormatInt(n.Post, 10)
	case n.Kind == Request:
		return fmt.Sprintf("%s %d %d", n.Kind, n.Community, n.By)
	case n.Ref != 0:
		return fmt.Sprintf("%s %d", n.Kind, n.Ref)
	}
	return fmt.Sprintf("%s %d", Membership, n.Community)
}

// Tell tells members what happened, in the transaction in which it does; who is none of ours,
// did it themselves or wants to hear nothing of it is passed over. Poke after the commit.
func (s *Service) Tell(ctx context.Context, tx storage.Tx, n Notice, to ...actors.ID) error {
	to = slices.DeleteFunc(slices.Clone(to), func(who actors.ID) bool { return who == n.By && n.Kind != Ended })
	if s == nil || len(to) == 0 { // a service without notices tells nobody
		return nil
	}
	takes, err := takers(ctx, tx, listOf[n.Kind], n.Community, to)
	if err != nil {
		return err
	}
	for _, t := range takes {
		if err := s.tell(ctx, tx, n, t); err != nil {
			return fmt.Errorf("tell member %d: %w", t.Member, err)
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, tx storage.Tx, n Notice, t taker) error {
	how := t.how(listOf[n.Kind])
	if how == None {
		return nil
	}
	n.ID, n.Reader, n.At = storage.NewID(s.Now()), t.Member, s.Now()
	told, err := insertNotice(ctx, tx, n)
	if err == nil && told && s.Also != nil {
		err = s.Also(ctx, tx, n)
	}
	if err != nil || !told || how != ByMail || !s.Sends() {
		return err
	}
	return s.Add(ctx, tx, noticeMail, strconv.FormatInt(n.ID, 10))
}

// taker is how a member takes a list: in a community, everywhere, or as nobody said.
type taker struct {
	Member          actors.ID
	Here, Elsewhere string // "": nothing was said
}

func (t taker) how(list string) string {
	switch {
	case t.Here != "":
		return t.Here
	case t.Elsewhere != "":
		return t.Elsewhere
	}
	return unsaid[list]
}

// Page says which part of what a member was told is wanted, the latest first.
type Page struct {
	Before int64     // told before this one; 0: from the latest
	After  int64     // told after this one; 0: to the oldest
	Oldest bool      // of these the oldest, the latest of them first
	Limit  int       // how many
	Kinds  []string  // nil: all
	By     actors.ID // 0: whoever did it
}

// For gives what a member was told and may still know.
func (s *Service) For(ctx context.Context, reader actors.ID, p Page) ([]Notice, error) {
	return noticesFor(ctx, s.DB, reader, p)
}

// ByID gives one notice; fault.NotFound if it is not theirs, or tells of what they may not see
// any more.
func (s *Service) ByID(ctx context.Context, reader actors.ID, id int64) (Notice, error) {
	return noticeFor(ctx, s.DB, reader, id)
}

// Unread counts what a member has not read, of some kinds or, nil, of all; 100 at most.
func (s *Service) Unread(ctx context.Context, reader actors.ID, kinds []string) (int, error) {
	return countUnread(ctx, s.DB, reader, kinds)
}

// Dismiss takes a notice away for good; it says nothing of one that is not there.
func (s *Service) Dismiss(ctx context.Context, reader actors.ID, id int64) error {
	return deleteNotices(ctx, s.DB, reader, id, id)
}

// Clear takes all notices of a member away.
func (s *Service) Clear(ctx context.Context, reader actors.ID) error {
	return deleteNotices(ctx, s.DB, reader, 0, math.MaxInt64)
}

// Read notes that a member read a notice, and gives it: fault.NotFound if it is not theirs,
// or tells of what they may not see any more.
func (s *Service) Read(ctx context.Context, reader actors.ID, id int64) (Notice, error) {
	n, err := s.ByID(ctx, reader, id)
	if err != nil {
		return n, err
	}
	return n, markRead(ctx, s.DB, reader, id, s.Now())
}

// ReadAll notes that a member read all that they were told until a notice, that one included.
func (s *Service) ReadAll(ctx context.Context, reader actors.ID, until int64) error {
	return markAllRead(ctx, s.DB, reader, until, s.Now())
}

// ForgetNotices forgets what somebody was told and chose: they leave.
func (s *Service) ForgetNotices(ctx context.Context, tx storage.Tx, who actors.ID) error {
	return deleteNoticesOf(ctx, tx, who)
}
