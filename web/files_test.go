package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/media"
	"passerelles/posts"
)

const pdf = "%PDF-1.7 %%EOF"

// field is one of a form with files, by itself or with a file.
type field struct{ name, value, file string }

// sends sends a form with files.
func (v *guest) sends(path string, fields ...field) answer {
	v.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range fields {
		to, err := form.CreateFormField(f.name)
		if strings.HasPrefix(f.name, filePart) {
			to, err = form.CreateFormFile(f.name, f.file)
		}
		if err == nil {
			_, err = to.Write([]byte(f.value))
		}
		if err != nil {
			v.w.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		v.w.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, v.w.server.URL+path, &body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	for name, values := range v.headers {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, err := v.client.Do(request)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header, string(text)}
}

func (w *town) inMakers() field {
	return field{name: "community", value: fmt.Sprint(w.makers.Actor.ID)}
}

func aPicture(t testing.TB) string {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for i := range p.Pix {
		p.Pix[i] = byte(i%320) | 0x40
	}
	p.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// onShelf counts the files on the disk, and how many of them wait for a post.
func (w *town) onShelf() (all, waiting int) {
	w.t.Helper()
	err := filepath.WalkDir(w.Media.Shelf, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all++
		}
		return err
	})
	if err == nil {
		err = w.DB.QueryRow(w.t.Context(), `SELECT count(*) FROM files WHERE post IS NULL`).Scan(&waiting)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return all, waiting
}

// erases throws away what is to be, and says what is left.
func (w *town) erases(want int) {
	w.t.Helper()
	if err := w.engine.DoDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if all, waiting := w.onShelf(); all != want || waiting > all {
		w.t.Errorf("%d files are on the disk, %d of which wait; want %d", all, waiting, want)
	}
}

var fileAddress = regexp.MustCompile(`/files/[0-9]+\.[a-z]+`)

// withFile is a post of somebody's with a file, and where the file is.
func (w *town) withFile(by accounts.Member, d posts.Draft) (posts.Post, string) {
	w.t.Helper()
	f, err := w.Media.Take(w.t.Context(), by.ID, "bail.pdf", strings.NewReader(pdf))
	if err != nil {
		w.t.Fatal(err)
	}
	d.Files = []media.Attach{{ID: f.ID}}
	return w.says(by, d), f.Path()
}

func TestFilesComeWithAPost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, anybody := w.as(w.bob), w.visitor()
	a := bob.sends("/posts", w.inMakers(), field{name: "title", value: "Le plan"}, field{name: "text", value: "Ligne un\r\nligne deux"},
		field{"file-1", aPicture(t), "établi.png"}, field{name: "alt-new-1", value: "Un établi <vu> de face"},
		field{"file-2", pdf, "Bail \"type\".pdf"}, field{"file-3", "", ""}, field{name: "alt-new-2", value: ""})
	if a.status != http.StatusSeeOther {
		t.Fatal(a.status, middle(a.body))
	}
	page := anybody.get(a.location).shows(t, http.StatusOK, "Un établi &lt;vu&gt; de face", "Bail type.pdf", "1 ko", `width="320"`)
	addresses := fileAddress.FindAllString(page.body, -1)
	if len(addresses) != 2 {
		t.Fatalf("the page shows %v", addresses)
	}
	for i, want := range []map[string]string{
		{"Content-Type": "image/png", "Content-Disposition": "inline; filename*=utf-8''%C3%A9tabli.png"},
		{"Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="Bail type.pdf"`},
	} {
		got := anybody.get(addresses[i])
		want["X-Content-Type-Options"], want["Cache-Control"] = "nosniff", "public, max-age=3600"
		want["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
		for name, value := range want {
			if got.status != http.StatusOK || got.header.Get(name) != value {
				t.Errorf("%s: %d, %s is %q, want %q", addresses[i], got.status, name, got.header.Get(name), value)
			}
		}
	}
	for _, wrong := range []string{"/files/1.pdf", addresses[1] + "x", strings.Replace(addresses[1], ".pdf", ".png", 1), strings.Replace(addresses[1], "/files/", "/files/0", 1)} {
		anybody.get(wrong).shows(t, http.StatusNotFound)
	}
	bob.post(a.location+"/delete", nil).leads(t, "/c/makers")
	anybody.get(addresses[1]).shows(t, http.StatusNotFound)
	w.erases(0)
}

// TestFilesThatAreRefused: the others, and what was written, need not be sent again.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := w.as(w.bob)
	a := bob.sends("/posts", w.inMakers(), field{name: "text", value: "Voici nos modèles."}, field{"file-1", "<svg/>", "logo.svg"},
		field{"file-2", pdf, "bail.pdf"}, field{"file-3", aPicture(t), "photo.png"}, field{name: "alt-new-3", value: "Une scie"})
	a.shows(t, http.StatusUnsupportedMediaType, "« logo.svg » n’est pas joint. Les fichiers de ce type ne sont pas acceptés.", "Voici nos modèles.", "bail.pdf", `value="Une scie"`)
	kept := regexp.MustCompile(`name="kept" value="([0-9]+)"`).FindAllStringSubmatch(a.body, -1)
	if len(kept) != 2 {
		t.Fatalf("kept are %v", kept)
	}
	a = bob.sends("/posts", w.inMakers(), field{name: "title", value: strings.Repeat("x", 201)}, field{name: "kept", value: kept[0][1]}, field{name: "kept", value: kept[1][1]})
	a.shows(t, http.StatusBadRequest, "bail.pdf", "photo.png")
	a = bob.sends("/posts", w.inMakers(), field{name: "text", value: "Voici."}, field{name: "kept", value: kept[1][1]}, field{name: "alt-" + kept[1][1], value: "Une scie neuve"})
	page := bob.get(a.location).shows(t, http.StatusOK, "Une scie neuve").lacks(t, "bail.pdf")
	w.pass(media.WaitingFor + time.Second)
	if err := w.Media.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.erases(1)
	id := strings.TrimPrefix(a.location, "/posts/")
	edit := bob.get(a.location+"/edit").shows(t, http.StatusOK, "photo.png", "Une scie neuve")
	if !strings.Contains(edit.body, `value="`+kept[1][1]+`" checked`) {
		t.Error("the file is not among those to be unchecked")
	}
	bob.post("/posts/"+id+"/edit", url.Values{"text": {"Des mots."}}).leads(t, a.location+"#post-"+id) // by a script
	bob.get(a.location).shows(t, http.StatusOK, "Des mots.", "Une scie neuve")
	bob.sends("/posts/"+id+"/edit", field{name: "text", value: "Sans photo."}, field{"file-1", pdf, "bail.pdf"}).leads(t, a.location+"#post-"+id)
	bob.get(a.location).shows(t, http.StatusOK, "bail.pdf").lacks(t, "Une scie neuve")
	bob.get(fileAddress.FindString(page.body)).shows(t, http.StatusNotFound)
	w.erases(1)
}

// TestAFormThatFailsKeepsNoFile, whoever sent it.
func TestAFormThatFailsKeepsNoFile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, anybody := w.as(w.bob), w.visitor()
	file := field{"file-1", pdf, "bail.pdf"}
	text := field{name: "text", value: "Voici."}
	anybody.sends("/posts", w.inMakers(), text, file).leads(t, "/sign-in?next=%2F")
	bob.sends("/posts/7/replies", text, file).shows(t, http.StatusNotFound)
	bob.sends("/posts", field{name: "community", value: "7"}, text, file).shows(t, http.StatusNotFound)
	bob.sends("/posts", w.inMakers(), text, file, field{"file-1", pdf, "twice.pdf"}).shows(t, http.StatusBadRequest)
	five := []field{w.inMakers(), text}
	for i := range 5 {
		five = append(five, field{fmt.Sprintf("file-%d", i+1), pdf, "x.pdf"})
	}
	bob.sends("/posts", five...).shows(t, http.StatusBadRequest)
	bob.sends("/posts", w.inMakers(), field{name: "text", value: strings.Repeat("x", largestForm+1)}, file).shows(t, http.StatusRequestEntityTooLarge)
	bob.sends("/posts", file, w.inMakers(), text, field{"file-2", strings.Repeat("x", 5<<20), "large.pdf"}).shows(t, http.StatusRequestEntityTooLarge)
	bob.headers.Set("Origin", "https://evil.example")
	bob.headers.Set("Sec-Fetch-Site", "cross-site")
	bob.sends("/posts", w.inMakers(), text, file).shows(t, http.StatusForbidden)
	if n := w.count(t, `SELECT count(*) FROM posts`); n != 0 {
		t.Errorf("%d posts are published", n)
	}
	w.erases(0)
}

// TestWhoHasAFile is who sees its post, at each moment.
func TestWhoHasAFile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.club(actors.ForMembers)
	bob, ana, anybody := w.as(w.bob), w.as(w.ana), w.visitor()
	if _, err := w.Communities.Ask(t.Context(), c.Actor.ID, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Communities.Approve(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	p, address := w.withFile(w.ana, posts.Draft{Community: c.Actor.ID, Title: "Bail", Text: "Entre nous."})
	const nobodys = "4611686018427387904"
	id := strings.TrimSuffix(strings.TrimPrefix(address, media.FilePath), ".pdf")
	hides := func(address string) {
		t.Helper()
		got, unknown := anybody.get(address), anybody.get(strings.Replace(address, id, nobodys, 1))
		got.header.Del("Date")
		unknown.header.Del("Date")
		if got.status != http.StatusNotFound || strings.ReplaceAll(got.body, id, nobodys) != unknown.body || fmt.Sprint(got.header) != fmt.Sprint(unknown.header) {
			t.Errorf("%d %v, not as what is not there: %v", got.status, got.header, unknown.header)
		}
	}
	hides(address)
	got := bob.get(address).shows(t, http.StatusOK)
	if got.body != pdf || got.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%q, to be kept %s", got.body, got.header.Get("Cache-Control"))
	}
	f, it, err := w.Media.FileByPath(t.Context(), strings.TrimPrefix(address, media.FilePath))
	if err != nil || it.Post != p.ID {
		t.Fatal(it, err)
	}
	toAll := address + w.Media.GrantToAll(f)
	anybody.get(toAll).shows(t, http.StatusOK)
	if err := w.Communities.Remove(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	bob.get(address).shows(t, http.StatusNotFound)
	hides(toAll)
	ana.get(address).shows(t, http.StatusOK)
	toAll = address + w.Media.GrantToAll(f)
	w.pass(1)
	if err := w.Posts.Rule(t.Context(), w.ana.ID, p.ID, posts.Ruling{Act: communities.Remove, Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	hides(toAll)
	ana.post(postPath(p.ID)+"/delete", nil).leads(t, actorPath(c.Actor))
	ana.get(address).shows(t, http.StatusNotFound)
}

// TestFilesWaitWhileOneIsTold where the first post goes.
func TestFilesWaitWhileOneIsTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	zoe := w.as(w.newcomer("zoe", "Zoé"))
	a := zoe.sends("/posts", w.inMakers(), field{name: "text", value: "Voici."}, field{"file-1", pdf, "bail.pdf"})
	a.shows(t, http.StatusOK, "bail.pdf", `name="told"`)
	kept := regexp.MustCompile(`name="kept" value="([0-9]+)"`).FindStringSubmatch(a.body)
	if kept == nil {
		t.Fatal(middle(a.body))
	}
	a = zoe.sends("/posts", w.inMakers(), field{name: "text", value: "Voici."}, field{name: "told", value: "1"}, field{name: "kept", value: kept[1]})
	zoe.get(a.location).shows(t, http.StatusOK, "bail.pdf")
	w.as(w.bob).sends("/posts", w.inMakers(), field{name: "text", value: "Le sien."}, field{name: "kept", value: kept[1]}).shows(t, http.StatusNotFound)
}
