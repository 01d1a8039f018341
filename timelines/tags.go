package timelines

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/posts"
	"passerelles/text"
)

// Tags say under which hashtags posts stand.
type Tags struct {
	Any  []string // at least one of these
	All  []string // and each of these
	None []string // and none of these
	Here bool     // written here
}

// Tagged gives the public posts under hashtags, or under a theme that makes the hashtag.
func (s *Service) Tagged(ctx context.Context, r access.Reader, t Tags, p Page) ([]posts.Post, error) {
	themes, err := themesMaking(ctx, s.db, folded(t.Any))
	if err != nil {
		return nil, err
	}
	more := "true"
	if len(t.All) > 0 {
		more += " AND " + underAll
	}
	if len(t.None) > 0 {
		more += " AND NOT " + underNone
	}
	if t.Here {
		more += " AND p.local"
	}
	of := selection{sources: []source{underTags.and(more), underThemes.and(more)}, args: map[string]any{
		"tags": folded(t.Any), "themes": themes, "all": folded(t.All), "none": folded(t.None)}}
	return s.list(ctx, r, p, of)
}

func folded(tags []string) []string {
	all := make([]string, len(tags))
	for i, tag := range tags {
		all[i] = text.FoldHashtag(tag)
	}
	return all
}

// Use is how often a hashtag was written on a day, and by how many.
type Use struct {
	Tag, Name    string
	Day          time.Time // its first moment, in UTC
	Posts, Users int
}

// Trends gives the hashtags that most people wrote in what everybody may read in the last seven
// days, those of most first, with each day of each.
func (s *Service) Trends(ctx context.Context, now time.Time, limit, offset int) ([]Use, error) {
	return trendingTags(ctx, s.db, week(now), limit, offset)
}

// Uses gives how often a hashtag was written in that time.
func (s *Service) Uses(ctx context.Context, tag string, now time.Time) ([]Use, error) {
	return usesOf(ctx, s.db, text.FoldHashtag(tag), week(now))
}

const trendingFor = 7 * 24 * time.Hour

// week is since when what is written counts: the first moment of the seventh day back.
func week(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(-trendingFor + 24*time.Hour)
}

// FindTags gives the hashtags that begin so and stand in what everybody may read, by name.
func (s *Service) FindTags(ctx context.Context, beginning string, limit int) ([]Use, error) {
	return tagsBeginning(ctx, s.db, text.FoldHashtag(beginning), limit)
}

// Talked gives the public threads of the last seven days in communities that are answered and
// liked most, those of most first.
func (s *Service) Talked(ctx context.Context, r access.Reader, now time.Time, limit, offset int) ([]posts.Post, error) {
	ids, err := talkedIDs(ctx, s.db, r, week(now), limit, offset)
	if err != nil {
		return nil, err
	}
	return s.posts.ByIDs(ctx, r, ids)
}
