package communities

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Link makes a member of whoever opens it here, a number of people for some time, as long as
// who made it animates the community.
type Link struct {
	ID            int64
	Community, By actors.ID
	Label         string // for those who animate
	Most, Used    int
	At, ExpiresAt time.Time
	Holds         bool   // it still lets in
	Address       string // only when it is made: it is kept nowhere
}

// NewLink is what it takes to make one.
type NewLink struct {
	Label string
	Most  int
	Life  time.Duration
}

// LinkPath is where links lead; what follows lets in, and must stand in no log.
const LinkPath = "/i/"

const (
	linkSecret   = 16 // bytes
	mostByLink   = 1000
	longestLink  = 366 * 24 * time.Hour
	longestLabel = 100 // characters
	mostLinks    = 200
)

// noLink is told of a link that lets nobody in, and of what never was one.
const noLink = "There is nothing at this address."

// MakeLink makes a link.
func (s *Service) MakeLink(ctx context.Context, animator, community actors.ID, n NewLink) (Link, error) {
	if n.Most < 1 || n.Most > mostByLink || n.Life <= 0 || n.Life > longestLink {
		return Link{}, fault.New(fault.Invalid, "An invitation is for 1 to 1,000 people, and holds for a year at most.")
	}
	secret := make([]byte, linkSecret)
	if _, err := rand.Read(secret); err != nil {
		return Link{}, err
	}
	token, now := base64.RawURLEncoding.EncodeToString(secret), s.now().UTC().Truncate(time.Microsecond)
	l := Link{ID: storage.NewID(now), Community: community, By: animator, Label: text.Excerpt(text.OneLine(n.Label), longestLabel),
		Most: n.Most, At: now, ExpiresAt: now.Add(n.Life), Holds: true, Address: s.iris.Origin + LinkPath + token}
	return l, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		return insertLink(ctx, tx, l, digest(token))
	})
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Links gives those of a community, the latest first, for those who animate it.
func (s *Service) Links(ctx context.Context, animator, community actors.ID) ([]Link, error) {
	if err := s.requireAnimator(ctx, s.db, community, animator); err != nil {
		return nil, err
	}
	return linksOf(ctx, s.db, community, s.now(), mostLinks)
}

// EndLink lets nobody in by a link any more.
func (s *Service) EndLink(ctx context.Context, animator, community actors.ID, id int64) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		ended, err := endLink(ctx, tx, community, id, s.now())
		if err == nil && !ended {
			err = fault.New(fault.NotFound, "This invitation has ended already.")
		}
		return err
	})
}

// LinkByToken finds the link that holds a token, if it still lets in.
func (s *Service) LinkByToken(ctx context.Context, token string) (Link, error) {
	return linkByDigest(ctx, s.db, digest(token), s.now())
}

// LinkFor gives a link to who opened it: that they did lets them know of the community. Whom a
// confidential one keeps out is told that there is none.
func (s *Service) LinkFor(ctx context.Context, who actors.ID, id int64) (Link, Standing, error) {
	l, err := linkByID(ctx, s.db, id, s.now())
	if err != nil {
		return l, Stranger, err
	}
	st, err := s.standingOf(ctx, s.db, l.Community, who)
	if err == nil {
		err = st.mayOpen()
	}
	if st.Member {
		return l, Member, err
	}
	return l, Stranger, err
}

func (st standing) mayOpen() error {
	switch {
	case st.Blocked && st.Access == actors.Confidential:
		return fault.New(fault.NotFound, noLink)
	case st.Blocked:
		return errBlocked
	case st.Archived && !st.Member:
		return errArchived
	}
	return nil
}

// JoinByLink makes a member of who opened a link, and accepts the charter; who is one already
// uses nothing up.
func (s *Service) JoinByLink(ctx context.Context, who actors.ID, id int64, charter int) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		l, err := linkByID(ctx, tx, id, s.now())
		if err != nil {
			return err
		}
		st, err := s.lockedStanding(ctx, tx, l.Community, who)
		if err == nil {
			err = st.mayOpen()
		}
		if err == nil && st.Archived {
			err = errArchived
		}
		if err != nil || st.Member {
			return err
		}
		if err := s.agree(ctx, tx, l.Community, who, charter); err != nil {
			return err
		}
		used, err := useLink(ctx, tx, id, s.now())
		if err == nil && !used {
			err = fault.New(fault.NotFound, noLink)
		}
		if err != nil {
			return err
		}
		if err := s.admit(ctx, tx, l.Community, who, RoleMember); err != nil {
			return err
		}
		return deleteNotice(ctx, tx, Notice{Who: who, Community: l.Community, Kind: NoticeClosed})
	})
}
