package moderation

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
)

// Entry is a ruling as a reader may know it, with the people it names.
type Entry struct {
	communities.Ruling
	By, Person *actors.Actor // nil: not told, or nobody known
	Shown      bool          // the reader sees the post
}

// Entries gives rulings as a reader may know them: of a post that they do not see, nobody is named.
func (s *Service) Entries(ctx context.Context, reader access.Reader, all []communities.Ruling) ([]Entry, error) {
	var people []actors.ID
	var about []int64
	for _, r := range all {
		people, about = append(people, r.By, r.Person), append(about, r.Post)
	}
	known, err := s.Directory.ByIDs(ctx, people)
	if err != nil {
		return nil, err
	}
	seen, err := s.Posts.ByIDs(ctx, reader, about)
	if err != nil {
		return nil, err
	}
	shown := map[int64]bool{}
	for _, p := range seen {
		shown[p.ID] = true
	}
	entries := make([]Entry, 0, len(all))
	for _, r := range all {
		e := Entry{Ruling: r, Shown: shown[r.Post]}
		if a, ok := known[r.By]; ok {
			e.By = &a
		}
		named := e.Shown
		if r.Post == 0 {
			if named, err = s.namedTo(ctx, reader, r); err != nil {
				return nil, err
			}
		}
		if a, ok := known[r.Person]; ok && named {
			e.Person = &a
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// namedTo says whether a ruling about a person tells the reader who that is: to them, and to the
// members of the community.
func (s *Service) namedTo(ctx context.Context, reader access.Reader, r communities.Ruling) (bool, error) {
	if reader.ID == 0 || reader.ID == r.Person {
		return reader.ID != 0, nil
	}
	standing, err := s.Communities.StandingOf(ctx, s.DB, r.Community, reader.ID)
	return standing == communities.Member, err
}
