package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/image/webp"

	"passerelles/fault"
)

// MostPixels is how large a picture may be that we read.
const MostPixels = 40_000_000

const (
	mostAcross  = 30_000           // pixels of one side
	mostScans   = 100              // of a progressive JPEG, each of which goes over the whole picture
	decodeFor   = 15 * time.Second // in which a file must have been read
	jpegQuality = 85
	sniffed     = 512 // bytes that tell the type
)

// format is a kind of file that we read.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error) // of several pictures the first
}

// formats are all that we read. What is not a picture of points, SVG above all, is a
// program for whoever shows it.
var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/gif":  {gif.DecodeConfig, gif.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// made is a picture as we show it.
type made struct {
	content             []byte
	mediaType, blurhash string
	size                image.Point
}

// remake reads a picture and writes it anew: the file may say anything of itself,
// and hold anything beside what is seen. It calls begin before it does what may take
// more memory than there is.
func (s *Service) remake(ctx context.Context, file *os.File, side int, begin func() error) (made, error) {
	f, mediaType, err := formatOf(file)
	if err != nil {
		return made{}, err
	}
	config, err := f.config(bufio.NewReader(file))
	if err != nil {
		return made{}, unreadable(err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostAcross || config.Height > mostAcross ||
		config.Width*config.Height > MostPixels {
		return made{}, unreadable(fmt.Errorf("it is %d × %d", config.Width, config.Height))
	}
	points := int64(config.Width * config.Height)
	if err := s.decoding.Acquire(ctx, points); err != nil {
		return made{}, errBusy
	}
	defer s.decoding.Release(points)
	if err := begin(); err != nil {
		return made{}, err
	}
	turn, err := prepare(file, mediaType)
	if err != nil {
		return made{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, decodeFor)
	defer cancel()
	decoded, err := safely(f.decode, untilDone{ctx, file})
	if err != nil {
		return made{}, unreadable(err)
	}
	small := turned(onPaper(shrink(decoded, side)), turn)
	content, mediaType, err := encode(small, mediaType)
	return made{content, mediaType, blurhashOf(small), small.Rect.Size()}, err
}

// safely decodes. A decoder that a file makes panic must not end the program.
func safely(decode func(io.Reader) (image.Image, error), from io.Reader) (p image.Image, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the decoder panics: %v", cause)
		}
	}()
	return decode(bufio.NewReader(from))
}

func unreadable(err error) error {
	return fault.Wrap(fault.Invalid, "This is not a picture that we can show.", err)
}

// formatOf tells the format by the first bytes alone.
func formatOf(file *os.File) (format, string, error) {
	head := make([]byte, sniffed)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return format{}, "", &diskError{err}
	}
	mediaType := http.DetectContentType(head[:n])
	f, known := formats[mediaType]
	if !known {
		return format{}, "", unreadable(errors.New("it is " + mediaType))
	}
	return f, mediaType, nil
}

// prepare goes back to the beginning and gives how the picture is to be turned.
func prepare(file *os.File, mediaType string) (orientation, error) {
	turn := upright
	if mediaType == "image/jpeg" {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return turn, &diskError{err}
		}
		scans, err := scansOf(bufio.NewReader(file))
		if err != nil {
			return turn, &diskError{err}
		}
		if scans > mostScans {
			return turn, unreadable(fmt.Errorf("it has %d scans", scans))
		}
		turn = orientationOf(file)
	}
	_, err := file.Seek(0, io.SeekStart)
	return turn, err
}

// scansOf counts what may begin a scan: in the picture's own data FF is followed by 0.
func scansOf(r *bufio.Reader) (scans int, err error) {
	before := byte(0)
	for {
		b, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return scans, nil
		}
		if err != nil {
			return scans, err
		}
		if before == 0xFF && b == 0xDA {
			scans++
		}
		before = b
	}
}

// untilDone stops a decoder that takes too long when it reads on.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// encode writes photographs as JPEG and drawings as PNG: of what did not come as JPEG,
// whichever is smaller.
func encode(p *image.RGBA, from string) (content []byte, mediaType string, err error) {
	var photograph, drawing bytes.Buffer
	if err := jpeg.Encode(&photograph, p, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, "", err
	}
	if from == "image/jpeg" {
		return photograph.Bytes(), "image/jpeg", nil
	}
	if err := png.Encode(&drawing, p); err != nil {
		return nil, "", err
	}
	if photograph.Len() < drawing.Len() {
		return photograph.Bytes(), "image/jpeg", nil
	}
	return drawing.Bytes(), "image/png", nil
}
