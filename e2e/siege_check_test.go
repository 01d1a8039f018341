package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// rows reads a query into structs.
func rows[T any](t *testing.T, db *storage.DB, sql string, args ...any) []T {
	t.Helper()
	r, _ := db.Query(t.Context(), sql, args...) // CollectRows returns Query's error
	list, err := pgx.CollectRows(r, pgx.RowToStructByPos[T])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// complain tells the first few things that are wrong, and how many there are.
func complain(t *testing.T, wrong []string) {
	t.Helper()
	if len(wrong) > 0 {
		t.Errorf("%d wrong:\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
}

type receipt struct{ IRI, Type, Outcome, Reason string }

// checkTaken: what was answered 202 came to an end, and nothing else is there.
func (s *siege) checkTaken(t *testing.T) {
	t.Logf("answers: %v", s.crowd.tries)
	complain(t, slices.Concat(s.crowd.wrong, s.reader.wrong, s.locals.wrong))
	said := map[string]bool{s.reader.actor("cleo") + "/follow": true}
	for _, w := range s.crowd.writers {
		for _, iri := range w.said {
			said[iri] = true
		}
	}
	var wrong []string
	times, applied, follows := map[string]int{}, 0, 0
	for _, r := range rows[receipt](t, s.db, `SELECT iri, type, outcome, reason FROM received`) {
		times[r.IRI]++
		once := r.Type == "Create" || r.Type == "Update" || r.Type == "Delete"
		switch {
		case r.Type == "Follow" && strings.HasPrefix(r.IRI, s.away.origin+"/") && r.Outcome == "applied":
			follows++
		case !said[r.IRI]:
			wrong = append(wrong, r.IRI+" was never answered 202")
		case once && times[r.IRI] > 1:
			wrong = append(wrong, r.IRI+" is there twice")
		case r.Outcome == "applied":
			applied++
			if r.Type == "Follow" {
				follows++
			}
		case r.Outcome != "ignored" || r.Reason != "it was undone before it came":
			wrong = append(wrong, fmt.Sprintf("%s %s: %q %s", r.Type, r.IRI, r.Outcome, r.Reason))
		}
	}
	for iri := range said {
		if times[iri] == 0 {
			wrong = append(wrong, iri+" was answered 202 and is lost")
		}
	}
	t.Logf("%d activities, %d received, %d applied", len(said), len(times), applied)
	if n := s.count(t, s.db, `SELECT count(*) FROM activities WHERE type = 'Accept'`); n != follows {
		wrong = append(wrong, fmt.Sprintf("%d Follows were applied and %d answered", follows, n))
	}
	for _, db := range []*storage.DB{s.db, s.there} {
		if n := s.count(t, db, `SELECT count(*) FROM dead_letters`); n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d deliveries were given up", n))
		}
	}
	complain(t, wrong)
}

func (s *siege) count(t *testing.T, db *storage.DB, sql string, args ...any) int {
	t.Helper()
	return count(t, db, sql, args...)
}

func count(t *testing.T, db *storage.DB, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

type stood struct {
	IRI, Content string
	Deleted      bool
	Versions     int
}

// checkNotes: each note is there once, in its last version, each other version beside it.
func (s *siege) checkNotes(t *testing.T) {
	var wrong []string
	there := map[string]stood{}
	for _, p := range rows[stood](t, s.db, `
		SELECT p.iri, p.content, p.deleted_at IS NOT NULL, (SELECT count(*) FROM post_versions v WHERE v.post = p.id)
		FROM posts p
		WHERE NOT p.local`) {
		there[p.IRI] = p
		if s.crowd.notes[p.IRI] == nil {
			wrong = append(wrong, p.IRI+" was never written")
		}
	}
	for iri, n := range s.crowd.notes {
		if n.author == "" {
			continue // ours
		}
		want := stood{IRI: iri, Content: n.content(), Versions: n.version}
		if n.deleted {
			want = stood{IRI: iri, Deleted: true}
		}
		if got := there[iri]; got != want {
			wrong = append(wrong, fmt.Sprintf("got %+v, want %+v", got, want))
		}
	}
	complain(t, wrong)
}

type tie struct{ Who, What string }

// checkTies: a like is there if its author's last word was a Like, a follow likewise.
func (s *siege) checkTies(t *testing.T) {
	s.crowd.checkTies(t, s.db, s.reader.actor("cleo"), s.bob)
}

func (c *crowd) checkTies(t *testing.T, db *storage.DB, otherFollowers ...string) {
	likes, follows := map[tie]bool{}, map[tie]bool{}
	for _, w := range c.writers {
		for post := range w.likes {
			if !c.notes[post].deleted {
				likes[tie{w.iri, post}] = true
			}
		}
		if w.follows != "" {
			follows[tie{w.iri, "accepted"}] = true
		} else if w.followed > 0 {
			follows[tie{w.iri, "ended"}] = true
		}
	}
	for _, who := range otherFollowers {
		follows[tie{who, "accepted"}] = true
	}
	complain(t, slices.Concat(
		differ("like", likes, rows[tie](t, db, `
			SELECT a.iri, p.iri
			FROM likes l
			JOIN actors a ON a.id = l.who
			JOIN posts p ON p.id = l.post
			WHERE p.deleted_at IS NULL`)),
		differ("follow", follows, rows[tie](t, db, `
			SELECT a.iri, f.state
			FROM follows f
			JOIN actors a ON a.id = f.follower
			WHERE a.host IS NOT NULL`))))
	if n := count(t, db, `
		SELECT count(*)
		FROM early_likes e
		WHERE NOT EXISTS (SELECT FROM posts p WHERE p.iri = e.post)`); n > 0 {
		t.Errorf("%d likes still wait for their post", n)
	}
}

// differ says what lacks and what is too much.
func differ(what string, want map[tie]bool, got []tie) (wrong []string) {
	want = maps.Clone(want)
	for _, g := range got {
		if !want[g] {
			wrong = append(wrong, fmt.Sprintf("%s too much: %v", what, g))
		}
		delete(want, g)
	}
	for w := range want {
		wrong = append(wrong, fmt.Sprintf("%s lost: %v", what, w))
	}
	return wrong
}

type local struct {
	IRI, Content string
	Deleted      bool
}

// checkLocals: a command that succeeded had its effect once; one that failed, at most once.
func (s *siege) checkLocals(t *testing.T) {
	s.locals.mu.Lock()
	defer s.locals.mu.Unlock()
	t.Logf("%d threads of ours, %d commands of unknown outcome", len(s.locals.threads), s.locals.unknown)
	posts := rows[local](t, s.db, `SELECT iri, content, deleted_at IS NOT NULL FROM posts WHERE local`)
	byIRI := map[string]local{}
	for _, p := range posts {
		byIRI[p.IRI] = p
	}
	var wrong []string
	for _, thread := range s.locals.threads {
		if got := byIRI[thread.iri]; thread.iri != "" && !thread.fits(got) {
			wrong = append(wrong, fmt.Sprintf("%+v, want one of %q", got, thread.may))
		}
		if _, found := byIRI[thread.reply]; thread.reply != "" && !found {
			wrong = append(wrong, thread.reply+" is lost")
		}
		for _, start := range []string{thread.text + " version", thread.text + " answered"} {
			same := 0
			for _, p := range posts {
				if strings.Contains(p.Content, start) {
					same++
				}
			}
			if same > 1 {
				wrong = append(wrong, fmt.Sprintf("%q is there %d times", start, same))
			}
		}
	}
	complain(t, wrong)
}

// fits says whether a post reads as the thread's history allows.
func (th *thread) fits(p local) bool {
	return slices.ContainsFunc(th.may, func(text string) bool {
		if text == deleted {
			return p.Deleted
		}
		return !p.Deleted && strings.Contains(p.Content, text)
	})
}

type announced struct {
	IRI  string
	Root int64 // of a thread of ours, 0 of others
}

// checkReader: all that the community announced came, each thread of ours in its order.
// What was erased before it left need not: its Delete does.
func (s *siege) checkReader(t *testing.T) {
	got := s.reader.got()
	var wrong []string
	place, roots, twice := map[string]int{}, map[string]int64{}, 0
	lengths := map[int64]int{}
	for _, a := range rows[announced](t, s.db, `
		SELECT a.iri, CASE WHEN p.local AND p.author = r.author AND r.local THEN p.root ELSE 0 END
		FROM activities a
		JOIN actors g ON g.id = a.actor
		JOIN posts p ON p.iri = a.object
		JOIN posts r ON r.id = p.root
		WHERE g.iri = $1 AND a.type <> 'Accept' AND a.id > $2 AND a.body <> ''
		ORDER BY a.id`, s.group, s.since) {
		if got[a.IRI] == 0 {
			wrong = append(wrong, a.IRI+" never came")
		}
		twice += max(0, got[a.IRI]-1)
		if a.Root != 0 {
			place[a.IRI], roots[a.IRI] = lengths[a.Root], a.Root
			lengths[a.Root]++
		}
	}
	t.Logf("%d announced, %d came once more", len(got), twice)
	next, last := map[int64]int{}, map[int64]int{}
	for _, p := range s.reader.received() {
		root := roots[p.ID]
		if root == 0 {
			continue
		}
		if place[p.ID] > next[root] {
			wrong = append(wrong, fmt.Sprintf("%s came before what was said before it", p.ID))
		}
		last[root] = place[p.ID]
		next[root] = max(next[root], place[p.ID]+1)
	}
	for root, n := range lengths {
		if last[root] != n-1 {
			wrong = append(wrong, fmt.Sprintf("of thread %d came last what was said before the last", root))
		}
	}
	for _, a := range rows[tie](t, s.db, `SELECT iri, type FROM activities WHERE type = 'Accept'`) {
		if got[a.Who]+s.crowd.got()[a.Who] == 0 && a.Who != "" && !s.toAway(t, a.Who) {
			wrong = append(wrong, "an Accept never came: "+a.Who)
		}
	}
	complain(t, wrong)
}

// toAway says whether an activity went to the other server of ours.
func (s *siege) toAway(t *testing.T, iri string) bool {
	t.Helper()
	return s.count(t, s.there, `SELECT count(*) FROM received WHERE iri = $1`, iri) > 0
}

type shared struct {
	IRI, Content, Parent string
	Deleted              bool
	Likes                int
}

// checkSame: the follower's server shows what the community's does.
func (s *siege) checkSame(t *testing.T) {
	const all = `
		SELECT p.iri, p.content, p.parent_iri, p.deleted_at IS NOT NULL, (SELECT count(*) FROM likes l WHERE l.post = p.id)
		FROM posts p
		JOIN actors g ON g.id = p.community
		WHERE g.iri = $1`
	there := map[string]shared{}
	for _, p := range rows[shared](t, s.there, all, s.group) {
		there[p.IRI] = p
	}
	var wrong []string
	posts := rows[shared](t, s.db, all, s.group)
	for _, p := range posts {
		got, found := there[p.IRI]
		delete(there, p.IRI)
		if p.Deleted && (!found || got.Deleted) {
			continue
		}
		if got != p {
			wrong = append(wrong, fmt.Sprintf("there %+v, at home %+v; what came there of it: %+v", got, p,
				rows[receipt](t, s.there, `
					SELECT iri, coalesce(convert_from(body, 'UTF8')::json #>> '{object,type}', type), outcome, reason
					FROM received
					WHERE body IS NOT NULL AND position($1 IN convert_from(body, 'UTF8')) > 0
					ORDER BY id`, p.IRI+`"`)))
		}
	}
	for iri := range there {
		wrong = append(wrong, "only there: "+iri)
	}
	t.Logf("%d posts in the community", len(posts))
	complain(t, wrong)
}
