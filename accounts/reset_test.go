package accounts_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
)

const anas = "Ana@town.example"

// opened is what Ana has open: two sessions, a token, a link to a new password.
type opened struct {
	sessions [2]int64
	token    string
	link     string
}

func (p *posted) opens(t *testing.T) (o opened) {
	t.Helper()
	for i := range o.sessions {
		o.sessions[i] = p.begins(t, p.member.ID, fmt.Sprint("Firefox ", i))
	}
	var err error
	o.token, err = p.IssueToken(t.Context(), acts.By{}, p.member.ID, "script", 0)
	check(t, err)
	check(t, p.AskReset(t.Context(), anas, "192.0.2.1"))
	o.link = p.ticket(t, anas)
	return o
}

// begins signs in whoever has no second factor.
func (p *posted) begins(t *testing.T, who actors.ID, device string) int64 {
	t.Helper()
	e, err := p.BeginSession(t.Context(), who, accounts.Visitor{Device: device, Address: "192.0.2.1"})
	check(t, err)
	if e.Session == 0 {
		t.Fatal("a second factor is asked for")
	}
	return e.Session
}

func knows(with string) accounts.Credentials {
	return accounts.Credentials{Password: with, Address: "192.0.2.1"}
}

// TestEachWayToANewPasswordEndsWhatWasOpen but for the session in which it is changed.
func TestEachWayToANewPasswordEndsWhatWasOpen(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(t *testing.T, p *posted, o opened) error
		stays  bool
	}{
		"by a link": {func(t *testing.T, p *posted, o opened) error {
			_, err := p.Reset(t.Context(), o.link, "another horse")
			return err
		}, false},
		"by an administrator": {func(t *testing.T, p *posted, o opened) error {
			return p.SetPassword(t.Context(), acts.By{}, p.member.ID, "another horse")
		}, false},
		"by who knows it": {func(t *testing.T, p *posted, o opened) error {
			return p.ChangePassword(t.Context(), p.member, accounts.Change{Credentials: knows(password), New: "another horse", Session: o.sessions[0]})
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPosted(t, accounts.Closed)
			o := p.opens(t)
			check(t, tc.change(t, p, o))
			for i, session := range o.sessions {
				if _, err := p.BySession(t.Context(), session); fault.Is(err, fault.Unauthenticated) == (tc.stays && i == 0) {
					t.Errorf("session %d: %v", i, err)
				}
			}
			if _, err := p.ByToken(t.Context(), o.token); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the token: %v", err)
			}
			if _, err := p.Reset(t.Context(), o.link, "a third horse"); !fault.Is(err, fault.NotFound) {
				t.Errorf("the link: %v", err)
			}
			if _, err := p.SignIn(t.Context(), "ana", password, "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the old password: %v", err)
			}
			if _, err := p.SignIn(t.Context(), "ana", "another horse", "192.0.2.1"); err != nil {
				t.Errorf("the new password: %v", err)
			}
			if mails := p.caught(t, anas); !strings.Contains(mails[0].Subject, "a changé") {
				t.Errorf("Ana is told %q", mails[0].Subject)
			}
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ctx := t.Context()
	check(t, p.AskReset(ctx, " ana@TOWN.example ", "192.0.2.1"))
	ticket := p.ticket(t, anas)
	if !strings.Contains(p.caught(t, anas)[0].Body, "https://town.example/reset/") {
		t.Error("the link leads elsewhere")
	}
	for _, wrong := range []string{"", ticket + "x", "a" + ticket, strings.ToUpper(ticket)} {
		if _, err := p.Reset(ctx, wrong, "another horse"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the ticket %q: %v", wrong, err)
		}
	}
	if _, err := p.Reset(ctx, ticket, "short"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	if m, err := p.Resets(ctx, ticket); err != nil || m.Name != "ana" {
		t.Errorf("the ticket is for %+v, %v", m, err)
	}
	var used atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := p.Reset(ctx, ticket, "another horse"); err == nil {
				used.Add(1)
			}
		})
	}
	all.Wait()
	if used.Load() != 1 {
		t.Errorf("a link was used %d times", used.Load())
	}
	p.caught(t, anas) // that it changed
	check(t, p.AskReset(ctx, anas, "192.0.2.1"))
	ticket = p.ticket(t, anas)
	p.clock.pass(time.Hour)
	if _, err := p.Reset(ctx, ticket, "a third horse"); !fault.Is(err, fault.NotFound) {
		t.Errorf("after an hour: %v", err)
	}
	p.clock.pass(25 * time.Hour)
	check(t, p.Sweep(ctx))
	if n := p.rows(t, "resets"); n != 0 {
		t.Errorf("%d are kept", n)
	}
}

// TestResetIsTheSameForAnUnknownAddress in answers and in what is written.
func TestResetIsTheSameForAnUnknownAddress(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ask := func(email string) (answers []string) {
		for i := range 5 {
			err := p.AskReset(t.Context(), email, fmt.Sprint("192.0.2.", i))
			answers = append(answers, fmt.Sprint(err, p.rows(t, "resets"), p.rows(t, "tries"), p.rows(t, "jobs")))
		}
		_, err := p.db.Exec(t.Context(), `TRUNCATE resets, tries, jobs`)
		check(t, err)
		return answers
	}
	known, unknown := ask(anas), ask("nobody@home.example")
	if fmt.Sprint(known) != fmt.Sprint(unknown) {
		t.Errorf("a known address: %q, an unknown one: %q", known, unknown)
	}
	check(t, p.AskReset(t.Context(), "nobody@home.example", "192.0.2.99"))
	if mails := p.caught(t, "nobody@home.example"); len(mails) != 0 {
		t.Errorf("who has no account gets %+v", mails)
	}
}

func TestNoSecretOfAMailIsKept(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	check(t, p.SignUp(t.Context(), eve()))
	check(t, p.AskReset(t.Context(), anas, "192.0.2.1"))
	var queue string
	check(t, p.db.QueryRow(t.Context(), `SELECT string_agg(j::text || encode(payload, 'escape'), ' ') FROM jobs j`).Scan(&queue))
	tickets := []string{p.ticket(t, "eve@home.example"), p.ticket(t, anas)}
	var kept string
	check(t, p.db.QueryRow(t.Context(), `SELECT (SELECT string_agg(s::text, ' ') FROM sign_ups s) || (SELECT string_agg(r::text, ' ') FROM resets r)`).Scan(&kept))
	for _, ticket := range tickets {
		_, secret, _ := strings.Cut(ticket, "-")
		if strings.Contains(queue, secret) || strings.Contains(kept, secret) {
			t.Errorf("the database holds %s", secret)
		}
	}
	if strings.Contains(kept, "open sesame") {
		t.Error("the password is kept")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ctx := t.Context()
	bob, err := p.Create(ctx, accounts.New{Name: "bobby", Email: "bobby@town.example", Password: password})
	check(t, err)
	o := p.opens(t)
	theirs := p.begins(t, bob.ID, "")
	p.clock.pass(20 * time.Minute)
	if m, err := p.BySession(ctx, o.sessions[1]); err != nil || m.ID != p.member.ID || m.Email != anas {
		t.Errorf("the session is of %+v, %v", m, err)
	}
	list, err := p.Sessions(ctx, p.member.ID)
	if err != nil || len(list) != 2 || list[0].ID != o.sessions[1] || list[0].Device != "Firefox 1" || !list[0].UsedAt.After(list[1].UsedAt) {
		t.Errorf("sessions = %+v, %v", list, err)
	}
	check(t, p.EndSession(ctx, bob.ID, o.sessions[0]))
	if _, err := p.BySession(ctx, o.sessions[0]); err != nil {
		t.Errorf("another ended it: %v", err)
	}
	check(t, p.EndOtherSessions(ctx, p.member.ID, o.sessions[1]))
	for session, open := range map[int64]bool{o.sessions[0]: false, o.sessions[1]: true, theirs: true} {
		if _, err := p.BySession(ctx, session); (err == nil) != open {
			t.Errorf("session %d: %v, want open: %v", session, err, open)
		}
	}
	if keys, err := p.Keys(ctx, p.member.ID); err != nil || len(keys) != 0 {
		t.Errorf("keys = %+v, %v", keys, err)
	}
	p.clock.pass(30 * 24 * time.Hour)
	if _, err := p.BySession(ctx, o.sessions[1]); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after thirty days: %v", err)
	}
	check(t, p.Sweep(ctx))
	if n := p.rows(t, "sign_ins"); n != 0 {
		t.Errorf("%d sessions are kept, with addresses", n)
	}
}

func TestPasswordIsAskedForWithALimit(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	for range 10 {
		if err := p.ChangePassword(t.Context(), p.member, accounts.Change{Credentials: knows("wrong horse"), New: "another horse"}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a wrong one: %v", err)
		}
	}
	if err := p.ChangePassword(t.Context(), p.member, accounts.Change{Credentials: knows(password), New: "another horse"}); !fault.Is(err, fault.TooMany) {
		t.Errorf("after ten tries: %v", err)
	}
}
