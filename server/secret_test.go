package server

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"passerelles/config"
)

func TestSecret(t *testing.T) {
	t.Parallel()

	t.Run("is made once, for many who start at once", func(t *testing.T) {
		t.Parallel()
		cfg := config.Config{Data: filepath.Join(t.TempDir(), "new")}
		keys := make([][]byte, 16)
		var wg sync.WaitGroup
		for i := range keys {
			wg.Go(func() { keys[i], _ = secret(cfg, true) })
		}
		wg.Wait()
		for _, key := range keys {
			if len(key) != secretLength || !bytes.Equal(key, keys[0]) {
				t.Errorf("key = %x, want the %d bytes of the first, %x", key, secretLength, keys[0])
			}
		}
		info, err := os.Stat(filepath.Join(cfg.Data, "secret"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("its file: %v %v, want mode 0600", info, err)
		}
	})

	t.Run("is never made anew for a database that has keys", func(t *testing.T) {
		t.Parallel()
		cfg := config.Config{SecretFile: filepath.Join(t.TempDir(), "lost")}
		if _, err := secret(cfg, false); err == nil || !strings.Contains(err.Error(), "missing") {
			t.Errorf("err = %v, want that it is missing", err)
		}
		if _, err := os.Stat(cfg.SecretFile); err == nil {
			t.Error("a secret was written")
		}
	})

	t.Run("is refused when damaged", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte("not a key\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := secret(config.Config{SecretFile: path}, true); err == nil {
			t.Error("a damaged secret was taken")
		}
	})
}
