package server

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"passerelles/fault"
)

// entry is a part of an archive as a test writes it.
type entry struct {
	tar.Header
	text string
}

func writeEntries(t *testing.T, all []entry) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "backup.tar")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(file)
	for _, e := range all {
		e.Size, e.Mode = int64(len(e.text)), 0o600
		if err := archive.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHostileBackups: a backup has three parts in their order, is never unpacked into a folder,
// and the parts that are read into memory are small.
func TestHostileBackups(t *testing.T) {
	t.Parallel()
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return hex.EncodeToString(s[:])
	}
	secret, dump := strings.Repeat("ab", 32), "a dump"
	manifest, err := json.Marshal(Manifest{Origin: "https://home.example", Sums: map[string]string{secretPart: sum(secret), databasePart: sum(dump)}})
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) entry { return entry{tar.Header{Name: name, Typeflag: tar.TypeReg}, text} }
	whole := []entry{file(manifestPart, string(manifest)), file(secretPart, secret), file(databasePart, dump)}
	a, err := openArchive(writeEntries(t, whole))
	if err != nil {
		t.Fatalf("a whole backup: %v", err)
	}
	_ = a.file.Close() // it was only read
	for name, parts := range map[string][]entry{
		"out of its folder":     {file("../"+manifestPart, string(manifest)), whole[1], whole[2]},
		"at an absolute path":   {file("/"+manifestPart, string(manifest)), whole[1], whole[2]},
		"a link":                {whole[0], {tar.Header{Name: secretPart, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, ""}, whole[2]},
		"another part between":  {whole[0], file("other", "x"), whole[1], whole[2]},
		"the same part twice":   {whole[0], whole[0], whole[1], whole[2]},
		"a manifest of a bomb":  {file(manifestPart, strings.Repeat(" ", smallPart)+string(manifest)), whole[1], whole[2]},
		"a secret without end":  {whole[0], file(secretPart, strings.Repeat("a", 10*smallPart)), whole[2]},
		"another dump":          {whole[0], whole[1], file(databasePart, "another")},
		"nothing after a while": {whole[0], whole[1]},
	} {
		if a, err := openArchive(writeEntries(t, parts)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

// TestArchivesAreNotUnpacked: besides backups, of whoever runs the server, and office documents,
// of which the table of contents alone is read, no code reads an archive; exports and static
// files are written.
func TestArchivesAreNotUnpacked(t *testing.T) {
	t.Parallel()
	may := map[string]string{"server/archive.go": "archive/tar", "departures/export.go": "archive/zip", "departures/files.go": "archive/zip", "media/document.go": "archive/zip", "web/static.go": "compress/gzip"}
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		place, err := filepath.Rel("..", path)
		for _, spec := range f.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			switch imported {
			case "archive/tar", "archive/zip", "compress/gzip", "compress/flate", "compress/bzip2", "compress/zlib":
				found++
				if may[filepath.ToSlash(place)] != imported {
					t.Errorf("%s reads what grows when it is unpacked: %s", place, imported)
				}
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Errorf("%d found, %v", found, err)
	}
}
