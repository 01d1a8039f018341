package storage

import (
	"slices"
	"strings"
	"testing"
)

// Programs of others are told in their environment what arguments would show.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	want := []string{"PGHOST=db.example", "PGPORT=5433", "PGUSER=ana", "PGDATABASE=here", "PGAPPNAME=passerelles",
		"PGPASSWORD=a b", "PGSSLMODE=require"}
	for _, address := range []string{
		"postgres://ana:a%20b@db.example:5433/here?sslmode=require",
		"host=db.example port=5433 user=ana password='a b' dbname=here sslmode=require",
	} {
		got, err := environment(address)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s gives %q, %v; want %q", address, got, err, want)
		}
		c, err := newChild(t.Context(), address, "/bin/true")
		if err != nil || strings.Contains(strings.Join(c.Args, " "), "a b") {
			t.Errorf("arguments %q, %v", c.Args, err)
		}
	}
}
