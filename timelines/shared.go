package timelines

import (
	"cmp"
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
	"passerelles/text"
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

// Want narrows what somebody says.
type Want struct {
	Files    bool   // with pictures or documents
	Tag      string // under this hashtag
	Starters bool   // no replies
	Own      bool   // nothing that they share
}

// Said gives the threads of a community; of a person the posts, the replies, and what they share, which is
// under no hashtag and has no files of theirs.
func (s *Service) Said(ctx context.Context, r access.Reader, who actors.Actor, w Want, p Page) ([]Entry, error) {
	group := who.Kind == actors.Group
	said := inPosts(profile)
	if group {
		said = inPosts(community)
	}
	if w.Files {
		said = said.and(withFiles)
	}
	if w.Tag != "" {
		said = said.and(underOne)
	}
	if w.Starters {
		said = said.and("p.parent_iri = ''")
	}
	of := about(who.ID, said).with("tag", text.FoldHashtag(w.Tag))
	if !group && !w.Own && !w.Files && w.Tag == "" {
		of.sources = append(of.sources, inBoosts("b.who = @subject").and("NOT "+access.ShunnedAuthor("p")))
	}
	of.shunned = !group
	return s.entries(ctx, r, p, of)
}

// List gives what those in a list of the reader's say and share: thread starters, and replies
// to those to whom the list shows them.
func (s *Service) List(ctx context.Context, r access.Reader, list int64, p Page) ([]Entry, error) {
	return s.entries(ctx, r, p, selection{sources: inListed()}.with("list", list))
}

func (s *Service) entries(ctx context.Context, r access.Reader, p Page, of selection) ([]Entry, error) {
	found, err := s.posts.Listed(ctx, r, of.query(r, p), asked(r, p, of))
	slices.SortFunc(found, func(a, b posts.Listed) int { return cmp.Compare(b.ID, a.ID) })
	return found, err
}
