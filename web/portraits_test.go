package web

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/storage"
)

func drawn(t *testing.T, side int, of color.Color) string {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, side, side/2))
	for x := range side {
		for y := range side / 2 {
			p.Set(x, y, of)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var digits = regexp.MustCompile(`[0-9]+`)

var portraitOf = regexp.MustCompile(`/portraits/[0-9]+\.(png|jpg)`)

// TestPortraits: a member and a community show a picture of themselves, which is made small, told
// to others, and stands in each place of theirs.
func TestPortraits(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana, bob, stranger := w.as(w.ana), w.as(w.bob), w.visitor()
	const page, to = "/c/makers/manage", "/c/makers/picture"
	send := func(by *guest, path, content string) answer {
		return by.sends(path, field{"file-1", content, "tuile.png"}, field{"act", "set", ""})
	}
	send(bob, to, drawn(t, 40, color.White)).shows(t, http.StatusForbidden)
	send(ana, to, pdf).shows(t, http.StatusBadRequest, "Choisissez une image", "<h1>Gérer")
	send(ana, to, "<!doctype html>").shows(t, http.StatusUnsupportedMediaType, "tuile.png")
	ana.sends(to, field{"act", "set", ""}).shows(t, http.StatusBadRequest, "Choisissez une image")
	send(ana, to, drawn(t, 900, color.RGBA{200, 80, 40, 255})).leads(t, page)
	path := portraitOf.FindString(stranger.get("/c/makers").body)
	if path == "" {
		t.Fatal("the page of the community shows no picture")
	}
	shown := stranger.get(path)
	if shown.status != http.StatusOK || !strings.Contains(shown.header.Get("Cache-Control"), "public") {
		t.Errorf("%s: %d %s", path, shown.status, shown.header)
	}
	small, _, err := image.DecodeConfig(strings.NewReader(shown.body))
	if err != nil || small.Width != 400 || small.Height != 200 {
		t.Errorf("it is %d × %d: %v", small.Width, small.Height, err)
	}
	a, err := w.Directory.ByID(t.Context(), w.makers.Actor.ID)
	if err != nil || a.Icon != w.server.URL+path {
		t.Errorf("its document names %q: %v", a.Icon, err)
	}
	if n := w.count(t, `SELECT count(*) FROM files`); n != 0 {
		t.Errorf("%d files are kept beside", n)
	}
	stranger.get("/communities").shows(t, 200, path)
	for _, not := range []string{path + "x", strings.Replace(path, "/portraits/", "/portraits/0", 1), "/portraits/1.png", "/portraits/x.png"} {
		stranger.get(not).shows(t, http.StatusNotFound)
	}

	send(ana, to, drawn(t, 40, color.Black)).leads(t, page)
	next := portraitOf.FindString(stranger.get("/c/makers").body)
	if next == path || stranger.get(path).status != http.StatusNotFound {
		t.Errorf("after another was sent, %s is shown, and %s still", next, path)
	}
	ana.get(page).shows(t, 200, "Enlever l’image")
	if _, err := w.Communities.UpdateProfile(t.Context(), w.ana.ID, w.makers.Actor.ID, communities.Profile{Title: "Ateliers"}); err != nil {
		t.Errorf("what it says of itself cannot be changed any more: %v", err)
	}
	stranger.get("/c/makers").shows(t, 200, next)

	send(bob, "/settings/picture", drawn(t, 40, color.White)).leads(t, "/settings")
	mine := portraitOf.FindString(stranger.get("/@bob").body)
	if mine == "" || stranger.get(mine).status != http.StatusOK {
		t.Errorf("bob shows %q", mine)
	}
	bob.sends("/settings/picture", field{"act", "remove", ""}).leads(t, "/settings")
	stranger.get("/@bob").lacks(t, "/portraits/")
	stranger.get(mine).shows(t, http.StatusNotFound)

	if _, err := w.DB.Exec(t.Context(), `UPDATE communities SET access = $2 WHERE actor = $1`, w.makers.Actor.ID, actors.Confidential); err != nil {
		t.Fatal(err)
	}
	none := stranger.get("/portraits/1.png")
	hidden := stranger.get(next)
	if alike := strings.ReplaceAll(hidden.body, digits.FindString(next), "1"); hidden.status != none.status || alike != none.body {
		t.Errorf("for a stranger the picture of a confidential community is %d: %s", hidden.status, cmp.Diff(none.body, alike))
	}
	if seen := ana.get(next); seen.status != http.StatusOK || strings.Contains(seen.header.Get("Cache-Control"), "public") {
		t.Errorf("for who animates it: %d %s", seen.status, seen.header)
	}
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error { return w.Media.ForgetFiles(t.Context(), tx, w.makers.Actor.ID) }); err != nil {
		t.Fatal(err)
	}
	ana.get(next).shows(t, http.StatusNotFound)
}

// TestPortraitsInABrowser has axe judge the forms by which they are chosen.
func TestPortraitsInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script := axe(t)
	w.as(w.ana).sends("/c/makers/picture", field{"file-1", drawn(t, 300, color.RGBA{200, 80, 40, 255}), "tuile.png"}).leads(t, "/c/makers/manage")
	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.judges(script, "animator", "/c/makers/manage")
	ana.judges(script, "animator", "/settings")
	ana.judges(script, "animator", "/c/makers")
	ana.visits("/c/makers/manage")
	ana.presses(`button[value="remove"]`)
	ana.misses("Enlever l’image")
}
