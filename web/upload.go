package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"passerelles/fault"
	"passerelles/media"
	"passerelles/text"
)

const (
	mostFields   = 200     // of a form with files
	longestField = 60      // characters of a field's name
	filePart     = "file-" // begins the fields that hold files
)

// newcomers are the files that came with a form, each under its field, and why others were
// not taken.
type newcomers struct {
	files   map[string]media.File
	order   []string // of the fields
	refused []refusal
}

type refusal struct {
	name string
	why  error
}

// upload is door for forms by which members write, with files or without. Of what others
// send nothing is read.
func (h *Handler) upload(f action) http.Handler {
	return h.sameSite.Handler(h.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, h.largestUpload(r))
		v, err := h.visitOf(w, r)
		if err == nil && v.member == nil {
			err = h.signedIn(nil)(v)
		} else if err == nil {
			err = h.takeForm(v, f)
		}
		if err != nil {
			h.fail(v, err)
		}
	})))
}

func (h *Handler) largestUpload(r *http.Request) int64 {
	if !withFiles(r) {
		return largestForm
	}
	return largestForm + h.Media.Files.Sum
}

func withFiles(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// takeForm reads a form and has it answered. Where that fails nothing of it stays.
func (h *Handler) takeForm(v *visit, f action) error {
	if !withFiles(v.r) {
		if err := readForm(v.r); err != nil {
			return err
		}
		return f(v)
	}
	if err := media.Patient(v.w); err != nil {
		return err
	}
	err := h.readParts(v)
	if err == nil {
		err = f(v)
	}
	if err != nil {
		h.drop(v)
	}
	return err
}

// drop takes back what came with a form that came to nothing.
func (h *Handler) drop(v *visit) {
	var ids []int64
	for _, f := range v.came.files {
		ids = append(ids, f.ID)
	}
	ctx := context.WithoutCancel(v.r.Context())
	if err := h.Media.Drop(ctx, v.member.ID, ids); err != nil {
		h.Log.Warn("take files back: they are swept", "error", err)
	}
}

// readParts keeps the files of a form as they come, and its other fields as of any form.
func (h *Handler) readParts(v *visit) error {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return fault.Wrap(fault.Invalid, "This form cannot be read.", err)
	}
	v.came = newcomers{files: map[string]media.File{}}
	form, left := url.Values{}, int64(largestForm)
	for fields := 0; ; fields++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadForm(err)
		}
		if fields == mostFields || len(part.FormName()) > longestField {
			return fault.New(fault.Invalid, "This form cannot be read.")
		}
		if strings.HasPrefix(part.FormName(), filePart) {
			err = h.takePart(v, part)
		} else {
			left, err = readField(form, part, left)
		}
		if err != nil {
			return err
		}
	}
	v.r.Form, v.r.PostForm = form, form
	return nil
}

func readField(form url.Values, part *multipart.Part, left int64) (int64, error) {
	value, err := io.ReadAll(io.LimitReader(part, left+1))
	if err != nil {
		return left, unreadForm(err)
	}
	if left -= int64(len(value)); left < 0 {
		return left, fault.New(fault.TooLarge, "This is more than a form can take.")
	}
	// Browsers write line ends of fields as the standard of forms wants it.
	form.Add(part.FormName(), text.Storable(strings.ReplaceAll(string(value), "\r\n", "\n")))
	return left, nil
}

func unreadForm(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return fault.Wrap(fault.TooLarge, "This is more than a form can take.", err)
	}
	return fault.Wrap(fault.Invalid, "This form cannot be read.", err)
}

// takePart keeps a file. One that is not taken is told with the others, and what else was
// written is not lost for it.
func (h *Handler) takePart(v *visit, part *multipart.Part) error {
	name := text.Storable(part.FileName())
	if name == "" { // the field was left empty
		return nil
	}
	if len(v.came.files)+len(v.came.refused) >= max(h.Media.Files.Post, 1) {
		return fault.New(fault.Invalid, "These are too many files for one post.")
	}
	f, err := h.Media.Take(v.r.Context(), v.member.ID, name, part)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return unreadForm(err)
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Internal || kind == fault.Unavailable) {
		return err
	}
	if err != nil {
		v.came.refused = append(v.came.refused, refusal{name, err})
		_, err = io.Copy(io.Discard, part) // what is left of it
		if err != nil {
			return unreadForm(err)
		}
		return nil
	}
	if _, twice := v.came.files[part.FormName()]; twice {
		v.came.files[part.FormName()+" "] = f // so that it is dropped with the others
		return fault.New(fault.Invalid, "This form cannot be read.")
	}
	v.came.files[part.FormName()] = f
	v.came.order = append(v.came.order, part.FormName())
	return nil
}
