package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"passerelles/embedded"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// TestDefaultServices breaks a server that nobody gave a PostgreSQL or a Redis: it runs
// its own, as `make run` does, or does with a Redis in its memory.
func TestDefaultServices(t *testing.T) {
	t.Parallel()
	t.Run("with a Redis of its own", func(t *testing.T) {
		t.Parallel()
		d := newDefault(t)
		d.diesWhileItStarts()
		d.befriends()
		d.diesAtWork()
		d.shares()
		d.moves()
	})
	t.Run("with a Redis in memory", func(t *testing.T) {
		t.Parallel()
		d := newDefault(t, "PATH="+t.TempDir()) // where no program is
		d.befriends()
		d.diesAtWork()
	})
}

// unaided is a server without settings, and a stranger who writes and reads.
type unaided struct {
	t     *testing.T
	dir   string
	home  *town
	group string
	peer  *stranger
	said  []string // Creates that were answered 202
}

func newDefault(t *testing.T, more ...string) *unaided {
	t.Helper()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		storagetest.GiveUp(t, err) // processes are looked up there
	}
	dir := storagetest.Folder(t)
	return &unaided{t: t, dir: dir, home: settleOn(t, "", "", append(more, "PASSERELLES_DATA="+dir)...)}
}

// diesWhileItStarts kills the first start as soon as each of these is there: a cluster
// that is being made, one that is whole, a PostgreSQL that starts, one that answers.
func (d *unaided) diesWhileItStarts() {
	d.t.Helper()
	stages := []string{"postgres.new/PG_VERSION", "postgres/PG_VERSION", "postgres/postmaster.pid", "run/.s.PGSQL.5432"}
	for i, stage := range stages {
		p := d.home.run("serve")
		await(d.t, stage+", or what comes after, is there", func() bool {
			return slices.ContainsFunc(stages[i:], func(stage string) bool {
				_, err := os.Stat(filepath.Join(d.dir, stage))
				return err == nil
			})
		})
		p.stop(syscall.SIGKILL)
	}
}

func (d *unaided) befriends() {
	d.t.Helper()
	d.home.start()
	d.home.member("ana")
	d.home.community("makers", "ana")
	d.group = d.home.do("community", "show", "makers").text("id")
	d.peer = newStranger(d.t)
	d.peer.knows(d.group)
	reads := d.peer.actor("cleo")
	must(d.t, d.peer.says(d.t.Context(), d.home.origin+"/inbox", reads, answer{"id": reads + "/follow", "type": "Follow", "object": d.group}))
	await(d.t, "the stranger follows", func() bool { return len(d.peer.received()) > 0 })
}

// diesAtWork kills the server, three times, while the stranger says each thing to both
// inboxes at once until it is taken.
func (d *unaided) diesAtWork() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), recovery)
	defer cancel()
	for range 3 {
		killed := make(chan struct{})
		var writes sync.WaitGroup
		for n := range 8 {
			iri := fmt.Sprintf("%s/notes/%d", d.peer.actor("cleo"), len(d.said))
			d.said = append(d.said, iri+"/create")
			for _, inbox := range []string{d.home.origin + "/inbox", d.group + "/inbox"} {
				writes.Go(func() {
					if n >= 4 {
						<-killed
					}
					if err := d.peer.says(ctx, inbox, d.peer.actor("cleo"), d.create(iri)); err != nil {
						d.t.Error(err)
					}
				})
			}
		}
		before := d.peer.taken()
		await(d.t, "something is taken", func() bool { return d.peer.taken() > before })
		d.home.served.stop(syscall.SIGKILL)
		close(killed)
		d.home.start()
		writes.Wait()
	}
	d.check()
}

func (d *unaided) create(iri string) answer {
	who := d.peer.actor("cleo")
	return answer{"id": iri + "/create", "type": "Create", "to": []string{public}, "cc": []string{d.group},
		"object": answer{"id": iri, "type": "Note", "attributedTo": who, "to": []string{public}, "cc": []string{d.group},
			"audience": d.group, "content": "<p>Salut.</p>", "published": "2026-11-20T12:00:00Z"}}
}

// check: each thing that was taken was applied once, and announced.
func (d *unaided) check() {
	d.t.Helper()
	services, err := embedded.Start(d.t.Context(), d.dir, embedded.Options{}) // those that the server runs
	must(d.t, err)
	defer func() { must(d.t, services.Stop(context.Background())) }()
	db, err := storage.Open(d.t.Context(), services.DatabaseURL, 2)
	must(d.t, err)
	defer db.Close()
	(&siege{t: d.t, db: db}).endLeases() // of those that were killed
	await(d.t, "all is worked off", func() bool {
		return count(d.t, db, `SELECT (SELECT count(*) FROM inbox_queue) + (SELECT count(*) FROM deliveries)`) == 0
	})
	for _, iri := range d.said {
		if n := count(d.t, db, `SELECT count(*) FROM received WHERE iri = $1 AND outcome = 'applied'`, iri); n != 1 {
			d.t.Errorf("%s was applied %d times", iri, n)
		}
	}
	if n := count(d.t, db, `SELECT count(*) FROM posts WHERE NOT local`); n != len(d.said) {
		d.t.Errorf("%d posts came of %d activities", n, len(d.said))
	}
	got := d.peer.got()
	for _, a := range rows[tie](d.t, db, `SELECT a.iri, a.object FROM activities AS a JOIN actors AS g ON g.id = a.actor WHERE g.iri = $1`, d.group) {
		if got[a.Who] == 0 {
			d.t.Errorf("%s, about %s, never came", a.Who, a.What)
		}
	}
	complain(d.t, d.peer.wrong)
}

// shares starts a second serve on the same folder, and kills the first, which owns the
// services: the second goes on.
func (d *unaided) shares() {
	d.t.Helper()
	second := (&fleet{t: d.t, home: d.home}).process()
	second.start()
	d.inherits(second, d.home)
	await(d.t, "and takes posts", func() bool {
		_, err := second.try("post", "new", "--as", "ana", "--community", "makers", "--text", "Seule.")
		return err == nil
	})
	d.home.start() // and the first is back, as a guest
	d.inherits(d.home, second)
}

// inherits kills who owns the services, and waits until the heir has started them again. A
// server that answers is not enough: for a moment it may still speak to the old ones.
func (d *unaided) inherits(heir, owner *town) {
	d.t.Helper()
	before := d.postmaster()
	if before == "" {
		d.t.Error("no PostgreSQL runs in the folder")
	}
	owner.served.stop(syscall.SIGKILL)
	await(d.t, "another PostgreSQL runs, and "+heir.host+" answers", func() bool {
		now := d.postmaster()
		return now != "" && now != before && heir.status("/readyz") == http.StatusOK
	})
}

// postmaster is the process id of the PostgreSQL of the folder, "" where none runs.
func (d *unaided) postmaster() string {
	file, _ := os.ReadFile(filepath.Join(d.dir, "postgres", "postmaster.pid")) // empty: none
	pid, _, _ := strings.Cut(string(file), "\n")
	return pid
}

// moves backs up while it runs, and restores into a new folder.
func (d *unaided) moves() {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "home.tar")
	post := d.home.do("post", "new", "--as", "ana", "--community", "makers", "--text", "Déménagement.").text("id")
	key := d.home.publicKey(d.group)
	d.home.do("backup", file)
	d.home.served.stop(syscall.SIGKILL)
	there := *d.home
	there.env = append(d.home.env[:len(d.home.env):len(d.home.env)], "PASSERELLES_DATA="+storagetest.Folder(d.t))
	there.do("restore", file)
	there.start()
	there.sees(post, func(a answer) bool { return a["deleted"] != true })
	if got := there.publicKey(d.group); got != key {
		d.t.Errorf("the key is %q, want %q", got, key)
	}
	if _, err := there.try("restore", file); err == nil {
		d.t.Error("it restores over a server that is there")
	}
}
