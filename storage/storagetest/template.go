package storagetest

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// templateKey is the advisory lock that lets one process make the template.
const templateKey = 0x74657374 // "test"

// template is the name of the database that has had this program's migrations,
// and nothing else.
func template() string { return "template_" + storage.Schema() }

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
