package inbox

import (
	"context"
	"slices"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// rulings are the types by which a community is moderated. One moderator takes back what
// another did.
var rulings = []string{"Add", "Remove", "Lock", "Block", "Delete"}

// ruling is something by which a community is moderated, and what brought it: it came from
// who did it, or the community announced it, whose word is enough.
type ruling struct {
	vocab.Activity
	from arrival
	said time.Time // published of what was said; zero: it does not tell
	undo bool      // it is taken back
}

// at is when it was said, by the clock of who brought it where that tells the time: so that
// what was said last holds in whatever order it comes.
func (r ruling) at() time.Time {
	for _, t := range []time.Time{r.from.Published, r.said} {
		if !t.IsZero() && t.Before(r.from.arrived) {
			return t.UTC().Truncate(time.Microsecond)
		}
	}
	return r.from.arrived
}

func (r ruling) announced() bool { return r.from.Type == "Announce" }

// rule prepares a ruling of any type.
func (in *Inbox) rule(ctx context.Context, r ruling) (change, error) {
	if r.Object.ID == "" {
		return nil, refused("it is about nothing")
	}
	switch r.Type {
	case "Add", "Remove":
		return in.list(ctx, r)
	case "Lock":
		return in.mark(ctx, r, posts.Locked)
	case "Delete":
		return in.mark(ctx, r, posts.Removed)
	case "Block":
		return in.ban(ctx, r)
	}
	return nil, ignored("to undo this does nothing here")
}

func (in *Inbox) add(ctx context.Context, a arrival) (change, error) {
	return in.rule(ctx, ruling{Activity: a.Activity, from: a})
}

func (in *Inbox) remove(ctx context.Context, a arrival) (change, error) {
	if in.purgesUs(a) {
		return in.purge(ctx, a)
	}
	return in.rule(ctx, ruling{Activity: a.Activity, from: a})
}

func (in *Inbox) lock(ctx context.Context, a arrival) (change, error) {
	return in.rule(ctx, ruling{Activity: a.Activity, from: a})
}

// list adds to, or removes from, what a community features or who moderates it.
func (in *Inbox) list(ctx context.Context, r ruling) (change, error) {
	group, err := in.ownerOfList(ctx, r)
	if err != nil {
		return in.themeOr(ctx, r, err)
	}
	r.undo = r.undo != (r.Type == "Remove")
	if r.Target.ID == group.Members {
		return in.member(ctx, r, group)
	}
	if r.Target.ID == group.Featured {
		return in.ruled(r, group, in.marking(r, group, posts.Featured)), nil
	}
	if group.Local() {
		return nil, refused("only its owner says who animates a community of ours")
	}
	return in.ruled(r, group, in.telling(r, group, communities.Moderator)), nil
}

// member takes from a community elsewhere, and from nobody else, that somebody of ours is its
// member, or no longer.
func (in *Inbox) member(ctx context.Context, r ruling, group actors.Actor) (change, error) {
	if group.Local() || r.from.by.ID != group.ID {
		return nil, refused("only a community itself says who is its member")
	}
	who, err := in.ours(ctx, r.from.reach, r.Object.ID)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Communities.ReceiveMember(ctx, tx, group, who.ID, !r.undo)
	}, nil
}

// ownerOfList finds the community whose collection is changed: the one that announces it,
// else one that is named.
func (in *Inbox) ownerOfList(ctx context.Context, r ruling) (actors.Actor, error) {
	if r.announced() {
		return r.from.by, ownsList(r.from.by, r.Target.ID)
	}
	named := slices.Concat([]string{r.from.Actor}, r.Audience, r.Cc, r.To)
	for _, iri := range named[:min(len(named), 10)] {
		group, found, err := r.from.reach.here(ctx, iri)
		if err != nil {
			return group, err
		}
		if found && ownsList(group, r.Target.ID) == nil {
			return group, nil
		}
	}
	return actors.Actor{}, ignored("it is about no list that is kept here")
}

func ownsList(group actors.Actor, list string) error {
	if group.Kind != actors.Group || list == "" || list != group.Featured && list != group.Moderators && list != group.Members {
		return ignored("it is about no list that is kept here")
	}
	return nil
}

// mark puts a mark on a post of the community that announces it, else of its own.
func (in *Inbox) mark(ctx context.Context, r ruling, kind string) (change, error) {
	group := r.from.by
	if !r.announced() {
		id, err := in.Posts.CommunityOf(ctx, in.DB, r.Object.ID)
		if err != nil {
			return nil, orEnd(err)
		}
		if group, err = in.anyActor(ctx, id); err != nil {
			return nil, err
		}
	}
	return in.ruled(r, group, in.marking(r, group, kind)), nil
}

// marking writes a mark, or takes it back; found tells whether that changed anything.
func (in *Inbox) marking(r ruling, group actors.Actor, kind string) find {
	m := posts.Mark{Community: group, Post: r.Object.ID, Kind: kind, Holds: !r.undo, Reason: r.Summary, At: r.at(), By: r.from.by.ID}
	if !r.announced() {
		m.Activity, m.ActivityIRI, m.ActivityType = r.from.Raw, r.from.ID, r.from.Type
	}
	return func(ctx context.Context, tx storage.Tx) (bool, error) {
		if err := in.mayTell(ctx, tx, group, m.Post); err != nil {
			return false, err
		}
		return in.Posts.ReceiveMark(ctx, tx, m)
	}
}

// mayTell passes over what a community that nobody here follows says of what is not here: else
// any stranger could fill our disk.
func (in *Inbox) mayTell(ctx context.Context, tx storage.Tx, group actors.Actor, post string) error {
	if group.Local() {
		return nil
	}
	if post != "" {
		if known, err := in.Posts.Known(ctx, tx, post); err != nil || known {
			return err
		}
	}
	followed, err := followedHere(ctx, tx, group.ID)
	if err == nil && !followed {
		err = ignored("nobody here follows this community")
	}
	return err
}

// telling writes what somebody is in a community elsewhere, or no longer is.
func (in *Inbox) telling(r ruling, group actors.Actor, role string) find {
	told := communities.Role{Community: group, Who: r.Object.ID, Role: role, Holds: !r.undo, Until: r.EndTime,
		Reason: r.Summary, At: r.at()}
	return func(ctx context.Context, tx storage.Tx) (bool, error) {
		if err := in.mayTell(ctx, tx, group, ""); err != nil {
			return false, err
		}
		return in.Communities.ReceiveRole(ctx, tx, told)
	}
}

// ruled does what a ruling says if who brought it may, unless it was taken back before it
// came; what is taken back and was not there is remembered.
func (in *Inbox) ruled(r ruling, group actors.Actor, do find) change {
	checked := func(ctx context.Context, tx storage.Tx) (bool, error) {
		if err := in.mayRule(ctx, tx, r, group); err != nil {
			return false, err
		}
		return do(ctx, tx)
	}
	once := func(ctx context.Context, tx storage.Tx) error {
		_, err := checked(ctx, tx)
		return err
	}
	switch {
	case r.Type == "Add" || r.Type == "Remove":
		return once
	case r.undo:
		return in.orRemember(r.from, r.ID, checked)
	}
	return in.unlessCancelled(r.from.Actor, r.ID, once)
}

// mayRule demands that a community announced it, or that it came from who moderates it.
func (in *Inbox) mayRule(ctx context.Context, tx storage.Tx, r ruling, group actors.Actor) error {
	if r.announced() {
		return nil
	}
	may, err := in.Communities.Moderates(ctx, tx, group, r.from.by)
	if err == nil && !may {
		err = refused("who says so does not moderate this community")
	}
	return err
}
