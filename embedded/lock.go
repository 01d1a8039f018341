package embedded

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// fileLock is a lock between processes, which the kernel frees when its holder dies.
type fileLock struct{ file *os.File }

// tryLock takes the lock of path if nobody has it.
func tryLock(path string) (*fileLock, bool, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &fileLock{file}, true, nil
	}
	_ = file.Close() // nothing was written
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, nil
	}
	return nil, false, err
}

// waitLock takes the lock of path when it is free.
func waitLock(ctx context.Context, path string) (*fileLock, error) {
	for {
		lock, ok, err := tryLock(path)
		if err != nil || ok {
			return lock, err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (l *fileLock) free() { _ = l.file.Close() } // closing frees it; nothing was written

// pause waits for d unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
