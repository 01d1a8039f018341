package media

import (
	"fmt"
	"image"
	"strings"
)

// A tint is a colour of 27, one digit from 0 to 2 for each of red, green and blue: the
// sheet has a class for each, since pages may not carry styles of their own.

func tint(r, g, b uint8) string {
	third := func(c uint8) int { return int(c) * 3 / 256 }
	return fmt.Sprintf("%d%d%d", third(r), third(g), third(b))
}

// tintOf is the average of a picture.
func tintOf(p *image.RGBA) string {
	c := mean(p, p.Rect)
	return tint(c.R, c.G, c.B)
}

const base83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

// TintOfBlurhash reads the average colour from a blurhash: its third to sixth
// characters are red, green and blue in base 83 (https://blurha.sh). "" for what is none.
func TintOfBlurhash(hash string) string {
	if len(hash) < 6 {
		return ""
	}
	colour := 0
	for _, r := range hash[2:6] {
		digit := strings.IndexRune(base83, r)
		if digit < 0 {
			return ""
		}
		colour = colour*83 + digit
	}
	if colour > 0xFFFFFF {
		return ""
	}
	return tint(uint8(colour>>16), uint8(colour>>8), uint8(colour))
}
