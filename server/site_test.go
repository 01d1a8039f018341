package server

import (
	"bytes"
	"image"
	"image/png"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/media"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage/storagetest"
)

// site is a server with something behind each door.
type site struct {
	*Server
	url     string
	token   string            // of a member
	boss    string            // of an administrator
	samples *strings.Replacer // of what routes name
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, func(*config.Config) {})
}

func newSiteWith(t *testing.T, change func(*config.Config)) *site {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Origin, cfg.Data, cfg.MetricsListen = "http://localhost:"+port, t.TempDir(), "" // whose mails are caught
	cfg.AppCalls = 0
	cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = storagetest.URL(t), storagetest.Redis(t), 4
	elsewhere := pictureServer(t)
	cfg.AllowHTTP, cfg.AllowNetworks = true, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	cfg.AllowPorts = []uint16{netip.MustParseAddrPort(strings.TrimPrefix(elsewhere, "http://")).Port()}
	change(&cfg)
	s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	front := httptest.NewUnstartedServer(s.Handler())
	front.Listener.Close()
	front.Listener = listener
	front.Start()
	t.Cleanup(front.Close)
	at := &site{Server: s, url: cfg.Origin}
	at.settle(t, elsewhere)
	return at
}

// pictureServer shows one picture at every address.
func pictureServer(t *testing.T) string {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		if err := png.Encode(w, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(elsewhere.Close)
	return elsewhere.URL
}

func (s *site) settle(t *testing.T, elsewhere string) {
	t.Helper()
	chef, err := s.Accounts.Create(t.Context(), accounts.New{Name: "chef", Email: "chef@example.org", Password: "correct horse battery", Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.boss, err = s.Accounts.IssueToken(t.Context(), acts.By{}, chef.ID, "test", 0); err != nil {
		t.Fatal(err)
	}
	ana, err := s.Accounts.Create(t.Context(), accounts.New{Name: "ana", Email: "ana@example.org", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	if s.token, err = s.Accounts.IssueToken(t.Context(), acts.By{}, ana.ID, "test", 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.SetFounders(t.Context(), acts.By{}, accounts.EveryMember); err != nil {
		t.Fatal(err)
	}
	makers, err := s.Communities.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: ana.ID})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Media.Take(t.Context(), ana.ID, "plan.pdf", strings.NewReader("%PDF-1.7 %%EOF"))
	if err != nil {
		t.Fatal(err)
	}
	post, err := s.Posts.Publish(t.Context(), ana.ID, posts.Draft{Community: makers.Actor.ID, Title: "Saw", Text: "A saw to share.",
		Files: []media.Attach{{ID: plan.ID}}})
	if err != nil {
		t.Fatal(err)
	}
	var activity string
	if err := s.DB.QueryRow(t.Context(), `SELECT iri FROM activities WHERE type = 'Create' LIMIT 1`).Scan(&activity); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `INSERT INTO quotes (id, post, quoting, at) VALUES (1, $1, $2, now())`, post.ID, elsewhere+"/quote"); err != nil {
		t.Fatal(err)
	}
	report, err := s.Moderation.Report(t.Context(), moderation.Complaint{By: ana.ID, Person: chef.ID, Words: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Posts.Rule(t.Context(), ana.ID, post.ID, posts.Ruling{Act: communities.Pin}); err != nil {
		t.Fatal(err)
	}
	const bea = 7
	_, err = s.DB.Exec(t.Context(), `
		WITH host AS (
			INSERT INTO hosts (name) VALUES ('elsewhere.example')
			RETURNING id
		)
		INSERT INTO actors (id, iri, kind, host, name, icon, published, refreshed_at)
		SELECT $1, $2, 'person', id, 'bea', $3, now(), now()
		FROM host`, bea, elsewhere+"/bea", elsewhere+"/bea.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `INSERT INTO echoes (id, post, who, at) VALUES (5, $1, $2, now())`, post.ID, bea); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Posts.Publish(t.Context(), chef.ID, posts.Draft{Text: "For @ana."}); err != nil {
		t.Fatal(err)
	}
	tickets := s.tickets(t)
	told, err := s.Mails.For(t.Context(), ana.ID, notifications.Page{Limit: 1})
	if err != nil || len(told) != 1 {
		t.Fatal(told, err)
	}
	group := strconv.FormatInt(int64(makers.Actor.ID), 10)
	link, err := s.Communities.MakeLink(t.Context(), ana.ID, makers.Actor.ID, communities.NewLink{Most: 1, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	theme, err := s.Communities.AddTheme(t.Context(), ana.ID, makers.Actor.ID, communities.Worded{Name: "Colle"})
	if err != nil {
		t.Fatal(err)
	}
	drawing := &bytes.Buffer{}
	if err := png.Encode(drawing, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	drawn, err := s.Media.Take(t.Context(), ana.ID, "ana.png", drawing)
	if err != nil {
		t.Fatal(err)
	}
	portrait, err := s.Media.Portray(t.Context(), drawn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.SetPicture(t.Context(), ana.ID, &portrait); err != nil {
		t.Fatal(err)
	}
	s.samples = strings.NewReplacer(
		"/scheduled/{id:[0-9]+}", "/scheduled/1",
		"/themes/{theme:[0-9]+}", "/themes/"+strconv.FormatInt(theme.ID, 10),
		"/actors/{id:[0-9]+}", "/actors/"+group, "/posts/{id:[0-9]+}", "/posts/"+strconv.FormatInt(post.ID, 10),
		"/people/{id:[0-9]+}", "/people/"+strconv.FormatInt(int64(bea), 10), "/i/{token}", strings.TrimPrefix(link.Address, s.url),
		"/quotes/{quoting:[0-9]+}", "/quotes/"+strconv.FormatInt(post.ID, 10), "/quotes/{quote:[0-9]+}", "/quotes/1", "/echoes/{id:[0-9]+}", strings.TrimPrefix(s.Posts.Link(5), s.url), "/rulings/{id:[0-9]+}", "/rulings/1", "/reports/{id:[0-9]+}", "/reports/"+strconv.FormatInt(report.ID, 10),
		"/media/remote/{signature}/{picture}", s.Media.Address(media.Ref{Kind: media.Avatar, Owner: bea}, elsewhere+"/bea.png"),
		"/portraits/{portrait}", portrait.Path(), "/files/{attached}", plan.Path(), "/confirm/{ticket}", tickets["confirm"], "/reset/{ticket}", tickets["reset"], "/address/{ticket}", tickets["address"],
		"/tags/{tag}", "/tags/scie", "/unsubscribe/{end}", tickets["unsubscribe"], "{notice:[0-9]+}", strconv.FormatInt(told[0].ID, 10),
		"/activities/{key}", strings.TrimPrefix(activity, s.url), "/@{name}/feed.atom", "/c/makers/feed.atom", // of nobody who wants none
		"@{name:[A-Za-z0-9_]+}", "@ana", "@{name}", "@ana", "{name:[A-Za-z0-9_]+}", "makers", "{name}", "makers",
		`{version:2\.[01]}`, "2.1", "{file}", s.style(t),
		"/.well-known/webfinger", "/.well-known/webfinger?resource=acct:ana@"+s.IRIs.Host(),
	)
}

func (s *site) asAna(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token) }

func (s *site) asChef(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.boss) }

// as gives who may come in by a door.
func (s *site) as(d way) func(*http.Request) {
	if d.who == admin {
		return s.asChef
	}
	return s.asAna
}

// hides checks that there is nothing for anybody, nor for a member.
func (s *site) hides(t *testing.T, method, path string) {
	t.Helper()
	for _, as := range []func(*http.Request){func(*http.Request) {}, s.asAna} {
		if got, _, _ := s.ask(t, method, path, nil, as); got != http.StatusNotFound {
			t.Errorf("not for them: %d, want 404", got)
		}
	}
}

func fromElsewhere(r *http.Request) {
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
}

func anActivity(r *http.Request) { r.Header.Set("Content-Type", "application/activity+json") }

func aDocument(r *http.Request) { r.Header.Set("Accept", "application/activity+json") }
