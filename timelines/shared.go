package timelines

import (
	"cmp"
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

// Entry is a post in a list: by itself, or because somebody shares it.
type Entry = posts.Listed

// HomeShared gives what Home gives, what the people whom the reader follows share, and what stands
// under the hashtags that the reader follows. What is in a list of the reader's that is read
// by itself is left out.
func (s *Service) HomeShared(ctx context.Context, r access.Reader, p Page) ([]Entry, error) {
	w, err := wishesOf(ctx, s.db, r.ID)
	if err != nil {
		return nil, err
	}
	of := selection{sources: inHome(w)}
	if len(w.Tags) > 0 {
		of.sources = append(of.sources, underTags)
		of = of.with("tags", w.Tags)
	}
	boosts := sharedBy(followed)
	if w.Exclusive {
		for i, one := range of.sources {
			of.sources[i] = one.and(notApart("p.author", "p.community"))
		}
		boosts.from += " AND " + notApart("b.who", "NULL")
	}
	of.sources = append(of.sources, boosts)
	return s.entries(ctx, r, p, of)
}

// ProfileShared gives the posts and replies of a person, and what they share.
func (s *Service) ProfileShared(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]Entry, error) {
	of := about(id, inPosts(profile), inBoosts("b.who = @subject").and("NOT "+access.ShunnedAuthor("p")))
	of.shunned = true
	return s.entries(ctx, r, p, of)
}

// List gives what those in a list of the reader's say and share: thread starters, and replies
// to those to whom the list shows them.
func (s *Service) List(ctx context.Context, r access.Reader, list int64, p Page) ([]Entry, error) {
	return s.entries(ctx, r, p, selection{sources: inListed()}.with("list", list))
}

func (s *Service) entries(ctx context.Context, r access.Reader, p Page, of selection) ([]Entry, error) {
	found, err := s.posts.Listed(ctx, r, of.query(p), asked(r, p, of))
	slices.SortFunc(found, func(a, b posts.Listed) int { return cmp.Compare(b.ID, a.ID) })
	return found, err
}
