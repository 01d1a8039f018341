package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMemoryLetsKeysExpire(t *testing.T) {
	t.Parallel()
	m, err := startMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer m.stop(t.Context())
	if err := m.server.Set("lock", "held"); err != nil {
		t.Fatal(err)
	}
	m.server.SetTTL("lock", time.Second)
	eventually(t, "the key expires", func() bool { return !m.server.Exists("lock") })
}

func TestRefusalIsOneLineWithTheCommand(t *testing.T) {
	t.Parallel()
	err := installer{dir: "/data", cluster: 17}.refusal(errors.Join(errors.New("no network"), errors.New("no npm")))
	want := "PostgreSQL 17, which made the database in /data, is not installed (no network; no npm): " +
		"run " + command("postgresql-17", "redis-server")
	if err.Error() != want {
		t.Errorf("refusal = %q, want %q", err, want)
	}
}

func TestInstalledProgramsAreFound(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	programs, err := Install(t.Context(), dir, Options{From: Machine})
	if err != nil {
		t.Fatal(err)
	}
	if programs.Version < oldest || programs.Postgres == "" {
		t.Errorf("programs = %+v, want PostgreSQL %d or newer", programs, oldest)
	}
	t.Run("but none of a version that is not there", func(t *testing.T) {
		dir := folder(t)
		if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o700); err != nil {
			t.Fatal(err)
		}
		leave(t, filepath.Join(dir, "postgres", "PG_VERSION"), "9999\n")
		if programs, err := Install(t.Context(), dir, Options{From: Machine}); err == nil ||
			!strings.Contains(err.Error(), "postgresql-9999") {
			t.Errorf("programs = %+v, %v, want a refusal that names postgresql-9999", programs, err)
		}
	})
}

func TestSocketFolder(t *testing.T) {
	t.Parallel()
	if got, want := socketFolder("/var/lib/passerelles", account{}), "/var/lib/passerelles/run"; got != want {
		t.Errorf("short = %q, want %q", got, want)
	}
	for _, dir := range []string{"/" + strings.Repeat("long", 30), "/with space", "/with,comma"} {
		if got := socketFolder(dir, account{}); len(got) > 50 || !strings.HasPrefix(got, "/tmp/passerelles-") {
			t.Errorf("folder for %q = %q", dir, got)
		}
	}
}

func TestOwnRefusesAnothersFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	h := home{as: account{uid: os.Geteuid() + 1, name: "another"}}
	if err := h.own(dir); err == nil {
		t.Error("took a folder that is not its own")
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	h.as.uid = os.Geteuid()
	if err := h.own(link); err == nil {
		t.Error("took a link for a folder")
	}
}

func TestAliveWantsTheFolderToo(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := filepath.Join(dir, "pid")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, folder string
		want         bool
	}{
		{strconv.Itoa(os.Getpid()) + "\nmore\n", here, true},
		{strconv.Itoa(os.Getpid()), dir, false},
		{"nonsense", here, false},
		{"-1", here, false},
		{"", here, false},
	} {
		leave(t, file, c.text)
		if got := alive(file, c.folder); got != c.want {
			t.Errorf("alive(%q, %s) = %v, want %v", c.text, c.folder, got, c.want)
		}
	}
}

func TestAccountIsTheDataFoldersOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // only root has a choice
	}
	dir := folder(t)
	cluster := filepath.Join(dir, "postgres")
	if as, err := accountFor(cluster); err != nil || as.uid == 0 {
		t.Errorf("in a folder of root's: %+v, %v, want another account", as, err)
	}
	const somebody = 12345
	if err := os.Chown(dir, somebody, somebody); err != nil {
		t.Fatal(err)
	}
	if as, err := accountFor(cluster); err != nil || as.uid != somebody {
		t.Errorf("in somebody's folder: %+v, %v, want %d", as, err, somebody)
	}
}
