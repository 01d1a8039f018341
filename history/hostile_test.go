package history

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// TestHostile lets servers answer what they should not. Beside each stands what must
// still come: what the same server shows as it should.
func TestHostile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		script func(p, other *peer)
		want   []string
		asks   int // of the peer at most, its actor included; 0: not counted
	}{
		{"activities and posts that are only named", func(p, other *peer) {
			p.shows("/act", object{"id": "PEER/act", "type": "Create", "actor": "PEER/una", "object": p.note("a", nil)})
			p.shows("/stolen", object{"id": "PEER/stolen", "type": "Create", "actor": other.URL + "/una", "object": p.note("c", nil)})
			other.note("far", object{"attributedTo": "PEER/una"})
			other.person("una", nil)
			p.note("b", nil)
			p.person("una", list("una/outbox", []any{"PEER/act", "PEER/b", "PEER/stolen", other.URL + "/far", "PEER/nothing"}))
		}, []string{"a", "b"}, 10},
		{"a page whose next is itself", func(p, _ *peer) {
			p.person("una", list("una/outbox", created(p.note("a", nil)), object{"next": "PEER/una/outbox"}))
		}, []string{"a"}, 3},
		{"two pages that name each other", func(p, _ *peer) {
			p.person("una", list("una/outbox", created(p.note("a", nil)), object{"next": "PEER/2"}))
			p.shows("/2", list("2", created(p.note("b", nil)), object{"next": "PEER/una/outbox"}))
		}, []string{"a", "b"}, 5},
		{"pages without end", func(p, _ *peer) {
			p.person("una", list("una/outbox", nil, object{"first": "PEER/page/0"}))
			for i := range 30 {
				n := p.note(fmt.Sprintf("n%02d", 30-i), nil)
				p.shows(fmt.Sprintf("/page/%d", i), list("page", created(n), object{"next": fmt.Sprintf("PEER/page/%d", i+1)}))
			}
		}, []string{"n30", "n29", "n28", "n27", "n26", "n25", "n24", "n23", "n22"}, 20},
		{"pages on another server", func(p, other *peer) {
			p.person("una", list("una/outbox", created(p.note("a", nil)), object{"next": other.URL + "/page"}))
			p.note("b", nil)
			other.shows("/page", list("page", []any{object{"type": "Create", "actor": p.URL + "/una", "object": object{"id": p.URL + "/b", "type": "Note"}}}))
		}, []string{"a"}, 0},
		{"a list that is shown by another server", func(p, other *peer) {
			p.person("una", nil)
			p.shows("/una/outbox", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/page", http.StatusFound) })
			p.note("a", nil)
			other.shows("/page", list("page", []any{object{"type": "Create", "actor": p.URL + "/una", "object": object{"id": p.URL + "/a", "type": "Note"}}}))
		}, nil, 0},
		{"items that are no items", func(p, _ *peer) {
			p.person("una", list("una/outbox", append([]any{nil, 7, true, "", "nonsense", []any{}, object{}, object{"id": 3},
				object{"type": "Create", "actor": "PEER/una", "object": nil}}, created(p.note("a", nil))...)))
		}, []string{"a"}, 3},
		{"a list that is a text", func(p, _ *peer) { p.person("una", "no list") }, nil, 2},
		{"a list of ten megabytes", func(p, _ *peer) { p.person("una", nil); p.shows("/una/outbox", flood) }, nil, 2},
		{"a page of ten megabytes", func(p, _ *peer) {
			p.person("una", list("una/outbox", created(p.note("a", nil)), object{"next": "PEER/2"}))
			p.shows("/2", flood)
		}, []string{"a"}, 4},
		{"the work of others in one's outbox", func(p, other *peer) {
			mine := p.note("mine", nil)
			theirs := object{"id": "PEER/x", "type": "Create", "actor": other.URL + "/una", "object": p.note("theirs", nil)}
			far := object{"id": "PEER/y", "type": "Create", "actor": "PEER/una", "object": object{"id": other.URL + "/far", "type": "Note"}}
			other.person("una", nil)
			other.note("far", nil)
			p.person("una", list("una/outbox", append(created(mine), theirs, far)))
		}, []string{"mine"}, 3},
		{"words put into the mouth of somebody elsewhere", func(p, other *peer) {
			other.person("una", nil)
			p.person("una", list("una/outbox", created(p.note("mine", nil), p.note("forged", object{"attributedTo": other.URL + "/una"}))))
		}, []string{"mine"}, 4},
		{"an embedded post that its own address contradicts", func(p, _ *peer) {
			lie := p.note("a", nil)
			told := object{}
			for k, v := range lie {
				told[k] = v
			}
			told["id"], told["to"] = "PEER/secret", []string{vocab.Public}
			p.note("secret", object{"to": []string{"PEER/una/followers"}})
			p.person("una", list("una/outbox", created(lie, told)))
		}, []string{"a"}, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, p, other := newTown(t), newPeer(t), newPeer(t)
			tc.script(p, other)
			w.follows(w.finds(p, "/una"))
			w.works()
			w.wantShown(tc.want...)
			if tc.asks > 0 && p.total > tc.asks {
				t.Errorf("the server was asked %d times, want %d at most: %v", p.total, tc.asks, p.hits)
			}
		})
	}
}

// TestContexts reads the rest of a thread whose beginning came by its author's outbox.
func TestContexts(t *testing.T) {
	t.Parallel()
	starts := func(p *peer, more object) {
		p.person("una", list("una/outbox", created(p.note("start", more))))
	}
	for _, tc := range []struct {
		name   string
		script func(p, other *peer)
		want   []string
	}{
		{"posts of other servers are asked of these", func(p, other *peer) {
			starts(p, object{"context": "PEER/thread"})
			other.person("una", nil)
			other.note("far", object{"inReplyTo": p.URL + "/start"})
			p.shows("/thread", list("thread", []any{"PEER/start", object{"id": other.URL + "/far", "type": "Note", "content": "forged"}}))
		}, []string{"start", "far>start"}},
		{"answers whose parents come later in the list", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread"})
			p.note("1", object{"inReplyTo": "PEER/start"})
			p.note("2", object{"inReplyTo": "PEER/1"})
			p.shows("/thread", list("thread", []any{"PEER/2", "PEER/1", "PEER/start"}))
		}, []string{"start", "1>start", "2>1"}},
		{"a post that names the thread without answering", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread"})
			p.note("names", object{"context": "PEER/thread"})
			p.shows("/thread", list("thread", []any{"PEER/names"}))
		}, []string{"start", "names"}},
		{"a post that does not name the thread that claims it", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread"})
			p.note("claimed", object{"context": "PEER/another"})
			p.note("answer", object{"inReplyTo": "PEER/start"})
			p.shows("/thread", list("thread", []any{"PEER/claimed", "PEER/answer"}))
		}, []string{"start", "answer>start"}},
		{"a private context is no error", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread"})
			p.shows("/thread", http.StatusForbidden)
		}, []string{"start"}},
		{"a context that cannot be read leaves the answers", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread", "replies": "PEER/replies"})
			p.note("1", object{"inReplyTo": "PEER/start", "replies": "PEER/1/replies"})
			p.note("2", object{"inReplyTo": "PEER/1"})
			p.shows("/replies", list("replies", []any{"PEER/1"}))
			p.shows("/1/replies", list("1/replies", []any{"PEER/2"}))
		}, []string{"start", "1>start", "2>1"}},
		{"answers that another server lists", func(p, other *peer) {
			starts(p, object{"replies": other.URL + "/replies"})
			p.note("1", object{"inReplyTo": "PEER/start"})
			other.shows("/replies", list("replies", []any{p.URL + "/1"}))
		}, []string{"start"}},
		{"ours and those that are here are not asked for", func(p, _ *peer) {
			starts(p, object{"context": "PEER/thread"})
			p.shows("/thread", list("thread", []any{"https://town.example/posts/1", "PEER/start", "PEER/start"}))
		}, []string{"start"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, p, other := newTown(t), newPeer(t), newPeer(t)
			tc.script(p, other)
			w.follows(w.finds(p, "/una"))
			w.works()
			w.wantShown(tc.want...)
		})
	}
}

// TestAgainstOthers has a list send us against a server that it does not like.
func TestAgainstOthers(t *testing.T) {
	t.Parallel()
	w, p, victim := newTown(t), newPeer(t), newPeer(t)
	var items []any
	for i := range 200 {
		items = append(items, fmt.Sprintf("%s/%d", victim.URL, i))
	}
	p.person("una", list("una/outbox", created(p.note("start", object{"context": "PEER/thread"}))))
	p.shows("/thread", list("thread", items))
	w.follows(w.finds(p, "/una"))
	w.works()
	if victim.total == 0 || victim.total > 20 {
		t.Errorf("the other server was asked %d times, want 20 at most", victim.total)
	}
}

// TestNamedAgainstOthers has a community only name what it announces, all of one server.
func TestNamedAgainstOthers(t *testing.T) {
	t.Parallel()
	w, p, victim := newTown(t), newPeer(t), newPeer(t)
	var items []any
	for i := range 200 {
		p.shows(fmt.Sprintf("/act/%d", i), object{"id": fmt.Sprintf("PEER/act/%d", i), "type": "Announce", "actor": "PEER/club",
			"object": fmt.Sprintf("%s/%d", victim.URL, i)})
		items = append(items, fmt.Sprintf("PEER/act/%d", i))
	}
	p.club(list("club/outbox", nil), nil, nil)
	w.follows(w.finds(p, "/club"))
	w.works()
	p.shows("/club/outbox", list("club/outbox", items))
	w.clock.move(time.Hour)
	w.check(w.Pulse(t.Context()))
	w.works()
	if victim.total == 0 || victim.total > 20 {
		t.Errorf("the other server was asked %d times, want 20 at most", victim.total)
	}
}

// TestPostsAgainstOthers has posts name authors and communities of a server that their own
// does not like: no more is asked of it than if it had been listed.
func TestPostsAgainstOthers(t *testing.T) {
	t.Parallel()
	w, p, victim := newTown(t), newPeer(t), newPeer(t)
	far := func(what string, i int) string { return fmt.Sprintf("%s/%s/%d", victim.URL, what, i) }
	var notes []object
	for i := range firstPosts {
		name, parent := fmt.Sprintf("n%d", i), fmt.Sprintf("PEER/parent%d", i)
		notes = append(notes, p.note(name, object{"inReplyTo": parent, "audience": []string{far("a", i), far("b", i), far("c", i)}}))
		p.note(fmt.Sprintf("parent%d", i), object{"audience": []string{far("d", i), far("e", i), far("f", i)},
			"inReplyTo": fmt.Sprintf("PEER/first%d", i)})
		p.note(fmt.Sprintf("first%d", i), object{"attributedTo": far("author", i)})
	}
	p.person("una", list("una/outbox", created(notes...)))
	w.follows(w.finds(p, "/una"))
	w.works()
	if victim.total > 20 {
		t.Errorf("the other server was asked %d times, want 20 at most", victim.total)
	}
	if n := w.number(`SELECT count(*) FROM posts WHERE iri LIKE $1`, p.URL+"/n%"); n != firstPosts {
		t.Errorf("%d posts came, want %d", n, firstPosts)
	}
}

// TestPoliteness lets a server ask for rest.
func TestPoliteness(t *testing.T) {
	t.Parallel()
	w, p := newTown(t), newPeer(t)
	p.person("una", nil)
	p.shows("/una/outbox", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	una := w.finds(p, "/una")
	w.follows(una)
	w.works()
	w.clock.move(59 * time.Minute)
	w.works()
	asked := p.total
	w.check(w.Parent(t.Context(), p.URL+"/b")) // wanted while it rests
	w.works()
	if n := p.asked("/una/outbox"); n != 1 || p.total != asked {
		t.Errorf("asked %d times and %d more within the hour of rest, want once", n, p.total-asked)
	}
	p.shows("/una/outbox", list("una/outbox", created(p.note("a", nil))))
	w.clock.move(2 * time.Minute)
	w.works()
	w.wantShown("a")

	t.Run("and does not come back for ever", func(t *testing.T) {
		p.shows("/una/outbox", http.StatusServiceUnavailable)
		w.clock.move(2 * time.Hour)
		w.follows(una)
		before := p.asked("/una/outbox")
		for range 20 {
			w.works()
			w.clock.move(7 * time.Hour)
		}
		if n := p.asked("/una/outbox") - before; n != lives {
			t.Errorf("asked %d times, want %d", n, lives)
		}
		w.wantShown("a")
	})
}

// TestDrip has a server answer without end: it is left in time, and others are not held up.
func TestDrip(t *testing.T) {
	t.Parallel()
	w, p, other := newTown(t), newPeer(t), newPeer(t)
	p.person("una", nil)
	p.shows("/una/outbox", drip)
	other.person("una", list("una/outbox", created(other.note("a", nil))))
	w.follows(w.finds(p, "/una"))
	began := time.Now()
	w.works()
	if took := time.Since(began); took > each+5*time.Second {
		t.Errorf("it held us for %v", took)
	}
	if n := w.number(`SELECT count(*) FROM wanted WHERE attempts = 1`); n != 1 {
		t.Errorf("%d things are left for later, want one", n)
	}
	w.follows(w.finds(other, "/una"))
	w.works()
	if got := strings.Join(w.shown(), " "); got != "a" {
		t.Errorf("shown: %q", got)
	}
}

// TestPrivate brings what is for some only: nobody else sees it.
func TestPrivate(t *testing.T) {
	t.Parallel()
	w, p := newTown(t), newPeer(t)
	p.person("una", list("una/outbox", created(
		p.note("open", nil),
		p.note("followers", object{"to": []string{"PEER/una/followers"}}),
		p.note("ana", object{"to": []string{w.ana.IRI}}),
		p.note("nobody", object{"to": []string{}}),
	)))
	w.follows(w.finds(p, "/una"))
	w.works()
	w.wantShown("open")
	if _, err := w.Posts.ByIRI(t.Context(), access.Reader{ID: w.ana.ID}, p.URL+"/ana"); err != nil {
		t.Errorf("Ana does not see what is for her: %v", err)
	}
	for _, name := range []string{"followers", "nobody"} {
		if _, err := w.Posts.ByIRI(t.Context(), access.Reader{ID: w.ana.ID}, p.URL+"/"+name); err == nil {
			t.Errorf("Ana sees %s", name)
		}
	}
}

// TestAway stops the server for a while, and sees that what was shown meanwhile is had.
func TestAway(t *testing.T) {
	t.Parallel()
	w, p := newTown(t), newPeer(t)
	start := p.note("start", object{"context": "PEER/thread"})
	p.person("una", list("una/outbox", created(start)))
	w.follows(w.finds(p, "/una"))
	w.works()
	w.wantShown("start")

	missed := p.note("missed", nil)
	p.shows("/una/outbox", list("una/outbox", created(missed, start)))
	p.note("answer", object{"inReplyTo": "PEER/start"})
	p.shows("/thread", list("thread", []any{"PEER/start", "PEER/answer"}))
	w.clock.move(4 * time.Minute)
	w.check(w.Pulse(t.Context()))
	w.works()
	w.wantShown("start")

	w.clock.move(4*time.Minute + time.Second)
	w.check(w.Pulse(t.Context()))
	w.works()
	w.wantShown("start", "missed", "answer>start")

	asked := p.total
	w.clock.move(30 * time.Second)
	w.check(w.Pulse(t.Context()))
	w.works()
	if p.total != asked {
		t.Errorf("it lives, and asked %d times more", p.total-asked)
	}
	t.Run("of those whom nobody follows nothing is asked", func(t *testing.T) {
		a := w.finds(p, "/una")
		w.write(func(tx storage.Tx) error {
			_, err := w.Directory.EndFollow(t.Context(), tx, a.ID, w.ana.ID)
			return err
		})
		w.clock.move(time.Hour)
		w.check(w.Pulse(t.Context()))
		if n := w.number(`SELECT count(*) FROM wanted`); n > 0 {
			t.Errorf("%d things are wanted", n)
		}
	})
}

// TestSight shows what a community said lately to who has just found it, once.
func TestSight(t *testing.T) {
	t.Parallel()
	w, p := newTown(t), like(t, "lemmy")
	a := w.finds(p, "/c/group")
	w.check(w.Sight(t.Context(), a))
	w.works()
	w.wantShown("0*", "1*", "2*", "3*")
	asked := p.total
	w.check(w.Sight(t.Context(), a))
	w.works()
	if p.total != asked {
		t.Errorf("seen again, it is asked %d times more", p.total-asked)
	}
	una := w.finds(p, "/u/una")
	w.check(w.Sight(t.Context(), una))
	if n := w.number(`SELECT count(*) FROM wanted`); n > 0 {
		t.Error("a person who was only looked at is read through")
	}
}
