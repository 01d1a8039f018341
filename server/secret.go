package server

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"passerelles/config"
	"passerelles/fault"
)

const secretLength = 32

// secret reads the key that seals our actors' private keys, and makes one while the
// database is new.
func secret(cfg config.Config, fresh bool) ([]byte, error) {
	key, found, err := readSecret(cfg, fresh)
	if err != nil || found {
		return key, err
	}
	return makeSecret(secretPath(cfg))
}

// readSecret finds none while the database is new. Later, a server that lost its secret must not go
// on with fresh keys, which every other server would take for a forgery: it is refused.
func readSecret(cfg config.Config, fresh bool) (key []byte, found bool, err error) {
	path := secretPath(cfg)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		key, err = parseSecret(path, string(text))
		return key, true, err
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, fmt.Errorf("read the secret: %w", err)
	case !fresh:
		return nil, false, fault.New(fault.Forbidden, fmt.Sprintf(
			"The secret %s is missing, and the database holds keys sealed with it: put it back from a backup.", path))
	}
	return nil, false, nil
}

// derived makes a key for another purpose of the secret, from which it cannot be
// found again.
func derived(secret []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "passerelles "+purpose, secretLength)
}

func secretPath(cfg config.Config) string {
	if cfg.SecretFile != "" {
		return cfg.SecretFile
	}
	return filepath.Join(cfg.Data, "secret")
}

func parseSecret(path, text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != secretLength {
		return nil, fmt.Errorf("the secret %s is not 32 bytes in base64", path)
	}
	return key, nil
}

// makeSecret makes a new secret, one for two processes that start at once.
func makeSecret(path string) ([]byte, error) {
	key := make([]byte, secretLength)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	if err := placeSecret(path, base64.StdEncoding.EncodeToString(key)+"\n"); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	return parseSecret(path, string(text))
}

// placeSecret writes a secret beside its name and links it into place, which
// fails if there is one.
func placeSecret(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the secret's folder: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "secret-*") // made 0600
	if err != nil {
		return fmt.Errorf("make the secret: %w", err)
	}
	defer os.Remove(draft.Name())
	if err := writeSynced(draft, text); err != nil {
		return fmt.Errorf("make the secret: %w", err)
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return fmt.Errorf("make the secret: %w", err)
	}
	return nil
}

func writeSynced(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}
