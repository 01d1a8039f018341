package history

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// club is a community that keeps lists.
func (p *peer) club(outbox, featured, moderators any) {
	p.shows("/club", object{"@context": activityStreams, "id": "PEER/club", "type": "Group", "preferredUsername": "club",
		"inbox": "PEER/club/inbox", "outbox": "PEER/club/outbox", "followers": "PEER/club/followers",
		"featured": "PEER/club/featured", "attributedTo": "PEER/club/moderators"})
	p.shows("/club/outbox", outbox)
	p.shows("/club/featured", featured)
	p.shows("/club/moderators", moderators)
}

// TestLists reads what a community features and who moderates it.
func TestLists(t *testing.T) {
	t.Parallel()
	w, p, far := newTown(t), newPeer(t), newPeer(t)
	p.person("una", nil)
	shared := object{"audience": "PEER/club"}
	for _, name := range []string{"a", "b", "c"} {
		p.note(name, shared)
	}
	zoe := far.URL + "/zoe"
	p.club(list("club/outbox", []any{announced(p, "a"), announced(p, "b")}),
		list("club/featured", []any{"PEER/c", "PEER/a", "PEER/c", 7, "nonsense"}),
		list("club/moderators", nil, object{"first": object{"type": "OrderedCollectionPage", "orderedItems": []any{"PEER/una", zoe, zoe}}}))
	club := w.finds(p, "/club")
	w.follows(club)
	w.works()
	w.wantShown("a*", "b*", "c*")
	w.wantFeatured(club, "c", "a")
	w.wantModerators(club, p.URL+"/una", zoe)
	if far.total > 0 {
		t.Errorf("a moderator's server was asked %d times", far.total)
	}

	again := func() {
		w.clock.move(time.Hour)
		w.check(w.Pulse(t.Context()))
		w.works()
	}
	t.Run("what another has said since stands", func(t *testing.T) {
		later := w.clock.now().Add(2 * time.Hour)
		w.write(func(tx storage.Tx) error {
			if _, err := w.Posts.ReceiveMark(t.Context(), tx, posts.Mark{Community: club, Post: p.URL + "/a", Kind: posts.Featured, At: later}); err != nil {
				return err
			}
			_, err := w.Communities.ReceiveRole(t.Context(), tx, communities.Role{Community: club, Who: p.URL + "/una", Role: communities.Moderator, At: later})
			return err
		})
		again()
		w.wantFeatured(club, "c")
		w.wantModerators(club, zoe)
	})
	t.Run("lists that hide what they hold change nothing", func(t *testing.T) {
		p.shows("/club/featured", list("club/featured", []any{}, object{"totalItems": 2}))
		p.shows("/club/moderators", http.StatusForbidden)
		again()
		w.wantFeatured(club, "c")
		w.wantModerators(club, zoe)
	})
	t.Run("who is no longer named is nothing any more", func(t *testing.T) {
		p.shows("/club/featured", list("club/featured", []any{"PEER/b"}))
		p.shows("/club/moderators", list("club/moderators", []any{}))
		again()
		w.wantFeatured(club, "b")
		w.wantModerators(club)
	})
	t.Run("though its outbox is closed", func(t *testing.T) {
		p.shows("/club/outbox", http.StatusForbidden)
		p.shows("/club/moderators", list("club/moderators", []any{zoe}))
		again()
		w.wantModerators(club, zoe)
	})
	t.Run("too many to be all", func(t *testing.T) {
		var many []any
		for i := range 3 * mostModerators {
			many = append(many, fmt.Sprintf("%s/%d", far.URL, i))
		}
		p.shows("/club/moderators", list("club/moderators", many))
		again()
		if n := w.number(`SELECT count(*) FROM roles_elsewhere WHERE holds`); n != mostModerators+1 {
			t.Errorf("%d moderate it, want %d", n, mostModerators+1)
		}
	})
}

// TestLongList reads a thousand of all that a document may hold, and does not take them for all.
func TestLongList(t *testing.T) {
	t.Parallel()
	w, p := newTown(t), newPeer(t)
	var many []any
	for i := range 1900 {
		many = append(many, fmt.Sprintf("PEER/%d", i))
	}
	for name, most := range map[string]object{
		"all at once": list("long", many),
		"in its page": list("long", nil, object{"totalItems": 1, "first": object{"type": "OrderedCollectionPage", "orderedItems": many}}),
		"on pages":    list("long", many[:600], object{"totalItems": -5, "next": "PEER/next"}),
	} {
		p.shows("/long", most)
		p.shows("/next", list("next", many[600:1200]))
		seen := 0
		whole, err := w.walk(t.Context(), p.URL+"/long", func(items []vocab.Ref) (bool, error) {
			seen += len(items)
			return false, nil
		})
		if err != nil || whole || seen != mostItems {
			t.Errorf("%s: %d seen, whole %t, %v; want %d and not whole", name, seen, whole, err, mostItems)
		}
	}
}

// announced is a post of una's that the club passes on.
func announced(p *peer, name string) object {
	return object{"id": "PEER/club/" + name, "type": "Announce", "actor": "PEER/club", "object": p.URL + "/" + name}
}

func (w *town) wantFeatured(club actors.Actor, want ...string) {
	w.t.Helper()
	got, err := w.Posts.FeaturedIn(w.t.Context(), w.DB, access.Reader{}, club.ID)
	w.check(err)
	for i := range got {
		got[i] = got[i][strings.LastIndex(got[i], "/")+1:]
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("featured: %q, want %q", got, want)
	}
}

func (w *town) wantModerators(club actors.Actor, want ...string) {
	w.t.Helper()
	rows, _ := w.DB.Query(w.t.Context(), `
		SELECT who FROM roles_elsewhere WHERE community = $1 AND role = 'moderator' AND holds`, club.ID)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.check(err)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("moderators: %q, want %q", got, want)
	}
}
