package server

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/posts"
)

// TestAServerForgets what is for members once its last one left, says so, and may come again; and
// what a suspended server reads, by whatever way.
func TestAServerForgets(t *testing.T) {
	t.Parallel()
	r := newRealm(t, actors.ForMembers)
	m := &matrix{realm: r}
	ctx, id, ana := t.Context(), r.group.Actor.ID, r.people["ana"].ID
	bob := r.abroad("bob", r.near)
	r.must(r.home.Communities.Remove(ctx, ana, id, bob.ID))
	state := func() string {
		all, err := r.home.Communities.Purges(ctx, ana, id)
		r.must(err)
		for _, p := range all {
			if p.Host == r.near.Config.Host() {
				return p.State
			}
		}
		return ""
	}
	r.await("near says that it forgot", func() bool { return state() == communities.PurgeAcknowledged })
	r.must(r.near.Posts.Sweep(ctx))
	r.must(r.near.Inbox.Sweep(ctx, time.Now().Add(-time.Hour)))
	for _, c := range r.canaries {
		if c.post.Local && c.post.Author.Host == "" && c.scope == posts.Members && c.post.Author.Name != "bob" {
			m.notIn(r.near, "near", c)
		}
	}
	var kept int
	r.must(r.near.DB.QueryRow(ctx, `SELECT count(*) FROM posts WHERE local AND deleted_at IS NULL`).Scan(&kept))
	if kept != 1 {
		t.Errorf("of what bob wrote %d posts are left on his server", kept)
	}

	r.joinFrom(r.near, "bob")
	if got := state(); got != "" {
		t.Errorf("while somebody is there again: %q", got)
	}
	r.say(r.home, "ana", posts.Members, posts.Draft{Community: id, Scope: posts.Members, Title: "Titre"})
	again := r.canaries[len(r.canaries)-1]
	r.await("what is said then is there", func() bool {
		known, err := r.near.Posts.Known(ctx, r.near.DB, again.post.IRI)
		r.must(err)
		return known
	})

	read := func() int {
		status, _ := m.request(r.home, http.MethodGet, "/posts/"+strconv.FormatInt(again.post.ID, 10), "application/activity+json", func(q *http.Request) {
			if err := federation.Sign(q, nil, r.key(r.near, ""), time.Now()); err != nil {
				t.Error(err)
			}
		})
		return status
	}
	if got := read(); got != http.StatusOK {
		t.Errorf("the server of a member is answered %d", got)
	}
	r.must(r.home.Moderation.DecideHost(ctx, acts.By{}, access.Policy{Host: r.near.Config.Host(), Policy: access.Suspended}))
	if got := read(); got != http.StatusForbidden {
		t.Errorf("a suspended server is answered %d", got)
	}
	if role, err := r.home.Communities.RoleOf(ctx, r.home.DB, id, bob.ID); err != nil || role != "" {
		t.Errorf("bob is %q, %v", role, err)
	}
	r.must(r.home.Moderation.RestoreHost(ctx, acts.By{}, r.near.Config.Host()))
	if got := read(); got != http.StatusNotFound {
		t.Errorf("once it is talked to again it is answered %d", got)
	}
	r.say(r.home, "ana", posts.Members, posts.Draft{Community: id, Scope: posts.Members, Title: "Titre"})
	r.await("nothing waits", func() bool {
		var n int
		r.must(r.home.DB.QueryRow(ctx, `SELECT count(*) FROM deliveries`).Scan(&n))
		return n == 0
	})
	m.notIn(r.near, "near", r.canaries[len(r.canaries)-1])
}
