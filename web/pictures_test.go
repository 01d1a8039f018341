package web

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/storage"
)

// gallery is a server of pictures, which remembers who came.
type gallery struct {
	*httptest.Server
	mu       sync.Mutex
	visitors []string
}

func newGallery(t testing.TB) *gallery {
	t.Helper()
	g := &gallery{}
	drawing := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for i := range drawing.Pix {
		drawing.Pix[i] = 0xFF
	}
	for x := range 320 {
		drawing.SetRGBA(x, x*200/320, color.RGBA{11, 85, 99, 255})
	}
	var content bytes.Buffer
	if err := png.Encode(&content, drawing); err != nil {
		t.Fatal(err)
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.visitors = append(g.visitors, r.UserAgent())
		g.mu.Unlock()
		_, _ = w.Write(content.Bytes()) // fails only if we left
	}))
	t.Cleanup(g.Close)
	return g
}

// pictured is somebody elsewhere with a picture and a banner.
func (w *town) pictured(name, picture string) actors.Actor {
	w.t.Helper()
	iri := "https://far.example/" + name
	a, err := w.Directory.Learn(context.Background(), vocab.Actor{
		ID: iri, Type: "Person", PreferredUsername: name, Name: "Far " + name, Inbox: iri + "/inbox", URL: iri,
		Icon: vocab.Image{URL: picture}, Image: vocab.Image{URL: picture + "?banner"}, Raw: []byte(`{}`),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// comes receives a post of somebody elsewhere.
func (w *town) comes(by actors.Actor, n vocab.Note) posts.Post {
	w.t.Helper()
	w.pass(time.Millisecond)
	n.ID, n.Type, n.AttributedTo, n.Published = fmt.Sprintf("%s/%d", by.IRI, w.now().UnixNano()), "Note", by.IRI, w.now()
	var p posts.Post
	err := w.DB.Write(context.Background(), func(tx storage.Tx) (err error) {
		p, err = w.Posts.Receive(context.Background(), tx, posts.In{Note: n, Author: by, Activity: []byte(`{}`), ActivityType: "Create"})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

var pictures = regexp.MustCompile(`src="(` + media.Path + `[^"]+)"`)

// picturesIn are the addresses of the pictures on a page.
func picturesIn(page string) (all []string) {
	for _, found := range pictures.FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

func TestPicturesOfOthers(t *testing.T) {
	t.Parallel()
	w, g := newTown(t), newGallery(t)
	zoe := w.pictured("zoe", g.URL+"/zoe.png")
	p := w.comes(zoe, vocab.Note{Content: `<p>Look<img src="` + g.URL + `/spy.png"></p>`, To: []string{vocab.Public}, Attachments: []vocab.Attachment{
		{Type: "Document", MediaType: "image/png", URL: g.URL + "/one.png", Name: `A "door" <b>`, Blurhash: "00TI:j", Width: 320, Height: 200},
		{Type: "Image", URL: g.URL + "/two.png"},
		{Type: "Document", MediaType: "video/mp4", URL: g.URL + "/film.mp4", Name: "A film"},
		{Type: "Document", MediaType: "image/png", URL: "javascript:alert(1)"},
	}})
	guest := w.visitor()
	page := guest.get(postPath(p.ID)).shows(t, http.StatusOK, `alt="A &#34;door&#34; &lt;b&gt;"`, `class="blur" src="data:image/bmp;base64,`, `loading="lazy"`,
		`alt="Image sans description"`, `href="`+g.URL+`/film.mp4" rel="nofollow noopener noreferrer ugc"`)
	page.lacks(t, `src="http`, "one.png", "spy.png", `="javascript:`)
	all := picturesIn(page.body)
	if len(all) != 3 { // Zoe's face and two
		t.Fatalf("pictures: %v", all)
	}
	for _, address := range all {
		a := guest.get(address).shows(t, http.StatusOK)
		for name, want := range map[string]string{
			"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; sandbox",
			"Content-Disposition":          `inline; filename="picture"`,
			"Cross-Origin-Resource-Policy": "same-origin",
			"Vary":                         "", "Set-Cookie": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if !strings.HasPrefix(a.body, "\x89PNG") {
			t.Errorf("%s is no picture", address)
		}
		guest.headers.Set("If-None-Match", a.header.Get("ETag"))
		guest.get(address).shows(t, http.StatusNotModified)
		guest.headers.Del("If-None-Match")
		guest.headers.Set("Range", "bytes=1-3")
		if part := guest.get(address).shows(t, http.StatusPartialContent); part.body != "PNG" {
			t.Errorf("a part: %q", part.body)
		}
		guest.headers.Del("Range")
		guest.headers.Set("Accept", "application/activity+json")
		if got := guest.get(address).header.Get("Content-Type"); got != "image/png" {
			t.Errorf("a server is answered %s", got)
		}
		guest.headers.Del("Accept")
	}
	if faces := picturesIn(guest.get("/@zoe@far.example").shows(t, http.StatusOK).body); len(faces) < 3 { // banner, face, face in the row
		t.Errorf("her page shows %v", faces)
	}
	if g.mu.Lock(); slices.ContainsFunc(g.visitors, func(who string) bool { return who != "test" }) {
		t.Errorf("visitors: %v", g.visitors)
	}
	g.mu.Unlock()

	// A forged address, a deleted post and what is nothing are the same.
	forged := guest.get(all[1][:len(all[1])-1]+"9").shows(t, http.StatusNotFound)
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		_, err := w.Posts.ReceiveDelete(t.Context(), tx, posts.Deletion{By: zoe, IRI: p.IRI})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	same(t, guest.get(all[1]), forged)
	same(t, guest.get(media.Path+"x/y"), forged)
	if n, err := countPictures(w); n != 0 || err != nil {
		t.Errorf("%d pictures of a deleted post remain, %v", n, err)
	}
}

func countPictures(w *town) (n int, err error) {
	err = w.DB.QueryRow(context.Background(), `SELECT count(*) FROM pictures`).Scan(&n)
	return n, err
}

// same fails unless two answers tell nothing apart.
func same(t testing.TB, got, want answer) {
	t.Helper()
	for _, a := range []answer{got, want} {
		a.header.Del("Date")
	}
	if got.status != want.status || got.body != want.body || fmt.Sprint(got.header) != fmt.Sprint(want.header) {
		t.Errorf("answer = %d %v %q, want %d %v %q", got.status, got.header, got.body, want.status, want.header, want.body)
	}
}

func TestAPrivatePictureIsForWhoSeesThePost(t *testing.T) {
	t.Parallel()
	w, g := newTown(t), newGallery(t)
	zoe := w.pictured("zoe", "")
	ana, err := w.Directory.ByID(t.Context(), w.ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := w.comes(zoe, vocab.Note{Content: "for Ana", To: []string{ana.IRI},
		Attachments: []vocab.Attachment{{Type: "Document", MediaType: "image/png", URL: g.URL + "/secret.png"}}})
	asAna, asBob, stranger := w.as(w.ana), w.as(w.bob), w.visitor()
	all := picturesIn(asAna.get(postPath(p.ID)).shows(t, http.StatusOK).body)
	if len(all) != 1 {
		t.Fatalf("pictures: %v", all)
	}
	shown := asAna.get(all[0]).shows(t, http.StatusOK)
	if got := shown.header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	nothing := stranger.get(media.Path+"x/p1.0").shows(t, http.StatusNotFound)
	for _, who := range []*guest{stranger, asBob} {
		same(t, who.get(all[0]), nothing)
		who.headers.Set("Range", "bytes=0-9")
		same(t, who.get(all[0]), nothing)
		who.headers.Set("If-None-Match", shown.header.Get("ETag"))
		same(t, who.get(all[0]), nothing)
	}
	if head := stranger.send(http.MethodHead, all[0], nil); head.status != http.StatusNotFound {
		t.Errorf("HEAD: %d", head.status)
	}
	asAna.post("/sign-out", nil)
	same(t, asAna.get(all[0]), nothing)
}

// A picture behind a warning waits with the words that it goes with.
func TestAPictureBehindAWarning(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	zoe := w.pictured("zoe", "")
	p := w.comes(zoe, vocab.Note{Summary: "Sang", Sensitive: true, To: []string{vocab.Public},
		Attachments: []vocab.Attachment{{Type: "Image", URL: "https://far.example/wound.png", Name: "Une plaie"}}})
	page := w.visitor().get(postPath(p.ID)).shows(t, http.StatusOK, "Sang")
	hidden := page.body[strings.Index(page.body, "<details"):strings.Index(page.body, "</details>")]
	if !strings.Contains(hidden, media.Path) || strings.Count(page.body, media.Path) != 1 {
		t.Errorf("the picture stands before its warning:\n%s", middle(page.body))
	}
}

// TestPicturesInABrowser sees the pictures, and that the browser went nowhere else.
func TestPicturesInABrowser(t *testing.T) {
	t.Parallel()
	w, g := newTown(t), newGallery(t)
	zoe := w.pictured("zoe", g.URL+"/zoe.png")
	p := w.comes(zoe, vocab.Note{Name: "Une porte", Content: `<p>Voici<img src="` + g.URL + `/spy.png"></p>`, To: []string{vocab.Public},
		Attachments: []vocab.Attachment{{Type: "Image", URL: g.URL + "/door.png", Name: "Une porte peinte"}, {Type: "Image", URL: g.URL + "/two.png"}}})
	script := axe(t)
	b := newBrowser(t, w)
	var mu sync.Mutex
	elsewhere, asked := []string{}, 0
	b.visits("/about")
	if err := chromedp.Listen(b.ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			if asked++; !strings.HasPrefix(sent.Request.URL, w.server.URL) && !strings.HasPrefix(sent.Request.URL, "data:") {
				elsewhere = append(elsewhere, sent.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/@zoe@far.example", postPath(p.ID)} {
		b.judges(script, "visitor", path)
		widths, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]int64](`
			Promise.all([...document.images].map(i => { i.loading = "eager"; return i.decode().then(() => i.naturalWidth, () => 0) }))`,
			chromedp.EvalAwaitPromise))
		if err != nil || len(widths) < 3 || slices.Contains(widths, 0) {
			t.Errorf("%s: pictures are %v wide, %v", path, widths, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(elsewhere) > 0 || asked < 6 {
		t.Errorf("of %d requests these went elsewhere: %v", asked, elsewhere)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if slices.ContainsFunc(g.visitors, func(who string) bool { return who != "test" }) {
		t.Errorf("the other server saw %v", g.visitors)
	}
}

func BenchmarkPictureAgain(b *testing.B) {
	w, g := newTown(b), newGallery(b)
	zoe := w.pictured("zoe", g.URL+"/zoe.png")
	address := w.avatar(zoe)
	w.visitor().get(address).shows(b, http.StatusOK)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer := httptest.NewRecorder()
			w.router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
			if answer.Code != http.StatusOK {
				b.Error(answer.Code)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
}
