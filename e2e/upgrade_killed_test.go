package e2e

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// TestMigrationKilledAtEachStep kills the process that migrates, in turn just before and
// just after what it says to PostgreSQL. Whatever the step, a migration is there
// whole or not at all, and the next start goes on.
//
// CHAOS_FOR set: at each step, both ways; else at each third, which is in every migration.
func TestMigrationKilledAtEachStep(t *testing.T) {
	t.Parallel()
	address := storagetest.Empty(t)
	line, through := wirePostgres(t, shortFolder(t), address)
	home := settleOn(t, through, storagetest.Redis(t))
	m := &migrating{t: t, home: home, line: line, schemas: map[int64]string{}}
	m.db = m.open(address)
	stride, ways := 3, 1
	if os.Getenv("CHAOS_FOR") != "" {
		stride, ways = 1, 2
	}
	for at := m.version(); ; {
		for step := 0; ; step += stride {
			killed := false
			for way := range ways {
				killed = m.dies(step, []verdict{isLost, isLast}[(step/stride+way)%2])
			}
			if !killed {
				m.ends()
				return
			}
			if now := m.version(); now != at {
				at = now
				break
			}
		}
	}
}

// migrating is a database that a program is to migrate, and dies.
type migrating struct {
	t       *testing.T
	home    *town
	line    *wire
	db      *storage.DB
	times   int
	schemas map[int64]string // at each version, when it was first seen
}

func (m *migrating) open(address string) *storage.DB {
	m.t.Helper()
	db, err := storage.Open(m.t.Context(), address, 1)
	must(m.t, err)
	m.t.Cleanup(db.Close)
	return db
}

// dies migrates until so many things were said since it knows what is left to do;
// false: there were fewer.
func (m *migrating) dies(step int, how verdict) bool {
	m.t.Helper()
	cmd := m.home.command(context.Background(), "migrate")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	begun, killed, armed := false, false, make(chan struct{})
	m.line.judge(func(piece []byte) verdict {
		<-armed // until the process is known
		begun = begun || bytes.Contains(piece, []byte("begin\x00")) || bytes.Contains(piece, []byte("version_id, is_applied"))
		if !begun || killed {
			return goesOn
		}
		if step--; step >= 0 {
			return goesOn
		}
		killed = true
		_ = cmd.Process.Kill() // it may have ended by itself
		return how
	})
	must(m.t, cmd.Start())
	close(armed)
	err := cmd.Wait()
	m.line.judge(nil)
	if killed {
		m.times++
	} else if err != nil {
		m.t.Fatalf("at version %d: %s", m.version(), said.String())
	}
	await(m.t, "PostgreSQL sees the end of it", func() bool {
		return count(m.t, m.db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`) == 0
	})
	m.check()
	return killed
}

// version is -1 as long as nothing is noted of any.
func (m *migrating) version() int64 {
	m.t.Helper()
	if count(m.t, m.db, `SELECT count(*) FROM pg_class WHERE relname = 'goose_db_version'`) == 0 {
		return -1
	}
	version, err := storage.Version(m.t.Context(), m.db)
	must(m.t, err)
	return version
}

// check sees that a version has one schema, however often what follows was begun.
func (m *migrating) check() {
	m.t.Helper()
	version, now := m.version(), lines(m.t, m.db, schema)
	if before, seen := m.schemas[version]; seen && before != now {
		m.t.Fatalf("version %d is half changed; first\n%s\nthen\n%s", version, before, now)
	}
	m.schemas[version] = now
}

// ends sees that all was done, as by a program that nobody killed.
func (m *migrating) ends() {
	m.t.Helper()
	m.t.Logf("killed %d times", m.times)
	if seen := len(m.schemas); int64(seen) < storage.Latest() {
		m.t.Errorf("killed in %d versions of %d", seen, storage.Latest())
	}
	right := m.open(storagetest.URL(m.t))
	for what, tells := range map[string]string{"schema": schema, "indexes": indexes} {
		if got, want := lines(m.t, m.db, tells), lines(m.t, right, tells); got != want {
			m.t.Errorf("got the %s\n%s\nwant\n%s", what, got, want)
		}
	}
	m.home.start()
}

// schema tells the columns, rules and functions of a database. Indexes are apart: one that
// is built CONCURRENTLY stays, half built, where the rest is undone.
const (
	schema = `
		SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
		FROM pg_class AS c
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
		UNION ALL
		SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
		FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL
		SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
		ORDER BY 1`
	indexes = `
		SELECT concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid)
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid AND c.relnamespace = 'public'::regnamespace
		ORDER BY 1`
)

func lines(t *testing.T, db *storage.DB, sql string) string {
	t.Helper()
	var all []string
	for _, line := range rows[struct{ Text string }](t, db, sql) {
		all = append(all, line.Text)
	}
	return strings.Join(all, "\n")
}
