package server

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"passerelles/fault"
)

// The parts of a backup, in the order in which they stand in it.
const (
	manifestPart = "manifest.json"
	secretPart   = "secret"
	databasePart = "database.dump"
	smallPart    = 64 << 10 // bytes; the first two are no longer
)

// Manifest says what a backup holds.
type Manifest struct {
	Origin     string            `json:"origin"`
	Version    int64             `json:"version"`    // of the schema
	PostgreSQL int               `json:"postgresql"` // major version
	Time       time.Time         `json:"time"`
	Sums       map[string]string `json:"sums"` // SHA-256 of each part
}

// writeArchive writes the parts to a file; the manifest has their sums.
func writeArchive(to io.Writer, m Manifest, secret []byte, database *os.File) error {
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	info, err := database.Stat()
	if err != nil {
		return err
	}
	if _, err := database.Seek(0, io.SeekStart); err != nil {
		return err
	}
	archive := tar.NewWriter(to)
	for _, part := range []struct {
		name string
		size int64
		from io.Reader
	}{
		{manifestPart, int64(len(manifest)), bytes.NewReader(manifest)},
		{secretPart, int64(len(secret)), bytes.NewReader(secret)},
		{databasePart, info.Size(), database},
	} {
		head := &tar.Header{Typeflag: tar.TypeReg, Name: part.name, Size: part.size, Mode: 0o600, ModTime: m.Time}
		if err := archive.WriteHeader(head); err != nil {
			return err
		}
		if _, err := io.Copy(archive, part.from); err != nil {
			return err
		}
	}
	return archive.Close()
}

// archive is a backup whose sums are right.
type archive struct {
	Manifest
	secret []byte
	file   *os.File
}

// openArchive reads a backup from end to end before anything is believed of it.
func openArchive(path string) (*archive, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "There is no file "+path+".")
	}
	if err != nil {
		return nil, err
	}
	a := &archive{file: file}
	if err := a.verify(); err != nil {
		_ = file.Close() // nothing was written
		return nil, fault.New(fault.Forbidden, fmt.Sprintf("%s is not a whole backup: %v.", path, err))
	}
	return a, nil
}

func (a *archive) verify() error {
	parts := tar.NewReader(a.file)
	text, err := smallOf(parts, manifestPart)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return fmt.Errorf("read its manifest: %w", err)
	}
	if a.secret, err = smallOf(parts, secretPart); err != nil {
		return err
	}
	if got := sha256.Sum256(a.secret); hex.EncodeToString(got[:]) != a.Sums[secretPart] {
		return fmt.Errorf("the sum of its %s is wrong", secretPart)
	}
	if err := next(parts, databasePart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, parts); err != nil {
		return fmt.Errorf("read its %s: %w", databasePart, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != a.Sums[databasePart] {
		return fmt.Errorf("the sum of its %s is wrong", databasePart)
	}
	return nil
}

// database gives the dump.
func (a *archive) database() (io.Reader, error) {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	parts := tar.NewReader(a.file)
	for _, name := range []string{manifestPart, secretPart, databasePart} {
		if err := next(parts, name); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func next(parts *tar.Reader, name string) error {
	head, err := parts.Next()
	if err != nil {
		return fmt.Errorf("look for its %s: %w", name, err)
	}
	if head.Name != name || head.Typeflag != tar.TypeReg {
		return fmt.Errorf("its %s is not where it should be", name)
	}
	return nil
}

func smallOf(parts *tar.Reader, name string) ([]byte, error) {
	if err := next(parts, name); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(parts, smallPart))
	if err != nil {
		return nil, fmt.Errorf("read its %s: %w", name, err)
	}
	return text, nil
}
