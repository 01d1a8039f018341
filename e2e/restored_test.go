package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"passerelles/storage"
)

// TestRestoredToAnEarlierMoment backs a server up while people write, lets it and its
// peer go on, loses it, and restores it: its peer knows more than it does.
func TestRestoredToAnEarlierMoment(t *testing.T) {
	t.Parallel()
	l := newLoss(t)
	l.before()
	l.backUp()
	l.after()
	l.lose()
	t.Run("it is as it was at one moment, whole", l.checkMoment)
	t.Run("it tells its peer nothing anew", l.checkSilence)
	t.Run("what it deleted stays deleted elsewhere", l.checkDeleted)
	t.Run("what comes again is there once", l.checkAgain)
	t.Run("no id is used twice, and what it says is believed", l.checkIDs)
	t.Run("who followed since follows again", l.checkFollowers)
	t.Run("a name given since may be given again", l.checkName)
}

// loss is a server that is lost and comes back as it was some time ago.
type loss struct {
	t          *testing.T
	home, away *town
	db, there  *storage.DB
	file       string
	doneBefore int      // of the numbered posts, when the backup began
	begunAfter int      // and when it had ended
	used       []string // ids that it gave, to posts and activities
	key        string   // of makers, at the moment of the backup

	first, doomed, lateReply, late string
	sent                           int // activities of home's that away has received
}

func newLoss(t *testing.T) *loss {
	l := &loss{t: t, home: newTown(t), away: newTown(t), file: filepath.Join(t.TempDir(), "home.tar")}
	l.home.member("ana")
	l.away.member("bob")
	l.away.member("carol")
	l.away.follows("bob", l.home.community("makers", "ana"))
	l.home.community("jardins", "ana")
	l.there = openDB(t, l.away)
	return l
}

func (l *loss) post(community, text string) string {
	l.t.Helper()
	return l.home.do("post", "new", "--as", "ana", "--community", community, "--text", text).text("id")
}

func (l *loss) group(name string) string {
	l.t.Helper()
	return l.home.do("community", "show", name).text("id")
}

func stands(a answer) bool    { return a["deleted"] != true }
func isDeleted(a answer) bool { return a["deleted"] == true }

// before is what the backup holds.
func (l *loss) before() {
	l.t.Helper()
	l.first, l.doomed = l.post("makers", "Premier."), l.post("makers", "Regretté.")
	l.away.sees(l.first, stands)
	l.away.sees(l.doomed, stands)
	l.key = l.home.publicKey(l.group("makers"))
}

// backUp backs up while Ana writes without a break.
func (l *loss) backUp() {
	l.t.Helper()
	var mu sync.Mutex
	begun, done, stop := 0, 0, false
	var writes sync.WaitGroup
	writes.Go(func() {
		for n := 1; ; n++ {
			mu.Lock()
			over := stop
			begun = n
			mu.Unlock()
			if over {
				return
			}
			if _, err := l.home.try("post", "new", "--as", "ana", "--community", "makers", "--text", fmt.Sprintf("Numéro %d.", n)); err != nil {
				l.t.Error(err)
				return
			}
			mu.Lock()
			done = n
			mu.Unlock()
		}
	})
	written := func(n int) {
		await(l.t, "more is written", func() bool { mu.Lock(); defer mu.Unlock(); return done >= n })
	}
	written(2)
	l.doneBefore = done
	l.home.do("backup", l.file)
	mu.Lock()
	l.begunAfter = begun
	mu.Unlock()
	written(l.begunAfter + 1)
	mu.Lock()
	stop = true
	mu.Unlock()
	writes.Wait()
}

// after is what the backup does not hold.
func (l *loss) after() {
	l.t.Helper()
	l.home.do("post", "delete", l.doomed, "--as", "ana")
	l.away.sees(l.doomed, isDeleted)
	l.lateReply = l.away.do("post", "reply", l.first, "--as", "bob", "--text", "Après coup.").text("id")
	l.home.sees(l.lateReply, stands)
	l.home.do("keys", "rotate", "makers")
	l.home.member("carl")
	l.away.follows("carol", "@jardins@"+l.home.host)
	l.away.follows("bob", l.home.community("tardive", "carl"))
	l.late = l.home.do("post", "new", "--as", "carl", "--community", "tardive", "--text", "De passage.").text("id")
	l.away.sees(l.late, stands)
	l.quiet(l.home)
}

// quiet waits until nothing waits.
func (l *loss) quiet(s *town) {
	l.t.Helper()
	await(l.t, "all of "+s.host+" is delivered", func() bool { return s.waiting() == 0 })
}

func (l *loss) lose() {
	l.t.Helper()
	l.db = openDB(l.t, l.home)
	for _, id := range rows[struct{ IRI string }](l.t, l.db, `
		SELECT iri FROM posts WHERE local UNION ALL SELECT iri FROM activities UNION ALL SELECT iri FROM actors WHERE host IS NULL`) {
		l.used = append(l.used, id.IRI)
	}
	l.home.served.stop(syscall.SIGKILL)
	l.sent = l.cameFromHome()
	l.home = l.home.again()
	l.home.do("restore", l.file)
	l.home.start()
	l.db = openDB(l.t, l.home)
}

func (l *loss) cameFromHome() int {
	l.t.Helper()
	return count(l.t, l.there, `SELECT count(*) FROM received WHERE actor LIKE $1 || '/%'`, l.home.origin)
}

// checkMoment: what was done when the backup began is there, what began when it had
// ended is not, and between them there is no gap.
func (l *loss) checkMoment(t *testing.T) {
	var numbers []int
	for _, p := range rows[struct{ Content string }](t, l.db, `SELECT content FROM posts WHERE content LIKE '%Numéro%' ORDER BY id`) {
		n := 0
		_, _ = fmt.Sscanf(p.Content[strings.Index(p.Content, "Numéro"):], "Numéro %d.", &n) // 0 is seen below
		numbers = append(numbers, n)
	}
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("posts %v, want no gap", numbers)
		}
	}
	if n := len(numbers); n < l.doneBefore || n >= l.begunAfter+1 {
		t.Errorf("%d posts; want all of %d, and none after %d", n, l.doneBefore, l.begunAfter)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM posts p WHERE local AND (SELECT count(*) FROM activities a WHERE a.object = p.iri AND a.type = 'Create') <> 1`: 0,
		`SELECT count(*) FROM posts p WHERE iri = $1`:     0,
		`SELECT count(*) FROM actors WHERE name = 'carl'`: 0,
	} {
		args := []any{}
		if strings.Contains(sql, "$1") {
			args = []any{l.late}
		}
		if n := count(t, l.db, sql, args...); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	if got := l.home.publicKey(l.group("makers")); got != l.key {
		t.Errorf("the key is %s, want that of the backup", got)
	}
}

// checkSilence: nothing leaves until it is told to, and then nothing is new to the peer.
func (l *loss) checkSilence(t *testing.T) {
	posts := count(t, l.there, `SELECT count(*) FROM posts`)
	l.away.do("post", "like", l.first, "--as", "bob")
	l.home.sees(l.first, func(a answer) bool { return a["likes"] == 1.0 })
	if n := l.cameFromHome(); n != l.sent {
		t.Errorf("%d came while it was silent", n-l.sent)
	}
	l.home.do("deliveries", "resume")
	l.quiet(l.home)
	if n := count(t, l.there, `SELECT count(*) FROM posts`); n != posts {
		t.Errorf("its peer has %d posts, and had %d", n, posts)
	}
	if n := count(t, l.db, `SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d deliveries were given up", n)
	}
}

// checkDeleted: the restored server does not know that it deleted a post, and says
// more of it; its peer, which knows, shows it no more.
func (l *loss) checkDeleted(t *testing.T) {
	l.home.sees(l.doomed, stands)
	l.home.do("post", "edit", l.doomed, "--as", "ana", "--text", "Regretté deux fois.")
	after := l.post("makers", "Ensuite.") // of the same peer, so that it comes after
	l.away.sees(after, stands)
	l.quiet(l.home)
	if a := l.away.do("post", "show", l.doomed); !isDeleted(a) {
		t.Errorf("its peer shows %v", a)
	}
	l.home.do("post", "delete", l.doomed, "--as", "ana")
	l.home.sees(l.doomed, isDeleted)
	l.quiet(l.home)
}

// checkAgain: what came after the backup, and comes again, is there once on both.
func (l *loss) checkAgain(t *testing.T) {
	if n := count(t, l.db, `SELECT count(*) FROM posts WHERE iri = $1`, l.lateReply); n != 0 {
		t.Fatalf("the reply of after the backup is there %d times", n)
	}
	for _, text := range []string{"Encore.", "Toujours."} {
		l.away.do("post", "edit", l.lateReply, "--as", "bob", "--text", text)
		l.home.sees(l.lateReply, func(a answer) bool { return strings.Contains(a.text("content"), text) })
	}
	l.quiet(l.away)
	l.quiet(l.home)
	for name, db := range map[string]*storage.DB{"home": l.db, "away": l.there} {
		if n := count(t, db, `SELECT count(*) FROM posts WHERE iri = $1 AND deleted_at IS NULL`, l.lateReply); n != 1 {
			t.Errorf("%s has the reply %d times", name, n)
		}
		if n := count(t, db, `SELECT count(*) FROM received WHERE outcome NOT IN ('applied', 'ignored')`); n != 0 {
			t.Errorf("%s could not apply %d activities: %v", name, n,
				rows[tie](t, db, `SELECT iri, outcome || ' ' || reason FROM received WHERE outcome <> 'applied'`))
		}
	}
}

// checkIDs: what it says from now on has ids of its own, and its peer, which has a newer
// key of it, believes the older one.
func (l *loss) checkIDs(t *testing.T) {
	for _, text := range []string{"Reprise.", "Suite."} {
		l.away.sees(l.post("makers", text), stands)
	}
	l.home.do("keys", "rotate", "makers")
	l.away.sees(l.post("makers", "Nouvelle clé."), stands)
	known := rows[struct{ IRI string }](t, l.db, `SELECT iri FROM posts WHERE local AND content ~ 'Reprise|Suite|Nouvelle'`)
	if len(known) != 3 {
		t.Errorf("%d posts, want 3", len(known))
	}
	for _, k := range known {
		if slices.Contains(l.used, k.IRI) {
			t.Errorf("%s is used again", k.IRI)
		}
	}
	if n := count(t, l.db, `SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d deliveries were given up", n)
	}
}

// checkFollowers: the restored server does not know who followed since. Asking again,
// after an end, repairs that.
func (l *loss) checkFollowers(t *testing.T) {
	jardins := "@jardins@" + l.home.host
	if n := l.home.do("community", "show", "jardins")["followers"]; n != 1.0 {
		t.Fatalf("%v follow, want its animator alone", n)
	}
	l.away.do("unfollow", jardins, "--as", "carol")
	l.away.follows("carol", jardins)
	l.away.sees(l.post("jardins", "Semis."), stands)
}

// checkName: another community takes the name, and its peer tells them apart.
func (l *loss) checkName(t *testing.T) {
	handle := l.home.community("tardive", "ana")
	id := l.group("tardive")
	if slices.Contains(l.used, id) {
		t.Errorf("%s is used again", id)
	}
	await(t, "the new one is found by its name", func() bool {
		return l.away.do("follow", handle, "--as", "carol").text("id") == id
	})
	l.away.follows("carol", handle)
	l.away.sees(l.post("tardive", "La seconde."), stands)
}
