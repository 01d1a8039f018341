package e2e

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// album is a stranger whose posts come with pictures.
type album struct {
	*stranger
	town  *town
	page  string // of the community
	group string // its IRI
	who   string
	posts int
}

func newAlbum(t *testing.T, s *town, community string) *album {
	t.Helper()
	a := &album{stranger: newStranger(t), town: s, page: "/c/" + community, group: s.do("community", "show", community).text("id")}
	a.who = a.actor("doisneau")
	a.knows(a.group)
	must(t, a.says(t.Context(), s.origin+"/inbox", a.who, answer{"id": a.who + "/follow", "type": "Follow", "object": a.group}))
	await(t, "the photographer may publish", func() bool { return len(a.received()) > 0 })
	return a
}

// shows posts a picture to the community, and gives the address at which our server shows it.
func (a *album) shows(content []byte) (address string) {
	a.t.Helper()
	a.posts++
	note := fmt.Sprintf("%s/notes/%d", a.who, a.posts)
	path, says := fmt.Sprintf("/pictures/%d.png", a.posts), fmt.Sprintf("Regardez %d.", a.posts)
	a.routes.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(content) // fails only if who asked was killed
	})
	must(a.t, a.says(a.t.Context(), a.town.origin+"/inbox", a.who, answer{
		"id": note + "/create", "type": "Create", "to": []string{public}, "cc": []string{a.group},
		"object": answer{"id": note, "type": "Note", "attributedTo": a.who, "to": []string{public}, "cc": []string{a.group},
			"audience": a.group, "content": "<p>" + says + "</p>", "published": time.Now().UTC().Format(time.RFC3339),
			"attachment": []answer{{"type": "Image", "mediaType": "image/png", "url": a.origin + path, "name": says}}}}))
	await(a.t, "there is a page that shows "+says, func() bool {
		address = a.town.linkBefore(a.town.linkBefore(a.page, "/posts/", "<bdi>"+says), "/media/remote/", `alt="`+says+`"`)
		return address != ""
	})
	return address
}

// linkBefore finds on a page the last link of a kind before some mark; "" if there is none.
func (s *town) linkBefore(page, kind, mark string) string {
	_, body := s.get(page)
	before, _, found := strings.Cut(string(body), mark)
	start := strings.LastIndex(before, `"`+kind)
	if !found || start < 0 {
		return ""
	}
	link, _, _ := strings.Cut(before[start+1:], `"`)
	return link
}

// get asks for a page; 0 if there is no answer.
func (s *town) get(path string) (status int, body []byte) {
	response, err := client().Get(s.origin + path)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, body
}

// small is a picture of one colour.
func small(t *testing.T, shade uint8) []byte {
	t.Helper()
	p := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range p.Pix {
		p.Pix[i] = shade
	}
	p.SetGray(1, 1, color.Gray{Y: ^shade})
	var content bytes.Buffer
	must(t, png.Encode(&content, p))
	return content.Bytes()
}

// huge is a picture of 16 bits a colour that is a few hundred kilobytes long, and takes
// eight bytes a point while it is decoded.
func huge(t *testing.T, width, height int) []byte {
	t.Helper()
	var data bytes.Buffer
	z, err := zlib.NewWriterLevel(&data, zlib.BestSpeed)
	must(t, err)
	line := make([]byte, 1+8*width) // no filter, then black
	for range height {
		_, err := z.Write(line)
		must(t, err)
	}
	must(t, z.Close())
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = append(binary.BigEndian.AppendUint32(head, uint32(height)), 16, 6, 0, 0, 0) // with opacity, not interlaced
	file := []byte("\x89PNG\r\n\x1a\n")
	for _, part := range []struct {
		kind string
		data []byte
	}{{"IHDR", head}, {"IDAT", data.Bytes()}, {"IEND", nil}} {
		file = binary.BigEndian.AppendUint32(file, uint32(len(part.data)))
		body := append([]byte(part.kind), part.data...)
		file = binary.BigEndian.AppendUint32(append(file, body...), crc32.ChecksumIEEE(body))
	}
	return file
}
