package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Clients gives the folder of the programs that dump and restore a database of
// this major version: pg_dump, pg_restore and psql of the very same one, beside
// the server's programs in dir or anywhere on the machine.
func Clients(ctx context.Context, dir string, version int) (string, error) {
	packaged, err := filepath.Abs(packageFolder(dir))
	if err != nil {
		return "", err
	}
	const dump = "pg_dump"
	var other int
	for _, folder := range append(postgresFolders(), packaged) {
		if !filepath.IsAbs(folder) || !holds(folder, dump, "pg_restore", "psql") { // a PATH that names the current folder
			continue
		}
		if other = postgresVersion(ctx, filepath.Join(folder, dump)); other == version {
			return folder, nil
		}
	}
	why := "it is not installed"
	if other != 0 {
		why = fmt.Sprintf("that of version %d does not do", other)
	}
	return "", fmt.Errorf("%s %d, of the same version as the database, is needed (%s): run %s",
		dump, version, why, command(fmt.Sprintf("postgresql-client-%d", version)))
}

func holds(folder string, programs ...string) bool {
	for _, name := range programs {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}
