package media

import (
	"bytes"
	"image"

	"github.com/bbrks/go-blurhash"
	"golang.org/x/image/bmp"
)

const (
	longestBlurhash = 166 // characters: that of 9 × 9 waves
	hashedSide      = 32  // points: more of them change no hash
	blurSide        = 8
	mostWaves       = 4 // along the longer side of what we hash
)

// Blur draws what a blurhash (https://blurha.sh) tells of a picture: a BMP of 8 × 8
// points, to be stretched: nothing is smaller and quicker to write of so few. It is nil
// for what is no blurhash.
func Blur(hash string) []byte {
	if hash == "" || len(hash) > longestBlurhash {
		return nil
	}
	p, err := blurhash.Decode(hash, blurSide, blurSide, 1)
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	if err := bmp.Encode(&b, p); err != nil {
		return nil
	}
	return b.Bytes()
}

// blurhashOf is the hash of a picture, "" should it have none.
func blurhashOf(p *image.RGBA) string {
	across, down := mostWaves, mostWaves-1
	if p.Rect.Dy() > p.Rect.Dx() {
		across, down = down, across
	}
	small := shrink(p, hashedSide)
	across, down = min(across, small.Rect.Dx()), min(down, small.Rect.Dy()) // a point has no waves
	hash, err := blurhash.Encode(across, down, small)
	if err != nil {
		return ""
	}
	return hash
}
