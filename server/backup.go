package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/config"
	"passerelles/embedded"
	"passerelles/fault"
	"passerelles/storage"
)

// firstBackup is the version of the schema that has the pause, in which a
// restored server starts.
const firstBackup = 9

// firstActs is the version of the schema that has what administrators did.
const firstActs = 54

// Backup writes the database, the secret and a manifest to one file, which must
// not be there yet. The server may run.
func Backup(ctx context.Context, cfg config.Config, o Options, path string) (m Manifest, err error) {
	if err := absent(path); err != nil {
		return m, err
	}
	s := newServer(cfg, o)
	defer func() { err = errors.Join(err, s.Close()) }()
	address, err := s.databaseOnly(ctx)
	if err != nil {
		return m, err
	}
	dump, err := draft(path)
	if err != nil {
		return m, err
	}
	defer discard(dump)
	sum := sha256.New()
	m = Manifest{Time: s.now().UTC(), Sums: map[string]string{}}
	look := func(q storage.Querier) error { return describe(ctx, q, cfg.Origin, &m) }
	if err := storage.Dump(ctx, address, s.clients(ctx, &m.PostgreSQL), look, io.MultiWriter(dump, sum)); err != nil {
		return m, err
	}
	m.Sums[databasePart] = hex.EncodeToString(sum.Sum(nil))
	secret, err := os.ReadFile(secretPath(cfg))
	if err != nil {
		return m, fmt.Errorf("read the secret: %w", err)
	}
	if _, err := parseSecret(secretPath(cfg), string(secret)); err != nil {
		return m, err
	}
	of := sha256.Sum256(secret)
	m.Sums[secretPart] = hex.EncodeToString(of[:])
	if err := writeBackup(path, m, secret, dump); err != nil {
		return m, err
	}
	if err := s.recordBackup(ctx, address, m); err != nil {
		return m, errors.Join(err, os.Remove(path))
	}
	return m, nil
}

// recordBackup notes that there is one: without that note it is not left. A database from before
// there were acts has no place for it.
func (s *Server) recordBackup(ctx context.Context, address string, m Manifest) error {
	if m.Version < firstActs {
		return nil
	}
	db, err := storage.Open(ctx, address, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Write(ctx, func(tx storage.Tx) error {
		return acts.Record(ctx, tx, acts.Act{At: s.now(), Kind: acts.Backup, By: acts.By{Line: true}, About: m.Time.Format(time.RFC3339)})
	})
}

// writeBackup writes the file aside: under its name it is always whole.
func writeBackup(path string, m Manifest, secret []byte, dump *os.File) error {
	whole, err := draft(path)
	if err != nil {
		return err
	}
	defer discard(whole)
	if err := writeArchive(whole, m, secret, dump); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	if err := whole.Sync(); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	if err := absent(path); err != nil {
		return err
	}
	return os.Rename(whole.Name(), path)
}

// describe notes what the database is, and refuses what could not be restored.
func describe(ctx context.Context, q storage.Querier, origin string, m *Manifest) (err error) {
	if m.Version, err = storage.Version(ctx, q); err != nil {
		return err
	}
	if m.Version < firstBackup {
		return fault.New(fault.Conflict, fmt.Sprintf(
			"The database's schema is at version %d: first run passerelles migrate.", m.Version))
	}
	if m.Origin, err = actors.Origin(ctx, q); err != nil {
		return err
	}
	return sameOrigin(m.Origin, origin)
}

func sameOrigin(theirs, ours string) error {
	if theirs != ours {
		return fault.New(fault.Forbidden, fmt.Sprintf(
			"This is the server %s, and the settings name %s: set origin to the first.", theirs, ours))
	}
	return nil
}

// databaseOnly gives the address of PostgreSQL, a private one if none is named.
func (s *Server) databaseOnly(ctx context.Context) (string, error) {
	if s.Config.DatabaseURL != "" {
		return s.Config.DatabaseURL, nil
	}
	address, _, err := s.startServices(ctx)
	return address, err
}

// clients finds PostgreSQL's programs and notes its major version.
func (s *Server) clients(ctx context.Context, major *int) storage.Find {
	return func(version int) (string, error) {
		*major = version
		return embedded.Clients(ctx, s.Config.Data, version)
	}
}

// absent refuses a path at which there is something.
func absent(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fault.New(fault.Conflict, path+" is there already.")
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// draft makes a file of mode 0600 beside path.
func draft(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
}

func discard(f *os.File) {
	_ = f.Close()           // it was written and synced before, or is not wanted
	_ = os.Remove(f.Name()) // it may have its right name already
}
