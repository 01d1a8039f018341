package media

import (
	"context"
	"mime"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/text"
)

// FilePath is where the addresses of files begin.
const FilePath = "/files/"

const longestName = 100 // characters of a file's name

// File is one that a member of ours attached to a post.
type File struct {
	ID            int64
	Owner         actors.ID
	Post          int64 // 0: none yet
	Place         int   // in the post, from 0
	Name          string
	Type          string // as its bytes tell it
	Alt           string // what a picture shows, in words
	FocusX        float64
	FocusY        float64 // which point of it is kept in sight: see Focus
	Blurhash      string
	Width, Height int    // pixels; 0: it is no picture
	Size          int64  // bytes
	Sum           string // SHA-256, in hexadecimal
	At            time.Time
}

// Picture says whether a page shows the file in its place; others are to be taken along.
func (f File) Picture() bool { return strings.HasPrefix(f.Type, "image/") }

// Path is where the file is found on this server by who may see its post.
func (f File) Path() string { return FilePath + strconv.FormatInt(f.ID, 10) + endings[f.Type] }

// Disposition tells browsers to show a picture in its place, and to open nothing else.
func (f File) Disposition() string {
	how := "attachment"
	if f.Picture() {
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": f.Name})
}

// endings are those of the types that we take; each file has that of its type, whatever its
// name said.
var endings = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", typePDF: ".pdf",
	typeWord: ".docx", typeSheet: ".xlsx", typeSlides: ".pptx",
	typeText: ".odt", typeTable: ".ods", typeShow: ".odp",
}

// FileByPath finds a file by the last part of its address, and the post on which it hangs. One
// that waits for its post is its owner's alone.
func (s *Service) FileByPath(ctx context.Context, last string) (File, access.Item, error) {
	digits, ending, _ := strings.Cut(last, ".")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return File{}, access.Item{}, errNothing
	}
	f, it, err := openFile(ctx, s.DB, id)
	if err == nil && (strconv.FormatInt(id, 10) != digits || "."+ending != endings[f.Type]) { // one address, one spelling
		return File{}, access.Item{}, errNothing
	}
	return f, it, err
}

// nameFor makes a name that no system takes for anything but a name, with the ending of
// the type.
func nameFor(name, mediaType string) string {
	name = strings.ToValidUTF8(name, "")
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	ending := endings[mediaType]
	name = text.OneLine(name)
	if old := filepath.Ext(name); strings.EqualFold(old, ending) || strings.HasPrefix(mediaType, "image/") {
		name = strings.TrimSuffix(name, old) // a picture that was written anew may have another type
	}
	if letters := []rune(name); len(letters) > longestName {
		name = string(letters[:longestName])
	}
	if name = strings.Trim(name, " ."); name == "" {
		name = "document"
	}
	return name + ending
}
