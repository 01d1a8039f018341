package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/actors"
)

// TestFilesInABrowser: Bob attaches a picture and a lease, is refused a drawing, and takes one
// away again; axe judges each page on the way.
func TestFilesInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.club(actors.ForMembers)
	script, dir := axe(t), t.TempDir()
	path := func(name, content string) []string {
		place := filepath.Join(dir, name)
		if err := os.WriteFile(place, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{place}
	}
	photo, lease, drawing := path("établi.png", aPicture(t)), path("bail type.pdf", pdf), path("logo.svg", "<svg/>")

	b := newBrowser(t, w)
	b.signsIn("bob")
	b.visits("/c/makers")
	b.do(chromedp.Click(chromedp.CSS("details.bring summary")))
	b.finds("Au plus 4 fichiers de 1 Mo chacun", "Ce que montre l’image, en mots")
	b.fills("#text-new", "Notre établi, et le bail qui va avec.")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file-new-1"), photo), chromedp.SetUploadFiles(chromedp.CSS("#file-new-2"), drawing),
		chromedp.SetUploadFiles(chromedp.CSS("#file-new-3"), lease))
	b.fills("#new-new-1", "Un établi en bois, devant une fenêtre")
	b.presses(`.composer button[type="submit"]`)
	b.finds("« logo.svg » n’est pas joint. Les fichiers de ce type ne sont pas acceptés.", "établi.png", "bail type.pdf", "Décochez")
	b.judgesHere(script, "refused")
	b.presses(`.composer button[type="submit"]`)
	b.finds("C’est publié", "bail type.pdf")
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil {
		t.Fatal(err)
	}
	alt, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(e => (e.loading = "eager", e.decode().then(() => e.alt + " " + e.naturalWidth)))(document.querySelector(".pictures img:not(.blur)"))`, chromedp.EvalAwaitPromise))
	if err != nil || alt != "Un établi en bois, devant une fenêtre 320" {
		t.Errorf("the picture says and is %q, %v", alt, err)
	}
	b.judges(script, "author", at)
	b.visits(at + "/edit")
	b.do(chromedp.Click(chromedp.CSS(`.kept input[type="checkbox"]`)))
	b.presses(`.composer button[type="submit"]`)
	b.finds("bail type.pdf")
	if left, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`document.querySelectorAll(".pictures img").length`)); err != nil || left != 0 {
		t.Errorf("%d pictures are left, %v", left, err)
	}
	b.judges(script, "author", at+"/edit")
	b.presses(`form[action="/language"] button`)
	b.finds("Attached files", "Uncheck those that you want to take away.")
	b.judges(script, "author-in-English", at+"/edit")
	b.visits("/c/makers")
	b.do(chromedp.Click(chromedp.CSS("details.bring summary")))
	b.finds("At most 4 files of 1 MB each")
	b.judgesHere(script, "composer in English")
}

// judgesHere judges the page as it stands, which no address gives again.
func (b *browser) judgesHere(script, name string) {
	b.t.Helper()
	for _, width := range []int64{360, 1280} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.photographs(name)
		b.fits(name, width)
		b.reachable(name)
		b.accessible(script, name)
	}
}
