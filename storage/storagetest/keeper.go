package storagetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	osexec "os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/embedded"
)

const (
	keeperFolder = "PASSERELLES_TEST_KEEPER" // set: this process is the keeper of that folder
	keeperIdle   = "PASSERELLES_TEST_IDLE"   // how long the cluster outlives its last user
	wait         = 50 * time.Millisecond
	keeperLock   = 3 // the first file after the standard three: startKeeper gave it
)

// The files in the place that test processes share. A test process holds
// usersFile shared as long as it lives; the keeper ends when it can have it alone.
const (
	usersFile  = "users.lock"
	keeperFile = "keeper.lock"
	urlFile    = "url"    // there while the cluster is ready
	failedFile = "failed" // why it is not
)

// The cluster must outlive the test process that comes first, so that process
// runs its own program once more as the keeper.
func init() {
	if folder := os.Getenv(keeperFolder); folder != "" {
		idle, err := time.ParseDuration(os.Getenv(keeperIdle))
		if err == nil {
			err = keep(folder, idle)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// place is where this person's test processes meet: in memory if there is
// plenty, since a database is some hundreds of small files, ten times as fast there.
func place() string {
	name := fmt.Sprintf("passerelles-test-%d", os.Geteuid())
	var memory syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &memory); err == nil && memory.Bavail*uint64(memory.Bsize) > 4<<30 {
		return filepath.Join("/dev/shm", name)
	}
	return filepath.Join(os.TempDir(), name)
}

// options suit tests. Programs that are installed outlive the memory's content.
func options() embedded.Options {
	return embedded.Options{
		Throwaway: true,
		Log:       slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Programs:  filepath.Join(os.TempDir(), fmt.Sprintf("passerelles-test-%d", os.Geteuid())),
	}
}

// join makes this process a user of the cluster in folder, started if nobody
// has, and gives its address; the file, while open, is what says so.
func join(ctx context.Context, folder string) (address string, user *os.File, err error) {
	if err := ours(folder); err != nil {
		return "", nil, err
	}
	if user, err = lock(filepath.Join(folder, usersFile), syscall.LOCK_SH); err != nil {
		return "", nil, err
	}
	if address, err = await(ctx, folder); err != nil {
		return "", nil, errors.Join(err, user.Close())
	}
	return address, user, nil
}

// await returns once a keeper says that the cluster is ready, or why not.
func await(ctx context.Context, folder string) (string, error) {
	for started := false; ; {
		if address, err := os.ReadFile(filepath.Join(folder, urlFile)); err == nil && answers(ctx, string(address)) {
			return string(address), nil
		}
		kept, err := lock(filepath.Join(folder, keeperFile), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK): // there is a keeper, not ready yet
		case err != nil:
			return "", err
		case started: // and it has ended
			reason, err := os.ReadFile(filepath.Join(folder, failedFile))
			return "", errors.Join(kept.Close(), err, errors.New(string(reason)))
		default:
			if err := startKeeper(folder, kept); err != nil {
				return "", err
			}
			started = true
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for the tests' PostgreSQL: %w", ctx.Err())
		case <-time.After(wait):
		}
	}
}

// ours makes folder, or checks that nobody else has laid it out for us.
func ours(folder string) error {
	if err := os.Mkdir(folder, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else", folder)
	}
	return nil
}

func answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// startKeeper runs this program as the keeper and hands it the keeper's lock. It
// shares no output with us: `go test` waits for whoever may still write there.
func startKeeper(folder string, kept *os.File) error {
	defer kept.Close() // the keeper has its own handle, and with it the lock
	if err := os.Remove(filepath.Join(folder, failedFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(folder, "keeper.log"))
	if err != nil {
		return err
	}
	defer log.Close() // the keeper has its own handle
	cmd := osexec.Command(self)
	cmd.Env = append(os.Environ(), keeperFolder+"="+folder, keeperIdle+"=3m")
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = folder, log, log, []*os.File{kept}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// keep runs the cluster until nobody has used it for as long as idle.
func keep(folder string, idle time.Duration) error {
	syscall.CloseOnExec(keeperLock) // ours until we end, not our children's
	services, err := startCluster(folder)
	if err != nil {
		failed := os.WriteFile(filepath.Join(folder, failedFile), []byte(err.Error()), 0o600)
		return errors.Join(err, failed)
	}
	address := filepath.Join(folder, urlFile)
	if err := os.WriteFile(address, []byte(services.DatabaseURL), 0o600); err != nil {
		return err
	}
	alone, err := awaitIdle(filepath.Join(folder, usersFile), idle)
	if err != nil {
		return err
	}
	defer alone.Close() // who comes while we stop waits for us
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(os.Remove(address), services.Stop(ctx), removeCluster(folder))
}

// startCluster starts a new cluster: an old one may hold what killed tests have
// left, or be spoilt, nothing having been forced to disk.
func startCluster(folder string) (*embedded.Services, error) {
	if err := removeCluster(folder); err != nil {
		return nil, err
	}
	return embedded.Start(context.Background(), folder, options())
}

func removeCluster(folder string) error { return os.RemoveAll(filepath.Join(folder, "postgres")) }

// awaitIdle returns the users' lock once it could be had each second for as
// long as idle.
func awaitIdle(path string, idle time.Duration) (*os.File, error) {
	for last := time.Now(); ; time.Sleep(time.Second) {
		alone, err := lock(path, syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			last = time.Now()
		case err != nil:
			return nil, err
		case time.Since(last) >= idle:
			return alone, nil
		default:
			_ = alone.Close() // nothing was written
		}
	}
}

// lock takes the lock of a file; closing it or ending frees it.
func lock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}
