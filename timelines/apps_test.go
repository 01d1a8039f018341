package timelines_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/reading"
	"passerelles/storage"
	"passerelles/storage/storagetest"
	"passerelles/timelines"
)

// town is where members read by apps.
type town struct {
	t       *testing.T
	db      *storage.DB
	now     time.Time
	people  *accounts.Service
	groups  *communities.Service
	posts   *posts.Service
	reading *reading.Service
	lists   *timelines.Service
	dir     *actors.Directory
	makers  actors.Actor // which Ana animates
	who     map[string]actors.Actor
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), who: map[string]actors.Actor{}}
	tick := func() time.Time { w.now = w.now.Add(time.Second); return w.now }
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	w.db = db
	w.dir = actors.New(actors.Options{DB: db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tick})
	_, err := w.dir.EnsureServer(t.Context())
	check(t, err)
	w.people = accounts.NewService(accounts.Options{DB: db, Directory: w.dir, IRIs: iris, Now: tick})
	w.groups = communities.NewService(communities.Options{DB: db, Directory: w.dir, IRIs: iris, Now: tick})
	w.posts = posts.NewService(posts.Options{DB: db, Directory: w.dir, Communities: w.groups, IRIs: iris, Now: tick})
	w.reading = reading.NewService(reading.Options{DB: db, Now: tick})
	w.lists = timelines.NewService(db, w.posts)
	for _, name := range []string{"ana", "bob", "eve", "mia"} {
		m, err := w.people.Create(t.Context(), accounts.New{Name: name, Email: name + "@town.example", Password: "correct horse battery"})
		check(t, err)
		w.who[name], err = w.dir.ByID(t.Context(), m.ID)
		check(t, err)
	}
	c, err := w.groups.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: w.id("ana")})
	check(t, err)
	w.makers = c.Actor
	return w
}

func (w *town) id(name string) actors.ID { return w.who[name].ID }

func (w *town) reader(name string) access.Reader { return access.Reader{ID: w.id(name)} }

func (w *town) says(name string, d posts.Draft) posts.Post {
	w.t.Helper()
	p, err := w.posts.Publish(w.t.Context(), w.id(name), d)
	check(w.t, err)
	return p
}

func (w *town) follows(name, other string) {
	w.t.Helper()
	_, err := w.people.Follow(w.t.Context(), w.id(name), w.who[other])
	check(w.t, err)
}

// shows gives a list as words: what is shared is followed by by whom.
func (w *town) shows(list []timelines.Entry, err error) string {
	w.t.Helper()
	check(w.t, err)
	var all []string
	for _, e := range list {
		said := e.Post.Source
		for name, a := range w.who {
			if a.ID == e.By {
				said += " by " + name
			}
		}
		all = append(all, said)
	}
	return strings.Join(all, ", ")
}

func (w *town) is(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s shows %q, want %q", what, got, want)
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	home := func(p timelines.Page) string { return w.shows(w.lists.HomeShared(ctx, w.reader("eve"), p)) }
	w.follows("eve", "ana")
	one := w.says("bob", posts.Draft{Text: "one"})
	w.says("ana", posts.Draft{Text: "two"})
	inside := w.says("ana", posts.Draft{Text: "inside", Title: "Inside", Community: w.makers.ID, Scope: posts.Members})
	check(t, w.posts.Boost(ctx, w.id("ana"), one.ID))
	check(t, w.posts.Boost(ctx, w.id("mia"), one.ID))
	w.says("ana", posts.Draft{Text: "three"})
	if err := w.posts.Boost(ctx, w.id("ana"), inside.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("what is for members is shared: %v", err)
	}
	w.is("home", home(timelines.Page{}), "three, one by ana, two")

	all, err := w.lists.HomeShared(ctx, w.reader("eve"), timelines.Page{})
	check(t, err)
	w.is("the part after the first", home(timelines.Page{Before: all[0].ID}), "one by ana, two")
	w.is("the part before the last", home(timelines.Page{After: all[2].ID, Oldest: true, Limit: 1}), "one by ana")
	w.is("her profile", w.shows(w.lists.Said(ctx, w.reader("eve"), w.who["ana"], timelines.Want{}, timelines.Page{})), "three, one by ana, two")

	check(t, w.people.Mute(ctx, w.id("eve"), w.who["bob"]))
	w.is("home, its author muted", home(timelines.Page{}), "three, two")
	check(t, w.people.Unmute(ctx, w.id("eve"), w.who["bob"]))
	check(t, w.posts.Unboost(ctx, w.id("ana"), one.ID))
	w.is("home, no more shared", home(timelines.Page{}), "three, two")
	check(t, w.posts.Boost(ctx, w.id("ana"), one.ID))
	check(t, w.posts.Delete(ctx, w.id("bob"), one.ID))
	w.is("home, deleted", home(timelines.Page{}), "three, two")
}

func TestLists(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	w.follows("eve", "ana")
	w.follows("eve", "bob")
	l, err := w.reading.NewList(ctx, w.id("eve"), reading.List{Title: "Atelier"})
	check(t, err)
	if err := w.reading.AddTo(ctx, w.id("eve"), l.ID, []actors.ID{w.id("ana"), w.id("mia")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("who is not followed is listed: %v", err)
	}
	check(t, w.reading.AddTo(ctx, w.id("eve"), l.ID, []actors.ID{w.id("ana")}))
	shown := func(reader string) string {
		return w.shows(w.lists.List(ctx, w.reader(reader), l.ID, timelines.Page{}))
	}
	first := w.says("ana", posts.Draft{Text: "first"})
	bobs := w.says("bob", posts.Draft{Text: "bobs"})
	w.says("ana", posts.Draft{Text: "to herself", InReplyTo: first.ID})
	w.says("ana", posts.Draft{Text: "to bob", InReplyTo: bobs.ID})
	check(t, w.posts.Boost(ctx, w.id("ana"), bobs.ID))
	w.is("the list", shown("eve"), "bobs by ana, to herself, first")
	w.is("the list, to somebody else", shown("mia"), "bobs by ana") // refused at the door; and no post of it
	for replies, want := range map[string]string{"none": "bobs by ana, first", "followed": "bobs by ana, to bob, to herself, first"} {
		_, err := w.reading.ChangeList(ctx, w.id("eve"), reading.List{ID: l.ID, Title: "Atelier", Replies: replies})
		check(t, err)
		w.is("the list with replies to "+replies, shown("eve"), want)
	}
	home := func() string { return w.shows(w.lists.HomeShared(ctx, w.reader("eve"), timelines.Page{})) }
	w.is("home", home(), "bobs by ana, bobs, first")
	_, err = w.reading.ChangeList(ctx, w.id("eve"), reading.List{ID: l.ID, Title: "Atelier", Exclusive: true})
	check(t, err)
	w.is("home without what is read apart", home(), "bobs")
	if _, err := w.reading.ListByID(ctx, w.id("mia"), l.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else reads the list: %v", err)
	}
	if err := w.reading.DropList(ctx, w.id("mia"), l.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else drops the list: %v", err)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	theme, err := w.groups.AddTheme(ctx, w.id("ana"), w.makers.ID, communities.Worded{Name: "Économie sociale"})
	check(t, err)
	w.says("bob", posts.Draft{Text: "#Érable et #bois"})
	w.says("bob", posts.Draft{Text: "#erable"})
	w.says("bob", posts.Draft{Text: "caché #érable", Scope: posts.Unlisted})
	w.says("ana", posts.Draft{Text: "entre nous #érable", Title: "Entre nous", Community: w.makers.ID, Scope: posts.Members})
	w.says("ana", posts.Draft{Text: "sous un thème", Title: "Thème", Community: w.makers.ID, Themes: []int64{theme.ID}})
	shown := func(tags timelines.Tags) string {
		return strings.Join(sources(w.lists.Tagged(ctx, access.Reader{}, tags, timelines.Page{})), ", ")
	}
	w.is("a tag", shown(timelines.Tags{Any: []string{"ÉRABLE"}}), "#erable, #Érable et #bois")
	w.is("both", shown(timelines.Tags{Any: []string{"érable"}, All: []string{"bois"}}), "#Érable et #bois")
	w.is("one without the other", shown(timelines.Tags{Any: []string{"érable"}, None: []string{"bois"}}), "#erable")
	w.is("a theme", shown(timelines.Tags{Any: []string{"ÉconomieSociale"}}), "sous un thème")
	w.is("none", shown(timelines.Tags{Any: []string{"rien"}}), "")

	home := func() string { return w.shows(w.lists.HomeShared(ctx, w.reader("eve"), timelines.Page{})) }
	w.is("home", home(), "")
	check(t, w.reading.FollowTag(ctx, w.id("eve"), "Bois"))
	w.is("home with a tag", home(), "#Érable et #bois")
	check(t, w.reading.UnfollowTag(ctx, w.id("eve"), "bois"))
	w.is("home without", home(), "")

	uses, err := w.lists.Trends(ctx, w.now, 10, 0)
	check(t, err)
	if len(uses) != 2 || uses[0].Tag != "bois" || uses[1].Tag != "erable" || uses[1].Posts != 2 || uses[1].Users != 1 {
		t.Errorf("trends are %+v", uses)
	}
	if found, err := w.lists.FindTags(ctx, "Éra", 10); err != nil || len(found) != 1 || found[0].Tag != "erable" {
		t.Errorf("found %+v, %v", found, err)
	}
	w.now = w.now.AddDate(0, 0, 8)
	if uses, err := w.lists.Trends(ctx, w.now, 10, 0); err != nil || len(uses) != 0 {
		t.Errorf("after a week %+v, %v", uses, err)
	}
}

func sources(all []posts.Post, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	var texts []string
	for _, p := range all {
		texts = append(texts, p.Source)
	}
	return texts
}

func TestKept(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	_, err := w.groups.Ask(ctx, w.makers.ID, w.id("eve"), "")
	check(t, err)
	inside := w.says("ana", posts.Draft{Text: "inside", Title: "Inside", Community: w.makers.ID, Scope: posts.Members})
	open := w.says("ana", posts.Draft{Text: "open"})
	for _, p := range []posts.Post{open, inside, open} {
		check(t, w.reading.Bookmark(ctx, w.id("eve"), p.ID))
		check(t, w.posts.Like(ctx, w.id("eve"), p.ID))
	}
	bookmarks := func() string { return w.shows(w.lists.Bookmarks(ctx, w.reader("eve"), timelines.Page{})) }
	favourites := func() string { return w.shows(w.lists.Favourites(ctx, w.reader("eve"), timelines.Page{})) }
	w.is("what is kept", bookmarks(), "inside, open")
	w.is("what is liked", favourites(), "inside, open")
	all, err := w.lists.Favourites(ctx, w.reader("eve"), timelines.Page{Limit: 1})
	check(t, err)
	w.is("the rest of it", w.shows(w.lists.Favourites(ctx, w.reader("eve"), timelines.Page{Before: all[0].ID})), "open")
	check(t, w.groups.Leave(ctx, w.makers.ID, w.id("eve")))
	w.is("what is kept, by who is no member", bookmarks(), "open")
	w.is("what is liked, by who is no member", favourites(), "open")
	check(t, w.reading.Unbookmark(ctx, w.id("eve"), open.ID))
	w.is("what is kept", bookmarks(), "")
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	w, ctx := newTown(t), t.Context()
	psst := w.says("ana", posts.Draft{Text: "psst @eve", Scope: posts.Direct})
	shown := func(name string) string {
		t.Helper()
		all, err := w.lists.Exchanges(ctx, w.reader(name), timelines.Page{})
		check(t, err)
		var texts []string
		for _, e := range all {
			said := e.Last.Source
			if e.Unread {
				said += "!"
			}
			texts = append(texts, said)
		}
		return strings.Join(texts, ", ")
	}
	w.is("Eve's", shown("eve"), "psst @eve!")
	w.is("Ana's", shown("ana"), "psst @eve")
	w.is("Mia's", shown("mia"), "")
	if _, err := w.lists.ExchangeOf(ctx, w.reader("mia"), psst.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("Mia reads it: %v", err)
	}
	check(t, w.reading.ReadExchange(ctx, w.id("eve"), psst.ID, psst.ID))
	w.is("Eve's once read", shown("eve"), "psst @eve")
	reply := w.says("eve", posts.Draft{Text: "oui @ana", InReplyTo: psst.ID})
	w.is("Ana's then", shown("ana"), "oui @ana!")
	check(t, w.reading.PutAway(ctx, w.id("ana"), psst.ID, reply.ID))
	w.is("Ana's put away", shown("ana"), "")
	w.says("eve", posts.Draft{Text: "alors @ana", InReplyTo: reply.ID})
	w.is("Ana's again", shown("ana"), "alors @ana!")
}
