package accounts

import (
	"context"
	"strconv"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/storage"
)

// Mails tells notifications what ours say.
func (s *Service) writeMails() {
	if s.mails == nil {
		return
	}
	s.mails.Write(confirmMail, s.confirmMail)
	s.mails.Write(waitingMail, s.waitingMail)
	s.mails.Write(acceptedMail, s.memberMail(acceptedMail))
	s.mails.Write(declinedMail, s.declinedMail)
	s.mails.Write(resetMail, s.resetMail)
	s.mails.Write(changedMail, s.memberMail(changedMail))
	s.mails.Write(addressMail, s.addressMail)
	s.mails.Write(movedMail, s.movedMail)
	s.mails.Write(factorMail, s.factorMail)
}

// mail queues the mail about the row with a number.
func (s *Service) mail(ctx context.Context, tx storage.Tx, kind string, id int64) error {
	return s.mailAbout(ctx, tx, kind, strconv.FormatInt(id, 10))
}

func (s *Service) mailAbout(ctx context.Context, tx storage.Tx, kind, id string) error {
	if s.mails == nil {
		return nil
	}
	return s.mails.Add(ctx, tx, kind, id)
}

func (s *Service) pokeMail() {
	if s.mails != nil {
		s.mails.Poke()
	}
}

// settled is for what is not there any more: then nothing is told.
func settled(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return notifications.ErrSettled
	}
	return err
}

// confirmMail asks to confirm an address, or tells whose it is that it has an account.
func (s *Service) confirmMail(ctx context.Context, id string) (notifications.Mail, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	who, err := signUpByID(ctx, s.db, number)
	if err != nil {
		return notifications.Mail{}, settled(err)
	}
	if who.ConfirmedAt != nil {
		return notifications.Mail{}, notifications.ErrSettled
	}
	m, err := memberByEmail(ctx, s.db, who.Email)
	if err == nil {
		return notifications.Mail{To: m.Email, Language: m.Language, Text: "known", Values: map[string]any{"Name": m.Name}}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return notifications.Mail{}, err
	}
	return notifications.Mail{To: who.Email, Language: who.Language, Text: confirmMail, Values: map[string]any{
		"Name": who.Name, "Link": s.iris.Origin + "/confirm/" + s.ticket(toConfirm, who.ID)}}, nil
}

// waitingMail is to one administrator about somebody who waits.
func (s *Service) waitingMail(ctx context.Context, id string) (notifications.Mail, error) {
	about, to, _ := strings.Cut(id, " ")
	number, err := strconv.ParseInt(about, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	admin, err := strconv.ParseInt(to, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	who, err := signUpByID(ctx, s.db, number)
	if err != nil {
		return notifications.Mail{}, settled(err)
	}
	m, err := s.ByID(ctx, actors.ID(admin))
	return notifications.Mail{To: m.Email, Language: m.Language, Text: waitingMail, Values: map[string]any{"Name": who.Name}}, settled(err)
}

func (s *Service) declinedMail(ctx context.Context, id string) (notifications.Mail, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	who, err := declinedByID(ctx, s.db, number)
	return notifications.Mail{To: who.Email, Language: who.Language, Text: declinedMail,
		Values: map[string]any{"Name": who.Name, "Word": who.Answer}}, settled(err)
}

// memberMail says a text to a member.
func (s *Service) memberMail(text string) notifications.Writer {
	return func(ctx context.Context, id string) (notifications.Mail, error) {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return notifications.Mail{}, err
		}
		m, err := s.ByID(ctx, actors.ID(number))
		return notifications.Mail{To: m.Email, Language: m.Language, Text: text, Values: map[string]any{"Name": m.Name}}, settled(err)
	}
}
