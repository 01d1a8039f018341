package media

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// halves is a picture whose left half is red and whose right half is blue.
func halves(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 20, 20, 255}
			if x >= w/2 {
				c = color.RGBA{20, 20, 200, 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func jpegOf(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gifOf is red in its first frame and green in the others.
func gifOf(t testing.TB, w, h, frames int) []byte {
	t.Helper()
	palette := color.Palette{color.RGBA{200, 20, 20, 255}, color.RGBA{20, 200, 20, 255}}
	red, green := image.NewPaletted(image.Rect(0, 0, w, h), palette), image.NewPaletted(image.Rect(0, 0, w, h), palette)
	for i := range green.Pix {
		green.Pix[i] = 1
	}
	all := &gif.GIF{}
	for i := range frames {
		frame := green
		if i == 0 {
			frame = red
		}
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webpOf is 1 × 1; Go writes none.
func webpOf(t testing.TB) []byte {
	t.Helper()
	content, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// wide says of itself in its head that it has so many points.
func wide(t testing.TB, w, h uint32) []byte {
	t.Helper()
	content := pngOf(t, halves(4, 4))
	binary.BigEndian.PutUint32(content[16:], w)
	binary.BigEndian.PutUint32(content[20:], h)
	binary.BigEndian.PutUint32(content[29:], crc32.ChecksumIEEE(content[12:29]))
	return content
}

// wideGIF does so too.
func wideGIF(t testing.TB) []byte {
	t.Helper()
	content := gifOf(t, 4, 4, 1)
	copy(content[6:10], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	return content
}

// secretPlace stands for where a picture was taken.
const secretPlace = "GPSLatitude 48.4489 N"

// withEXIF puts an orientation, in the order of bytes that a camera chose, and a
// place before the picture.
func withEXIF(picture []byte, order binary.ByteOrder, o orientation) []byte {
	block := []byte("MM\x00*")
	if order == binary.LittleEndian {
		block = []byte("II*\x00")
	}
	put16 := func(v uint16) { block = append(block, 0, 0); order.PutUint16(block[len(block)-2:], v) }
	put32 := func(v uint32) { block = append(block, 0, 0, 0, 0); order.PutUint32(block[len(block)-4:], v) }
	put32(8)
	put16(2)
	put16(0x0110) // the camera
	put16(2)
	put32(4)
	put32(0x41414141)
	put16(orientationTag)
	put16(3)
	put32(1)
	put16(uint16(o))
	put16(0)
	put32(0)
	block = append(block, secretPlace...)
	return withSegment(picture, append([]byte(exifHeader), block...))
}

// withSegment puts a segment of a JPEG's own before the picture.
func withSegment(picture, segment []byte) []byte {
	head := []byte{0xFF, 0xD8, 0xFF, markerApp1, 0, 0}
	binary.BigEndian.PutUint16(head[4:], uint16(len(segment)+2))
	return bytes.Join([][]byte{head, segment, picture[2:]}, nil)
}

func decode(t testing.TB, content []byte) image.Image {
	t.Helper()
	var p image.Image
	var err error
	if bytes.HasPrefix(content, []byte("\x89PNG")) {
		p, err = png.Decode(bytes.NewReader(content))
	} else {
		p, err = jpeg.Decode(bytes.NewReader(content))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// red says whether a point is.
func red(p image.Image, x, y int) bool {
	r, _, b, _ := p.At(x, y).RGBA()
	return r > 2*b
}
