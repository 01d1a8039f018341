package posts_test

import (
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

// TestANameThatLeadsNowhere: who may not know of a confidential community and writes its name gets
// what they get with a name that nobody has: words.
func TestANameThatLeadsNowhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	hidden, err := tw.communities.Create(t.Context(), communities.New{Name: "cercle", Title: "C", Access: actors.Confidential, Animator: tw.ana.ID})
	check(t, err)
	name := "@" + hidden.Actor.Name
	for what, d := range map[string]posts.Draft{
		"alone":             {Text: "Hello " + name},
		"for nobody":        {Text: "Hello " + name, Scope: posts.Direct},
		"in a community":    {Text: "Hello " + name, Community: tw.makers.ID},
		"with our own host": {Text: "Hello " + name + "@town.example", Community: tw.makers.ID},
	} {
		unknown := d
		unknown.Text = strings.ReplaceAll(d.Text, hidden.Actor.Name, "cercle_00000000")
		got, err := tw.posts.Publish(t.Context(), eve.ID, d)
		want, wanted := tw.posts.Publish(t.Context(), eve.ID, unknown)
		if (err == nil) != (wanted == nil) || err != nil && err.Error() != wanted.Error() {
			t.Errorf("%s: %v, and of an unknown name: %v", what, err, wanted)
			continue
		}
		if err == nil && strings.Contains(got.Content, "href") != strings.Contains(want.Content, "href") || len(got.Mentions) != len(want.Mentions) {
			t.Errorf("%s: %q names %v, and of an unknown name: %q", what, got.Content, got.Mentions, want.Content)
		}
	}
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "Hello " + name})
	if err != nil || p.Community == nil || p.Community.ID != hidden.Actor.ID {
		t.Errorf("its member writes in %v: %v", p.Community, err)
	}
}
