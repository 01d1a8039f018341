package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"passerelles/accounts"
	"passerelles/fault"
)

const administrator = "responsable"

// Welcome tells where to go and how to sign in. On a localhost origin it first
// makes an administrator and two example communities, once.
func (s *Server) Welcome(ctx context.Context) (string, error) {
	if !s.Config.Localhost() {
		return "Passerelles answers at " + s.Config.Origin, nil
	}
	password, err := s.firstPassword()
	if err != nil {
		return "", err
	}
	admin, err := s.ensureMember(ctx, accounts.New{
		Name: administrator, Email: "responsable@localhost.example", Password: password,
		Title: "Administration", Language: s.Config.Language, Admin: true,
	})
	if fault.Is(err, fault.Conflict) { // whoever it was has gone: the name is given to nobody again
		return "Passerelles answers at " + s.Config.Origin + "\nPress Ctrl-C to stop.", nil
	}
	if err != nil {
		return "", fmt.Errorf("make the first administrator: %w", err)
	}
	if err := s.ensureExamples(ctx, admin); err != nil {
		return "", fmt.Errorf("make the examples: %w", err)
	}
	still, err := s.Accounts.HasPassword(ctx, admin, password)
	if err != nil {
		return "", err
	}
	with := "password " + password
	if !still {
		with = "with the password that you chose"
	}
	debug.FreeOSMemory() // hashing a password takes 19 MiB, which rest here otherwise
	return fmt.Sprintf("Passerelles answers at %s\nSign in at %s/sign-in as %s, %s%s\nPress Ctrl-C to stop.",
		s.Config.Origin, s.Config.Origin, admin.Name, with, s.whereMails()), nil
}

// whereMails tells where mails are that do not leave.
func (s *Server) whereMails() string {
	if !s.Mails.Catches() {
		return ""
	}
	return fmt.Sprintf("\nNo e-mail leaves: %s reads it at %s/admin/mails", administrator, s.Config.Origin)
}

// firstPassword makes the administrator's first password and keeps it in the
// data folder, so that a second start can tell it again.
func (s *Server) firstPassword() (string, error) {
	path := filepath.Join(s.Config.Data, "first-password")
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the first password: %w", err)
	}
	password := strings.ToLower(rand.Text()[:16])
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the first password: %w", err)
	}
	return password, nil
}

func (s *Server) ensureMember(ctx context.Context, n accounts.New) (accounts.Member, error) {
	m, err := s.Accounts.ByName(ctx, n.Name)
	if fault.Is(err, fault.NotFound) {
		return s.Accounts.Create(ctx, n)
	}
	return m, err
}
