package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// Receive keeps a post or its new version. A community of ours to which it
// belongs announces it.
//
// The Post that is returned has no counts, and of its community only what
// addresses it.
func (s *Service) Receive(ctx context.Context, tx storage.Tx, in In) (Post, error) {
	if s.isVote(in) {
		if counted, err := s.receiveVote(ctx, tx, in); err != nil || counted {
			return Post{}, err
		}
	}
	if err := s.checkIn(in); err != nil {
		return Post{}, err
	}
	asked := s.wanted(in)
	f, err := lookup(ctx, tx, asked)
	if err != nil {
		return Post{}, err
	}
	if f.post != nil {
		return s.receiveAgain(ctx, tx, in, *f.post)
	}
	if err := f.outrun(in); err != nil {
		return Post{}, err
	}
	if f.parent != nil && f.parent.Locked && in.Activity != nil {
		return Post{}, errLocked // what stood there before is fetched, what its community lets in all the same it announces
	}
	p, a := s.arrived(in, f, asked.ids)
	if p.leaves(in) {
		if err := s.often.post(p, s.now()); err != nil {
			return Post{}, err
		}
	}
	held := false
	if in.Activity != nil && !p.Deleted {
		if held, err = s.holds(ctx, tx, &p); err != nil {
			return Post{}, err
		}
	}
	if p.Deleted { // blank, only to hold its place in the thread
		a.version, f.here = version{}, nil
		p.read(a.version)
	} else if !held {
		if err := s.letIn(ctx, tx, &p, in); err != nil {
			return Post{}, err
		}
	}
	if p.Themes, err = s.themesOf(ctx, tx, p, in.Note.Themes); err != nil {
		return Post{}, err
	}
	w := written{p, a.version, f.here, f.parent != nil && f.parent.Local, !held && s.news(in, p)}
	if err := s.insert(ctx, tx, w, f.early && !held); err != nil {
		return Post{}, err
	}
	if err := s.hear(ctx, tx, w); err != nil {
		return Post{}, err
	}
	if held {
		if err := s.hold(ctx, tx, p); err != nil {
			return Post{}, err
		}
	}
	if !p.Deleted {
		if _, err := s.receivePoll(ctx, tx, p.ID, in.Note); err != nil {
			return Post{}, err
		}
		if err := s.receiveQuote(ctx, tx, p, in); err != nil {
			return Post{}, err
		}
		if err := s.announceToMembers(ctx, tx, p); err != nil {
			return Post{}, err
		}
	}
	return p, s.adopt(ctx, tx, p, f.orphans)
}

// wanted asks for all that is here about what came.
func (s *Service) wanted(in In) wanted {
	return wanted{iri: in.Note.ID, parent: in.Note.InReplyTo, addressed: addressed(in.Note, in.Author),
		ids: proposeIDs(in.Note.Published, s.now()), fetched: in.Asked != 0}
}

// insert writes a new post with the likes that came before it, if the community of
// ours to which it belongs lets it in: one trip to the database for all.
func (s *Service) insert(ctx context.Context, tx storage.Tx, w written, liked bool) error {
	b := &pgx.Batch{}
	if !w.Deleted && w.Community != nil && w.Community.Local() {
		s.communities.QueueMayPublish(b, w.publication())
	}
	queuePosts(b, w)
	var early []earlyLike
	if liked && !w.Deleted {
		queueEarlyLikes(b, w.Post, &early)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return s.announceEarly(ctx, tx, w.Post, early)
}

// arrived makes the post of what came and of what is here.
func (s *Service) arrived(in In, f found, ids []int64) (Post, arrival) {
	a := s.clean(in)
	n := in.Note
	id := chooseID(a.published, f, ids)
	p := Post{ID: id, IRI: n.ID, Author: in.Author, ParentIRI: n.InReplyTo, Root: id, Kind: Discussion,
		Context: a.context, Published: a.published, DeletedAt: f.deletedAt, Deleted: f.deletedAt != nil, arrived: s.now()}
	p.Community = communityOf(in, f)
	p.Scope = scopeOf(n, p.Community)
	if f.parent != nil && in.toGroupAlone(p.Community) {
		p.Scope, p.spoken = f.parent.Scope, true
	}
	if p.Scope == Direct {
		p.Community = nil
	}
	if f.parent != nil {
		p.ParentID, p.Root = f.parent.ID, f.parent.Root
		if p.Community != nil && p.Scope != Direct {
			p.Scope = narrower(p.Scope, f.parent.Scope)
		}
	}
	if p.Starter() && p.Community != nil && a.Title == "" {
		a.Title = titleFor(a.Summary, a.Content)
	}
	p.read(a.version)
	return p, a
}

// communityOf finds the community of a new post: a reply belongs to its parent's,
// a first post to the first Group that it names. One that its parent does not
// tell, or has not arrived, is where a Group elsewhere shows it.
func communityOf(in In, f found) *actors.Actor {
	if in.Note.InReplyTo == "" {
		if f.group != nil {
			return f.group
		}
		return in.Community
	}
	if f.parent != nil && f.parent.Community != 0 {
		g := f.parent.group()
		return &g
	}
	if in.Announced {
		return in.Community
	}
	return nil
}

// letIn announces a post in the community of ours to which it belongs. Whether
// its author may publish there is asked beside.
func (s *Service) letIn(ctx context.Context, tx storage.Tx, p *Post, in In) error {
	what, announced := s.letsIn(p, in)
	if !announced || p.spoken {
		return nil
	}
	return s.communities.Announce(ctx, tx, *p.Community, what)
}

// letsIn says what the community of a post announces.
func (s *Service) letsIn(p *Post, in In) (what communities.What, announced bool) {
	if p.Community == nil {
		return what, false
	}
	if !p.Community.Local() {
		p.Announced = in.Announced && in.Community != nil && in.Community.ID == p.Community.ID
		return what, false
	}
	if in.Activity == nil { // fetched: it is announced when its author's activity comes
		return what, false
	}
	circle, told := circleOf(p.Scope)
	if !told {
		return what, false
	}
	p.Announced = true
	return communities.What{Circle: circle,
		Activity: in.Activity, ActivityIRI: in.ActivityIRI, ActivityType: in.ActivityType,
		Object: p.IRI, Author: in.Author, Root: p.Root, Starter: p.Starter(), At: s.now()}, true
}

// receiveAgain keeps a version of a post that is here. Its author and those for
// whom it is never change.
func (s *Service) receiveAgain(ctx context.Context, tx storage.Tx, in In, was target) (Post, error) {
	if was.Author != in.Author.ID {
		return Post{}, fault.New(fault.Forbidden, "This post is by somebody else.")
	}
	p := s.bare(was, in.Author)
	if p.Deleted {
		return p, nil
	}
	a := s.clean(in)
	if in.ActivityType == "" && a.At.Equal(was.at()) && a.Content != was.Content {
		a.At = clamp(time.Time{}, s.now()) // fetched, so it reads so now; some servers never say since when
	}
	counted, err := s.receivePoll(ctx, tx, was.ID, in.Note)
	if err != nil {
		return Post{}, err
	}
	if in.Note.Poll != nil && a.reads(was) {
		a.At = was.at() // only its votes were counted
	}
	newer := a.At.After(was.at())
	if !a.At.Before(was.at()) {
		if err := s.receiveQuoting(ctx, tx, p, in, a.Quotable != was.Quotable); err != nil {
			return Post{}, err
		}
	}
	switch {
	case newer:
		if p.Starter() && p.Community != nil && a.Title == "" {
			a.Title = titleFor(a.Summary, a.Content)
		}
		if err := replaceVersion(ctx, tx, was, a.version); err != nil {
			return Post{}, err
		}
		p.read(a.version)
		if err := s.themedAgain(ctx, tx, &p, in.Note.Themes); err != nil {
			return Post{}, err
		}
		if err := s.tellQuoters(ctx, tx, p.IRI, p.Author.ID); err != nil {
			return Post{}, err
		}
	case a.At.Before(was.at()):
		if err := insertVersion(ctx, tx, was.ID, a.version); err != nil {
			return Post{}, err
		}
	case in.Activity != nil && !was.Announced:
		// It was fetched before: this is what its community passes on, should it find one.
		if err := setDocument(ctx, tx, was.ID, in.Activity); err != nil {
			return Post{}, err
		}
	}
	if in.Announced && in.Community != nil {
		if err := s.share(ctx, tx, *in.Community, was); err != nil {
			return Post{}, err
		}
	}
	if p.Community == nil || !p.Community.Local() || p.Scope == Direct || was.Held || p.Announced && !newer && !counted {
		return p, nil
	}
	if removed, err := isRemoved(ctx, tx, p.IRI); err != nil || removed {
		return p, err
	}
	if p.Announced && !s.often.passesOn(p.ID, in.ActivityIRI, s.now()) {
		return p, nil
	}
	return p, s.letInAgain(ctx, tx, p, in)
}

// letInAgain announces a new version, or a post that was fetched before its activity came.
func (s *Service) letInAgain(ctx context.Context, tx storage.Tx, p Post, in In) error {
	asked := p.publication()
	asked.Starts = asked.Starts && !p.Announced // else it was begun before
	if err := s.communities.MayPublishFor(ctx, tx, asked); err != nil {
		return err
	}
	if p.Announced && in.toGroupAlone(p.Community) {
		return s.speak(ctx, tx, p, "Update")
	}
	first := !p.Announced
	if first {
		held, err := s.holds(ctx, tx, &p)
		if err != nil {
			return err
		}
		if held {
			return s.hold(ctx, tx, p)
		}
	}
	if err := s.letIn(ctx, tx, &p, In{Author: in.Author, Activity: in.Activity, ActivityIRI: in.ActivityIRI,
		ActivityType: in.ActivityType}); err != nil {
		return err
	}
	if first && p.Announced {
		if err := markAnnounced(ctx, tx, p.ID); err != nil {
			return err
		}
		return s.addEchoes(ctx, tx, p)
	}
	return nil
}

// announceToMembers tells those who cannot be told by announcing what came.
func (s *Service) announceToMembers(ctx context.Context, tx storage.Tx, p Post) error {
	if p.spoken && p.Announced {
		if err := s.speak(ctx, tx, p, "Create"); err != nil {
			return err
		}
	}
	return s.addEchoes(ctx, tx, p)
}

// reads says whether a version says what stands there.
func (v version) reads(was target) bool {
	return v.Content == was.Content && v.Summary == was.Summary && (v.Title == was.Title || v.Title == "")
}

// read sets what a version says.
func (p *Post) read(v version) {
	p.Title, p.Content, p.Source, p.Summary = v.Title, v.Content, v.Source, v.Summary
	p.Language, p.URL, p.Sensitive = v.Language, v.URL, v.Sensitive
	if v.At.After(p.Published) {
		at := v.At
		p.Updated = &at
	}
}

// bare makes a Post of what is known without asking further.
func (s *Service) bare(t target, author actors.Actor) Post {
	p := Post{ID: t.ID, IRI: t.IRI, Author: author, ParentIRI: t.ParentIRI, ParentID: t.Parent, Root: t.Root,
		Scope: t.Scope, Kind: t.Kind, Context: t.Context, Local: t.Local, Deleted: t.DeletedAt != nil,
		DeletedAt: t.DeletedAt, Announced: t.Announced, Published: t.Published}
	p.read(version{At: t.at(), Title: t.Title, Content: t.Content, Source: t.Source})
	if t.Community != 0 {
		g := t.group()
		p.Community = &g
	}
	return p
}

// at is since when a post reads as it does.
func (t target) at() time.Time {
	if t.Updated != nil {
		return *t.Updated
	}
	return t.Published
}
