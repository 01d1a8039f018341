package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/fault"
)

func contextThatEnds() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}

func TestOnlyOurOwnAddressesLeadToAPicture(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	ana, bob := w.wears("ana", url), w.wears("bob", url)
	address := w.Address(ana, url)
	if _, err := w.findAt(address); err != nil {
		t.Errorf("our own address: %v", err)
	}
	signature, _, _ := strings.Cut(strings.TrimPrefix(address, Path), "/")
	other := "A"
	if strings.HasPrefix(signature, other) {
		other = "B"
	}
	for name, forged := range map[string]string{
		"another signature":         Path + other + signature[1:] + "/" + ana.String(),
		"no signature":              Path + "/" + ana.String(),
		"a part of it":              Path + signature[:10] + "/" + ana.String(),
		"that of another":           Path + signature + "/" + bob.String(),
		"that of the avatar":        Path + signature + "/b" + ana.String()[1:],
		"nobody":                    w.Address(Ref{Kind: Avatar, Owner: 1}, url),
		"no post":                   w.Address(Ref{Kind: Picture, Owner: 1}, url),
		"nothing":                   Path + signature + "/",
		"another spelling":          Path + signature + "/a0" + ana.String()[1:],
		"another kind":              Path + signature + "/x" + ana.String()[1:],
		"an address of somebody's":  Path + signature + "/http://127.0.0.1/",
		"signed with another key":   New(Options{Key: []byte("k")}).Address(ana, url),
		"an actor of this server":   w.Address(Ref{Kind: Avatar, Owner: w.number(`SELECT id FROM actors WHERE host IS NULL`)}, ""),
		"a place that posts lack":   w.Address(Ref{Kind: Picture, Owner: w.posted("public", url).Owner, Place: 1}, url),
		"a place before the first":  Path + signature + "/p1.-1",
		"a banner of no address":    w.Address(Ref{Kind: Banner, Owner: w.wears("plain", "").Owner}, ""),
		"a number that is too long": Path + signature + "/a99999999999999999999",
	} {
		if _, err := w.findAt(forged); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The address ends with the picture.
	w.clock.pass(time.Minute)
	w.wears("ana", url+"?new")
	if _, err := w.findAt(address); !fault.Is(err, fault.NotFound) {
		t.Errorf("the address of an earlier picture: %v", err)
	}
	if n := w.peer.hitsOf("/a"); n != 0 {
		t.Errorf("the other server was asked %d times", n)
	}
}

func TestSeesFollowsThePost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	reader := access.Reader{ID: 77}
	for scope, want := range map[string]bool{"public": true, "unlisted": true, "members": false, "animators": false, "direct": false} {
		src, err := w.find(w.posted(scope, "https://writer.example/p.png"), "https://writer.example/p.png")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.Sees(t.Context(), reader, src); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", scope, got, err, want)
		}
	}
}

func TestACopyIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	r := w.wears("ana", url)
	var visitors sync.WaitGroup
	for range 20 {
		visitors.Go(func() { w.shows(r, url) })
	}
	visitors.Wait()
	if n := w.peer.hitsOf("/a"); n != 1 {
		t.Errorf("it was fetched %d times", n)
	}
}

func TestAnotherPictureInItsPlaceIsFetched(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	before := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	after := w.peer.has("/b", says("image/png", pngOf(t, halves(5, 3))))
	first := w.shows(w.wears("ana", before), before)
	w.clock.pass(time.Minute)
	if second := w.shows(w.wears("ana", after), after); bytes.Equal(first, second) {
		t.Error("the earlier picture is shown")
	}
}

func TestACopyThatIsLostOrDamagedIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	r := w.wears("ana", url)
	first := w.shows(r, url)
	name := w.onlyFile()
	if err := os.Truncate(name, 3); err != nil {
		t.Fatal(err)
	}
	if again := w.shows(r, url); !bytes.Equal(again, first) {
		t.Error("a file cut short is shown, or another picture")
	}
	damaged := bytes.Clone(first)
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(name, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if again := w.shows(r, url); !bytes.Equal(again, first) {
		t.Error("a file in which one bit is another is shown")
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	w.shows(r, url)
	if n := w.peer.hitsOf("/a"); n != 4 {
		t.Errorf("it was fetched %d times, want 4", n)
	}
}

// files are those in the folder.
func (w *town) files() (names []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.folder.path, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

func (w *town) onlyFile() string {
	w.t.Helper()
	files := w.files()
	if len(files) != 1 {
		w.t.Fatalf("files: %v, want one", files)
	}
	return files[0]
}

func TestServersThatMisbehave(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.patience = 3 * time.Second
	var sent atomic.Int64
	endless := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(pngOf(t, halves(3, 3)))
		for part := make([]byte, 64<<10); r.Context().Err() == nil; {
			n, err := w.Write(part)
			if err != nil {
				return
			}
			sent.Add(int64(n))
		}
	}
	slow := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("\x89PNG"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	again := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery+"x", http.StatusFound)
	}
	for path, tc := range map[string]struct {
		file http.HandlerFunc
		want fault.Kind
	}{
		"/endless": {endless, fault.NotFound},
		"/long": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(mostBytes+1))
		}, fault.NotFound},
		"/slow":   {slow, fault.Unavailable},
		"/round":  {again, fault.Unavailable},
		"/broken": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, fault.Unavailable},
		"/gone":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, fault.NotFound},
		"/closed": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, fault.NotFound},
		"/cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("\x89PNG"))
		}, fault.Unavailable},
	} {
		url := w.peer.has(path, tc.file)
		r := w.wears("p"+path[1:], url)
		w.refuses(r, url, tc.want)
		before := w.peer.hitsOf(path)
		w.refuses(r, url, tc.want) // at once again: it is not asked
		if after := w.peer.hitsOf(path); after != before {
			t.Errorf("%s is asked again at once", path)
		}
	}
	if n := sent.Load(); n > mostBytes+8<<20 { // and what the sockets hold
		t.Errorf("%d bytes were taken of an endless file", n)
	}
	if n := w.peer.hitsOf("/round"); n > 6 {
		t.Errorf("a redirect in a circle was followed %d times", n)
	}
	if files := w.files(); len(files) != 0 {
		t.Errorf("there remain %v", files)
	}

	// A server that did not answer is asked later, each time later.
	url := w.peer.URL + "/broken"
	r := w.wears("pbroken", url)
	before := w.peer.hitsOf("/broken")
	w.clock.pass(firstPause)
	w.refuses(r, url, fault.Unavailable)
	w.clock.pass(firstPause)
	w.refuses(r, url, fault.Unavailable)
	if n := w.peer.hitsOf("/broken") - before; n != 1 {
		t.Errorf("asked %d times, want once in two pauses", n)
	}
	w.peer.has("/broken", says("image/png", pngOf(t, halves(3, 3))))
	w.clock.pass(firstPause)
	w.shows(r, url)
}

// TestInnerAddresses has pictures point, and redirect, where only we could reach:
// nothing arrives there, and what is told does not tell a closed port from ours.
func TestInnerAddresses(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	inside, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	var reached atomic.Bool
	go func() { // ends with the listener
		if c, err := inside.Accept(); err == nil {
			reached.Store(true)
			c.Close()
		}
	}()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + silent.Addr().String() + "/x.png"
	silent.Close()
	to := func(url string) string {
		path := fmt.Sprintf("/to/%x", url)
		return w.peer.has(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) })
	}
	within := "http://" + inside.Addr().String() + "/x.png"
	told := map[string]bool{}
	for i, url := range []string{closed, to(closed), within, to(within),
		"http://169.254.169.254/latest/meta-data", to("http://169.254.169.254/latest/meta-data"), to("http://[::1]:5432/"), to("http://10.0.0.1/a.png")} {
		_, _, err := w.opens(w.wears(fmt.Sprintf("p%d", i), url), url)
		told[fmt.Sprint(fault.KindOf(err), fault.Message(err))] = true
	}
	if len(told) != 1 {
		t.Errorf("what is told differs: %v", told)
	}
	if reached.Load() {
		t.Error("an inner address was reached")
	}
	for i, url := range []string{to("file:///etc/passwd"), to("https://town.example/media"), "https://town.example/a.png"} {
		w.refuses(w.wears(fmt.Sprintf("q%d", i), url), url, fault.NotFound)
	}
	// The same ways lead to what may be reached.
	url := to(w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3)))))
	w.shows(w.wears("good", url), url)
}

func TestASlowServerLeavesPlaceForOthers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.wait, w.hosts.most = 50*time.Millisecond, 1
	started, release := make(chan bool), make(chan bool)
	slow := w.peer.has("/slow", func(w http.ResponseWriter, _ *http.Request) {
		started <- true
		<-release
		says("image/png", pngOf(t, halves(3, 3)))(w, nil)
	})
	second := w.peer.has("/second", says("image/png", pngOf(t, halves(3, 3))))
	other := newPeer(t).has("/a", says("image/png", pngOf(t, halves(3, 3))))
	slowOne, next, elsewhere := w.wears("slow", slow), w.wears("second", second), w.wears("other", other)
	var first sync.WaitGroup
	first.Go(func() { w.shows(slowOne, slow) })
	<-started
	_, _, err := w.opens(next, second)
	if !fault.Is(err, fault.Unavailable) || fault.After(err) == 0 {
		t.Errorf("a second one of the same server: %v, want to come back later", err)
	}
	w.shows(elsewhere, other)
	close(release)
	first.Wait()
	w.shows(next, second) // haste was not noted as a failure
	if len(w.hosts.hosts) != 0 {
		t.Errorf("hosts are remembered: %v", w.hosts.hosts)
	}
}

// full opens a file that takes nothing. It has a name of its own, since drafts are
// removed by theirs.
func full(folder string) (*os.File, error) {
	fd, err := syscall.Open("/dev/full", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(folder, draftPrefix+"full")
	return os.NewFile(uintptr(fd), name), os.WriteFile(name, nil, 0o600)
}

func TestAFullDisk(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	r := w.wears("ana", url)
	whole := w.folder.draft
	w.folder.draft = full
	if _, _, err := w.opens(r, url); !fault.Is(err, fault.Unavailable) || fault.After(err) == 0 {
		t.Errorf("a file that cannot be fetched: %v", err)
	}
	drafts := 0
	w.folder.draft = func(folder string) (*os.File, error) { // fetched, but then full
		if drafts++; drafts > 1 {
			return full(folder)
		}
		return whole(folder)
	}
	w.refuses(r, url, fault.Unavailable)
	if files, rows := w.files(), w.number(`SELECT count(*) FROM copies`); len(files) != 0 || rows != 0 {
		t.Errorf("there remain %v and %d rows", files, rows)
	}
	w.folder.draft = whole
	w.shows(r, url)
}

// TestAPictureThatEndsTheProcess is begun by processes that are not heard of again.
func TestAPictureThatEndsTheProcess(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
	r := w.wears("ana", url)
	src, err := w.find(r, url)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // docs/operations.md promises as many, and the day
		_, before, err := w.look(t.Context(), src)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("after %d deaths: %v, want it tried again", before.Deaths, err)
		}
		if err := w.noteBegun(t.Context(), src, before); err != nil {
			t.Fatal(err)
		}
	}
	w.refuses(r, url, fault.NotFound)
	w.clock.pass(24*time.Hour - time.Second)
	w.refuses(r, url, fault.NotFound)
	if n := w.peer.hitsOf("/a"); n != 0 {
		t.Errorf("it is fetched %d times once more", n)
	}
	w.clock.pass(time.Second)
	w.shows(r, url)
	if n := w.number(`SELECT deaths FROM copies`); n != 0 {
		t.Errorf("%d deaths are remembered of a picture that can be shown", n)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()

	t.Run("what was not looked at for longest makes room", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		names, urls := []Ref{}, []string{}
		for i := range 4 {
			url := w.peer.has(fmt.Sprintf("/%d", i), says("image/png", pngOf(t, halves(3+i, 3))))
			names, urls = append(names, w.wears(fmt.Sprintf("p%d", i), url)), append(urls, url)
			w.shows(names[i], url)
			w.clock.pass(25 * time.Hour)
		}
		w.shows(names[0], urls[0]) // the oldest is looked at again
		size := w.number(`SELECT sum(size)::bigint FROM copies`)
		w.Room = size
		w.tidy()
		if n := w.number(`SELECT count(*) FROM copies`); n != 4 {
			t.Errorf("%d copies remain where there is room", n)
		}
		w.Room = size - 1
		w.tidy()
		if files, rows := len(w.files()), w.number(`SELECT count(*) FROM copies`); files != 3 || rows != 3 {
			t.Errorf("%d files, %d rows remain, want 3", files, rows)
		}
		for i, hits := range []int{1, 2, 1, 1} { // only the second must be fetched again
			w.shows(names[i], urls[i])
			if n := w.peer.hitsOf(fmt.Sprintf("/%d", i)); n != hits {
				t.Errorf("picture %d was fetched %d times, want %d", i, n, hits)
			}
		}
	})

	t.Run("those of a suspended server go", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
		away := newPeer(t)
		bad := away.has("/a", says("image/png", pngOf(t, halves(4, 4))))
		good, byAddress, byOwner := w.wears("good", url), w.wears("fine", bad), w.wears("bad", url)
		for r, url := range map[Ref]string{good: url, byAddress: bad, byOwner: url} {
			w.shows(r, url)
		}
		for _, host := range []string{strings.TrimPrefix(away.URL, "http://"), "bad.example"} {
			if err := w.Hosts.Suspend(t.Context(), host, "spam"); err != nil {
				t.Fatal(err)
			}
		}
		w.refuses(byAddress, bad, fault.NotFound)
		w.refuses(byOwner, url, fault.NotFound)
		w.tidy()
		if files, rows := len(w.files()), w.number(`SELECT count(*) FROM copies`); files != 1 || rows != 1 {
			t.Errorf("%d files, %d rows remain, want 1", files, rows)
		}
		w.shows(good, url)
	})

	t.Run("those of a server whose pictures are rejected go", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
		good, bare := w.wears("good", url), w.wears("bare", url)
		w.shows(bare, url)
		w.shows(good, url)
		if _, err := w.DB.Exec(t.Context(), `
			INSERT INTO host_policies (host, policy, reject_media, since)
			VALUES ('bare.example', 'none', true, now())`); err != nil {
			t.Fatal(err)
		}
		w.Hosts.Forget()
		w.refuses(bare, url, fault.NotFound)
		w.tidy()
		if rows := w.number(`SELECT count(*) FROM copies`); rows != 1 {
			t.Errorf("%d copies remain, want 1", rows)
		}
		w.shows(good, url)
	})

	t.Run("those of what is deleted or changed go", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		url := w.peer.has("/a", says("image/png", pngOf(t, halves(3, 3))))
		post, changed, kept := w.posted("public", url), w.wears("ana", url), w.wears("bob", url)
		for _, r := range []Ref{post, changed, kept} {
			w.shows(r, url)
		}
		w.exec(`DELETE FROM pictures`)
		w.exec(`UPDATE actors SET icon = icon || '?2' WHERE name = 'ana'`)
		w.tidy()
		if rows := w.number(`SELECT count(*) FROM copies`); rows != 1 {
			t.Errorf("%d rows remain, want 1", rows)
		}
		w.shows(kept, url) // the file is the same for all three
		if n := w.peer.hitsOf("/a"); n != 3 {
			t.Errorf("fetched %d times, want 3", n)
		}
	})

	t.Run("a young file stays, an old draft goes", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		if _, err := w.folder.keep([]byte("on its way to a row")); err != nil {
			t.Fatal(err)
		}
		draft, err := w.folder.newDraft()
		if err != nil {
			t.Fatal(err)
		}
		defer draft.Close()
		if err := w.Tidy(t.Context()); err != nil || len(w.files()) != 2 {
			t.Errorf("%v, files %v", err, w.files())
		}
		w.tidy()
		if files := w.files(); len(files) != 0 {
			t.Errorf("there remain %v", files)
		}
	})

	t.Run("failures are forgotten", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		url := w.peer.URL + "/nothing"
		w.refuses(w.wears("ana", url), url, fault.NotFound)
		w.clock.pass(failuresFor - time.Hour)
		w.tidy()
		if n := w.number(`SELECT count(*) FROM copies`); n != 1 {
			t.Error("a failure is forgotten early")
		}
		w.tidy()
		if n := w.number(`SELECT count(*) FROM copies`); n != 0 {
			t.Error("a failure is kept")
		}
	})
}

// tidy does what the server does each hour, an hour later.
func (w *town) tidy() {
	w.t.Helper()
	if err := w.Sweep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.clock.pass(filesFor + time.Minute)
	if err := w.Tidy(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) exec(statement string) {
	w.t.Helper()
	if _, err := w.DB.Exec(context.Background(), statement); err != nil {
		w.t.Fatal(err)
	}
}
