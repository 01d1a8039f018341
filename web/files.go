package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/media"
)

const (
	slotsOfPost  = 4 // files that a form offers to bring at a time
	slotsOfReply = 1
	mostKept     = 32 // that a form may name
)

// attached gives a file to those who see its post, or hold a grant. For all others it is as
// what is not there.
func (h *Handler) attached(w http.ResponseWriter, r *http.Request) {
	f, it, err := h.Media.FileByPath(r.Context(), pathVar(r, "attached"))
	if err == nil {
		how := media.Served{Keep: keepPrivate, Anywhere: true}
		open, asked := h.opens(r, f, it, &how)
		if asked != nil {
			err = asked
		} else if open {
			err = h.Media.Serve(w, r, f, how)
			if err == nil {
				return
			}
		}
	}
	h.door(func(v *visit) error { return h.attachedTo(v, f, it, err) }).ServeHTTP(w, r)
}

// opens says whether a file is for everybody, or for whoever asks with this address.
func (h *Handler) opens(r *http.Request, f media.File, it access.Item, how *media.Served) (bool, error) {
	public, err := access.CanSee(r.Context(), h.DB, access.Reader{}, it)
	if err != nil || public {
		how.Keep = keepPublic
		return public, err
	}
	return h.Media.Granted(r.Context(), r.URL.Query().Get("grant"), f, it)
}

// attachedTo gives it to who is signed in.
func (h *Handler) attachedTo(v *visit, f media.File, it access.Item, err error) error {
	if err != nil {
		return err
	}
	sees, err := access.CanSee(v.r.Context(), h.DB, v.reader(), it)
	if err != nil {
		return err
	}
	if !sees {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return h.Media.Serve(v.w, v.r, f, media.Served{Keep: keepPrivate})
}

// attachments are the files that a form wants on a post: those that were taken before and
// are still wanted, then those that came with it.
func attachments(v *visit) []media.Attach {
	wanted := []media.Attach{}
	for _, id := range keptIDs(v) {
		wanted = append(wanted, media.Attach{ID: id, Alt: new(v.r.PostFormValue(fmt.Sprintf("alt-%d", id)))})
	}
	for _, field := range v.came.order {
		alt := v.r.PostFormValue("alt-new-" + strings.TrimPrefix(field, filePart))
		wanted = append(wanted, media.Attach{ID: v.came.files[field].ID, Alt: &alt})
	}
	return wanted
}

func keptIDs(v *visit) (ids []int64) {
	for _, text := range v.r.PostForm["kept"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && len(ids) < mostKept {
			ids = append(ids, id)
		}
	}
	return ids
}

// keep puts into a form that is shown again the files that came with it, so that they need
// not be sent again.
func (h *Handler) keep(v *visit, form *composer) error {
	wanted := attachments(v)
	var ids []int64
	for _, a := range wanted {
		ids = append(ids, a.ID)
	}
	files, err := h.Media.Waiting(v.r.Context(), v.member.ID, ids)
	if form.changed != nil {
		files = append(slices.Clone(form.changed.Files), files...)
	}
	for _, a := range wanted {
		for _, f := range files {
			if f.ID == a.ID {
				f.Alt = *a.Alt
				form.Files = append(form.Files, f)
			}
		}
	}
	return err
}

// unwelcome tells which files were not taken, and why; nil: all were.
func (h *Handler) unwelcome(v *visit) error {
	if len(v.came.refused) == 0 {
		return nil
	}
	var lines []string
	kind := fault.Invalid
	for _, r := range v.came.refused {
		kind = fault.KindOf(r.why)
		line, err := h.words.say(v.language, "files.refused", "Name", r.name, "Why", h.words.fault(v.language, fault.Message(r.why)))
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	return &toldError{kind, strings.Join(lines, " ")}
}

// toldError is a refusal that is said in the language of who reads it already.
type toldError struct {
	kind fault.Kind
	said string
}

func (e *toldError) Error() string { return e.said }

func (e *toldError) Unwrap() error { return fault.New(e.kind, e.said) }

// slots are the places for files in a form, counted from 1.
func (h *Handler) slots(reply bool) []int {
	n := slotsOfPost
	if reply {
		n = slotsOfReply
	}
	var all []int
	for i := range min(n, h.Media.Files.Post) {
		all = append(all, i+1)
	}
	return all
}

// bytes says a size as people do.
func (h *Handler) bytes(language string, n int64) (string, error) {
	const kilo, mega = 1 << 10, 1 << 20
	if n < mega {
		return h.words.say(language, "size.kilo", "N", max(1, (n+kilo/2)/kilo))
	}
	tenths := (n*10 + mega/2) / mega
	if tenths%10 == 0 || tenths >= 100 {
		return h.words.say(language, "size.mega", "N", (tenths+5)/10)
	}
	return h.words.say(language, "size.tenths", "N", tenths/10, "Tenth", tenths%10)
}

func (h *Handler) largestFile() int64 { return h.Media.Files.Size }

func (h *Handler) mostFiles() int { return h.Media.Files.Post }

// accepted are the types that a browser offers first; what is taken the bytes decide.
func accepted() string {
	return "image/jpeg,image/png,image/gif,image/webp,.pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp"
}

// filesThat gives the pictures among files, or the others.
func filesThat(all []media.File, pictures bool) (some []media.File) {
	for _, f := range all {
		if f.Picture() == pictures {
			some = append(some, f)
		}
	}
	return some
}
