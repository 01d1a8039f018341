package server

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"passerelles/accounts"
	"passerelles/oauth"
)

// thing is what an app reads.
type thing = map[string]any

// phone is an app in somebody's hands.
type phone struct {
	t     *testing.T
	s     *site
	token string
}

func (s *site) phone(t *testing.T, who string, scopes ...string) phone {
	t.Helper()
	m, err := s.Accounts.ByName(t.Context(), who)
	if err != nil {
		m, err = s.Accounts.Create(t.Context(), accounts.New{Name: who, Email: who + "@example.org", Password: "correct horse battery"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if scopes == nil {
		scopes = oauth.Known()
	}
	return phone{t, s, newApp(t, s.Server).token(m, scopes...)}
}

// sends sends a form, or what change makes of it, and gives the status and what is answered.
func (p phone) sends(method, path string, form url.Values, change ...func(*http.Request)) (int, thing) {
	p.t.Helper()
	change = append([]func(*http.Request){with(p.token), func(r *http.Request) {
		if method != http.MethodGet {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}}, change...)
	status, _, text := p.s.ask(p.t, method, path, strings.NewReader(form.Encode()), change...)
	answer := thing{}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		p.t.Errorf("%s %s is answered %d %s", method, path, status, text)
	}
	return status, answer
}

// does is sends where it has to succeed.
func (p phone) does(method, path string, form url.Values, change ...func(*http.Request)) thing {
	p.t.Helper()
	status, answer := p.sends(method, path, form, change...)
	if status != http.StatusOK {
		p.t.Fatalf("%s %s %v: %d %v", method, path, form, status, answer)
	}
	return answer
}

// asJSON sends a body of JSON in the place of a form.
func asJSON(t *testing.T, body any) func(*http.Request) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = http.NoBody, int64(len(text))
		r.Body = rereadable{bytes.NewReader(text)}
	}
}

type rereadable struct{ *bytes.Reader }

func (rereadable) Close() error { return nil }

// uploads sends a file, and what is said of it before and after.
func (p phone) uploads(path, name string, content []byte, said ...string) (int, thing) {
	p.t.Helper()
	body, kind := formOf(p.t, name, content, said...)
	return p.sends(http.MethodPost, path, nil, func(r *http.Request) {
		r.Header.Set("Content-Type", kind)
		r.Body, r.ContentLength = rereadable{bytes.NewReader(body)}, int64(len(body))
	})
}

// formOf is a form with a file in it, if it has a name.
func formOf(t *testing.T, name string, content []byte, said ...string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	err := error(nil)
	for i := 0; i+1 < len(said) && err == nil; i += 2 {
		err = form.WriteField(said[i], said[i+1])
	}
	if name != "" && err == nil {
		part, failed := form.CreateFormFile("file", name)
		if err = failed; err == nil {
			_, err = part.Write(content)
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), form.FormDataContentType()
}

func (p phone) keeps(name string, content []byte, said ...string) string {
	p.t.Helper()
	status, answer := p.uploads("/api/v2/media", name, content, said...)
	if status != http.StatusOK {
		p.t.Fatalf("%s: %d %v", name, status, answer)
	}
	return answer["id"].(string)
}

// drawing is a picture that is twice as wide as high.
func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	picture := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for x := range 20 {
		for y := range 20 {
			picture.Set(x, y, color.RGBA{200, 40, 40, 255})
		}
	}
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const aPDF = "%PDF-1.7 %%EOF"

func filesIn(status thing) (all []string) {
	for _, one := range status["media_attachments"].([]any) {
		file := one.(thing)
		all = append(all, file["id"].(string))
	}
	return all
}

// opens says whether an address gives its file: as the app's web view asks, without a token.
func (s *site) opens(t *testing.T, address string) bool {
	t.Helper()
	status, _, _ := s.ask(t, http.MethodGet, strings.TrimPrefix(address, s.url), nil)
	return status == http.StatusOK
}

// TestAFileOfAnApp is kept, described, looked at by its owner alone, and taken back.
func TestAFileOfAnApp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	for _, path := range []string{"/api/v1/media", "/api/v2/media"} {
		status, f := ana.uploads(path, "scie.png", drawing(t), "description", "Une  scie", "focus", "0.5,-0.25", "thumbnail", "x")
		if status != http.StatusOK || f["type"] != "image" || f["description"] != "Une scie" || f["blurhash"] == "" {
			t.Fatalf("%s: %d %v", path, status, f)
		}
		want := thing{"original": thing{"width": 40.0, "height": 20.0, "size": "40x20", "aspect": 2.0}, "focus": thing{"x": 0.5, "y": -0.25}}
		if !cmp.Equal(f["meta"], any(want)) {
			t.Errorf("%s: %s", path, cmp.Diff(any(want), f["meta"]))
		}
		at, address := "/api/v1/media/"+f["id"].(string), f["url"].(string)
		if !s.opens(t, address) || s.opens(t, strings.Split(address, "?")[0]) {
			t.Error("what waits for its post does not open for its owner alone")
		}
		if again := ana.does(http.MethodGet, at, nil); again["url"] == nil || again["description"] != "Une scie" {
			t.Errorf("asked again it is %v", again)
		}
		if changed := ana.does(http.MethodPut, at, nil, asJSON(t, thing{"description": "Deux", "focus": "1,1"})); changed["description"] != "Deux" ||
			!cmp.Equal(changed["meta"].(thing)["focus"], any(thing{"x": 1.0, "y": 1.0})) {
			t.Errorf("changed it is %v", changed)
		}
		if changed := ana.does(http.MethodPut, at, url.Values{"focus": {"0,0"}}); changed["description"] != "Deux" {
			t.Errorf("a new focus alone makes %v", changed)
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			if status, _ := eve.sends(method, at, url.Values{"description": {"x"}}); status != http.StatusNotFound {
				t.Errorf("Eve's %s: %d", method, status)
			}
		}
		ana.does(http.MethodDelete, at, nil)
		if status, _ := ana.sends(http.MethodGet, at, nil); status != http.StatusNotFound || s.opens(t, address) {
			t.Errorf("taken back it is %d", status)
		}
	}
	if f := ana.keeps("plan.pdf", []byte(aPDF), "focus", "1,1"); ana.does(http.MethodGet, "/api/v1/media/"+f, nil)["type"] != "unknown" {
		t.Error("a document is a picture")
	}
}

// TestFilesOfAppsThatAreNotTaken says why, and keeps none.
func TestFilesOfAppsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.phone(t, "ana")
	const waiting = `SELECT count(*) FROM files WHERE post IS NULL`
	before := s.count(t, waiting)
	for name, tc := range map[string]struct {
		content string
		status  int
		says    string
		said    []string
	}{
		"film.mp4":   {"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", 422, "Sound and video", nil},
		"film.webm":  {"\x1a\x45\xdf\xa3xxxxxxxxxxxxxxxxxxxx", 422, "Sound and video", nil},
		"air.mp3":    {"ID3\x03xxxxxxxxxxxxxxxxxxxx", 422, "Sound and video", nil},
		"air.ogg":    {"OggS\x00xxxxxxxxxxxxxxxxxxxx", 422, "Sound and video", nil},
		"photo.heic": {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", 422, "HEIC", nil},
		"photo.avif": {"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", 422, "AVIF", nil},
		"tout.txt":   {"bonjour", 422, "not taken", nil},
		"vide.png":   {"", 422, "empty", nil},
		"a.png":      {string(drawing(t)[:60]), 422, "picture", nil},
		"b.png":      {string(drawing(t)), 422, "Focus", []string{"focus", "2,0"}},
		"c.png":      {string(drawing(t)), 422, "Focus", []string{"focus", "NaN,0"}},
		"grand.pdf":  {"%PDF-1.7" + strings.Repeat(" ", 17<<20) + "%%EOF", 413, "", nil},
		"huge.pdf":   {"%PDF-1.7" + strings.Repeat(" ", 18<<20) + "%%EOF", 413, "", nil},
		"":           {"", 422, "blank", []string{"description", "x"}},
	} {
		status, answer := ana.uploads("/api/v2/media", name, []byte(tc.content), tc.said...)
		if said, _ := answer["error"].(string); status != tc.status || !strings.Contains(said, tc.says) {
			t.Errorf("%q: %d %v, want %d, %s", name, status, answer, tc.status, tc.says)
		}
	}
	if status, answer := ana.sends(http.MethodPost, "/api/v2/media", url.Values{"description": {"x"}}); status != 422 {
		t.Errorf("no parts: %d %v", status, answer)
	}
	if n := s.count(t, waiting); n != before {
		t.Errorf("%d files are kept, want %d", n, before)
	}
}

func (s *site) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPostsWithFilesFromApps: files hang on a post, alone too; an edit keeps, drops, adds and describes.
func TestPostsWithFilesFromApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.phone(t, "ana")
	a, b, c := ana.keeps("a.png", drawing(t), "description", "Une scie"), ana.keeps("b.pdf", []byte(aPDF)), ana.keeps("c.png", drawing(t))
	post := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"@makers"}, "media_ids[]": {a, b}})
	if got := filesIn(post); !cmp.Equal(got, []string{a, b}) || post["media_attachments"].([]any)[0].(thing)["description"] != "Une scie" {
		t.Fatalf("it has %v", post["media_attachments"])
	}
	at := "/api/v1/statuses/" + post["id"].(string)
	for _, tc := range []struct {
		name   string
		form   url.Values
		change []func(*http.Request)
		want   []string
	}{
		{"no word of files leaves them", url.Values{"status": {"Changé"}}, nil, []string{a, b}},
		{"it adds, in another order", url.Values{"status": {"Changé"}, "media_ids[]": {c, a, b}}, nil, []string{c, a, b}},
		{"it drops", nil, []func(*http.Request){asJSON(t, thing{"status": "x", "media_ids": []string{a}})}, []string{a}},
		{"it describes", nil, []func(*http.Request){asJSON(t, thing{"media_ids": []string{a}, "media_attributes": []thing{
			{"id": "1", "description": "x"}, {"id": a, "description": "Deux scies", "focus": "0.1,0.2"}}})}, []string{a}},
		{"it says of one what it shows, by a form", url.Values{"media_attributes[][id]": {a}, "media_attributes[][description]": {"Trois"}}, nil, []string{a}},
	} {
		p := ana.does(http.MethodPut, at, tc.form, tc.change...)
		if got := filesIn(p); !cmp.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
		first := p["media_attachments"].([]any)[0].(thing)
		want := map[string]string{"it describes": "Deux scies", "it says of one what it shows, by a form": "Trois"}[tc.name]
		if want != "" && (first["description"] != want || !cmp.Equal(first["meta"].(thing)["focus"], any(thing{"x": 0.1, "y": 0.2}))) {
			t.Errorf("%s: %v", tc.name, first)
		}
	}
	if status, answer := ana.sends(http.MethodPut, at, nil, asJSON(t, thing{"status": "", "media_ids": []string{}})); status != 422 {
		t.Errorf("nothing at all: %d %v", status, answer)
	}
	if p := ana.does(http.MethodPut, at, nil, asJSON(t, thing{"status": "x", "media_ids": []string{}})); len(filesIn(p)) != 0 {
		t.Errorf("none are wanted: %v", filesIn(p))
	}
	d := ana.keeps("d.png", drawing(t))
	for _, keep := range []string{"false", "true"} { // the files of what is deleted wait for what is written anew
		old := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"media_ids[]": {d}})
		ana.does(http.MethodDelete, "/api/v1/statuses/"+old["id"].(string), url.Values{"delete_media": {keep}})
	}
	if status, _ := ana.sends(http.MethodPost, "/api/v1/statuses", url.Values{"media_ids[]": {d}}); status != 422 {
		t.Errorf("what was to be deleted is still here: %d", status)
	}
	for name, content := range map[string][]byte{"d.png": drawing(t), "e.pdf": []byte(aPDF)} {
		alone := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"media_ids[]": {ana.keeps(name, content)}})
		if alone["content"] != "" || len(filesIn(alone)) != 1 || !s.opens(t, alone["media_attachments"].([]any)[0].(thing)["url"].(string)) {
			t.Errorf("a file alone: %v", alone)
		}
	}
}

// TestFilesThatAreNotTheirs: nothing changes.
func TestFilesThatAreNotTheirs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	mine, hers, hung := ana.keeps("a.png", drawing(t)), eve.keeps("b.png", drawing(t)), ana.keeps("c.png", drawing(t))
	post := ana.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Une"}, "media_ids[]": {hung}})
	at := "/api/v1/statuses/" + post["id"].(string)
	before := s.count(t, `SELECT count(*) FROM posts`)
	for name, lost := range map[string]string{"of somebody else": hers, "of a post": hung, "unknown": unknownID, "no number": "x"} {
		for _, of := range []struct{ method, path string }{{http.MethodPost, "/api/v1/statuses"}, {http.MethodPut, at}} {
			if lost == hung && of.method == http.MethodPut {
				continue
			}
			status, answer := ana.sends(of.method, of.path, url.Values{"status": {"Autre"}, "media_ids[]": {mine, lost}})
			named := lost
			if lost == "x" {
				named = "0"
			}
			if said, _ := answer["error"].(string); status != 422 || !strings.Contains(said, "Media "+named+" not found") {
				t.Errorf("%s %s: %d %v", of.method, name, status, answer)
			}
		}
	}
	if status, answer := ana.sends(http.MethodDelete, "/api/v1/media/"+hung, nil); status != 422 {
		t.Errorf("a file of a post is taken back: %d %v", status, answer)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		if status, _ := ana.sends(method, "/api/v1/media/"+hung, url.Values{"description": {"x"}}); status != http.StatusNotFound {
			t.Errorf("%s of a file of a post: %d", method, status)
		}
	}
	nine := url.Values{"status": {"Neuf"}}
	for range 9 {
		nine.Add("media_ids[]", ana.keeps("n.pdf", []byte(aPDF)))
	}
	if status, answer := ana.sends(http.MethodPost, "/api/v1/statuses", nine); status != 422 {
		t.Errorf("nine files: %d %v", status, answer)
	}
	if n := s.count(t, `SELECT count(*) FROM posts`); n != before {
		t.Errorf("there are %d posts, want %d", n, before)
	}
	if again := ana.does(http.MethodGet, at, nil); again["content"] != "<p>Une</p>" || !cmp.Equal(filesIn(again), []string{hung}) {
		t.Errorf("it became %v", again)
	}
}

// TestAnAppIsToldWhatFilesAreTaken: what the server says is what media does.
func TestAnAppIsToldWhatFilesAreTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/api/v1/instance", "/api/v2/instance"} {
		_, _, text := s.ask(t, http.MethodGet, path, nil)
		for _, want := range []string{`"max_media_attachments":8`, `"image_size_limit":16777216`, `"image/webp"`, `"application/pdf"`, `"description_limit":1500`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
}

// TestUploadsTakeTheRight: no token reads or writes files but with the right to, and none that was
// revoked; nothing of the file is read before (OA-14).
func TestUploadsTakeTheRight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, scope := range oauth.Known() {
		p := s.phone(t, "ana", scope)
		status, answer := p.uploads("/api/v2/media", "a.png", drawing(t))
		may := scope == "write" || scope == "write:media"
		if may != (status == http.StatusOK) || !may && status != http.StatusForbidden {
			t.Errorf("%s: %d %v", scope, status, answer)
		}
		if !may {
			continue
		}
		at := "/api/v1/media/" + answer["id"].(string)
		if status, _, _ := s.ask(t, http.MethodDelete, at, nil); status != http.StatusUnauthorized {
			t.Errorf("without a token: %d", status)
		}
		ana, err := s.Accounts.ByName(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		let, err := s.Apps.Granted(t.Context(), ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range let {
			if err := s.Apps.End(t.Context(), ana.ID, one.ID); err != nil {
				t.Fatal(err)
			}
		}
		if status, _ := p.uploads("/api/v2/media", "a.png", drawing(t)); status != http.StatusUnauthorized {
			t.Errorf("revoked: %d", status)
		}
	}
}

// TestASecondTimeIsNone: with one key an app publishes once, however often and however fast it asks.
func TestASecondTimeIsNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, eve := s.phone(t, "ana"), s.phone(t, "eve")
	keyed := func(r *http.Request) { r.Header.Set("Idempotency-Key", "abc") }
	file := ana.keeps("a.png", drawing(t))
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			status, answer := ana.sends(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Une fois"}, "media_ids[]": {file}}, keyed)
			if status != http.StatusOK {
				t.Errorf("%d %v", status, answer)
				return
			}
			ids[i] = answer["id"].(string)
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("they are %v", ids)
		}
	}
	other := eve.does(http.MethodPost, "/api/v1/statuses", url.Values{"status": {"Moi aussi"}}, keyed)
	if other["content"] != "<p>Moi aussi</p>" {
		t.Errorf("with Ana's key Eve wrote %v", other["content"])
	}
	if n := s.count(t, `SELECT count(*) FROM posts WHERE content LIKE '%Une fois%'`); n != 1 {
		t.Errorf("it stands there %d times", n)
	}
}
