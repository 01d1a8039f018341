package media

import (
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
)

// shrink makes a picture no longer than side. Whole factors are taken by averaging, a
// strip at a time, so that memory is that of the decoded picture and little more.
func shrink(src image.Image, side int) *image.RGBA {
	b := src.Bounds()
	near := average(src, max(1, max(b.Dx(), b.Dy())/side))
	w, h := near.Rect.Dx(), near.Rect.Dy()
	longest := max(w, h)
	if longest <= side {
		return near
	}
	dst := image.NewRGBA(image.Rect(0, 0, max(1, w*side/longest), max(1, h*side/longest)))
	xdraw.ApproxBiLinear.Scale(dst, dst.Rect, near, near.Rect, draw.Src, nil)
	return dst
}

// onPaper gives what is see-through a white ground: pages colour theirs.
func onPaper(p *image.RGBA) *image.RGBA {
	if p.Opaque() {
		return p
	}
	paper := image.NewRGBA(p.Rect)
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(paper, paper.Rect, p, p.Rect.Min, draw.Over)
	return paper
}

// average makes one point of each square of factor × factor.
func average(src image.Image, factor int) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()/factor), max(1, b.Dy()/factor)))
	if factor == 1 {
		draw.Draw(dst, dst.Rect, src, b.Min, draw.Src)
		return dst
	}
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), min(factor, b.Dy())))
	for y := range dst.Rect.Dy() {
		draw.Draw(strip, strip.Rect, src, image.Pt(b.Min.X, b.Min.Y+y*factor), draw.Src)
		for x := range dst.Rect.Dx() {
			part := image.Rect(x*factor, 0, min((x+1)*factor, b.Dx()), strip.Rect.Dy())
			dst.SetRGBA(x, y, mean(strip, part))
		}
	}
	return dst
}

// mean is the average colour of a part of a picture.
func mean(p *image.RGBA, part image.Rectangle) color.RGBA {
	var sum [4]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := p.Pix[p.PixOffset(part.Min.X, y) : p.PixOffset(part.Max.X-1, y)+4]
		for i := 0; i < len(row); i += 4 {
			sum[0] += int(row[i])
			sum[1] += int(row[i+1])
			sum[2] += int(row[i+2])
			sum[3] += int(row[i+3])
		}
	}
	n := max(1, part.Dx()*part.Dy())
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)}
}
