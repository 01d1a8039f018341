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
func (in installer) apt(ctx context.Context, have Programs) error {
	var packages []string
	if have.Postgres == "" {
		packages = append(packages, in.aptPostgres())
	}
	if have.Redis == "" {
		packages = append(packages, "redis-server")
	}
	in.log.Info("installing with apt-get, once", "packages", packages)
	withoutMainCluster()
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	install := []string{"install", "-y", "--no-install-recommends"}
	err := aptGet(ctx, append(install, packages...)...)
	if err != nil && len(packages) > 1 {
		err = errors.Join(err, aptGet(ctx, append(install, packages[0])...)) // not every release has a Redis
	}
	if have.Redis == "" {
		in.silenceRedis(ctx)
	}
	return err
}

// withoutMainCluster keeps postgresql-common from making a cluster that runs
// at each boot. Somebody's own settings are respected.
func withoutMainCluster() {
	const file = "/etc/postgresql-common/createcluster.conf"
	if _, err := os.Stat(file); err == nil {
		return
	}
	if os.MkdirAll(filepath.Dir(file), 0o755) == nil {
		_ = os.WriteFile(file, []byte("create_main_cluster = false\n"), 0o644) // else a cluster too many, no more
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
