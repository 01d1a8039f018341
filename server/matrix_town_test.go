package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/federation"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/storage/storagetest"
)

// realm is three servers that work, and a community of one level on the first. On each
// side of it stand people of every sort, and each thing that is said carries a canary.
type realm struct {
	t               *testing.T
	home, near, far *shire
	group           communities.Community
	people          map[string]accounts.Member // of all servers
	canaries        []canary
	theme           communities.Theme // of the group, under which the first post stands
	portrait        media.Portrait    // of the group
}

// shire is one of the servers.
type shire struct {
	*Server
	redis string
	log   *safeBuffer
	tried safeBuffer // what others sent it
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// canary is a word of a post, and who may read it.
type canary struct {
	word, scope string
	at          *shire
	post        posts.Post
	file        media.File
}

func newRealm(t *testing.T, level actors.Access) *realm {
	t.Helper()
	r := &realm{t: t, people: map[string]accounts.Member{}}
	doors := make([]*httptest.Server, 3)
	var ports []uint16
	for i := range doors {
		doors[i] = httptest.NewUnstartedServer(nil)
		ports = append(ports, netip.MustParseAddrPort(doors[i].Listener.Addr().String()).Port())
	}
	r.home, r.near, r.far = r.open(doors[0], ports), r.open(doors[1], ports), r.open(doors[2], ports)
	for name, at := range map[string]*shire{"ana": r.home, "eve": r.home, "gus": r.home, "hal": r.home, "dora": r.home, "flo": r.home,
		"bob": r.near, "mal": r.near, "dan": r.far, "zed": r.far} {
		m, err := at.Accounts.Create(t.Context(), accounts.New{Name: name, Email: name + "@example.org", Password: "correct horse battery"})
		r.must(err)
		r.people[name] = m
	}
	var err error
	r.group, err = r.home.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Le cercle", Access: level, Animator: r.people["ana"].ID})
	r.must(err)
	r.gather()
	r.speak()
	return r
}

func (r *realm) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *realm) open(door *httptest.Server, ports []uint16) *shire {
	r.t.Helper()
	cfg := config.Default()
	cfg.Origin = "http://" + door.Listener.Addr().String()
	cfg.Data, cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = r.t.TempDir(), storagetest.URL(r.t), storagetest.Redis(r.t), 6
	cfg.AllowHTTP, cfg.AllowPorts, cfg.AllowNetworks = true, ports, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.Slots, cfg.SlowSlots, cfg.InboxWorkers, cfg.AppCalls = 4, 4, 2, 0
	s := &shire{redis: cfg.RedisURL, log: &safeBuffer{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	s.Server, err = Open(r.t.Context(), cfg, Options{Log: log})
	r.must(err)
	site := s.Handler()
	door.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body := &bytes.Buffer{}
		_, _ = body.ReadFrom(req.Body) // what breaks off is seen below
		_, _ = s.tried.Write(body.Bytes())
		req.Body = http.NoBody
		if body.Len() > 0 {
			req.Body = readCloser{body}
		}
		site.ServeHTTP(w, req)
	})
	door.Start()
	ctx, end := context.WithCancel(context.Background())
	worked := make(chan error, 1)
	go func() { worked <- s.Work(ctx) }()
	r.t.Cleanup(func() {
		end()
		if err := errors.Join(<-worked, s.Close()); err != nil {
			r.t.Error(err)
		}
		door.Close()
	})
	return s
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// await looks until something holds.
func (r *realm) await(what string, holds func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain until %s\n%s\n%s", what, r.home.log, r.near.log)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
	}
}

// gather makes members, and lets some be so no more.
func (r *realm) gather() {
	r.t.Helper()
	ctx, id := r.t.Context(), r.group.Actor.ID
	ana := r.people["ana"].ID
	for _, name := range []string{"eve", "gus", "hal"} {
		who := r.people[name].ID
		if r.group.Access == actors.Confidential {
			r.must(r.home.Communities.Invite(ctx, ana, id, who))
		}
		_, err := r.home.Communities.Ask(ctx, id, who, "")
		r.must(err)
		if r.group.Access == actors.ForMembers {
			r.must(r.home.Communities.Approve(ctx, ana, id, who))
		}
	}
	r.joinFrom(r.near, "bob")
	r.joinFrom(r.far, "dan")
	if r.group.Access == actors.Open {
		r.followFrom(r.near, "mal")
		r.followFrom(r.far, "zed")
		_, err := r.home.Accounts.Follow(ctx, r.people["flo"].ID, r.group.Actor)
		r.must(err)
	}
	r.must(r.home.Communities.Remove(ctx, ana, id, r.people["gus"].ID))
	r.must(r.home.Moderation.Ban(ctx, communities.Ban{Community: id, Who: r.people["hal"].ID, By: ana, Reason: "insiste"}))
	r.must(r.home.Moderation.Ban(ctx, communities.Ban{Community: id, Who: r.abroad("dan", r.far).ID, By: ana, Reason: "insiste"}))
	r.await("far knows that dan is removed", func() bool { return !r.belongs(r.far, "dan") })
	if r.group.Access == actors.Confidential {
		r.must(r.home.Communities.HideFrom(ctx, ana, id, r.far.Config.Host()))
	}
}

// abroad is a person of another server, as home knows it.
func (r *realm) abroad(name string, at *shire) actors.Actor {
	r.t.Helper()
	there, err := at.Directory.ByID(r.t.Context(), r.people[name].ID)
	r.must(err)
	a, err := r.home.Directory.Resolve(r.t.Context(), there.IRI)
	r.must(err)
	return a
}

func (r *realm) belongs(at *shire, name string) bool {
	r.t.Helper()
	group, err := at.Directory.ByIRI(r.t.Context(), r.group.Actor.IRI)
	r.must(err)
	st, err := at.Communities.StandingOf(r.t.Context(), at.DB, group.ID, r.people[name].ID)
	r.must(err)
	return st == communities.Member
}

// invited says whether a server keeps that somebody of it is.
func (r *realm) invited(at *shire, name string) bool {
	r.t.Helper()
	group, err := at.Directory.ByIRI(r.t.Context(), r.group.Actor.IRI)
	if err != nil {
		return false // it is not known there yet
	}
	st, err := at.Communities.StandingOf(r.t.Context(), at.DB, group.ID, r.people[name].ID)
	r.must(err)
	return st == communities.Invited
}

func (r *realm) joinFrom(at *shire, name string) {
	r.t.Helper()
	ctx, id, ana := r.t.Context(), r.group.Actor.ID, r.people["ana"].ID
	who := r.abroad(name, at)
	if r.group.Access == actors.Confidential {
		r.must(r.home.Communities.ShowTo(ctx, ana, id, at.Config.Host()))
		r.must(r.home.Communities.Invite(ctx, ana, id, who.ID))
		r.await(name+" is invited", func() bool { return r.invited(at, name) })
	}
	group, err := at.Directory.Resolve(ctx, r.group.Actor.IRI)
	r.must(err)
	if group.Access != r.group.Access {
		r.t.Errorf("elsewhere it is known as %q", group.Access)
	}
	if r.group.Access == actors.Open {
		_, err = at.Communities.Join(ctx, communities.Joining{Community: group.ID, Who: r.people[name].ID})
		r.must(err)
	} else {
		_, err = at.Accounts.Follow(ctx, r.people[name].ID, group)
		r.must(err)
	}
	if r.group.Access == actors.ForMembers {
		r.await(name+" asks", func() bool { return r.home.Communities.Approve(ctx, ana, id, who.ID) == nil })
	}
	r.await(name+" is a member", func() bool { return r.belongs(at, name) })
}

func (r *realm) followFrom(at *shire, name string) {
	r.t.Helper()
	group, err := at.Directory.Resolve(r.t.Context(), r.group.Actor.IRI)
	r.must(err)
	_, err = at.Accounts.Follow(r.t.Context(), r.people[name].ID, group)
	r.must(err)
	r.await(name+" follows", func() bool {
		f, err := at.Directory.FollowOf(r.t.Context(), at.DB, group.ID, r.people[name].ID)
		return err == nil && f.State == actors.Accepted
	})
}

// speak says something in each scope, and waits until near has what it may have.
func (r *realm) speak() {
	r.t.Helper()
	scopes := []string{posts.Members, posts.Animators}
	if r.group.Access == actors.Open {
		scopes = append(scopes, posts.Public)
	}
	var err error
	r.theme, err = r.home.Communities.AddTheme(r.t.Context(), r.people["ana"].ID, r.group.Actor.ID, communities.Worded{Name: "canarithemezz"})
	r.must(err)
	drawing := &bytes.Buffer{}
	r.must(png.Encode(drawing, image.NewGray(image.Rect(0, 0, 4, 4))))
	drawn, err := r.home.Media.Take(r.t.Context(), r.people["ana"].ID, "tuile.png", drawing)
	r.must(err)
	r.portrait, err = r.home.Media.Portray(r.t.Context(), drawn)
	r.must(err)
	r.must(r.home.Communities.SetPicture(r.t.Context(), r.people["ana"].ID, r.group.Actor.ID, &r.portrait))
	for _, scope := range scopes {
		r.say(r.home, "ana", scope, posts.Draft{Community: r.group.Actor.ID, Scope: scope, Title: "Titre", Themes: []int64{r.theme.ID}})
	}
	first := r.canaries[0]
	r.say(r.home, "eve", posts.Members, posts.Draft{InReplyTo: first.post.ID})
	group, err := r.near.Directory.ByIRI(r.t.Context(), r.group.Actor.IRI)
	r.must(err)
	r.say(r.near, "bob", posts.Members, posts.Draft{Community: group.ID, Scope: posts.Members})
	for _, c := range r.canaries {
		if c.scope == posts.Animators {
			continue
		}
		for _, at := range []*shire{r.home, r.near} {
			r.await("what is "+c.scope+" is there", func() bool {
				known, err := at.Posts.Known(r.t.Context(), at.DB, c.post.IRI)
				r.must(err)
				return known
			})
		}
	}
	r.await("nothing waits", func() bool {
		var n int
		r.must(r.home.DB.QueryRow(r.t.Context(), `SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM inbox_queue)`).Scan(&n))
		return n == 0
	})
}

func (r *realm) say(at *shire, who, scope string, d posts.Draft) {
	r.t.Helper()
	c := canary{word: fmt.Sprintf("canari%s%dzz", scope, len(r.canaries)), scope: scope}
	d.Text = "Voici " + c.word + "."
	if d.Title != "" {
		d.Title += " " + c.word
	}
	c.at = at
	file, err := at.Media.Take(r.t.Context(), r.people[who].ID, c.word+".pdf", strings.NewReader("%PDF-1.7 "+c.word+" %%EOF"))
	r.must(err)
	drawing := &bytes.Buffer{}
	r.must(png.Encode(drawing, image.NewGray(image.Rect(0, 0, 4, 4))))
	picture, err := at.Media.Take(r.t.Context(), r.people[who].ID, "plan.png", drawing)
	r.must(err)
	d.Files = []media.Attach{{ID: file.ID}, {ID: picture.ID, Alt: new("Un plan")}}
	if c.post, err = at.Posts.Publish(r.t.Context(), r.people[who].ID, d); err != nil {
		r.t.Fatal(err)
	}
	if c.post.Scope != scope {
		r.t.Errorf("what %s said is %s, want %s", who, c.post.Scope, scope)
	}
	c.file = c.post.Files[0]
	r.canaries = append(r.canaries, c)
}

// key is that of a server's own actor, or of somebody there.
func (r *realm) key(at *shire, name string) federation.PrivateKey {
	r.t.Helper()
	if name == "" {
		key, err := at.signAsServer(r.t.Context())
		r.must(err)
		return key
	}
	key, err := at.Directory.Key(r.t.Context(), r.people[name].ID)
	r.must(err)
	return key
}
