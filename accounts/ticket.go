package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"passerelles/fault"
)

// A ticket stands in a link: the number of a row, and what only this server can add to it.
// It is made anew whenever it is needed, so that no table holds it.

var ticketLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

const ticketBytes = 20

// What a ticket is for: one for another purpose opens nothing.
const (
	toConfirm = "confirm"
	toReset   = "reset"
	toSignUp  = "sign up"
	toAddress = "address"
)

func (s *Service) ticket(purpose string, id int64) string {
	return strconv.FormatInt(id, 36) + "-" + strings.ToLower(ticketLetters.EncodeToString(s.mac(purpose, id)))
}

// readTicket gives the number of the row that a ticket is for.
func (s *Service) readTicket(purpose, ticket string) (int64, error) {
	number, _, _ := strings.Cut(ticket, "-")
	id, err := strconv.ParseInt(number, 36, 64)
	if err != nil || !hmac.Equal([]byte(ticket), []byte(s.ticket(purpose, id))) {
		return 0, fault.New(fault.NotFound, noLink)
	}
	return id, nil
}

const noLink = "This link is not known, or no longer."

func (s *Service) mac(purpose string, id int64) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose + " " + strconv.FormatInt(id, 10)))
	return h.Sum(nil)[:ticketBytes]
}
