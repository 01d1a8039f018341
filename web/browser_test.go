package web

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"passerelles/actors"
	"passerelles/e2e/programs"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// Pages are looked at before they are called done:
//
//	go test ./web -run TestPagesForEverybody -shots /tmp/shots
var shots = flag.String("shots", "", "folder in which to keep pictures of the pages")

// browser is Chromium with a new profile, in French.
type browser struct {
	ctx context.Context
	t   *testing.T
	w   *town
}

func newBrowser(t *testing.T, w *town) *browser {
	t.Helper()
	return &browser{programs.Chromium(t), t, w}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// visits goes to a page by its address.
func (b *browser) visits(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.w.server.URL + path))
}

// fills writes into a field.
func (b *browser) fills(field, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(field), text))
}

// presses clicks, and waits for the page to which that leads.
func (b *browser) presses(what string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(what))); err != nil {
		b.t.Fatalf("press %s: %v\n%s", what, err, b.reads())
	}
}

// reads gives the words of the page.
func (b *browser) reads() string {
	b.t.Helper()
	words, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		b.t.Fatal(err)
	}
	return words
}

func (b *browser) finds(words ...string) {
	b.t.Helper()
	page := b.reads()
	for _, w := range words {
		if !strings.Contains(page, w) {
			b.t.Errorf("the page lacks %q:\n%s", w, page)
		}
	}
}

func (b *browser) misses(words string) {
	b.t.Helper()
	if page := b.reads(); strings.Contains(page, words) {
		b.t.Errorf("the page has %q:\n%s", words, page)
	}
}

func TestInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.says(w.ana, posts.Draft{Title: "Qui a une scie?", Text: "Pour samedi."})
	b := newBrowser(t, w)

	b.visits("/")
	b.fills("#seek", "scies")
	b.presses(`.seek button`)
	b.finds("Recherche", "Publications", "Qui a une scie?")
	b.fills("#seek", "@makers")
	b.presses(`.seek button`)
	b.finds("Ateliers partagés")

	b.visits("/c/makers")
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	if at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.hash + " " + document.activeElement.id`)); err != nil || at != "#content content" {
		t.Errorf("the first key leads to %q, %v, want the content", at, err)
	}
	b.presses(`a[href^="/sign-in"]`)
	b.fills("#login", "bob@example.org")
	b.fills("#password", password)
	b.presses(`main form button`)
	b.finds("Vous êtes connecté·e", "Ateliers partagés", "Visible par tout le monde")

	b.presses(`form[action="/follow"] button`)
	b.finds("Vous êtes abonné·e", "Se désabonner")

	b.do(chromedp.Click(chromedp.CSS(".composer summary")))
	b.fills("#title-new", "Un établi à donner")
	b.fills("#text-new", "Venez **vite**.")
	b.fills("#kind-new", posts.News)
	b.presses(`.composer button[type="submit"]`)
	b.finds("C’est publié", "Un établi à donner", "Nouvelle", "Venez vite.")

	b.fills(".last textarea", "Encore disponible.")
	b.presses(`.last button[type="submit"]`)
	b.finds("Votre réponse est publiée", "Encore disponible.", "1 réponse")

	b.presses(`.starter .acts form[action$="/like"] button`)
	b.finds("Je n’aime plus")
	b.presses(`.starter .acts form[action$="/unlike"] button`)
	b.finds("J’aime")

	b.presses(`.starter a[href$="/edit"]`)
	b.fills("#text-edit", "Donné, merci.")
	b.presses(`.composer button[type="submit"]`)
	b.finds("Les changements sont enregistrés", "Donné, merci.")

	b.presses(`.node a[href$="/delete"]`)
	b.finds("Supprimer cette publication?")
	b.presses(`button.danger`)
	b.finds("C’est supprimé ici")
	b.misses("Encore disponible.")

	b.visits("/c/makers")
	b.presses(`form[action="/unfollow"] button`)
	b.finds("L’abonnement est terminé")
	b.presses(`form[action="/language"] button`)
	b.finds("Communities", "Sign out")
	b.presses(`form[action="/sign-out"] button`)
	b.finds("Sign in")
	b.misses("Sign out")
}

// everyPage is a town in which each page has something to show, and its pages.
func everyPage(t *testing.T, w *town) (anonymous, signedIn []string) {
	t.Helper()
	w.far("Group", "bakers")
	w.says(w.ana, posts.Draft{Title: "Un guide d’entretien préventif", Kind: posts.News,
		Text: "Notre comité a mis en commun ses listes.\n\n- toiture\n- drains\n\n> Ne rien oublier.\n\nVoir https://exemple.org/guide"})
	p := w.says(w.bob, posts.Draft{Title: "Comment impliquer les locataires dès la conception?", Kind: posts.Question,
		Text: "Nous commençons un projet de **24 logements**. Quelles formes de participation ont bien fonctionné chez vous?"})
	reply := w.says(w.ana, posts.Draft{InReplyTo: p.ID, Text: "Trois ateliers avant les plans, avec une maquette."})
	second := w.says(w.bob, posts.Draft{InReplyTo: reply.ID, Text: "Merci! Combien de temps avant?"})
	w.says(w.ana, posts.Draft{InReplyTo: second.ID, Text: "Six mois."})
	w.says(w.ana, posts.Draft{InReplyTo: p.ID, Text: "Et montrez ensuite ce qui a été *retenu*."})
	w.says(w.ana, posts.Draft{Title: "Appel à tous : modèles de plan de relève", Kind: posts.Call, Text: "Avez-vous un modèle, un récit, un contact?"})
	if err := w.Posts.Like(t.Context(), w.ana.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.Follow(t.Context(), w.bob.ID, w.makers.Actor); err != nil {
		t.Fatal(err)
	}
	g := newGallery(t)
	far := w.comes(w.pictured("zoe", g.URL+"/zoe.png"), vocab.Note{
		Name: "Quel soir?", Content: "<p>Pour la corvée de mai.</p>", To: []string{vocab.Public},
		Attachments: []vocab.Attachment{{Type: "Image", MediaType: "image/png", URL: g.URL + "/affiche.png", Name: "L’affiche", Width: 320, Height: 200}},
		Poll:        &vocab.Poll{Options: []vocab.PollOption{{Name: "Lundi", Votes: 3}, {Name: "Mardi", Votes: 12}}},
	})
	closed := w.club(actors.ForMembers)
	if _, err := w.Communities.Ask(t.Context(), closed.Actor.ID, w.bob.ID, "J’anime un comité de quartier."); err != nil {
		t.Fatal(err)
	}
	w.pass(3 * time.Hour)
	anonymous = []string{"/", "/communities", "/c/makers", postPath(p.ID), postPath(far.ID), "/@zoe@far.example", "/@ana", "/c/bakers@far.example", "/about", "/sign-in", "/nothing", "/search?q=locataires", "/search?q=far", "/c/cercle"}
	signedIn = []string{"/", "/c/makers", postPath(p.ID), postPath(p.ID) + "/edit", postPath(p.ID) + "/delete", "/follow?who=makers", "/follow?who=oups", "/search", "/search?q=oups", "/search?q=@oups", "/c/cercle"}
	return anonymous, signedIn
}

// TestPagesForEverybody has axe judge each page on a phone and on a desk, in
// light and in dark, and sees that nothing is wider than the screen.
func TestPagesForEverybody(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	anonymous, signedIn := everyPage(t, w)
	script := axe(t)
	b := newBrowser(t, w)
	for _, path := range anonymous {
		b.judges(script, "visitor", path)
	}
	if *shots != "" {
		b.presses(`form[action="/language"] button`)
		b.judges(script, "english", "/")
		b.judges(script, "english", anonymous[3])
	}
	b.signsIn("bob")
	for _, path := range signedIn {
		b.judges(script, "member", path)
	}
	b = newBrowser(t, w)
	b.signsIn("ana")
	for _, path := range []string{"/c/cercle", "/c/cercle/requests", "/c/cercle/members"} {
		b.judges(script, "animator", path)
	}
	b = newBrowser(t, w)
	b.signsIn(rita.Name)
	b.judges(script, "administrator", "/admin/deliveries")
}

func (b *browser) signsIn(name string) {
	b.t.Helper()
	b.visits("/sign-in")
	b.fills("#login", name)
	b.fills("#password", password)
	b.presses(`main form button`)
}

func (b *browser) judges(script, who, path string) {
	b.t.Helper()
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			name := fmt.Sprintf("%s %s %d %s", who, path, width, scheme)
			b.do(chromedp.EmulateViewport(width, 900))
			_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			if err != nil {
				b.t.Fatal(err)
			}
			b.visits(path)
			b.photographs(name)
			b.fits(name, width)
			b.reachable(name)
			b.accessible(script, name)
		}
	}
}

// fits sees that a page does not scroll sideways.
func (b *browser) fits(name string, width int64) {
	b.t.Helper()
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil {
		b.t.Fatal(err)
	}
	if wide > width {
		b.t.Errorf("%s is %d wide", name, wide)
	}
}

// reachable sees that what is pressed is large enough for a thumb: 44 pixels.
func (b *browser) reachable(name string) {
	b.t.Helper()
	small, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll("button, input:not([type=hidden], [type=checkbox], [type=radio]), label.check, select, textarea, summary, header nav a, footer a, [role=button], .acts a, .card")]
			.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
			.map(e => e.outerHTML.slice(0, 120) + " " + e.getBoundingClientRect().height)`))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, what := range small {
		b.t.Errorf("%s: too small to press: %s", name, what)
	}
}

// accessible has axe judge the page.
func (b *browser) accessible(script, name string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](script))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](
		`axe.run().then(r => r.passes.length < 10 ? ["axe judged almost nothing"] : r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, violation := range found {
		b.t.Errorf("%s: %s", name, violation)
	}
}

func (b *browser) photographs(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	file := strings.NewReplacer("/", "_", " ", "-", "?", "-", "=", "-").Replace(name) + ".png"
	if err := errors.Join(os.MkdirAll(*shots, 0o755), os.WriteFile(filepath.Join(*shots, file), picture, 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

var installing sync.Mutex

// axe gives the text of axe-core, installed once in the cache of whoever tests.
func axe(t *testing.T) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "passerelles-e2e", "axe")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")); err == nil && sameAxe(t, dir) {
		return string(text)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("..", "e2e", "axe", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), programs.Need(t, "npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sameAxe says whether what is installed is what is asked for.
func sameAxe(t *testing.T, dir string) bool {
	t.Helper()
	var wanted struct{ Dependencies map[string]string }
	readJSON(t, filepath.Join("..", "e2e", "axe", "package.json"), &wanted)
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "package.json"))
	if err != nil {
		return false
	}
	var there struct{ Version string }
	return json.Unmarshal(text, &there) == nil && there.Version == wanted.Dependencies["axe-core"]
}
