package embedded

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// apt installs what lacks from the distribution. Its packages would also set up
// servers of their own, open on the usual ports and started at each boot, that
// nobody asked for: those are prevented.
func (in installer) apt(ctx context.Context, have Programs) (err error) {
	var packages []string
	if have.Postgres == "" {
		packages = append(packages, in.aptPostgres())
	}
	if have.Redis == "" {
		packages = append(packages, "redis-server")
	}
	in.log.Info("installing with apt-get, once", "packages", packages)
	undo := withoutMainCluster("/")
	defer func() {
		err = errors.Join(err, undo())
		in.log.Info("installed for this server alone: others on this machine are made by pg_createcluster VERSION main --start "+
			"and systemctl enable --now redis-server", "packages", packages)
	}()
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	install := []string{"install", "-y", "--no-install-recommends"}
	err = aptGet(ctx, append(install, packages...)...)
	if err != nil && len(packages) > 1 {
		err = errors.Join(err, aptGet(ctx, append(install, packages[0])...)) // not every release has a Redis
	}
	if have.Redis == "" {
		in.silenceRedis(ctx)
	}
	return err
}

// withoutMainCluster keeps postgresql-common from making a cluster that runs
// at each boot, until undo. Somebody's own settings are respected. root is the folder
// above etc and usr.
func withoutMainCluster(root string) (undo func() error) {
	const ours = "create_main_cluster = false\n"
	file := filepath.Join(root, "etc/postgresql-common/createcluster.conf")
	text, err := os.ReadFile(file)
	if err == nil && string(text) != ours { // ours: somebody ended the installation before this one
		return func() error { return nil }
	}
	if os.MkdirAll(filepath.Dir(file), 0o755) == nil {
		_ = os.WriteFile(file, []byte(ours), 0o644) // else a cluster too many, no more
	}
	return func() error {
		packaged, err := os.ReadFile(filepath.Join(root, "usr/share/postgresql-common/createcluster.conf"))
		if err != nil { // the package was not installed
			return os.Remove(file)
		}
		return os.WriteFile(file, packaged, 0o644)
	}
}

// silenceRedis keeps the packaged Redis, which came with the program we
// wanted, from starting at each boot.
func (in installer) silenceRedis(ctx context.Context) {
	systemctl, err := exec.LookPath("systemctl")
	if err != nil {
		return
	}
	if err := run(ctx, exec.Command(systemctl, "disable", "redis-server.service"), account{}); err != nil {
		in.log.Warn("the packaged redis-server may start at boot", "error", err)
	}
}

func aptGet(ctx context.Context, args ...string) error {
	cmd := exec.Command("apt-get", append([]string{
		"-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2", "-o", "Dpkg::Options::=--force-confold",
	}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive",
		"SYSTEMD_OFFLINE=1", // packages enable their services but start none
		"RUNLEVEL=1")        // the same where there is no systemd
	return run(ctx, cmd, account{})
}
