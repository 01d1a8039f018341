package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/fault"
	"passerelles/pace"
	"passerelles/posts"
)

func TestNothingTypedBecomesHTML(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	eve := w.member("eve", evil)
	if _, err := w.Accounts.UpdateProfile(t.Context(), eve.ID, accounts.Profile{Title: evil, Source: evil}); err != nil {
		t.Fatal(err)
	}
	p := w.says(eve, posts.Draft{Title: evil, Text: evil + "\n\n[lien](javascript:alert(1))"})
	v := w.as(eve)
	for _, path := range []string{
		"/", "/c/makers", "/@eve", postPath(p.ID), postPath(p.ID) + "/edit", postPath(p.ID) + "/delete",
		"/follow?who=" + url.QueryEscape(evil), "/sign-in?next=/" + url.QueryEscape(evil), "/" + url.PathEscape(evil), "/communities?after=" + url.QueryEscape(evil),
	} {
		a := v.get(path)
		a.lacks(t, "<script", "<img", `="javascript:`, `"'>`)
	}
	v.post("/posts", url.Values{"community": {fmt.Sprint(w.makers.Actor.ID)}, "title": {strings.Repeat(evil, 9)}, "text": {evil}}).
		shows(t, 400).lacks(t, "<script", "<img", `"'>`)
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.visitor()
	ana := w.as(w.ana)

	t.Run("says what to do next", func(t *testing.T) {
		v.get("/nothing").shows(t, 404, "Page introuvable", "Vérifiez l’adresse", "/sign-in")
		v.get("/posts/123").shows(t, 404, "n’existe pas")
		v.get("/posts/99999999999999999999").shows(t, 404)
		v.get("/c/nobody").shows(t, 404, "n’existe pas")
		v.get("/@nobody").shows(t, 404, "n’existe pas")
		v.get("/c/%25zz").shows(t, 404)
		v.get("/@nobody@far.example").shows(t, 404)
		ana.get("/@nobody@far.example").leads(t, "/follow?who=%40nobody%40far.example")
	})
	t.Run("says which methods are right", func(t *testing.T) {
		for path, want := range map[string]string{"/about": "GET, HEAD", "/posts": "POST", "/sign-in": "GET, HEAD, POST"} {
			a := v.send(http.MethodDelete, path, nil).shows(t, 405, "Passez par les boutons")
			if got := a.header.Get("Allow"); got != want {
				t.Errorf("Allow of %s = %q, want %q", path, got, want)
			}
		}
	})
	t.Run("answers HEAD without a body", func(t *testing.T) {
		if a := v.send(http.MethodHead, "/about", nil); a.status != 200 || a.body != "" {
			t.Errorf("HEAD = %d %q", a.status, a.body)
		}
	})
	t.Run("sends who has another kind to the right page", func(t *testing.T) {
		v.get("/@makers").leads(t, "/c/makers")
		v.get("/c/ana").leads(t, "/@ana")
		v.get("/c/MAKERS").shows(t, 200, "Ateliers partagés")
	})
}

func TestKindsOfTrouble(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		answered := httptest.NewRecorder()
		v := w.stranger(answered, httptest.NewRequest(http.MethodGet, "/", nil))
		w.fail(v, fault.Later(kind, "the secret of the cellar", 90*time.Second))
		if answered.Code != kind.Status() {
			t.Errorf("kind %d is answered %d, want %d", kind, answered.Code, kind.Status())
		}
		body := answered.Body.String()
		if !strings.Contains(body, "<h1>") || strings.Contains(body, "cellar") {
			t.Errorf("kind %d: %s", kind, middle(body))
		}
		want := ""
		if kind == fault.Unavailable || kind == fault.TooMany {
			want = "90"
		}
		if got := answered.Header().Get("Retry-After"); got != want {
			t.Errorf("kind %d: Retry-After = %q, want %q", kind, got, want)
		}
	}
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana := w.as(w.ana)
	w.DB.Close()
	for _, v := range []*guest{ana, w.visitor()} {
		a := v.get("/")
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "<h1>") {
			t.Errorf("answer = %d\n%s", a.status, a.body)
		}
	}
	w.visitor().get("/about").shows(t, 200)
}

func TestPager(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i := range rowsPerPage + 1 {
		w.says(w.ana, posts.Draft{Title: fmt.Sprintf("Numéro %02d.", i)})
	}
	for _, path := range []string{"/", "/c/makers", "/@ana"} {
		first := w.visitor().get(path).shows(t, 200, "Numéro 20.", "Numéro 01.", "Voir la suite").lacks(t, "Numéro 00.")
		older := regexp.MustCompile(regexp.QuoteMeta(path) + `\?before=\d+`).FindString(first.body)
		w.visitor().get(older).shows(t, 200, "Numéro 00.").lacks(t, "Numéro 01.", "Voir la suite")
	}
	w.visitor().get("/c/makers?before=nonsense").shows(t, 200, "Numéro 20.")
}

func TestEmptyPagesSayHowToBegin(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.visitor().get("/").shows(t, 200, "Rien n’a encore été publié")
	w.visitor().get("/c/makers").shows(t, 200, "Connectez-vous pour écrire")
	w.as(w.bob).get("/c/makers").shows(t, 200, "un lien et une phrase suffisent")
	w.as(w.bob).get("/@bob").shows(t, 200, "Choisissez une communauté")
	w.visitor().get("/communities").shows(t, 200, "Ateliers partagés", "1 abonnement", "0 publication")
}

func TestElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bakers := w.far("Group", "bakers")
	w.far("Person", "zoe")
	a := w.visitor().get("/c/bakers@far.example").shows(t, 200, "Far bakers", "Sur le serveur partenaire far.example", "noindex", "@bakers@far.example")
	a.lacks(t, "<textarea", `action="/follow"`)
	w.as(w.bob).get("/c/bakers@far.example").shows(t, 200, "<textarea", `action="/follow"`)
	sent := w.as(w.bob).post("/posts", url.Values{"community": {fmt.Sprint(bakers.ID)}, "title": {"Du levain"}, "text": {"À partager."}})
	w.visitor().get(sent.location).shows(t, 200, "Du levain", "/c/bakers@far.example").lacks(t, "Ouverte")
	w.visitor().get("/c/bakers@far.example").shows(t, 200, "Du levain")
	w.visitor().get("/@zoe@far.example").shows(t, 200, "Far zoe", "noindex")
	w.visitor().get("/@ana").shows(t, 200, "Ana Tremblay", "noindex")
	w.visitor().get("/c/makers").shows(t, 200, "<em>atelier</em>", "@makers@"+strings.TrimPrefix(w.server.URL, "http://"),
		`<link rel="alternate" type="application/activity+json" href="`+w.server.URL+`/actors/`).lacks(t, "noindex")
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.ana, posts.Draft{Title: "Un roman", Text: "Le dénouement", Summary: "Divulgâcheur"})
	w.visitor().get("/c/makers").shows(t, 200, "Un roman").lacks(t, "Le dénouement")
	w.visitor().get(postPath(p.ID)).shows(t, 200, "<summary>Divulgâcheur</summary>", "Le dénouement")
}

func TestFirstViewIsLight(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i := range rowsPerPage {
		w.says(w.ana, posts.Draft{Title: fmt.Sprintf("Numéro %d", i), Text: strings.Repeat("Des mots. ", 200)})
	}
	linked := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)
	for _, path := range []string{"/", "/c/makers", "/@ana", "/communities", "/about", "/sign-in"} {
		a := w.visitor().get(path).shows(t, 200)
		weight, requests := len(a.body), 1
		for _, file := range linked.FindAllStringSubmatch(a.body, -1) {
			v := w.visitor()
			v.headers.Set("Accept-Encoding", "gzip")
			weight, requests = weight+len(v.get(file[1]).body), requests+1
		}
		if weight > 100_000 || requests > 10 {
			t.Errorf("%s: %d bytes in %d requests", path, weight, requests)
		}
		t.Logf("%s: %d bytes in %d requests", path, weight, requests)
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	address := w.static["site.css"].url
	if !regexp.MustCompile(`^/static/site\.[0-9a-f]{12}\.css$`).MatchString(address) {
		t.Errorf("address = %s", address)
	}
	v := w.visitor()
	v.headers.Set("Accept-Encoding", "identity")
	a := v.get(address).shows(t, 200, "--paper")
	if got := a.header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control = %q", got)
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/css") {
		t.Errorf("Content-Type = %q", got)
	}
	v.get("/static/nothing.css").shows(t, 404, "Page introuvable")
	if got := v.get("/static/site.css").header.Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("a name without a hash is kept for ever: %q", got)
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 14, 18, 30, 0, 0, time.UTC) // a Saturday, 14 h 30 in Toronto
	h := &Handler{Options: Options{Now: func() time.Time { return now }}, words: words}
	for _, tc := range []struct {
		ago    time.Duration
		fr, en string
	}{
		{-time.Minute, "à l’instant", "just now"},
		{30 * time.Second, "à l’instant", "just now"},
		{5 * time.Minute, "il y a 5 min", "5 min ago"},
		{2*time.Hour + 59*time.Minute, "il y a 2 h", "2 h ago"},
		{47 * time.Hour, "jeudi, 15 h 30", "Thursday, 15:30"},
		{13 * 24 * time.Hour, "1er mars 2026", "1 March 2026"},
		{365 * 24 * time.Hour, "14 mars 2025", "14 March 2025"},
	} {
		for language, want := range map[string]string{"fr": tc.fr, "en": tc.en} {
			if got, err := h.near(language, now.Add(-tc.ago)); err != nil || got != want {
				t.Errorf("near(%s, %v) = %q, %v, want %q", language, tc.ago, got, err, want)
			}
		}
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/posts/1?a=b#c": "/posts/1?a=b#c", "/": "/", "": "/", "posts": "/", "//evil.example/": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", "/\tx": "/", "javascript:alert(1)": "/", "/a\nb": "/", "http:/x": "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("localPath(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Habitation communautaire": "HC", "Économie sociale": "ÉS", "Amis de la forêt": "AF", "ana": "A", "": "·", "🌲": "·", "3 fois": "3F",
	} {
		if got := initials(title); got != want {
			t.Errorf("initials(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name            string
		post            posts.Post
		headline, words string
	}{
		{"a title", posts.Post{Title: "Titre", Content: "<p>Du texte</p>"}, "Titre", "Du texte"},
		{"no title", posts.Post{Content: "<p>Ligne</p><p>Suite</p>"}, "Ligne", "Suite"},
		{"one line", posts.Post{Content: "<p>Ligne</p>"}, "Ligne", ""},
		{"a warning", posts.Post{Summary: "Attention", Content: "<p>Secret</p>"}, "Attention", ""},
		{"nothing", posts.Post{}, "", ""},
	} {
		if got := headline(tc.post); got != tc.headline {
			t.Errorf("%s: headline = %q, want %q", tc.name, got, tc.headline)
		}
		if got := preview(tc.post); got != tc.words {
			t.Errorf("%s: preview = %q, want %q", tc.name, got, tc.words)
		}
	}
}

func TestTreeEnds(t *testing.T) {
	t.Parallel()
	a, b, c := posts.Post{ID: 1}, posts.Post{ID: 2, ParentID: 1}, posts.Post{ID: 3, ParentID: 2}
	a.ParentID = 3 // nobody should, but then the page must end
	var seen []int64
	posts.TreeOf([]posts.Post{a, b, c}).Walk(a, 1, func(p, _ posts.Post, _ int) { seen = append(seen, p.ID) })
	if len(seen) != 3 {
		t.Errorf("walked %v", seen)
	}
}

func TestVisitor(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"192.0.2.1:99": "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:99": "2001:db8:1:2::/64", "[::ffff:192.0.2.1]:99": "192.0.2.1", "odd": "odd",
	} {
		if got := pace.Visitor(&http.Request{RemoteAddr: from}); got != want {
			t.Errorf("visitor(%q) = %q, want %q", from, got, want)
		}
	}
}

func TestTile(t *testing.T) {
	t.Parallel()
	if got := tile("makers"); got != "tile-8" {
		t.Errorf("the tile of makers is %s now: tiles keep their colours for ever", got)
	}
	for i := range 100 {
		if got := tile(fmt.Sprint(i)); !regexp.MustCompile(`^tile-(\d|1[01])$`).MatchString(got) {
			t.Errorf("tile = %q", got)
		}
	}
}
