package media

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"passerelles/fault"
)

// Types of documents that we take.
const (
	typePDF    = "application/pdf"
	typeWord   = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	typeSheet  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeSlides = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	typeText   = "application/vnd.oasis.opendocument.text"
	typeTable  = "application/vnd.oasis.opendocument.spreadsheet"
	typeShow   = "application/vnd.oasis.opendocument.presentation"
)

const (
	mostParts    = 10_000    // of an office document
	mostUnpacked = 512 << 20 // bytes that its parts say they have
	mostIndex    = 1 << 20   // bytes of the part that tells what the others are
	tailOfPDF    = 1024      // bytes in which a PDF says that it ends
)

var (
	errHeic   = fault.New(fault.UnsupportedMedia, "Pictures in HEIC and AVIF are not taken: send this one as JPEG, PNG, GIF or WebP.")
	errSound  = fault.New(fault.UnsupportedMedia, "Sound and video are not taken: put them where they can be played, and write the address.")
	errType   = fault.New(fault.UnsupportedMedia, "Files of this type are not taken.")
	errMacros = fault.New(fault.UnsupportedMedia, "Documents with macros are not taken.")
	errBroken = fault.New(fault.Invalid, "This file is damaged.")
)

// documentType tells by its bytes alone what a document is, and refuses what does more
// than to be read.
func documentType(file *os.File, size int64) (string, error) {
	head := make([]byte, sniffed)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", &diskError{err}
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return typePDF, endsAsPDF(file, size)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")): // nothing stands before it
		return officeType(file, size)
	}
	return "", errOther(head)
}

// boxed are the brands of pictures in the container of MP4, which we cannot read.
var boxed = []string{"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis"}

// errOther says why a file is not taken that is neither picture nor document.
func errOther(head []byte) error {
	mediaType := http.DetectContentType(head)
	container := len(head) >= 12 && string(head[4:8]) == "ftyp"
	switch {
	case container && slices.Contains(boxed, string(head[8:12])):
		return errHeic
	case container, strings.HasPrefix(mediaType, "audio/"), strings.HasPrefix(mediaType, "video/"), mediaType == "application/ogg",
		bytes.HasPrefix(head, []byte("fLaC")), bytes.HasPrefix(head, []byte("\xff\xfb")): // the last as MP3 without a title
		return errSound
	}
	return errType
}

func endsAsPDF(file *os.File, size int64) error {
	tail := make([]byte, min(size, tailOfPDF))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return &diskError{err}
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return errBroken
	}
	return nil
}

// officeType looks into an archive. An OpenDocument begins with its type; in the other
// family a list tells what each part is.
func officeType(file *os.File, size int64) (string, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return "", errBroken
	}
	if len(archive.File) == 0 || len(archive.File) > mostParts {
		return "", errType
	}
	unpacked := uint64(0)
	for _, part := range archive.File {
		if unpacked += min(part.UncompressedSize64, mostUnpacked+1); unpacked > mostUnpacked {
			return "", fault.New(fault.TooLarge, "This document is too large once it is unpacked.")
		}
		if active(part.Name) {
			return "", errMacros
		}
	}
	if first := archive.File[0]; first.Name == "mimetype" {
		return openDocument(first)
	}
	return openXML(archive)
}

// active says whether a part of a document is a program.
func active(part string) bool {
	part = strings.ToLower(strings.ReplaceAll(part, `\`, "/"))
	return strings.HasPrefix(part, "basic/") || strings.HasPrefix(part, "scripts/") ||
		strings.Contains(part, "vbaproject") || strings.Contains(part, "vbadata") ||
		strings.Contains(part, "activex/") || strings.Contains(part, "macrosheets/")
}

func openDocument(first *zip.File) (string, error) {
	said, err := readPart(first)
	if err != nil {
		return "", err
	}
	for _, known := range []string{typeText, typeTable, typeShow} {
		if string(said) == known {
			return known, nil
		}
	}
	return "", errType
}

// mains are the types of the part that an Office Open XML document is about.
var mains = map[string]string{
	typeWord + ".main+xml": typeWord, typeSheet + ".main+xml": typeSheet, typeSlides + ".main+xml": typeSlides,
}

func openXML(archive *zip.Reader) (string, error) {
	for _, part := range archive.File {
		if part.Name != "[Content_Types].xml" {
			continue
		}
		text, err := readPart(part)
		if err != nil {
			return "", err
		}
		return mainType(text)
	}
	return "", errType
}

// mainType reads the list of types, which names what a document is about once.
func mainType(list []byte) (string, error) {
	var types struct {
		Defaults []struct {
			Type string `xml:"ContentType,attr"`
		} `xml:"Default"`
		Overrides []struct {
			Type string `xml:"ContentType,attr"`
		} `xml:"Override"`
	}
	if err := xml.Unmarshal(list, &types); err != nil {
		return "", errBroken
	}
	found := ""
	for _, of := range append(types.Defaults, types.Overrides...) {
		said := strings.ToLower(of.Type)
		if strings.Contains(said, "macroenabled") || strings.Contains(said, "vbaproject") || strings.Contains(said, "activex") {
			return "", errMacros
		}
		if main := mains[said]; main != "" && found == "" {
			found = main
		} else if main != "" && main != found {
			return "", errType
		}
	}
	if found == "" {
		return "", errType
	}
	return found, nil
}

func readPart(part *zip.File) ([]byte, error) {
	from, err := part.Open()
	if err != nil {
		return nil, errBroken
	}
	defer from.Close()
	content, err := io.ReadAll(io.LimitReader(from, mostIndex+1))
	if err != nil || len(content) > mostIndex {
		return nil, errBroken
	}
	return content, nil
}
