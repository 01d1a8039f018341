package accounts

import (
	"context"
	"net/mail"
	"strings"
	"unicode/utf8"

	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// New is what it takes to become a member.
type New struct {
	Name, Email, Password string
	Title, Language       string // both may be empty
	Admin                 bool
	By                    acts.By // who makes the account; nobody who signs up is noted
}

// Bounds of what is typed, in characters.
const (
	shortestPassword = 8
	longestPassword  = 200
	longestTitle     = 100
	longestSource    = 10_000
	longestEmail     = 254
)

// Create makes a member and its Person.
func (s *Service) Create(ctx context.Context, n New) (Member, error) {
	n, err := n.check()
	if err != nil {
		return Member{}, err
	}
	hash, err := s.hashPassword(ctx, n.Password)
	if err != nil {
		return Member{}, err
	}
	var m Member
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if m, err = s.create(ctx, tx, n, hash); err != nil {
			return err
		}
		words := ""
		if n.Admin {
			words = "admin"
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.CreateAccount, By: n.By, Target: m.ID, Words: words})
	})
	return m, err
}

func (n New) check() (New, error) {
	n.Title, n.Email = text.OneLine(n.Title), strings.TrimSpace(n.Email)
	if n.Language == "" {
		n.Language = "fr"
	}
	if !text.ValidName(n.Name) {
		return n, fault.New(fault.Invalid, "The name must have 3 to 30 characters: a to z, 0 to 9 and _.")
	}
	if err := checkEmail(n.Email); err != nil {
		return n, err
	}
	if err := checkPassword(n.Password); err != nil {
		return n, err
	}
	return n, Profile{Title: n.Title, Language: n.Language}.check()
}

func checkEmail(email string) error {
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > longestEmail {
		return fault.New(fault.Invalid, "This e-mail address is not one.")
	}
	return nil
}

func checkPassword(password string) error {
	n := utf8.RuneCountInString(password)
	if n < shortestPassword || n > longestPassword {
		return fault.New(fault.Invalid, "The password must have 8 to 200 characters.")
	}
	return nil
}
