package communities

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// What who animates a community does to a post.
const (
	Pin     = "pin"
	Unpin   = "unpin"
	Lock    = "lock"
	Unlock  = "unlock"
	Remove  = "remove"
	Restore = "restore"
	Admit   = "admit"  // what waited
	Erase   = "delete" // for ever

	PutUnder = "theme" // one of its themes
	TakeFrom = "untheme"
)

// What is done to who belongs to a community, and to what others keep of it.
const (
	Name   = "name"   // somebody is from now on what Words say: a role
	Part   = "part"   // who had the role that Words say is no member any more
	Forget = "purge"  // the server that Words name was asked to forget
	Forgot = "purged" // and says that it did
)

// Who reads what was done to keep order in a community.
const (
	ShownToAll       = "all"
	ShownToMembers   = "members"
	ShownToAnimators = "animators"
)

// Ruling is what was done in a community of ours to keep order.
type Ruling struct {
	ID        int64
	Community actors.ID
	By        actors.ID // the community's own: its server did it, or an administrator
	Act       string
	Activity  string    // its IRI
	Post      int64     // 0: none
	Person    actors.ID // who wrote the post, or is concerned; 0: nobody
	Words     string    // what else it is about: a theme, a role, a server
	Reason    string
	At        time.Time
	Until     *time.Time // of a ban; nil: without end
}

// Record notes a ruling with what it does, for those who may read it.
func (s *Service) Record(ctx context.Context, tx storage.Tx, r Ruling) error {
	return insertRuling(ctx, tx, r)
}

// Rulings gives what was done in a community, the latest first, before some number; 0: from
// the latest. For who may not read it there is nothing: fault.NotFound.
func (s *Service) Rulings(ctx context.Context, reader, community actors.ID, before int64, limit int) ([]Ruling, error) {
	role, err := s.readsRulings(ctx, reader, community)
	if err != nil {
		return nil, err
	}
	all, err := rulingsOf(ctx, s.db, community, role, before, limit)
	if err != nil {
		return nil, err
	}
	return veiled(role, all), nil
}

// veiled names servers where members lived to members alone.
func veiled(role string, all []Ruling) []Ruling {
	for i, r := range all {
		if role == "" && (r.Act == Forget || r.Act == Forgot) {
			all[i].Words = ""
		}
	}
	return all
}

// recordRole notes that somebody has another role, or none: by an owner, themselves, or for want of both the community.
func (s *Service) recordRole(ctx context.Context, tx storage.Tx, n naming, act, words string) error {
	if !n.group.Local() {
		return nil
	}
	by := n.by
	if by == 0 {
		by = n.group.ID
	}
	return insertRuling(ctx, tx, Ruling{Community: n.group.ID, By: by, Act: act, Person: n.who, Words: words, At: s.now()})
}

// RulingByID gives one to who may read it, or whom it concerns.
func (s *Service) RulingByID(ctx context.Context, q storage.Querier, reader actors.ID, id int64) (Ruling, error) {
	r, err := rulingByID(ctx, q, id)
	if err == nil && reader != 0 && reader == r.Person {
		return rulingOn(ctx, q, reader, id)
	}
	if err != nil {
		return r, err
	}
	role, err := s.readsRulings(ctx, reader, r.Community)
	if err != nil {
		return r, err
	}
	if r, err = rulingFor(ctx, q, role, id); err != nil {
		return r, err
	}
	return veiled(role, []Ruling{r})[0], nil
}

// Knew says whether somebody knows of a community, or did while they were its member: only they
// are told what is done about them there.
func (s *Service) Knew(ctx context.Context, q storage.Querier, community, who actors.ID) (bool, error) {
	knows, err := access.Knows(ctx, q, access.Reader{ID: who}, actors.Actor{ID: community, Kind: actors.Group})
	if err != nil || knows {
		return knows, err
	}
	return wasMember(ctx, q, community, who)
}

// RulingsAbout gives the latest rulings about somebody and their posts, 50 at most.
func (s *Service) RulingsAbout(ctx context.Context, who actors.ID) ([]Ruling, error) {
	return rulingsAbout(ctx, s.db, who)
}

// readsRulings gives what somebody is in a community who may read what was done there: those
// whom it chose, and never more than see its posts. Of posts that are for fewer people they read
// nothing: it would tell that there are some.
func (s *Service) readsRulings(ctx context.Context, reader, community actors.ID) (role string, err error) {
	level, shown, err := rulingsShown(ctx, s.db, community)
	if err != nil {
		return "", err
	}
	if role, err = roleOf(ctx, s.db, community, reader); err != nil {
		return "", err
	}
	animates, member := role == RoleAnimator || role == RoleOwner, role != ""
	switch {
	case animates, shown == ShownToAll && (level == actors.Open || member), shown == ShownToMembers && member:
		return role, nil
	}
	return "", fault.New(fault.NotFound, noRuling)
}

// ShowRulings chooses who reads what is done to keep order in a community.
func (s *Service) ShowRulings(ctx context.Context, by, community actors.ID, to string) error {
	if to != ShownToAll && to != ShownToMembers && to != ShownToAnimators {
		return fault.New(fault.Invalid, "Choose who reads what is done to keep order.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		is, err := s.IsAnimator(ctx, tx, community, by)
		if err != nil {
			return err
		}
		if !is {
			return fault.New(fault.Forbidden, "Only who animates a community does this.")
		}
		return updateRulingsShown(ctx, tx, community, to)
	})
}

// RulingsShown says who reads what is done to keep order in a community.
func (s *Service) RulingsShown(ctx context.Context, community actors.ID) (string, error) {
	_, shown, err := rulingsShown(ctx, s.db, community)
	return shown, err
}

// TimesRestored counts how often a post was restored: each time it is told anew, by another id.
func (s *Service) TimesRestored(ctx context.Context, q storage.Querier, post int64) (int, error) {
	return timesRestored(ctx, q, post)
}
