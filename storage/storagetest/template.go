package storagetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"passerelles/storage"
)

// templateKey is the advisory lock that lets one process make the template.
const templateKey = 0x74657374 // "test"

// template is the name of the database that has had this program's migrations,
// and nothing else.
func template() string { return "template_" + storage.Schema() }

// copyTemplate makes a database that is like the template. Another branch's
// keeper may have swept the template away: it is then made again.
func copyTemplate(ctx context.Context, server, name string) error {
	sql := "CREATE DATABASE " + name + " TEMPLATE " + template()
	err := exec(ctx, server, sql)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "3D000" {
		if err := makeTemplate(ctx, server); err != nil {
			return err
		}
		return exec(ctx, server, sql)
	}
	return err
}

// makeTemplate makes the template unless it is there. The mark "is template"
// comes last, so that a half-made one is known.
func makeTemplate(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // frees the lock
	if ready, err := isTemplate(ctx, conn); ready || err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateKey); err != nil {
		return err
	}
	if ready, err := isTemplate(ctx, conn); ready || err != nil {
		return err
	}
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + template() + " WITH (FORCE)",
		"CREATE DATABASE " + template(),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := storage.Migrate(ctx, databaseURL(server, template())); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+template()+" IS_TEMPLATE true")
	return err
}

func isTemplate(ctx context.Context, conn *pgx.Conn) (ready bool, err error) {
	err = conn.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM pg_database
			WHERE datname = $1 AND datistemplate)`, template()).Scan(&ready)
	return ready, err
}

// sweep drops what killed tests and earlier migrations have left. Only the
// keeper calls it, at its start, when nobody uses the cluster.
func sweep(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, _ := conn.Query(ctx, `
		SELECT datname
		FROM pg_database
		WHERE (datname LIKE 'test\_%' OR datname LIKE 'template\_%') AND datname <> $1`, template()) // CollectRows returns Query's error
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		_, unmark := conn.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE false")
		_, drop := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		if err := errors.Join(unmark, drop); err != nil {
			return fmt.Errorf("sweep %s: %w", name, err)
		}
	}
	return nil
}
