package media

import (
	"encoding/binary"
	"image"
	"io"
)

// orientation is how a camera was held, in EXIF's numbers from 1 to 8.
type orientation int

const (
	upright          orientation = 1
	orientationTag               = 0x0112
	mostHead                     = 256 << 10 // bytes in which a JPEG's EXIF is looked for
	mostTags                     = 1000
	markerApp1                   = 0xE1
	markerScan                   = 0xDA
	exifHeader                   = "Exif\x00\x00"
	tagLength                    = 12
	directoryPointer             = 4
)

// orientationOf reads the orientation of a JPEG; what cannot be read is upright.
func orientationOf(file io.ReaderAt) orientation {
	head := make([]byte, mostHead)
	n, _ := file.ReadAt(head, 0) // what was read is enough, or there is none
	head = head[:n]
	for at := 2; at+4 <= len(head) && head[at] == 0xFF && head[at+1] != markerScan; {
		length := int(binary.BigEndian.Uint16(head[at+2:]))
		end := at + 2 + length
		if length < 2 || end > len(head) {
			break
		}
		segment := head[at+4 : end]
		if head[at+1] == markerApp1 && len(segment) > len(exifHeader) && string(segment[:len(exifHeader)]) == exifHeader {
			return orientationIn(segment[len(exifHeader):])
		}
		at = end
	}
	return upright
}

// orientationIn reads it from the first directory of a TIFF block.
func orientationIn(block []byte) orientation {
	if len(block) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(block[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(block[directoryPointer:]))
	if at+2 > int64(len(block)) {
		return upright
	}
	directory := block[at:]
	tags := min(int(order.Uint16(directory)), mostTags)
	for i := range tags {
		tag := directory[min(2+i*tagLength, len(directory)):]
		if len(tag) < tagLength {
			break
		}
		if order.Uint16(tag) == orientationTag {
			if o := orientation(order.Uint16(tag[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
	}
	return upright
}

// turned gives the picture as it is to be seen.
func turned(p *image.RGBA, o orientation) *image.RGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	// from says which point of p stands at x, y.
	var from func(x, y int) (int, int)
	switch o {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return p
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			dst.SetRGBA(x, y, p.RGBAAt(from(x, y)))
		}
	}
	return dst
}
