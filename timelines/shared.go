package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

// Entry is a post in a list: by itself, or because somebody shares it.
type Entry struct {
	ID   int64 // of the post, or of the boost: the list is paged by it
	Post posts.Post
	By   actors.ID // who shares it; 0: it stands there by itself
}

// HomeShared gives what Home gives, what the people whom the reader follows share, and what stands
// under the hashtags that the reader follows. What is in a list of the reader's that is read
// by itself is left out.
func (s *Service) HomeShared(ctx context.Context, r access.Reader, p Page) ([]Entry, error) {
	w, err := wishesOf(ctx, s.db, r.ID)
	if err != nil {
		return nil, err
	}
	of, boosts := selection{where: home}, selection{where: "b.who IN " + followed}
	if len(w.Tags) > 0 {
		of = of.or(underTag).with("tags", w.Tags).with("themes", []int64{})
	}
	if w.Exclusive {
		of, boosts = of.and(notApart("p.author", "p.community")), boosts.and(notApart("b.who", "NULL"))
	}
	return s.shared(ctx, r, p, of, boosts)
}

// ProfileShared gives the posts and replies of a person, and what they share.
func (s *Service) ProfileShared(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]Entry, error) {
	return s.shared(ctx, r, p, about(profile, id), about("b.who = @subject", id))
}

// List gives what those in a list of the reader's say and share: thread starters, and replies
// to those to whom the list shows them.
func (s *Service) List(ctx context.Context, r access.Reader, list int64, p Page) ([]Entry, error) {
	of := selection{where: inList}.with("list", list)
	return s.shared(ctx, r, p, of, selection{where: "b.who IN " + listed}.with("list", list))
}

func (s *Service) shared(ctx context.Context, r access.Reader, p Page, of, boosts selection) ([]Entry, error) {
	found, err := sharedIDs(ctx, s.db, r, p, of, boosts)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, r, found)
}

// entries adds the posts.
func (s *Service) entries(ctx context.Context, r access.Reader, found []entry) ([]Entry, error) {
	ids := make([]int64, len(found))
	for i, e := range found {
		ids[i] = e.Post
	}
	all, err := s.posts.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]posts.Post, len(all))
	for _, p := range all {
		byID[p.ID] = p
	}
	entries := make([]Entry, 0, len(found))
	for _, e := range found {
		if p, ok := byID[e.Post]; ok {
			entries = append(entries, Entry{e.ID, p, e.By})
		}
	}
	return entries, nil
}
