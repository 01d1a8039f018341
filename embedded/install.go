package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// installTimeout is for a slow network; a usual one takes half a minute.
const installTimeout = 15 * time.Minute

// Install finds the programs for the services in dir and installs what is
// lacking: as root on Debian and its kin with apt-get, else the pinned npm
// package, which has no Redis. Its error names the command to run.
func Install(ctx context.Context, dir string, opts Options) (Programs, error) {
	in := installer{
		dir: dir, programs: cmp.Or(opts.Programs, dir), from: opts.From,
		log: cmp.Or(opts.Log, slog.Default()), cluster: clusterVersion(dir),
	}
	programs, err := in.find(ctx)
	if err != nil || programs.complete() {
		return programs, err
	}
	if in.from != Machine {
		if programs, err = in.install(ctx); err == nil {
			return programs, nil
		}
	}
	if programs.Postgres == "" {
		return programs, in.refusal(err)
	}
	return programs, nil // Redis alone lacks: Start says so
}

type installer struct {
	dir      string // the services'
	programs string // where to install
	from     Source
	log      *slog.Logger
	cluster  int // the major version of the cluster that is there, 0 if none
}

func (p Programs) complete() bool { return p.Postgres != "" && p.Redis != "" }

func (in installer) find(ctx context.Context) (Programs, error) {
	as, err := accountFor(filepath.Join(in.dir, "postgres"))
	if err != nil {
		return Programs{}, err
	}
	return find(ctx, in.programs, in.from, as, in.cluster), nil
}

// install lets one process at a time install. The error is nil as soon as
// there is a PostgreSQL.
func (in installer) install(ctx context.Context) (Programs, error) {
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	if err := os.MkdirAll(in.programs, 0o711); err != nil {
		return Programs{}, err
	}
	lock, err := waitLock(ctx, filepath.Join(in.programs, "install.lock"))
	if err != nil {
		return Programs{}, err
	}
	defer lock.free()
	programs, err := in.find(ctx) // another process may have installed meanwhile
	if err != nil || programs.complete() {
		return programs, err
	}
	var failed error
	if in.from == Anywhere && canApt() {
		failed = in.apt(ctx, programs)
		if programs, err = in.find(ctx); err != nil {
			return programs, err
		}
	}
	if programs.Postgres == "" {
		failed = errors.Join(failed, in.npm(ctx))
		if programs, err = in.find(ctx); err != nil {
			return programs, err
		}
	}
	if programs.Postgres != "" {
		return programs, nil
	}
	return programs, failed
}

// refusal is one line that says what to do.
func (in installer) refusal(err error) error {
	name, why := "PostgreSQL", "installing is off"
	if in.cluster != 0 {
		name = fmt.Sprintf("PostgreSQL %d, which made the database in %s,", in.cluster, in.dir)
	}
	if err != nil {
		why = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return fmt.Errorf("%s is not installed (%s): run %s", name, why, command(in.aptPostgres(), "redis-server"))
}

func (in installer) aptPostgres() string {
	if in.cluster != 0 {
		return fmt.Sprintf("postgresql-%d", in.cluster)
	}
	return "postgresql"
}

// command is what a person types to install Debian packages or their like.
func command(packages ...string) string {
	if runtime.GOOS == "darwin" {
		return "brew install " + strings.ReplaceAll(strings.Join(packages, " "), "redis-server", "redis")
	}
	return "sudo apt-get install -y " + strings.Join(packages, " ")
}

func canApt() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}
