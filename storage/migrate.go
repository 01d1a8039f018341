package storage

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"passerelles/fault"
)

//go:embed migrations/*.sql
var files embed.FS

// migrateKey is the advisory lock that lets one process migrate at a time.
const migrateKey = 0x70617373 // "pass"

const (
	// migrateTurn is how long one of its statements may wait for a table, and with it
	// whoever comes after. It is a little more than deadlock_timeout, after which
	// PostgreSQL stops an autovacuum that is in the way.
	migrateTurn  = 1100 * time.Millisecond
	migrateRest  = time.Second // for the others, before it tries again
	migrateTries = 30          // about a minute
)

// Migrate brings the database at url to this program's schema. Several
// processes may call it at once. It goes forward only: a schema that is newer
// than this program is left as it is, and refused if it says so (see Suits).
// It gives way to those who use the tables, and tries again.
func Migrate(ctx context.Context, url string) error { return migrate(ctx, url, migrateTries) }

func migrate(ctx context.Context, url string, tries int) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	config.ConnectTimeout = connectTimeout
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return translate(fmt.Errorf("migrate: %w", err))
	}
	defer closeSoon(conn) // frees the lock too
	if done, err := migrated(ctx, conn); err != nil || done {
		return err
	}
	if err := lockWaiting(ctx, conn, migrateKey); err != nil {
		return translate(err)
	}
	if done, err := migrated(ctx, conn); err != nil || done {
		return err
	}
	return translate(upGivingWay(ctx, config, tries))
}

// Version gives the number of the last migration that the database has had,
// 0 if none.
func Version(ctx context.Context, q Querier) (int64, error) {
	var version int64
	err := q.QueryRow(ctx, `
		SELECT coalesce(max(version_id), 0)
		FROM goose_db_version
		WHERE is_applied`).Scan(&version)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table: never migrated
		return 0, nil
	}
	return version, translate(err)
}

// Suits refuses a database that this program is too old for: a later migration
// took away what it uses.
func Suits(ctx context.Context, q Querier) error {
	var oldest int64
	if err := q.QueryRow(ctx, `SELECT migration FROM oldest_program`).Scan(&oldest); err != nil {
		return translate(fmt.Errorf("read who may use the database: %w", err))
	}
	if oldest > Latest() {
		return fault.New(fault.Forbidden, fmt.Sprintf(
			"The database needs a program that knows migration %d, and this one knows up to %d: start the newer one.", oldest, Latest()))
	}
	return nil
}

// Latest gives the number of this program's last migration.
func Latest() int64 {
	var latest int64
	for name := range migrations() {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			panic("storage: a migration without a number: " + name) // embedded: seen by the first test
		}
		latest = max(latest, n)
	}
	return latest
}

// Schema gives a short name for this program's set of migrations, another one
// as soon as any of them changes.
func Schema() string {
	sum := sha256.New()
	for name, body := range migrations() {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(body), body)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// migrations goes through the files in the order of their names.
func migrations() func(yield func(name string, body []byte) bool) {
	return func(yield func(string, []byte) bool) {
		names, err := fs.Glob(files, "migrations/*.sql")
		for _, name := range names {
			body, readErr := files.ReadFile(name)
			err = errors.Join(err, readErr)
			if !yield(strings.TrimPrefix(name, "migrations/"), body) {
				return
			}
		}
		if err != nil {
			panic(err) // embedded files can be read
		}
	}
}

func migrated(ctx context.Context, conn *pgx.Conn) (bool, error) {
	version, err := Version(ctx, conn)
	if err != nil || version < Latest() {
		return false, err
	}
	return true, Suits(ctx, conn)
}

// upGivingWay does not wait for a table behind a long transaction, for all would wait
// behind it: it undoes the migration at which it is, lets the others pass, tries again.
func upGivingWay(ctx context.Context, config *pgx.ConnConfig, tries int) error {
	config = config.Copy()
	config.RuntimeParams["lock_timeout"] = strconv.FormatInt(migrateTurn.Milliseconds(), 10)
	for try := 1; ; try++ {
		err := up(ctx, config)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "55P03" { // lock_not_available
			return err
		}
		if try == tries {
			return fault.Wrap(fault.Unavailable,
				"A long transaction keeps the database from being migrated: see pg_stat_activity, end it or wait, then start again.", err)
		}
		if err := pause(ctx, migrateRest); err != nil {
			return err
		}
	}
}

func up(ctx context.Context, config *pgx.ConnConfig) error {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	dir, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, dir)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
