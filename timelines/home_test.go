package timelines_test

import (
	"fmt"
	"slices"
	"testing"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/timelines"
)

// TestHomeEitherWay: who follows few and who follows many is read in two ways, which show the same. Ana follows two people and a
// community; Mia the same and many who say nothing.
func TestHomeEitherWay(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	hers, err := w.groups.Create(ctx, communities.New{Name: "cercle", Title: "Cercle", Animator: w.id("bob"), Access: actors.ForMembers})
	check(t, err)
	w.who["makers"], w.who["cercle"] = w.makers, hers.Actor
	few, err := w.people.Create(ctx, accounts.New{Name: "few", Email: "few@town.example", Password: "correct horse battery"})
	check(t, err)
	w.who["few"], err = w.dir.ByID(ctx, few.ID)
	check(t, err)
	for _, whom := range []string{"ana", "bob", "makers"} {
		w.follows("few", whom)
		w.follows("mia", whom)
	}
	for i := range 25 {
		var silent actors.Actor
		check(t, w.db.Write(ctx, func(tx storage.Tx) (err error) {
			silent, err = w.dir.CreateLocal(ctx, tx, actors.NewLocal{Kind: actors.Person, Name: fmt.Sprintf("silent%d", i)})
			return err
		}))
		_, err := w.people.Follow(ctx, w.id("mia"), silent)
		check(t, err)
	}
	var shown []string
	for i := range 14 {
		said := fmt.Sprint(i)
		switch i % 7 {
		case 0: // by whom they follow, in the community that they follow: once
			p := w.says("ana", posts.Draft{Title: "T", Text: said, Community: w.makers.ID})
			w.says("bob", posts.Draft{Text: "reply", InReplyTo: p.ID})
			shown = append(shown, said)
		case 1:
			w.says("bob", posts.Draft{Title: "T", Text: said, Community: hers.Actor.ID, Scope: posts.Members}) // for its members
		case 2:
			w.says("eve", posts.Draft{Text: said}) // whom nobody follows
		case 3:
			p := w.says("eve", posts.Draft{Text: said})
			check(t, w.posts.Boost(ctx, w.id("ana"), p.ID))
			shown = append(shown, said+" by ana")
		case 4:
			gone := w.says("ana", posts.Draft{Text: said})
			check(t, w.posts.Delete(ctx, w.id("ana"), gone.ID))
		case 5:
			w.says("bob", posts.Draft{Text: said})
			shown = append(shown, said)
		case 6: // by whom they do not follow, where they do
			w.says("eve", posts.Draft{Title: "T", Text: said, Community: w.makers.ID})
			shown = append(shown, said)
		}
	}
	slices.Reverse(shown)
	for _, name := range []string{"few", "mia"} {
		for _, oldest := range []bool{false, true} {
			var all []string
			page := timelines.Page{Limit: 2, Oldest: oldest}
			for range 12 {
				list, err := w.lists.HomeShared(ctx, w.reader(name), page)
				check(t, err)
				if len(list) == 0 {
					break
				}
				part := []string{}
				for _, e := range list {
					part = append(part, w.shows([]timelines.Entry{e}, nil))
				}
				if page.Before = list[len(list)-1].ID; oldest {
					page.Before, page.After = 0, list[0].ID
					all = append(part, all...)
					continue
				}
				all = append(all, part...)
			}
			if !slices.Equal(all, shown) {
				t.Errorf("%s, oldest first: %v: %q, want %q", name, oldest, all, shown)
			}
		}
	}
}
