package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"passerelles/fault"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that never changes under its name.
type asset struct {
	url, mediaType string
	plain, zipped  []byte
}

// loadStatic reads the files; they are found by their own name and by the one
// in their address, which holds their hash.
func loadStatic() (map[string]asset, error) {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, err
	}
	all := make(map[string]asset, 2*len(entries))
	for _, e := range entries {
		content, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		mediaType := mime.TypeByExtension(ext)
		if mediaType == "" {
			mediaType = "text/plain; charset=utf-8"
		}
		a := asset{url: "/static/" + name, mediaType: mediaType, plain: content}
		if a.zipped, err = zip(content); err != nil {
			return nil, fmt.Errorf("press %s: %w", e.Name(), err)
		}
		all[e.Name()], all[name] = a, a
	}
	return all, nil
}

func zip(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// file shows a static file, for ever if its address holds its hash.
func (h *Handler) file(w http.ResponseWriter, r *http.Request) {
	a, ok := h.static[pathVar(r, "file")]
	if !ok {
		h.fail(h.stranger(w, r), fault.New(fault.NotFound, "There is nothing at this address."))
		return
	}
	head := w.Header()
	head.Set("Cache-Control", "public, max-age=3600")
	if r.URL.Path == a.url {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	head.Set("Content-Type", a.mediaType)
	head.Add("Vary", "Accept-Encoding")
	content := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		content = a.zipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
