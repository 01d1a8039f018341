package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"

	"passerelles/fault"
)

func TestPicturesAreShown(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	glass := image.NewRGBA(image.Rect(0, 0, 50, 50)) // see-through
	for i, tc := range []struct {
		name, says string
		content    []byte
		want       string
		size       image.Point
	}{
		{"JPEG", "image/jpeg", jpegOf(t, halves(2000, 1000)), "image/jpeg", image.Pt(400, 200)},
		{"PNG, a drawing", "image/png", pngOf(t, halves(30, 900)), "image/png", image.Pt(13, 400)},
		{"PNG that says it is a JPEG", "image/jpeg", pngOf(t, halves(30, 30)), "image/png", image.Pt(30, 30)},
		{"see-through", "image/png", pngOf(t, glass), "image/png", image.Pt(50, 50)},
		{"GIF, its first frame", "image/gif", gifOf(t, 30, 20, 5000), "image/png", image.Pt(30, 20)},
		{"WebP of no type", "", webpOf(t), "", image.Pt(1, 1)},
		{"the widest", "image/png", pngOf(t, halves(mostAcross, 3)), "image/png", image.Pt(400, 1)},
		{"GIF and ZIP", "image/gif", append(gifOf(t, 30, 20, 1), "PK\x03\x04 evil.class"...), "image/png", image.Pt(30, 20)},
	} {
		url := w.peer.has(fmt.Sprintf("/%d", i), says(tc.says, tc.content))
		content, mediaType, err := w.opens(w.wears(fmt.Sprintf("p%d", i), url), url)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := decode(t, content).Bounds().Size(); tc.want != "" && mediaType != tc.want || got != tc.size {
			t.Errorf("%s: %s of %v, want %s of %v", tc.name, mediaType, got, tc.want, tc.size)
		}
		if r, g, b, a := decode(t, content).At(0, 0).RGBA(); tc.name == "see-through" && min(r, g, b, a) != 0xFFFF {
			t.Errorf("%s: shown on %x %x %x %x, want white", tc.name, r, g, b, a)
		}
		if bytes.Contains(content, []byte("evil")) {
			t.Errorf("%s: what hid in it goes on", tc.name)
		}
	}
	url := w.peer.has("/frames", says("image/gif", gifOf(t, 30, 20, 3)))
	if first := decode(t, w.shows(w.wears("frames", url), url)); !red(first, 10, 10) {
		t.Error("another frame than the first is shown")
	}
	large := w.peer.has("/large", says("image/jpeg", jpegOf(t, halves(3600, 1200))))
	if got := decode(t, w.shows(w.posted("public", large), large)).Bounds().Size(); got != image.Pt(1600, 533) {
		t.Errorf("a post's picture is %v", got)
	}
	banner := w.wears("banner", large)
	banner.Kind = Banner
	if got := decode(t, w.shows(banner, large)).Bounds().Dx(); got != 1600 {
		t.Errorf("a banner is %d wide", got)
	}
}

func TestWhatIsNoPictureIsNotShown(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	photograph := jpegOf(t, halves(300, 200))
	for i, tc := range []struct {
		name, says string
		content    []byte
	}{
		{"SVG", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		{"SVG as PNG", "image/png", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`)},
		{"HTML as PNG", "image/png", []byte(`<!doctype html><script>alert(1)</script>`)},
		{"PDF as JPEG", "image/jpeg", []byte("%PDF-1.4\n<script>")},
		{"an actor as GIF", "application/activity+json", []byte(`{"type":"Person"}`)},
		{"TIFF", "image/tiff", []byte("II*\x00\x08\x00\x00\x00")},
		{"HTML behind the first bytes of a GIF", "image/gif", []byte("GIF89a=1;<script>alert(1)</script>")},
		{"nothing", "image/png", nil},
		{"half a JPEG", "image/jpeg", photograph[:len(photograph)/2]},
		{"half a PNG", "image/png", pngOf(t, halves(300, 200))[:200]},
		{"too many points", "image/png", wide(t, 60_000, 60_000)},
		{"as many points as a number holds", "image/png", wide(t, 1<<31-1, 1<<31-1)},
		{"too wide", "image/png", pngOf(t, halves(mostAcross+1, 1))},
		{"just too many", "image/png", wide(t, 8000, 5001)},
		{"a GIF of too many points", "image/gif", wideGIF(t)},
		{"a JPEG of too many scans", "image/jpeg", withSegment(photograph, bytes.Repeat([]byte{0xFF, 0xDA}, mostScans))},
	} {
		path := fmt.Sprintf("/%d", i)
		url := w.peer.has(path, says(tc.says, tc.content))
		r := w.wears(fmt.Sprintf("p%d", i), url)
		for range 2 {
			if content, _, err := w.opens(r, url); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %d bytes, %v; want nothing", tc.name, len(content), err)
			}
		}
		if hits := w.peer.hitsOf(path); hits != 1 {
			t.Errorf("%s: asked for %d times, want once", tc.name, hits)
		}
	}
	if n := w.number(`SELECT count(*) FROM copies WHERE file <> ''`); n != 0 {
		t.Errorf("%d copies were made", n)
	}
	// What is not shown is tried again a day later, since it may have been mended.
	url := w.peer.has("/7", says("image/png", pngOf(t, halves(3, 3))))
	r := w.wears("p7", url)
	w.clock.pass(longestPause)
	w.shows(r, url)
}

func TestWhereAPictureWasTakenIsNotTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		sent := withEXIF(jpegOf(t, halves(80, 40)), order.(binary.ByteOrder), 6)
		if !bytes.Contains(sent, []byte(secretPlace)) {
			t.Fatal("the picture does not tell it to begin with")
		}
		url := w.peer.has(fmt.Sprintf("/%d", i), says("image/jpeg", sent))
		got := w.shows(w.wears(fmt.Sprintf("p%d", i), url), url)
		if bytes.Contains(got, []byte("GPS")) || bytes.Contains(got, []byte("Exif")) {
			t.Errorf("%v: what the camera noted goes on", order)
		}
		// Held with its right side up: what was left is now on top.
		p := decode(t, got)
		if p.Bounds().Size() != image.Pt(40, 80) || !red(p, 20, 10) || red(p, 20, 70) {
			t.Errorf("%v: %v, red on top %v", order, p.Bounds(), red(p, 20, 10))
		}
	}
}

func TestTurned(t *testing.T) {
	t.Parallel()
	p := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i := range 6 {
		p.SetRGBA(i%3, i/3, color.RGBA{R: "abcdef"[i], A: 255})
	}
	// What a viewer makes of abc over def: https://www.media.mit.edu/pia/Research/deepview/exif.html
	for o, want := range map[orientation]string{
		1: "abc/def", 2: "cba/fed", 3: "fed/cba", 4: "def/abc", 5: "ad/be/cf", 6: "da/eb/fc", 7: "fc/eb/da", 8: "cf/be/ad",
	} {
		got, rows := turned(p, o), []string{}
		for y := range got.Rect.Dy() {
			row := ""
			for x := range got.Rect.Dx() {
				row += string(rune(got.RGBAAt(x, y).R))
			}
			rows = append(rows, row)
		}
		if strings.Join(rows, "/") != want {
			t.Errorf("orientation %d: %s, want %s", o, strings.Join(rows, "/"), want)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	picture := jpegOf(f, halves(4, 4))
	f.Add(withEXIF(picture, binary.BigEndian, 6))
	f.Add(withEXIF(picture, binary.LittleEndian, 3)[:40])
	f.Fuzz(func(t *testing.T, content []byte) {
		if o := orientationOf(bytes.NewReader(content)); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func TestADecoderThatPanicsIsAnError(t *testing.T) {
	t.Parallel()
	_, err := safely(func(io.Reader) (image.Image, error) { panic("index out of range") }, strings.NewReader(""))
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("err = %v", err)
	}
}

func TestADecoderIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextThatEnds()
	read := untilDone{ctx, strings.NewReader("abc")}
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Errorf("it is stopped before its time: %v", err)
	}
	cancel()
	if _, err := read.Read(make([]byte, 1)); !errors.Is(err, ctx.Err()) {
		t.Errorf("err = %v", err)
	}
}

func TestBlur(t *testing.T) {
	t.Parallel()
	red, blue := color.RGBA{200, 20, 20, 255}, color.RGBA{20, 20, 200, 255}
	for hash, want := range map[string][2]color.RGBA{ // of its left and its right half
		"00TI:j":                       {{255, 0, 0, 255}, {255, 0, 0, 255}},
		"LEHV6nWB2yk8pyo0adR*.7kCMdnj": {{146, 141, 144, 255}, {149, 154, 156, 255}}, // of the algorithm's own page
		blurhashOf(halves(300, 200)):   {red, blue},
		blurhashOf(halves(200, 300)):   {red, blue},
		blurhashOf(halves(1, 1)):       {blue, blue},
	} {
		p, err := bmp.Decode(bytes.NewReader(Blur(hash)))
		if err != nil {
			t.Errorf("%q: %v", hash, err)
			continue
		}
		halves := average(p, blurSide/2)
		if got := [2]color.RGBA{halves.RGBAAt(0, 0), halves.RGBAAt(1, 0)}; !alike(got[0], want[0]) || !alike(got[1], want[1]) {
			t.Errorf("%q: %v, want %v", hash, got, want)
		}
	}
	for _, hash := range []string{"", "short", "00é~~", "00 <b>x", "00TI:j0", "\x000TI:j", "~~", strings.Repeat("~", 184)} {
		if Blur(hash) != nil {
			t.Errorf("%q was drawn", hash)
		}
	}
}

// alike lets colours differ by what a blur and its rounding may change.
func alike(got, want color.RGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 40 }
	return near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B)
}

func BenchmarkBlur(b *testing.B) {
	for b.Loop() {
		Blur("LEHV6nWB2yk8pyo0adR*.7kCMdnj")
	}
}

func BenchmarkRemake(b *testing.B) {
	s := New(Options{Folder: b.TempDir()})
	noisy := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range noisy.Pix {
		noisy.Pix[i] = byte(i*i>>7) | 0x80
	}
	file, err := s.folder.newDraft()
	if err != nil {
		b.Fatal(err)
	}
	defer discard(file)
	if _, err := file.Write(jpegOf(b, noisy)); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for b.Loop() {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if _, err := s.remake(b.Context(), file, 1600, func() error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(12*float64(b.N)/time.Since(start).Seconds(), "Mpixel/s")
}

// Two kinds of files that no server of ours reads, for what only a broken decoder does:
// one panics, the other reads on as long as it is let.
func init() {
	point := func(io.Reader) (image.Config, error) { return image.Config{Width: 1, Height: 1}, nil }
	formats["image/bmp"] = format{point, func(io.Reader) (image.Image, error) { panic("index out of range") }}
	formats["image/x-icon"] = format{point, func(r io.Reader) (image.Image, error) {
		for range 1000 {
			if _, err := r.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			select {
			case readsOn <- struct{}{}:
			case <-letGo:
			}
		}
		return image.NewRGBA(image.Rect(0, 0, 1, 1)), nil
	}}
}

var readsOn, letGo = make(chan struct{}), make(chan struct{})

func TestAFileThatBreaksItsDecoder(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/panic", says("image/png", []byte("BM and no more")))
	w.refuses(w.wears("panic", url), url, fault.NotFound)
	url = w.peer.has("/good", says("image/png", pngOf(t, halves(3, 3))))
	w.shows(w.wears("good", url), url)
}

func TestADecoderThatReadsOnIsStopped(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("\x00\x00\x01\x00"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextThatEnds()
	ended := make(chan error, 1)
	go func() {
		_, err := w.remake(ctx, file, 400, func() error { return nil })
		ended <- err
	}()
	<-readsOn
	cancel()
	close(letGo)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that it was stopped", err)
	}
}
