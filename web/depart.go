package web

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"passerelles/communities"
	"passerelles/fault"
)

// exporting says what the archive holds.
func (h *Handler) exporting(v *visit) error {
	return h.show(v, "export", page{Title: "export.title", Hidden: true})
}

// export makes the archive in a file of its own first, so that what goes wrong is told.
func (h *Handler) export(v *visit) error {
	file, err := os.CreateTemp("", "passerelles-export-")
	if err != nil {
		return fmt.Errorf("make a file for an export: %w", err)
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil { // it goes with its last reader
		return fmt.Errorf("hide the file of an export: %w", err)
	}
	if err := h.Departures.Export(v.r.Context(), *v.member, file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read an export: %w", err)
	}
	head := v.w.Header()
	head.Set("Content-Type", "application/zip")
	head.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.zip"`, v.member.Name, h.Now().UTC().Format("2006-01-02")))
	head.Set("Cache-Control", "private, no-store")
	v.w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(v.w, file) // fails only if who asked has gone
	return nil
}

type leavePage struct {
	Name    string
	Refused string // what is to be done before; "": nothing
	Passes  []communities.Inheritance
	Factor  bool
	Error   string
}

// leaving asks whether a member really wants to go.
func (h *Handler) leaving(v *visit) error {
	form, err := h.leavePage(v)
	if err != nil {
		return err
	}
	return h.show(v, "leave", page{Title: "leave.title", Hidden: true, Body: form})
}

func (h *Handler) leavePage(v *visit) (leavePage, error) {
	form := leavePage{Name: v.member.Name, Factor: v.member.Factor}
	err := h.Departures.MayGo(v.r.Context(), v.member.ID)
	if fault.Is(err, fault.Conflict) {
		form.Refused = h.words.fault(v.language, fault.Message(err))
		err = nil
	}
	if err == nil {
		form.Passes, err = h.Communities.Inheritances(v.r.Context(), v.member.ID)
	}
	return form, err
}

// depart lets a member go who knows the password.
func (h *Handler) depart(v *visit) error {
	form, err := h.leavePage(v)
	if err != nil {
		return err
	}
	err = h.Accounts.CheckCredentials(v.r.Context(), *v.member, credentialsOf(v, "password"))
	if err == nil {
		err = h.Departures.Leave(v.r.Context(), v.member.ID)
	}
	if err != nil {
		return h.formAgain(v, err, &form.Error, "leave", page{Title: "leave.title", Hidden: true, Body: &form})
	}
	if err := h.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return h.done(v, "done.departed", "/")
}
