package embedded

import (
	"os"
	"strings"
	"testing"
)

func TestClients(t *testing.T) {
	t.Parallel()
	programs, err := Install(t.Context(), folder(t), Options{From: Machine})
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("the programs of PostgreSQL that are tried are the machine's: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if dir, err := Clients(t.Context(), folder(t), programs.Version); err != nil || !holds(dir, "pg_dump", "pg_restore", "psql") {
		t.Errorf("clients of %d = %q, %v", programs.Version, dir, err)
	}
	_, err = Clients(t.Context(), folder(t), 9999)
	if err == nil || !strings.Contains(err.Error(), "postgresql-client-9999") || strings.Contains(err.Error(), "\n") {
		t.Errorf("err = %v, want one line that names the package", err)
	}
}
