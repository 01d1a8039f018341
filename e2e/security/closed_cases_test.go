package security

import (
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// closed makes a community of Ana's that is not for everybody.
func (s *scene) closed(t *testing.T, name string, level actors.Access) communities.Community {
	t.Helper()
	c, err := s.Communities.Create(t.Context(), communities.New{Name: name, Title: name, Access: level, Animator: s.ana.ID})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWaysIntoAClosedCommunity tries every way in but the one that an animator opens.
func TestWaysIntoAClosedCommunity(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	circle, secret := s.closed(t, "circle", actors.ForMembers), s.closed(t, "secret", actors.Confidential)
	robot := s.eve.lives("Application", "robot")
	robot.tells(s.town, robot.does("Like", "https://x.example/1")) // it is known before
	in, hidden := circle.Actor.IRI, secret.Actor.IRI
	follow := func(by *remote, whom string) object { return by.does("Follow", whom) }
	eves := object{"id": s.eve.URL + "/follows/1", "type": "Follow", "actor": s.eve.IRI, "object": in}
	s.try(t, []act{
		{"ID-17 a Follow in another's name", s.eve, follow(s.vera, in), 403, ""},
		{"ID-17 a Follow by a neighbour", s.nora, follow(s.vera, in), 403, ""},
		{"ID-17 a Follow of two at once, of which the first is open", s.eve, s.eve.does("Follow", []string{s.makersIRI(), in}), 0, "applied"},
		{"ID-17 a Follow by another community", s.den, follow(s.den, in), 0, ""},
		{"ID-17 a Join by another community", s.den, s.den.does("Join", in), 0, ""},
		{"CF-36 a Follow by a relay", robot, follow(robot, in), 0, ""},
		{"CF-36 a Join by a relay of what is open", robot, robot.does("Join", s.makersIRI()), 0, ""},
		{"CF-36 a Join by another community of what is open", s.den, s.den.does("Join", s.makersIRI()), 0, ""},
		{"ID-17 an Accept by who asks", s.eve, s.eve.does("Accept", eves), 0, ""},
		{"ID-17 an Add to the members by who asks", s.eve, with(s.eve.does("Add", s.eve.IRI), "target", in+"/members"), 0, ""},
		{"ID-17 a Follow of what nobody knows", s.eve, follow(s.eve, hidden), 0, ""},
		{"ID-17 a Join of what nobody knows", s.eve, s.eve.does("Join", hidden), 0, ""},
		{"ID-17 twin: a Follow that waits for an answer", s.eve, with(follow(s.eve, in), "id", eves["id"]), 0, "applied"},
		{"ID-17 twin: a Follow by another community of what is open", s.den, follow(s.den, s.makersIRI()), 0, "applied"},
	})
	if n := s.number(`SELECT (SELECT count(*) FROM memberships WHERE role = 'member') + (SELECT count(*) FROM join_requests WHERE community = $1)`, circle.Actor.ID); n != 1 {
		t.Errorf("%d are members or ask, want the one who asks", n)
	}
	t.Run("ID-17 twin: let in by who animates", func(t *testing.T) {
		eve, err := s.Directory.ByIRI(t.Context(), s.eve.IRI)
		if err == nil {
			err = s.Communities.Approve(t.Context(), s.ana.ID, circle.Actor.ID, eve.ID)
		}
		if err != nil || s.number(`SELECT count(*) FROM memberships WHERE who = $1`, eve.ID) != 1 {
			t.Errorf("she is not: %v", err)
		}
	})
}

// TestWhatIsForMembersGoesToPeople has a community and a relay listen to one that is open.
func TestWhatIsForMembersGoesToPeople(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, a := range []struct {
		by *remote
		a  object
	}{{s.den, s.den.does("Follow", s.makersIRI())}, {s.vera, s.vera.does("Join", s.makersIRI())}} {
		if got := a.by.tells(s.town, a.a); got != "applied" {
			t.Fatalf("%v is %s", a.a["type"], got)
		}
	}
	quiet := func() bool { return s.number(`SELECT count(*) FROM deliveries`) == 0 }
	heard := func(r *remote) int { return r.asked("/inbox") + r.asked("/u/den/inbox") + r.asked("/u/vera/inbox") }
	says := func(scope string) (vera, den int) {
		t.Helper()
		s.await("nothing waits", quiet)
		vera, den = heard(s.vera), heard(s.den)
		if _, err := s.Posts.Publish(t.Context(), s.ana.ID, posts.Draft{Community: s.makers.Actor.ID, Scope: scope, Title: "Fil", Text: "Voici."}); err != nil {
			t.Fatal(err)
		}
		s.await("it left", quiet)
		return heard(s.vera) - vera, heard(s.den) - den
	}
	t.Run("CF-36 what is for members leaves for the member alone", func(t *testing.T) {
		if vera, den := says(posts.Members); vera == 0 || den != 0 {
			t.Errorf("the member's server was told %d times, the community's %d", vera, den)
		}
	})
	t.Run("CF-36 twin: what is for everybody leaves for both", func(t *testing.T) {
		if vera, den := says(posts.Public); vera == 0 || den == 0 {
			t.Errorf("the member's server was told %d times, the community's %d", vera, den)
		}
	})
}

// TestKeysOfTheBanned: who is kept out of a community signs well, and changes nothing there.
func TestKeysOfTheBanned(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	eve, err := s.Directory.ByIRI(t.Context(), s.eve.IRI)
	if err != nil {
		t.Fatal(err)
	}
	until := s.now().Add(time.Hour)
	if err := s.Moderation.Ban(t.Context(), communities.Ban{Community: s.makers.Actor.ID, Who: eve.ID, By: s.ana.ID, Reason: "insiste", Until: &until}); err != nil {
		t.Fatal(err)
	}
	before := s.number(`SELECT count(*) FROM posts WHERE community = $1`, s.makers.Actor.ID)
	s.eve.tells(s.town, s.eve.writes(s.town, "banned"))
	s.eve.tells(s.town, s.eve.does("Create", s.eve.note("banned too", object{"inReplyTo": s.own.IRI, "to": []string{vocab.Public}})))
	t.Run("HS-20 of somebody whom a community keeps out", func(t *testing.T) {
		if n := s.number(`SELECT count(*) FROM posts WHERE community = $1`, s.makers.Actor.ID); n != before {
			t.Errorf("%d posts stand there, before %d", n, before)
		}
	})
	t.Run("HS-20 twin: once that is over", func(t *testing.T) {
		s.pass(2 * time.Hour)
		if got := s.eve.tells(s.town, s.eve.writes(s.town, "back")); got != "applied" || s.number(`SELECT count(*) FROM posts WHERE community = $1`, s.makers.Actor.ID) != before+1 {
			t.Errorf("it is %s", got)
		}
	})
}
