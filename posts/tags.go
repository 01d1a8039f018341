package posts

import (
	"slices"
	"strings"

	"passerelles/federation/vocab"
	"passerelles/text"
)

const (
	mostTags   = 32  // of one post
	longestTag = 100 // characters
)

// tagPage is where the posts under a hashtag of ours are listed.
func (s *Service) tagPage(tag string) (href string, ok bool) {
	return s.iris.Tag(text.FoldHashtag(tag)), true
}

// Tagged gives all hashtags of a post: those that are written in it, and those that its themes make.
func (p Post) Tagged() []string {
	all := slices.Clone(p.Tags)
	for _, t := range p.Themes {
		all = append(all, hashtagOf(t.Name))
	}
	return distinctTags(all)
}

// distinctTags leaves of those that are looked up as one the first.
func distinctTags(all []string) (kept []string) {
	seen := map[string]bool{}
	for _, tag := range all {
		folded := text.FoldHashtag(tag)
		if folded == "" || seen[folded] {
			continue
		}
		seen[folded] = true
		kept = append(kept, tag)
	}
	return kept
}

// hashtagsIn are those that come with a post of another server.
func hashtagsIn(n vocab.Note) (all []string) {
	for _, t := range n.Tags {
		name := text.OneLine(strings.TrimLeft(t.Name, "#＃"))
		if t.Type != "Hashtag" || name == "" || len([]rune(name)) > longestTag || len(all) == mostTags {
			continue
		}
		all = append(all, text.Storable(name))
	}
	return distinctTags(all)
}
