package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"passerelles/acts"
	"passerelles/config"
	"passerelles/fault"
	"passerelles/outbox"
	"passerelles/storage"
)

// Restore fills an empty database, and the place of the secret, from a backup.
// It leaves deliveries paused: the server that was lost may have sent since what
// still waits in the backup.
func Restore(ctx context.Context, cfg config.Config, o Options, path string) (m Manifest, err error) {
	from, err := openArchive(path)
	if err != nil {
		return m, err
	}
	defer from.file.Close()
	if err := from.suits(cfg); err != nil {
		return m, err
	}
	o.Begin = true // it fills a new server
	s := newServer(cfg, o)
	defer func() { err = errors.Join(err, s.Close()) }()
	address, err := s.databaseOnly(ctx)
	if err != nil {
		return m, err
	}
	made, err := putSecret(secretPath(cfg), from.secret)
	if err != nil {
		return m, err
	}
	if err := s.restore(ctx, address, from); err != nil {
		if made {
			err = errors.Join(err, os.Remove(secretPath(cfg)))
		}
		return m, err
	}
	return from.Manifest, nil
}

func (s *Server) restore(ctx context.Context, address string, from *archive) error {
	dump, err := from.database()
	if err != nil {
		return err
	}
	var major int
	find := s.clients(ctx, &major)
	newEnough := func(version int) (string, error) {
		if version < from.PostgreSQL {
			return "", fault.New(fault.Forbidden, fmt.Sprintf(
				"The backup is of PostgreSQL %d, this one is of version %d: restore into that version or a later one.",
				from.PostgreSQL, version))
		}
		return find(version)
	}
	return storage.Restore(ctx, address, newEnough, dump, outbox.HoldRestored(s.now())+";\n"+acts.RecordRestored(s.now(), from.Time))
}

// suits refuses a backup that is not for these settings or this program.
func (a *archive) suits(cfg config.Config) error {
	if _, err := parseSecret("in the backup", string(a.secret)); err != nil {
		return fault.New(fault.Forbidden, fmt.Sprintf("The backup is of no use: %v.", err))
	}
	if a.Version > storage.Latest() || a.Version < firstBackup {
		return fault.New(fault.Forbidden, fmt.Sprintf(
			"The backup's schema is at version %d, this program knows %d to %d: use the program that wrote it, or a later one.",
			a.Version, firstBackup, storage.Latest()))
	}
	return sameOrigin(a.Origin, cfg.Origin)
}

// putSecret writes the secret unless it is there already; another one is left alone.
func putSecret(path string, secret []byte) (made bool, err error) {
	there, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(bytes.TrimSpace(there), bytes.TrimSpace(secret)):
		return false, nil
	case err == nil:
		return false, fault.New(fault.Conflict, "There is another secret at "+path+": move it away if no server needs it.")
	case !errors.Is(err, os.ErrNotExist):
		return false, fmt.Errorf("read the secret: %w", err)
	}
	return true, placeSecret(path, string(secret))
}
