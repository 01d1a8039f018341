package storage

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"passerelles/fault"
)

// Find is given PostgreSQL's major version and gives the folder of its programs
// of the same one.
type Find func(major int) (folder string, err error)

// Dump writes all of the database at address, as it is at one moment, in
// pg_dump's custom format. Whoever uses the database is not disturbed. look sees
// that same moment.
func Dump(ctx context.Context, address string, find Find, look func(q Querier) error, to io.Writer) error {
	conn, folder, err := reach(ctx, address, find)
	if err != nil {
		return err
	}
	defer closeSoon(conn)
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return translate(err)
	}
	defer func() { _ = rollback(ctx, tx) }() // nothing was written
	if err := look(tx); err != nil {
		return err
	}
	var snapshot string
	if err := tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
		return translate(err)
	}
	c, err := newChild(ctx, address, filepath.Join(folder, "pg_dump"), "--format=custom", "--snapshot="+snapshot,
		"--no-owner", "--no-privileges", "--no-comments", "--no-publications", "--no-subscriptions", "--no-password")
	if err != nil {
		return err
	}
	c.Stdout = to
	return c.told(c.Run())
}

// Restore fills the database at address, which must hold no table, with what
// Dump wrote and then runs a statement: all of it or nothing. No server starts
// on the database meanwhile.
func Restore(ctx context.Context, address string, find Find, from io.Reader, then string) error {
	conn, folder, err := reach(ctx, address, find)
	if err != nil {
		return err
	}
	defer closeSoon(conn) // frees the lock too
	if err := lockWaiting(ctx, conn, migrateKey); err != nil {
		return translate(err)
	}
	var used bool
	err = conn.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM pg_class AS c
			JOIN pg_namespace AS n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_'))`).Scan(&used)
	if err != nil {
		return translate(err)
	}
	if used {
		return fault.New(fault.Conflict, "The database is not empty: restore into an empty one.")
	}
	return play(ctx, address, folder, from, then)
}

// play has pg_restore write a script and psql run it, in a transaction that we
// end: a script that stops early commits nothing.
func play(ctx context.Context, address, folder string, from io.Reader, then string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run, err := newChild(ctx, address, filepath.Join(folder, "psql"),
		"--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
	if err != nil {
		return err
	}
	write, err := newChild(ctx, address, filepath.Join(folder, "pg_restore"), "--file=-", "--no-owner", "--no-privileges")
	if err != nil {
		return err
	}
	script, err := run.StdinPipe()
	if err != nil {
		return err
	}
	if err := run.Start(); err != nil {
		return run.told(err)
	}
	write.Stdin, write.Stdout = from, script
	_, err = io.WriteString(script, "BEGIN;\n")
	if err == nil {
		err = write.told(write.Run())
	}
	if err == nil {
		_, err = io.WriteString(script, "RESET search_path;\n"+then+";\nCOMMIT;\n")
	}
	if err == nil {
		err = script.Close()
	}
	if err != nil {
		cancel() // psql must not go on, if it has not stopped by itself
	}
	ended := run.Wait()
	if err != nil && run.said.Len() == 0 {
		return err
	}
	return run.told(ended)
}

// reach connects for as long as it takes, and finds the programs.
func reach(ctx context.Context, address string, find Find) (*pgx.Conn, string, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, "", fmt.Errorf("read the database's address: %w", err)
	}
	config.ConnectTimeout = connectTimeout
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, "", translate(err)
	}
	major, err := majorOf(ctx, conn)
	if err != nil {
		closeSoon(conn)
		return nil, "", translate(err)
	}
	folder, err := find(major)
	if err != nil {
		closeSoon(conn)
		return nil, "", err
	}
	return conn, folder, nil
}

func majorOf(ctx context.Context, conn *pgx.Conn) (int, error) {
	var version string
	if err := conn.QueryRow(ctx, "SHOW server_version_num").Scan(&version); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(version)
	return n / 10_000, err
}

// child is a program of PostgreSQL at work.
type child struct {
	*exec.Cmd
	said strings.Builder // on its stderr
}

// newChild tells the program in its environment where the database is: other
// users of the machine could read arguments.
func newChild(ctx context.Context, address, program string, args ...string) (*child, error) {
	environ, err := environment(address)
	if err != nil {
		return nil, err
	}
	c := &child{Cmd: exec.CommandContext(ctx, program, args...)}
	c.Env, c.Stderr = append(os.Environ(), environ...), &c.said
	return c, nil
}

// told makes of what the program said one line.
func (c *child) told(err error) error {
	if err == nil {
		return nil
	}
	said := strings.Join(strings.FieldsFunc(c.said.String(), func(r rune) bool { return r == '\n' }), "; ")
	return fmt.Errorf("%s: %w: %s", filepath.Base(c.Path), err, said[:min(len(said), 500)])
}

// environment is an address as PostgreSQL's own programs read it.
func environment(address string) ([]string, error) {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	environ := []string{
		"PGHOST=" + config.Host, "PGPORT=" + strconv.Itoa(int(config.Port)),
		"PGUSER=" + config.User, "PGDATABASE=" + config.Database, "PGAPPNAME=passerelles",
	}
	if config.Password != "" {
		environ = append(environ, "PGPASSWORD="+config.Password)
	}
	for _, key := range []string{"sslmode", "sslrootcert", "sslcert", "sslkey"} {
		if value := keyword(address, key); value != "" {
			environ = append(environ, "PG"+strings.ToUpper(key)+"="+value)
		}
	}
	return environ, nil
}

// keyword reads a setting of an address, in either of its forms.
func keyword(address, key string) string {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil {
			return "" // it was read before
		}
		return u.Query().Get(key)
	}
	found := regexp.MustCompile(`(?:^|\s)` + key + `\s*=\s*(?:'([^']*)'|(\S+))`).FindStringSubmatch(address)
	if found == nil {
		return ""
	}
	return found[1] + found[2]
}
