// Package acts keeps what administrators did: who, when, what, and about whom.
//
// A row is written by Record in the transaction of the act itself, so that there is none
// without the other. PostgreSQL refuses to change or delete it, but for the names of an
// account that was deleted (Forget). What keeps order in a community stands in the log of
// that community, and not here.
package acts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Kind is what was done.
type Kind string

// The kinds.
const (
	CreateAccount   Kind = "account.create"
	SuspendAccount  Kind = "account.suspend"
	RestoreAccount  Kind = "account.restore"
	SetPassword     Kind = "account.password"
	SetAddress      Kind = "account.address"
	TakeFactor      Kind = "account.factor"
	SetPicture      Kind = "account.picture"
	IssueToken      Kind = "account.token"
	ExportAccount   Kind = "account.export"
	DeleteAccount   Kind = "account.delete"
	AcceptSignUp    Kind = "sign-up.accept"
	DeclineSignUp   Kind = "sign-up.decline"
	MakeInvitation  Kind = "invitation.make"
	EndInvitation   Kind = "invitation.end"
	ChangeSettings  Kind = "settings.change"
	CreateCommunity Kind = "community.create"
	AppointOwner    Kind = "community.appoint"
	SuspendServer   Kind = "server.suspend"
	SilenceServer   Kind = "server.silence"
	RejectMedia     Kind = "server.reject-media"
	AllowServer     Kind = "server.allow"
	DisallowServer  Kind = "server.disallow"
	RestoreServer   Kind = "server.restore"
	ChangeMode      Kind = "server.mode"
	RetryLetters    Kind = "deliveries.retry"
	DropLetters     Kind = "deliveries.drop"
	Pause           Kind = "deliveries.pause"
	Resume          Kind = "deliveries.resume"
	SettleReport    Kind = "report.settle"
	RotateKeys      Kind = "keys.rotate"
	Backup          Kind = "backup.make"
	Restore         Kind = "backup.restore"
)

var kinds = []Kind{
	CreateAccount, SuspendAccount, RestoreAccount, SetPassword, SetAddress, TakeFactor, SetPicture, IssueToken, ExportAccount, DeleteAccount,
	AcceptSignUp, DeclineSignUp, MakeInvitation, EndInvitation, ChangeSettings, CreateCommunity, AppointOwner,
	SuspendServer, SilenceServer, RejectMedia, AllowServer, DisallowServer, RestoreServer, ChangeMode,
	RetryLetters, DropLetters, Pause, Resume, SettleReport, RotateKeys, Backup, Restore,
}

// Kinds are those that there are.
func Kinds() []Kind { return slices.Clone(kinds) }

// By is who acts. The zero By is the server itself.
type By struct {
	Account actors.ID // 0: none
	Line    bool      // on the command line, in the name of the account if there is one
}

// Act is something that was done.
type Act struct {
	ID     int64 // given by Record
	At     time.Time
	Kind   Kind
	By     By
	Name   string    // of By's account, found by Record; "" once it is deleted
	Target actors.ID // a person or a community of ours; 0: none
	About  string    // what it is about; of a Target, found by Record
	Words  string    // why, or what was set; never what members wrote, nor an address of theirs
}

// mostWords bounds the words of an act, in characters.
const mostWords = 500

// Record notes an act with what it does. Whom it names is written as they are called now; a
// confidential community, of which administrators do not know, by its id alone.
func Record(ctx context.Context, tx storage.Tx, a Act) error {
	if !slices.Contains(kinds, a.Kind) {
		return fmt.Errorf("record an act: %q is no kind", a.Kind)
	}
	a.Words = text.OneLine(a.Words)
	if letters := []rune(a.Words); len(letters) > mostWords {
		a.Words = string(letters[:mostWords-1]) + "…"
	}
	if err := insertAct(ctx, tx, a); err != nil {
		return fmt.Errorf("record %s: %w", a.Kind, err)
	}
	return nil
}

// Forget blanks the name of somebody who is gone, and what was said of them; their id stays.
func Forget(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if err := blank(ctx, tx, who); err != nil {
		return fmt.Errorf("forget who acted: %w", err)
	}
	return nil
}

// Wanted says which acts are asked for. The zero Wanted asks for all.
type Wanted struct {
	Before int64  // an id; 0: from the latest
	Kind   Kind   // "": each
	Name   string // of the account that acts; "": whoever does
	Limit  int    // 0: 100
}

// List gives acts, the latest first.
func List(ctx context.Context, q storage.Querier, w Wanted) ([]Act, error) {
	if w.Kind != "" && !slices.Contains(kinds, w.Kind) {
		return nil, fault.New(fault.Invalid, "There are no acts of this kind.")
	}
	if w.Limit <= 0 {
		w.Limit = 100
	}
	all, err := list(ctx, q, w)
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	return all, nil
}

// RecordRestored gives the statement that notes in a database that is being restored that it is,
// in the same transaction. A backup from before there were acts holds no place for it.
func RecordRestored(now time.Time, made time.Time) string { return recordRestored(now, made) }
