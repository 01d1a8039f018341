package web

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

// TestWhatABrowserKeeps has somebody read what is for members on a browser that others use, and
// leave it: who goes back sees nothing of it, and it lies in no store that pages have.
func TestWhatABrowserKeeps(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	circle, err := w.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Le cercle", Access: actors.ForMembers, Animator: w.ana.ID})
	if err != nil {
		t.Fatal(err)
	}
	w.says(w.ana, posts.Draft{Community: circle.Actor.ID, Title: "Un canari", Text: "Entre nous."})
	b := newBrowser(t, w)
	b.visits("/sign-in")
	b.fills("#login", "ana")
	b.fills("#password", password)
	b.presses(`main form button`)
	b.visits("/c/cercle")
	b.finds("Un canari")
	b.presses(`form[action="/sign-out"] button`)
	b.misses("Un canari")

	b.back("/c/cercle")
	b.misses("Un canari")
	b.visits("/about")
	kept, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`localStorage.length + sessionStorage.length`))
	if err != nil || kept != 0 {
		t.Errorf("pages keep %d things in the browser, %v", kept, err)
	}
	workers, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`"serviceWorker" in navigator && navigator.serviceWorker.controller !== null`))
	if err != nil || workers {
		t.Errorf("a worker stands between pages and server: %v, %v", workers, err)
	}
}

// back goes to the page before, which is at a path.
func (b *browser) back(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`history.back() || true`)); err != nil {
		b.t.Fatal(err)
	}
	there := `location.pathname === "` + path + `" && document.readyState === "complete"`
	for {
		if at, err := chromedp.Run(ctx, chromedp.Evaluate[bool](there)); err == nil && at {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("going back does not lead to %s", path)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
	}
}
