package server

import (
	"errors"
	"regexp"
	"testing"

	"passerelles/accounts"
)

// tickets are the paths of links in mails, by what they do: confirm an address, choose a
// password, move to another address, end such mails.
func (s *site) tickets(t *testing.T) map[string]string {
	t.Helper()
	eve := accounts.Asked{New: accounts.New{Name: "eve", Email: "eve@example.org", Password: "correct horse battery"}}
	ana, err := s.Accounts.ByName(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	moves := accounts.NewAddress{Email: "ana@new.example", Credentials: accounts.Credentials{Password: "correct horse battery"}}
	if err := errors.Join(s.Accounts.SignUp(t.Context(), eve), s.Accounts.AskReset(t.Context(), "ana@example.org", ""),
		s.Accounts.AskAddress(t.Context(), ana, moves), s.Jobs.DoDue(t.Context())); err != nil {
		t.Fatal(err)
	}
	mails, err := s.Mails.Caught(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tickets := map[string]string{}
	for _, m := range mails {
		if found := regexp.MustCompile(`/(confirm|reset|address|unsubscribe)/\S+`).FindStringSubmatch(m.Body); found != nil {
			tickets[found[1]] = found[0]
		}
	}
	return tickets
}
