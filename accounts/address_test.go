package accounts_test

import (
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/fault"
)

// TestAnotherAddress is had by who knows the password and reads the mails that go there.
func TestAnotherAddress(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ctx := t.Context()
	const there = "ana@ailleurs.example"
	asks := func(email, with string) error {
		return p.AskAddress(ctx, p.member, accounts.NewAddress{Email: email, Credentials: knows(with)})
	}
	for name, err := range map[string]error{"the same": asks("ana@TOWN.example", password), "none": asks("ana", password), "without the password": asks(there, "another horse")} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, p.AskReset(ctx, anas, "192.0.2.1"))
	reset := p.ticket(t, anas)
	check(t, asks(there, password))
	first := p.ticket(t, there)
	check(t, asks(" "+there, password))
	ticket := p.ticket(t, there)
	if m, email, err := p.Moves(ctx, ticket); err != nil || m.Name != "ana" || email != there {
		t.Errorf("the ticket is for %+v at %s, %v", m, email, err)
	}
	if m, err := p.ByID(ctx, p.member.ID); err != nil || m.Email != anas {
		t.Errorf("before the link is used: %s, %v", m.Email, err)
	}
	for _, wrong := range []string{"", ticket + "x", reset} {
		if err := p.Move(ctx, wrong); !fault.Is(err, fault.NotFound) {
			t.Errorf("the ticket %q: %v", wrong, err)
		}
	}
	check(t, p.Move(ctx, ticket))
	if m, err := p.ByID(ctx, p.member.ID); err != nil || m.Email != there {
		t.Errorf("after: %s, %v", m.Email, err)
	}
	if mails := p.caught(t, anas); !strings.Contains(mails[0].Subject, "L’adresse de votre compte a changé") || strings.Contains(mails[0].Body, there) {
		t.Errorf("the old address is told %+v", mails[0])
	}
	for name, err := range map[string]error{"again": p.Move(ctx, ticket), "the one before": p.Move(ctx, first)} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a ticket used %s: %v", name, err)
		}
	}
	if _, err := p.Reset(ctx, reset, "another horse"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a new password by the old address: %v", err)
	}
	if _, err := p.SignIn(ctx, there, password, "192.0.2.1"); err != nil {
		t.Errorf("signing in by the new address: %v", err)
	}
}

// TestALinkToAnAddressEnds after a day: whoever finds the mail later has nothing.
func TestALinkToAnAddressEnds(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ctx := t.Context()
	const there = "ana@ailleurs.example"
	check(t, p.AskAddress(ctx, p.member, accounts.NewAddress{Email: there, Credentials: knows(password)}))
	ticket := p.ticket(t, there)
	p.clock.pass(24*time.Hour - time.Minute)
	if _, email, err := p.Moves(ctx, ticket); err != nil || email != there {
		t.Errorf("within the day: %s, %v", email, err)
	}
	p.clock.pass(2 * time.Minute)
	if _, _, err := p.Moves(ctx, ticket); !fault.Is(err, fault.NotFound) {
		t.Errorf("after a day it is shown: %v", err)
	}
	if err := p.Move(ctx, ticket); !fault.Is(err, fault.NotFound) {
		t.Errorf("after a day it is used: %v", err)
	}
	if m, err := p.ByID(ctx, p.member.ID); err != nil || m.Email != anas {
		t.Errorf("her address is %s, %v", m.Email, err)
	}
}

// TestAnAddressOfSomebodyElse is asked for as any other; its owner is told, and it stays theirs.
func TestAnAddressOfSomebodyElse(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	ctx := t.Context()
	asks := func(email string) error {
		return p.AskAddress(ctx, p.member, accounts.NewAddress{Email: email, Credentials: knows(password)})
	}
	const bobs, free = "bob@town.example", "libre@town.example"
	_, err := p.Create(ctx, accounts.New{Name: "bob", Email: bobs, Password: password})
	check(t, err)
	check(t, asks(bobs))
	if mails := p.caught(t, bobs); len(mails) != 1 || link.MatchString(mails[0].Body) || !strings.Contains(mails[0].Body, "@bob") {
		t.Errorf("bob is told %+v", mails)
	}
	check(t, asks(free))
	ticket := p.ticket(t, free)
	_, err = p.Create(ctx, accounts.New{Name: "zoe", Email: free, Password: password})
	check(t, err)
	if err := p.Move(ctx, ticket); !fault.Is(err, fault.NotFound) {
		t.Errorf("an address that was taken meanwhile: %v", err)
	}
	if err := p.SetAddress(ctx, acts.By{}, p.member, bobs); !fault.Is(err, fault.Conflict) {
		t.Errorf("set by who administers: %v", err)
	}
	check(t, asks("tard@town.example"))
	ticket = p.ticket(t, "tard@town.example")
	p.clock.pass(24 * time.Hour)
	if err := p.Move(ctx, ticket); !fault.Is(err, fault.NotFound) {
		t.Errorf("after a day: %v", err)
	}
	p.clock.pass(2 * time.Hour)
	check(t, p.Sweep(ctx))
	if n := p.rows(t, "address_changes"); n != 0 {
		t.Errorf("%d are kept", n)
	}
}
