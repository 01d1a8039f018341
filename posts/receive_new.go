package posts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/storage"
)

// ReceiveNew keeps posts that were never here, many in one transaction: nearly all
// that comes. It leaves, and says so by false, each that takes more than to be
// written down: Receive takes those, one by one.
func (s *Service) ReceiveNew(ctx context.Context, tx storage.Tx, all []In) (kept []bool, err error) {
	n, err := s.newcomers(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	if err := n.refuse(ctx, tx, s.communities); err != nil {
		return nil, err
	}
	if len(n.posts) == 0 {
		return n.kept, nil
	}
	for i, w := range n.posts {
		if n.posts[i].Themes, err = s.themesOf(ctx, tx, w.Post, all[n.places[i]].Note.Themes); err != nil {
			return nil, err
		}
	}
	b := &pgx.Batch{}
	queuePosts(b, n.posts...)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	if err := s.hear(ctx, tx, n.posts...); err != nil {
		return nil, err
	}
	for _, w := range n.posts {
		if err := s.addEchoes(ctx, tx, w.Post); err != nil {
			return nil, err
		}
	}
	return n.kept, n.announce(ctx, tx, s.communities)
}

// newcomers are posts that are about to be written, each at its place in what came.
type newcomers struct {
	kept   []bool
	places []int
	posts  []written
	whats  map[int64]communities.What // of those that a community of ours announces
}

// newcomers finds among what came what only needs to be written. A reply may answer a
// post that stands before it.
func (s *Service) newcomers(ctx context.Context, tx storage.Tx, all []In) (newcomers, error) {
	n := newcomers{kept: make([]bool, len(all)), whats: map[int64]communities.What{}}
	asked := make([]wanted, len(all))
	for i, in := range all {
		asked[i] = s.wanted(in)
	}
	here, err := lookupAll(ctx, tx, asked)
	if err != nil {
		return n, err
	}
	fresh := map[string]*target{}
	for i, in := range all {
		f := here[i]
		if f.parent == nil {
			f.parent = fresh[in.Note.InReplyTo]
		}
		if s.isVote(in) || fresh[in.Note.ID] != nil || !f.simple(in) || s.checkIn(in) != nil {
			continue
		}
		p, a := s.arrived(in, f, asked[i].ids)
		if p.leaves(in) && s.often.post(p, s.now()) != nil {
			continue // it waits
		}
		if what, announced := s.letsIn(&p, in); announced {
			n.whats[p.ID] = what
		}
		fresh[p.IRI] = p.target()
		n.kept[i] = true
		n.places, n.posts = append(n.places, i), append(n.posts, written{p, a.version, f.here, f.parent != nil && f.parent.Local, s.news(in, p)})
	}
	return n, nil
}

// simple says whether nothing that is here changes with a new post.
func (f found) simple(in In) bool {
	return !in.Told && f.post == nil && f.deletedAt == nil && f.rumour == 0 && f.orphans == nil && !f.early && in.Note.Poll == nil && in.Note.QuoteOf == "" &&
		(in.Note.InReplyTo == "" || f.parent != nil && f.parent.HeadIRI == "" && !f.parent.Locked)
}

// target is what the replies to a new post need of it.
func (p Post) target() *target {
	t := &target{ID: p.ID, IRI: p.IRI, Author: p.Author.ID, Root: p.Root, Scope: p.Scope, Community: p.communityID()}
	if g := p.Community; g != nil {
		t.GroupHost, t.GroupIRI, t.GroupFollowers, t.GroupMods, t.GroupAccess = g.HostID, g.IRI, g.Followers, g.Moderators, g.Access
	}
	return t
}

// refuse takes out what a community of ours does not let in, and replies to it.
func (n *newcomers) refuse(ctx context.Context, tx storage.Tx, c *communities.Service) error {
	var asked []communities.Publication
	for _, w := range n.posts {
		if w.Community != nil && w.Community.Local() {
			asked = append(asked, w.publication())
		}
	}
	if len(asked) == 0 {
		return nil
	}
	may, err := c.MayPublishEach(ctx, tx, asked)
	if err != nil {
		return err
	}
	out := map[int64]bool{}
	posts, places := n.posts[:0], n.places[:0]
	for i, w := range n.posts {
		local := w.Community != nil && w.Community.Local()
		if out[w.ParentID] || local && !may[w.publication()] {
			out[w.ID] = true
			n.kept[n.places[i]] = false
			continue
		}
		posts, places = append(posts, w), append(places, n.places[i])
	}
	n.posts, n.places = posts, places
	return nil
}

// announce tells the followers of each community of ours what it let in.
func (n *newcomers) announce(ctx context.Context, tx storage.Tx, c *communities.Service) error {
	groups, whats := map[actors.ID]actors.Actor{}, map[actors.ID][]communities.What{}
	for _, w := range n.posts {
		if what, announced := n.whats[w.ID]; announced {
			groups[w.Community.ID] = *w.Community
			whats[w.Community.ID] = append(whats[w.Community.ID], what)
		}
	}
	for id, group := range groups {
		if err := c.AnnounceNew(ctx, tx, group, whats[id]); err != nil {
			return err
		}
	}
	return nil
}
