package communities_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/storage"
)

// TestArchive lets nobody add anything, from here or from elsewhere, until it is taken back.
func TestArchive(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for _, level := range []actors.Access{actors.Open, actors.ForMembers} {
		c := tw.found(t, level)
		ctx, id := t.Context(), c.Actor.ID
		leo, zoe := tw.member(t, "leo_"+string(level)), tw.member(t, "zoe_"+string(level))
		exec(t, tw.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, id, leo.ID)
		exec(t, tw.db, `INSERT INTO join_requests (community, who, asked_at) VALUES ($1, $2, now())`, id, zoe.ID)
		wants(t, "an animator", tw.Archive(ctx, leo.ID, id, true), fault.Forbidden)
		check(t, tw.Archive(ctx, tw.ana.ID, id, true))
		_, err := tw.Ask(ctx, id, tw.member(t, "max_"+string(level)).ID, "")
		for what, err := range map[string]error{
			"to post": tw.MayPublish(ctx, tw.db, id, leo), "to join": err, "to invite": tw.Invite(ctx, leo.ID, id, tw.bob.ID),
			"to let in": tw.Approve(ctx, leo.ID, id, zoe.ID), "to edit": tw.RefuseArchived(ctx, tw.db, id),
		} {
			if !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Message(err), "archived") {
				t.Errorf("%s: %s: %v", level, what, err)
			}
		}
		check(t, tw.comes(t, c, "Join", "join-"+string(level)))
		if got := tw.last(t); got != "Reject" || tw.standing(t, c, tw.bob) != communities.Stranger {
			t.Errorf("%s: Bob is answered %q, and is %q", level, got, tw.standing(t, c, tw.bob))
		}
		if a, err := tw.dir.ByID(ctx, id); err != nil || !a.Restricted || !actors.Document(a, nil, tw.iris).PostingRestrictedToMods {
			t.Errorf("%s: others are told %+v, %v", level, a, err)
		}
		check(t, tw.Archive(ctx, tw.ana.ID, id, false))
		check(t, tw.MayPublish(ctx, tw.db, id, leo))
		check(t, tw.Approve(ctx, leo.ID, id, zoe.ID))
	}
}

// TestArchiveIsTold to those who follow, once for each change.
func TestArchiveIsTold(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	check(t, tw.comes(t, tw.makers, "Follow", "f"))
	before := len(tw.sent(t))
	for _, yes := range []bool{true, true, false} {
		check(t, tw.Archive(t.Context(), tw.ana.ID, tw.makers.Actor.ID, yes))
	}
	update := "Update(Group " + tw.makers.Actor.IRI + ") to 1"
	if got := tw.sent(t)[before:]; !slices.Equal(got, []string{update, update}) {
		t.Errorf("sent %q", got)
	}
	check(t, tw.Archive(t.Context(), tw.ana.ID, tw.makers.Actor.ID, true))
	if err := tw.comes(t, tw.makers, "Follow", "g"); err != nil || tw.last(t) != "Accept" {
		t.Errorf("to follow an open one is answered %q: %v", tw.last(t), err) // that is delivery, not a right
	}
}

// engine does the jobs of communities.
func (tw *town) engine(t *testing.T) *jobs.Engine {
	t.Helper()
	e, err := jobs.New(jobs.Options{DB: tw.db, RedisURL: "redis://127.0.0.1:1"})
	check(t, err)
	tw.Register(e)
	return e
}

// notes gives what was written to people elsewhere, and to whom.
func (tw *town) notes(t *testing.T) (all []string) {
	t.Helper()
	rows, err := tw.db.Query(t.Context(), `SELECT body FROM activities WHERE type = 'Create' ORDER BY id`)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var body []byte
		check(t, rows.Scan(&body))
		a, err := vocab.ReadActivity(body)
		check(t, err)
		d, err := a.Object.Document()
		check(t, err)
		n, err := d.Note()
		check(t, err)
		if !slices.Equal(n.To, a.To) || len(n.Cc) > 0 || len(n.Tags) != 1 || n.Tags[0].Type != "Mention" || n.Tags[0].Href != a.To[0] {
			t.Errorf("the note is addressed %+v", n)
		}
		all = append(all, fmt.Sprintf("%s: %s", a.To, n.Content))
	}
	check(t, rows.Err())
	return all
}

// TestSetAccess closes and opens, and asks each follower once.
func TestSetAccess(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, c := t.Context(), tw.makers
	leo, zoe := tw.joins(t, c, "leo"), tw.member(t, "zoe")
	check(t, tw.SetRole(ctx, tw.ana.ID, c.Actor.ID, leo.ID, communities.RoleAnimator))
	tw.write(t, func(tx storage.Tx) error {
		return tw.dir.SetFollow(ctx, tx, actors.Follow{Followee: c.Actor.ID, Follower: zoe.ID, State: actors.Accepted, IRI: "x", AskedAt: time.Now(), AnsweredAt: time.Now()})
	})
	check(t, tw.comes(t, c, "Follow", "f"))
	max := tw.remote(t, "https://other.example/max")
	exec(t, tw.db, `INSERT INTO follows (followee, follower, state, iri, delivery, asked_at) SELECT $1, id, 'accepted', 'y', delivery, now() FROM actors WHERE id = $2`, c.Actor.ID, max.ID)
	exec(t, tw.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', now())`, c.Actor.ID, max.ID)
	if n, err := tw.CountOnlookers(ctx, c.Actor.ID); err != nil || n != 2 {
		t.Errorf("%d onlookers, %v", n, err)
	}
	wants(t, "an animator", tw.SetAccess(ctx, leo.ID, c.Actor.ID, actors.ForMembers), fault.Forbidden)
	wants(t, "into confidential", tw.SetAccess(ctx, tw.ana.ID, c.Actor.ID, actors.Confidential), fault.Invalid)
	club := tw.found(t, actors.Confidential)
	wants(t, "out of confidential", tw.SetAccess(ctx, tw.ana.ID, club.Actor.ID, actors.Open), fault.Forbidden)

	check(t, tw.SetAccess(ctx, tw.ana.ID, c.Actor.ID, actors.ForMembers))
	e := tw.engine(t)
	check(t, e.DoDue(ctx))
	now, err := tw.ByID(ctx, c.Actor.ID)
	check(t, err)
	if now.Access != actors.ForMembers || now.Actor.Indexable || now.Actor.Discoverable || now.Actor.Title != c.Actor.Title || now.Actor.Summary != c.Actor.Summary {
		t.Errorf("it is %+v", now)
	}
	if told, err := tw.Notices(ctx, zoe.ID); err != nil || len(told) != 1 || told[0].Kind != communities.NoticeClosed {
		t.Errorf("Zoé is told %+v, %v", told, err)
	}
	if told, err := tw.Notices(ctx, tw.ana.ID); err != nil || len(told) != 0 {
		t.Errorf("a member is told %+v, %v", told, err)
	}
	notes := tw.notes(t)
	if len(notes) != 1 || !strings.Contains(notes[0], tw.bob.IRI) || !strings.Contains(notes[0], "The makers") || !strings.Contains(notes[0], "réservée") {
		t.Errorf("the notes: %q", notes)
	}
	if f, err := tw.dir.FollowOf(ctx, tw.db, c.Actor.ID, tw.bob.ID); err != nil || f.State != actors.Accepted {
		t.Errorf("Bob's follow is %+v, %v", f, err)
	}
	check(t, tw.comes(t, c, "Follow", "again"))
	if f, err := tw.dir.FollowOf(ctx, tw.db, c.Actor.ID, tw.bob.ID); err != nil || f.State != actors.Accepted || tw.standing(t, c, tw.bob) != communities.Asking {
		t.Errorf("who asks to join follows %+v, and is %q: %v", f, tw.standing(t, c, tw.bob), err)
	}
	wants(t, "who only follows writes", tw.MayPublish(ctx, tw.db, c.Actor.ID, tw.bob), fault.Forbidden)
	if _, err := tw.Ask(ctx, c.Actor.ID, zoe.ID, ""); err != nil {
		t.Error(err)
	}
	if told, err := tw.Notices(ctx, zoe.ID); err != nil || len(told) != 0 {
		t.Errorf("who asked is told %+v, %v", told, err)
	}
	check(t, tw.SetAccess(ctx, tw.ana.ID, c.Actor.ID, actors.Open))
	check(t, tw.SetAccess(ctx, tw.ana.ID, c.Actor.ID, actors.ForMembers))
	check(t, e.DoDue(ctx))
	if again := tw.notes(t); !slices.Equal(again, notes) {
		t.Errorf("asked again: %q", again)
	}
}

// TestDelete tells everybody who has anything of it, and leaves nothing but a name.
func TestDelete(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for _, level := range []actors.Access{actors.Open, actors.ForMembers, actors.Confidential} {
		c := tw.found(t, level)
		ctx, id := t.Context(), c.Actor.ID
		leo, zoe := tw.member(t, "leo_"+string(level)[:4]), tw.member(t, "zoe_"+string(level)[:4])
		exec(t, tw.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now()), ($1, $3, 'member', now())`, id, leo.ID, tw.bob.ID)
		exec(t, tw.db, `INSERT INTO follows (followee, follower, state, iri, delivery, asked_at) SELECT $1, id, 'accepted', 'y', delivery, now() FROM actors WHERE id = $2`, id, tw.bob.ID)
		exec(t, tw.db, `INSERT INTO community_hosts (community, host, since) SELECT $1, id, now() FROM hosts WHERE name = 'remote.example'`, id)
		wants(t, "an animator", tw.Delete(ctx, leo.ID, id, c.Actor.Name), fault.Forbidden)
		wants(t, "without its name", tw.Delete(ctx, tw.ana.ID, id, "club"), fault.Invalid)
		before := len(tw.sent(t))
		check(t, tw.Delete(ctx, tw.ana.ID, id, " @"+strings.ToUpper(c.Actor.Name)))
		if got := tw.sent(t)[before:]; !slices.Equal(got, []string{"Delete(" + c.Actor.IRI + ") to 1"}) {
			t.Errorf("%s: sent %q", level, got)
		}
		if _, err := tw.ByName(ctx, c.Actor.Name); !fault.Is(err, fault.Gone) {
			t.Errorf("%s: it is there: %v", level, err)
		}
		hides := level == actors.Confidential
		for who, sees := range map[access.Reader]bool{{ID: leo.ID}: true, {ID: tw.bob.ID}: true, {Host: "remote.example"}: true,
			{}: !hides, {ID: zoe.ID}: !hides, {Host: "other.example"}: !hides} {
			if knows, err := access.Knows(ctx, tw.db, who, c.Actor); err != nil || knows != sees {
				t.Errorf("%s: %+v knows: %v, %v", level, who, knows, err)
			}
		}
		if told, err := tw.Notices(ctx, leo.ID); err != nil || len(told) != 1 || told[0].Kind != communities.NoticeDeleted || told[0].Words != "Club" {
			t.Errorf("%s: Léo is told %+v, %v", level, told, err)
		}
		if n, err := tw.CountMembers(ctx, tw.db, id); err != nil || n != 0 {
			t.Errorf("%s: %d members, %v", level, n, err)
		}
		_, err := tw.Create(ctx, communities.New{Name: c.Actor.Name, Title: "Again", Animator: tw.ana.ID})
		wants(t, "its name again", err, fault.Conflict)
		wants(t, "to write there", tw.MayPublish(ctx, tw.db, id, leo), fault.Forbidden)
		wants(t, "to delete it again", tw.Delete(ctx, tw.ana.ID, id, c.Actor.Name), fault.Gone)
	}
}

// TestKeysAreSwept once the Delete has arrived, and not before.
func TestKeysAreSwept(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	check(t, tw.comes(t, tw.makers, "Follow", "f"))
	exec(t, tw.db, `DELETE FROM deliveries`)
	check(t, tw.Delete(ctx, tw.ana.ID, id, "makers"))
	check(t, tw.engine(t).DoDue(ctx))
	check(t, tw.dir.Sweep(ctx))
	if _, err := tw.dir.Key(ctx, id); err != nil {
		t.Errorf("nobody signs the Delete that waits: %v", err)
	}
	exec(t, tw.db, `DELETE FROM deliveries`)
	check(t, tw.dir.Sweep(ctx))
	if _, err := tw.dir.Key(ctx, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("its key is there: %v", err)
	}
	var kept int
	check(t, tw.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM keys WHERE actor = $1 AND length(private) > 0) + (SELECT count(*) FROM ed25519_keys WHERE actor = $1 AND length(private) > 0)`, id).Scan(&kept))
	var bodies [][]byte
	rows, err := tw.db.Query(ctx, `SELECT body FROM activities WHERE actor = $1 AND type <> 'Delete'`, id)
	check(t, err)
	for rows.Next() {
		var b []byte
		check(t, rows.Scan(&b))
		bodies = append(bodies, b)
	}
	check(t, rows.Err())
	if kept != 0 || len(bodies) == 0 || len(bytes.Join(bodies, nil)) > 0 {
		t.Errorf("%d keys, and %q are left", kept, bodies)
	}
	if _, err := tw.dir.Key(ctx, tw.ana.ID); err != nil {
		t.Errorf("whoever is alive: %v", err)
	}
}
