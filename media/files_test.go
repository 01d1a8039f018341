package media

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

const ana, bob actors.ID = 11, 12

const pdf = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

// part is one of an office document.
type part struct{ name, content string }

// bombOf is a document of a few bytes that says of its parts that they are huge.
func bombOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		w, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: 2, UncompressedSize64: 300 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte{3, 0}); err != nil { // an empty stream
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func archiveOf(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		to, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		if err == nil {
			_, err = to.Write([]byte(p.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// openXMLOf is a document of which a list says what it is about.
func openXMLOf(t testing.TB, main string, others ...part) []byte {
	list := `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/main.xml" ContentType="` + main + `"/></Types>`
	return archiveOf(t, append([]part{{"[Content_Types].xml", list}, {"main.xml", "<w/>"}}, others...)...)
}

// attach takes a file for Ana.
func (w *town) attach(name string, content []byte) (File, error) {
	w.t.Helper()
	return w.Take(w.t.Context(), ana, name, bytes.NewReader(content))
}

func (w *town) taken(name string, content []byte) File {
	w.t.Helper()
	f, err := w.attach(name, content)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return f
}

func (w *town) bytesOf(f File) []byte {
	w.t.Helper()
	file, err := w.OpenFile(f)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return content
}

// onShelf gives the names of all that lies on the disk.
func (w *town) onShelf() (names []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.Shelf, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

// erases does what is due.
func (w *town) erases() {
	w.t.Helper()
	engine, err := jobs.New(jobs.Options{DB: w.DB, RedisURL: "redis://127.0.0.1:1", Now: w.clock.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Register(engine)
	if err := engine.DoDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) write(do func(tx storage.Tx) error) error { return w.DB.Write(w.t.Context(), do) }

// written is a post of Ana's in a scope.
func (w *town) written(scope string) int64 {
	w.t.Helper()
	id := storage.NewID(w.clock.Now())
	_, err := w.DB.Exec(w.t.Context(), `
		INSERT INTO posts (id, iri, author, local, root, scope, content, published, arrived_at)
		VALUES ($1, $2, $3, true, $1, $4, '', $5, $5)`, id, fmt.Sprintf("https://town.example/posts/%d", id), ana, scope, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *town) hangs(post int64, files ...File) error {
	w.t.Helper()
	var wanted []Attach
	for _, f := range files {
		wanted = append(wanted, Attach{ID: f.ID, Alt: new("what " + f.Name + " shows")})
	}
	return w.write(func(tx storage.Tx) error {
		_, err := w.Hang(w.t.Context(), tx, ana, post, wanted)
		return err
	})
}

func TestFilesThatAreTaken(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tc := range []struct {
		name    string
		content []byte
		want    string // type
		called  string
	}{
		{"photo.jpeg", jpegOf(t, halves(30, 20)), "image/jpeg", "photo.jpg"},
		{"plan.png", pngOf(t, halves(30, 20)), "image/png", "plan.png"},
		{"moves.gif", gifOf(t, 30, 20, 3), "image/png", "moves.png"},
		{"photo.pdf", pngOf(t, halves(30, 20)), "image/png", "photo.png"},
		{"rapport.pdf", []byte(pdf), typePDF, "rapport.pdf"},
		{"rapport.exe", []byte(pdf), typePDF, "rapport.exe.pdf"},
		{"../../etc/passwd", []byte(pdf), typePDF, "passwd.pdf"},
		{`C:\Users\ana\Bail type.pdf`, []byte(pdf), typePDF, "Bail type.pdf"},
		{"facture\u202Efdp.exe", []byte(pdf), typePDF, "facturefdp.exe.pdf"},
		{"a\r\nSet-Cookie: x=1", []byte(pdf), typePDF, "aSet-Cookie x=1.pdf"},
		{"", []byte(pdf), typePDF, "document.pdf"},
		{"..", []byte(pdf), typePDF, "document.pdf"},
		{strings.Repeat("é", 300) + ".pdf", []byte(pdf), typePDF, strings.Repeat("é", 100) + ".pdf"},
		{"lettre.docx", openXMLOf(t, typeWord+".main+xml"), typeWord, "lettre.docx"},
		{"budget.xlsx", openXMLOf(t, typeSheet+".main+xml"), typeSheet, "budget.xlsx"},
		{"atelier.pptx", openXMLOf(t, typeSlides+".main+xml"), typeSlides, "atelier.pptx"},
		{"lettre.odt", archiveOf(t, part{"mimetype", typeText}, part{"content.xml", "<x/>"}), typeText, "lettre.odt"},
		{"budget.ods", archiveOf(t, part{"mimetype", typeTable}), typeTable, "budget.ods"},
		{"atelier.odp", archiveOf(t, part{"mimetype", typeShow}), typeShow, "atelier.odp"},
	} {
		f, err := w.attach(tc.name, tc.content)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if f.Type != tc.want || f.Name != tc.called {
			t.Errorf("%s: %s called %q, want %s called %q", tc.name, f.Type, f.Name, tc.want, tc.called)
		}
		got := w.bytesOf(f)
		if int64(len(got)) != f.Size || !f.Picture() && !bytes.Equal(got, tc.content) {
			t.Errorf("%s: %d bytes are kept, of %d", tc.name, len(got), len(tc.content))
		}
		if disposition := f.Disposition(); strings.HasPrefix(disposition, "inline") != f.Picture() || strings.ContainsAny(disposition, "\r\n") {
			t.Errorf("%s: %s", tc.name, disposition)
		}
		if f.Picture() && (f.Width != 30 || f.Height != 20 || Blur(f.Blurhash) == nil) {
			t.Errorf("%s: %d × %d, %q", tc.name, f.Width, f.Height, f.Blurhash)
		}
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	macro := strings.Replace(typeWord, "openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled.12", 1)
	word := typeWord + ".main+xml"
	for _, tc := range []struct {
		name    string
		content []byte
		kind    fault.Kind
	}{
		{"HTML", []byte("<!doctype html><script>alert(1)</script>"), fault.UnsupportedMedia},
		{"HTML as PDF", []byte("<html>%PDF-1.7 %%EOF"), fault.UnsupportedMedia},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), fault.UnsupportedMedia},
		{"XML", []byte(`<?xml version="1.0"?><a/>`), fault.UnsupportedMedia},
		{"JSON", []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}`), fault.UnsupportedMedia},
		{"program", []byte("MZ\x90\x00"), fault.UnsupportedMedia},
		{"text", []byte("only words"), fault.UnsupportedMedia},
		{"nothing", nil, fault.Invalid},
		{"half a PDF", []byte(pdf[:30]), fault.Invalid},
		{"half a picture", pngOf(t, halves(300, 200))[:200], fault.Invalid},
		{"a picture of too many points", wide(t, 60_000, 60_000), fault.Invalid},
		{"a bare archive", archiveOf(t, part{"evil.exe", "MZ"}), fault.UnsupportedMedia},
		{"an empty archive", archiveOf(t), fault.UnsupportedMedia},
		{"half an archive", openXMLOf(t, word)[:100], fault.Invalid},
		{"a page before an archive", append([]byte("<html>"), openXMLOf(t, word)...), fault.UnsupportedMedia},
		{"docm", openXMLOf(t, macro+".main+xml"), fault.UnsupportedMedia},
		{"docx with macros", openXMLOf(t, word, part{"word/vbaProject.bin", "x"}), fault.UnsupportedMedia},
		{"docx with ActiveX", openXMLOf(t, word, part{"word/activeX/activeX1.xml", "x"}), fault.UnsupportedMedia},
		{"xlsx with old macros", openXMLOf(t, typeSheet+".main+xml", part{"xl/macrosheets/sheet1.xml", "x"}), fault.UnsupportedMedia},
		{"two documents in one", openXMLOf(t, word+`"/><Override PartName="/x" ContentType="`+typeSheet+".main+xml"), fault.UnsupportedMedia},
		{"odt with macros", archiveOf(t, part{"mimetype", typeText}, part{"Basic/Standard/Module1.xml", "x"}), fault.UnsupportedMedia},
		{"odt with a script", archiveOf(t, part{"mimetype", typeText}, part{"Scripts/python/x.py", "x"}), fault.UnsupportedMedia},
		{"an OpenDocument that is no office document", archiveOf(t, part{"mimetype", "application/epub+zip"}), fault.UnsupportedMedia},
		{"a document that grows when it is unpacked", bombOf(t), fault.TooLarge},
		{"a document of too many parts", archiveOf(t, slices.Repeat([]part{{"x", ""}}, 10_001)...), fault.UnsupportedMedia},
		{"too large", append([]byte(pdf), make([]byte, 1<<20)...), fault.TooLarge},
	} {
		if f, err := w.attach(tc.name, tc.content); !fault.Is(err, tc.kind) || fault.Message(err) == "" {
			t.Errorf("%s: %+v, %v, want a fault of kind %d", tc.name, f, err, tc.kind)
		}
	}
	if names, rows := w.onShelf(), w.number(`SELECT count(*) FROM files`); len(names) != 0 || rows != 0 {
		t.Errorf("%v stay on the disk, %d in the table", names, rows)
	}
}

// TestAPictureTellsNoPlace: of what a member attaches only what is seen is kept.
func TestAPictureTellsNoPlace(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	sent := withEXIF(jpegOf(t, halves(80, 40)), binary.BigEndian, 6)
	f := w.taken("photo.jpg", sent)
	got := w.bytesOf(f)
	if !bytes.Contains(sent, []byte(secretPlace)) || bytes.Contains(got, []byte("GPS")) || bytes.Contains(got, []byte("Exif")) {
		t.Error("what the camera noted is kept")
	}
	if p := decode(t, got); p.Bounds().Size() != image.Pt(40, 80) {
		t.Errorf("it lies on its side: %v", p.Bounds())
	}
}

func TestHowManyFilesAPostHas(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	large := append(bytes.Repeat([]byte(" "), 900<<10), "\n%%EOF"...)
	copy(large, pdf)
	a, b, c, d := w.taken("a.pdf", []byte(pdf)), w.taken("b.pdf", large), w.taken("c.pdf", large), w.taken("d.pdf", large)
	post := w.written("public")
	if err := w.hangs(post, a, b, c, d); !fault.Is(err, fault.Invalid) {
		t.Errorf("four of three: %v", err)
	}
	if err := w.hangs(post, b, c, d); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more than all of a post may have: %v", err)
	}
	if err := w.hangs(post, a, a); !fault.Is(err, fault.Invalid) {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.attach("e.pdf", large); err != nil {
		t.Errorf("within the member's room: %v", err)
	}
	if _, err := w.attach("f.pdf", large); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more than a member's room: %v", err)
	}
	if err := w.hangs(post, b, a); err != nil {
		t.Fatal(err)
	}
	got, err := w.FilesBy(t.Context(), ana)
	slices.SortFunc(got, func(a, b File) int { return a.Place - b.Place })
	if err != nil || len(got) != 2 || got[0].ID != b.ID || got[1].ID != a.ID || got[1].Alt != "what a.pdf shows" {
		t.Errorf("on the post are %+v, %v", got, err)
	}
}

// TestAMembersRoomHoldsUnderHaste: many at once take no more than one after the other.
func TestAMembersRoomHoldsUnderHaste(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	large := append(bytes.Repeat([]byte(" "), 900<<10), "\n%%EOF"...)
	copy(large, pdf)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { _, _ = w.Take(context.Background(), ana, "a.pdf", bytes.NewReader(large)) })
	}
	all.Wait()
	if held := w.number(`SELECT sum(size) FROM files`); held > w.Files.Member || held < 3*900<<10 {
		t.Errorf("they hold %d bytes of %d", held, w.Files.Member)
	}
	if got, want := len(w.onShelf()), int(w.number(`SELECT count(*) FROM files`)); got != want {
		t.Errorf("%d files on the disk, %d in the table", got, want)
	}
}

func TestNobodyHangsTheFileOfAnother(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	f, err := w.Take(t.Context(), bob, "b.pdf", strings.NewReader(pdf))
	if err != nil {
		t.Fatal(err)
	}
	mine, first, second := w.taken("a.pdf", []byte(pdf)), w.written("members"), w.written("public")
	if err := w.hangs(first, f); !fault.Is(err, fault.NotFound) {
		t.Errorf("Bob's file: %v", err)
	}
	if err := w.Drop(t.Context(), ana, []int64{f.ID}); err != nil || w.number(`SELECT count(*) FROM files`) != 2 {
		t.Errorf("she took Bob's file away: %v", err)
	}
	if err := w.hangs(first, mine); err != nil {
		t.Fatal(err)
	}
	if err := w.hangs(second, mine); !fault.Is(err, fault.NotFound) { // what is for members would be for everybody
		t.Errorf("on a second post: %v", err)
	}
	if err := w.Drop(t.Context(), ana, []int64{mine.ID}); err != nil || w.number(`SELECT count(*) FROM files`) != 2 {
		t.Errorf("what hangs on a post was dropped: %v", err)
	}
}

func TestFilesGo(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	a, b, c, d := w.taken("a.pdf", []byte(pdf)), w.taken("b.pdf", []byte(pdf)), w.taken("c.pdf", []byte(pdf)), w.taken("d.pdf", []byte(pdf))
	post := w.written("public")
	left := func(when string, want ...File) {
		t.Helper()
		w.erases()
		var names []string
		for _, f := range want {
			names = append(names, filepath.Base(w.shelf.place(f.ID)))
		}
		got := w.onShelf()
		slices.Sort(got)
		slices.Sort(names)
		if !slices.Equal(got, names) || int(w.number(`SELECT count(*) FROM files`)) != len(want) {
			t.Errorf("%s there are %v, want %v", when, got, names)
		}
	}
	if err := w.hangs(post, a, b); err != nil {
		t.Fatal(err)
	}
	if err := w.hangs(post, b); err != nil {
		t.Fatal(err)
	}
	left("once the post has another list", b, c, d)
	if err := w.Drop(t.Context(), ana, []int64{c.ID}); err != nil {
		t.Fatal(err)
	}
	left("once one is dropped", b, d)
	w.clock.pass(WaitingFor + time.Second)
	if err := errors.Join(w.Sweep(t.Context()), w.Sweep(t.Context())); err != nil {
		t.Fatal(err)
	}
	left("once it waited too long", b)
	if err := w.write(func(tx storage.Tx) error { return w.Unhang(t.Context(), tx, post) }); err != nil {
		t.Fatal(err)
	}
	left("once the post is deleted")
	e := w.taken("e.pdf", []byte(pdf))
	if err := w.hangs(w.written("public"), e); err != nil {
		t.Fatal(err)
	}
	if err := w.write(func(tx storage.Tx) error { return w.ForgetFiles(t.Context(), tx, ana) }); err != nil {
		t.Fatal(err)
	}
	left("once she left")
}

// TestTheShelfIsTidied: what a process that died left is thrown away, and nothing else.
func TestTheShelfIsTidied(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	f := w.taken("a.pdf", []byte(pdf))
	draft, err := w.shelf.newDraft()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(draft.Close(), os.WriteFile(w.shelf.place(f.ID+256), []byte(pdf), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := w.Tidy(t.Context()); err != nil || len(w.onShelf()) != 3 {
		t.Errorf("what is young is gone: %v, %v", w.onShelf(), err)
	}
	w.clock.pass(shelfDraftsFor + time.Hour)
	if err := w.Tidy(t.Context()); err != nil || len(w.onShelf()) != 1 {
		t.Errorf("there are %v, %v", w.onShelf(), err)
	}
	w.bytesOf(f)
}

// TestADamagedFileIsNotGiven, and one that the disk has no room for leaves nothing.
func TestADamagedFileIsNotGiven(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	f := w.taken("a.pdf", []byte(pdf))
	if err := os.WriteFile(w.shelf.place(f.ID), []byte(strings.Replace(pdf, "obj", "bad", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.OpenFile(f); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a damaged file: %v", err)
	}
	w.shelf.draft = func(folder string) (*os.File, error) {
		file, err := os.CreateTemp(folder, draftPrefix+"*")
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return os.Open(file.Name()) // nothing can be written to it
	}
	for _, content := range [][]byte{[]byte(pdf), pngOf(t, halves(3, 3))} {
		if _, err := w.attach("b", content); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a full disk: %v", err)
		}
	}
	if got := w.onShelf(); len(got) != 1 {
		t.Errorf("on the disk are %v", got)
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	a, b := w.taken("a.pdf", []byte(pdf)), w.taken("b.pdf", []byte(pdf))
	post := w.written("direct")
	if err := w.hangs(post, a, b); err != nil {
		t.Fatal(err)
	}
	it := access.Item{Post: post, Author: ana, Scope: "direct"}
	opens := func(grant string, f File, it access.Item) bool {
		t.Helper()
		yes, err := w.Granted(t.Context(), strings.TrimPrefix(grant, "?grant="), f, it)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	toAna, toBob, toAll := w.GrantTo(access.Reader{ID: ana}, a), w.GrantTo(access.Reader{ID: bob}, a), w.GrantToAll(a)
	for name, tc := range map[string]struct {
		grant string
		file  File
		want  bool
	}{
		"of its author": {toAna, a, true}, "of who does not see the post": {toBob, a, false}, "to all": {toAll, a, true},
		"for another file": {toAll, b, false}, "of another time": {"?grant=zz" + strings.TrimPrefix(toAll, "?grant="), a, false},
		"made up": {"?grant=zzzzzzzzzz~m~AAAAAAAAAAAAAAAAAAAAAA", a, false}, "nothing": {"", a, false}, "of nobody": {w.GrantTo(access.Reader{}, a), a, false},
		"turned into one to all": {strings.Replace(toBob, "p12", "m", 1), a, false},
	} {
		if got := opens(tc.grant, tc.file, it); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	gone := it
	gone.Deleted = true
	if opens(toAll, a, gone) || opens(toAna, a, gone) {
		t.Error("it opens what hangs on a deleted post")
	}
	animators := it
	animators.Scope, animators.Community = "animators", 99
	if opens(toAll, a, animators) {
		t.Error("it opens to all what is for those who animate")
	}
	w.clock.pass(personalFor + time.Second)
	if opens(toAna, a, it) || !opens(toAll, a, it) {
		t.Error("a grant to one outlives its hour, or one to all does not")
	}
	w.clock.pass(commonFor)
	if opens(toAll, a, it) {
		t.Error("a grant to all outlives its day")
	}
}
