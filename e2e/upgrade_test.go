package e2e

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// contract is what a program after the next does to the schema: it takes away, and
// says who may go on.
const contract = `
	UPDATE oldest_program SET migration = %d;
	ALTER TABLE posts DROP COLUMN of_later_too`

// TestRollingUpgrade brings the schema of later programs under this one while people
// write. It works on, and begins, on a schema that is newer than it knows; once a
// later one has taken away what it may use, it stops with one sentence.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	home, away := settleOn(t, storagetest.URL(t), storagetest.Redis(t), "PASSERELLES_DATABASE_CONNS=8"), newTown(t)
	f := &fleet{t: t, home: home}
	first, second := f.process(), f.process()
	newFront(t, home.host, first.host, second.host)
	first.start()
	home.member("ana")
	away.member("bob")
	away.follows("bob", home.community("makers", "ana"))
	db, there := openDB(t, home), openDB(t, away)
	u := &upgrade{fleet: f, away: away}

	u.write("avant")
	var during sync.WaitGroup
	during.Go(func() { u.expand(db) })
	u.write("pendant")
	during.Wait()
	if n := count(t, db, `SELECT count(*) FROM information_schema.columns WHERE column_name = 'of_later'`); n < 20 {
		t.Fatalf("%d tables have the new column, want all", n)
	}
	u.write("après")
	second.start() // begins on the newer schema
	u.write("ensemble")
	first.served.stop(syscall.SIGTERM)
	u.write("seul")
	first.start()
	u.write("revenu")
	await(t, "all has arrived and is answered", func() bool {
		return count(t, there, `SELECT count(*) FROM posts WHERE NOT local`) == u.written &&
			count(t, db, `SELECT count(*) FROM posts WHERE NOT local AND parent IS NOT NULL`) == u.written
	})
	if n := count(t, db, `SELECT count(*) FROM dead_letters`) + count(t, db, `SELECT count(*) FROM received WHERE outcome <> 'applied'`); n != 0 {
		t.Errorf("%d deliveries or activities went wrong", n)
	}

	u.migrate(db, fmt.Sprintf(contract, storage.Latest()+1), 2)
	const sentence = "start the newer one"
	for _, p := range []*town{first, second} {
		select {
		case <-p.served.done: // within half a minute
		case <-time.After(patience):
			t.Fatal("a program that is too old goes on")
		}
		if said := p.served.log.String(); !strings.Contains(said, sentence) {
			t.Errorf("a program that is too old ended with %s", said)
		}
	}
	if _, err := first.try("community", "list"); err == nil || !strings.Contains(err.Error(), sentence) || !strings.Contains(err.Error(), "exit status 4") {
		t.Errorf("a program that is too old begins: %v; want that it is refused in one sentence", err)
	}
}

// upgrade is two servers in talk while the schema of one changes.
type upgrade struct {
	*fleet
	away    *town
	written int
}

// expand is what the next program does: it adds, to every table.
func (u *upgrade) expand(db *storage.DB) {
	u.t.Helper()
	for _, table := range rows[struct{ Name string }](u.t, db, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) {
		u.migrate(db, fmt.Sprintf(`
			ALTER TABLE %[1]s ADD COLUMN of_later text, ADD COLUMN of_later_too int NOT NULL DEFAULT 7;
			CREATE INDEX ON %[1]s (of_later)`, table.Name), 0)
	}
	u.migrate(db, `CREATE TABLE of_later (id bigint PRIMARY KEY)`, 1)
}

// migrate changes the schema, and notes a migration if that is further than ours.
func (u *upgrade) migrate(db *storage.DB, sql string, further int64) {
	u.t.Helper()
	if _, err := db.Exec(u.t.Context(), sql); err != nil {
		u.t.Errorf("%s: %v", sql, err)
	}
	if further == 0 {
		return
	}
	if _, err := db.Exec(u.t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, storage.Latest()+further); err != nil {
		u.t.Error(err)
	}
}

// write has ours write, and somebody there answer once it has come.
func (u *upgrade) write(stage string) {
	u.t.Helper()
	for i := range 2 {
		iri := u.home.do("post", "new", "--as", "ana", "--community", "makers", "--title", stage, "--text", fmt.Sprintf("%s, %d.", stage, i)).text("id")
		u.away.sees(iri, func(a answer) bool { return a.text("title") == stage })
		u.away.do("post", "reply", iri, "--as", "bob", "--text", "Bien.")
		u.written++
	}
}
