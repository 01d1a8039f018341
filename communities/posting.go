package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Who begins threads in a community.
const (
	PostAll       = "all" // in an open community also who is no member
	PostMembers   = "members"
	PostAnimators = "animators"
)

// Bounds of what a community may set.
const (
	mostFirstPosts = 20
	mostMostADay   = 1000
)

// Posting is what a community asks of who posts in it. Those who animate it are asked nothing.
type Posting struct {
	Who        string // begins threads
	FirstPosts int    // of a newcomer, that wait until who animates lets them in
	MostADay   int    // threads that one person begins within 24 hours; 0: as many as they like
}

// PostingIn gives it.
func (s *Service) PostingIn(ctx context.Context, q storage.Querier, community actors.ID) (Posting, error) {
	return postingIn(ctx, q, community)
}

// SetPosting changes it, for what is posted from now on. by animates the community.
func (s *Service) SetPosting(ctx context.Context, by, community actors.ID, p Posting) error {
	switch {
	case p.Who != PostAll && p.Who != PostMembers && p.Who != PostAnimators:
		return fault.New(fault.Invalid, "Choose who begins threads in the community.")
	case p.FirstPosts < 0 || p.FirstPosts > mostFirstPosts:
		return fault.New(fault.Invalid, "From 0 to 20 first posts of a newcomer may wait.")
	case p.MostADay < 0 || p.MostADay > mostMostADay:
		return fault.New(fault.Invalid, "From 0 to 1,000 threads a day may be allowed.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, by); err != nil {
			return err
		}
		was, err := postingIn(ctx, tx, community)
		if err != nil {
			return err
		}
		if err := updatePosting(ctx, tx, community, p); err != nil || (was.Who == PostAnimators) == (p.Who == PostAnimators) {
			return err
		}
		a, err := s.dir.NoteChanged(ctx, tx, community) // others are told who begins threads there
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
}

// Holds says whether what somebody posts waits until who animates the community lets it in.
func (s *Service) Holds(ctx context.Context, q storage.Querier, community, author actors.ID) (bool, error) {
	st, err := s.standingOf(ctx, q, community, author)
	return st.held(), err
}

func (st standing) held() bool { return !st.Animates && st.Let < st.FirstPosts }

// counted says whether what somebody posts is counted, so that it goes one by one.
func (st standing) counted() bool { return !st.Animates && (st.FirstPosts > 0 || st.MostADay > 0) }

// mayBegin says whether somebody who may publish may begin a thread.
func (st standing) mayBegin() error {
	switch {
	case st.Animates:
	case st.Posting == PostAnimators:
		return fault.New(fault.Forbidden, "In this community those who animate it begin the threads; everybody else answers.")
	case st.Posting == PostMembers && !st.Member:
		return fault.New(fault.Forbidden, "Only members publish in this community.")
	case st.MostADay > 0 && st.Begun >= st.MostADay:
		return fault.New(fault.Forbidden, "You have begun as many threads today as this community allows.")
	}
	return nil
}
