package accounts_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/storage/storagetest"
)

// posted is a town whose mails are caught.
type posted struct {
	*town
	mails  *notifications.Service
	engine *jobs.Engine
}

func newPosted(t *testing.T, mode accounts.Mode) *posted {
	t.Helper()
	p := &posted{town: newTown(t)}
	var err error
	p.mails, err = notifications.NewService(notifications.Options{DB: p.db, Catch: true, Site: "La ville", Origin: "https://town.example", Now: p.clock.Now})
	check(t, err)
	p.engine, err = jobs.New(jobs.Options{DB: p.db, RedisURL: storagetest.Redis(t), Now: p.clock.Now})
	check(t, err)
	p.mails.Register(p.engine)
	p.Service = accounts.NewService(accounts.Options{DB: p.db, Directory: p.dir, IRIs: federation.IRIs{Origin: "https://town.example"}, Now: p.clock.Now,
		Mails: p.mails, Key: bytes.Repeat([]byte{3}, 32), Mode: mode})
	return p
}

// caught has what waits sent, and gives what came to an address since, the latest first.
func (p *posted) caught(t *testing.T, to string) (mails []notifications.Caught) {
	t.Helper()
	p.clock.pass(time.Second) // which orders them
	check(t, p.engine.DoDue(t.Context()))
	all, err := p.mails.Caught(t.Context())
	check(t, err)
	for _, m := range all {
		if m.To == to {
			mails = append(mails, m)
		}
	}
	return mails
}

var link = regexp.MustCompile(`https://town\.example/(confirm|reset|address)/(\S+)`)

// ticket is what stands in the link of the last mail to an address.
func (p *posted) ticket(t *testing.T, to string) string {
	t.Helper()
	mails := p.caught(t, to)
	if len(mails) == 0 {
		t.Fatalf("nothing came to %s", to)
	}
	found := link.FindStringSubmatch(mails[0].Body)
	if found == nil {
		t.Fatalf("no link in %q", mails[0].Body)
	}
	return found[2]
}

func eve() accounts.Asked {
	return accounts.Asked{New: accounts.New{Name: "eve", Email: "eve@home.example", Password: "open sesame", Title: "Eve", Language: "en"}, Address: "192.0.2.7"}
}

func (p *posted) rows(t *testing.T, table string) (n int) {
	t.Helper()
	check(t, p.db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
	return n
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	ctx := t.Context()
	check(t, p.SignUp(ctx, eve()))
	if _, err := p.dir.ByName(ctx, "eve"); !fault.Is(err, fault.NotFound) {
		t.Errorf("before it is confirmed the name shows %v", err)
	}
	if _, err := p.SignIn(ctx, "eve", "open sesame", "192.0.2.7"); !fault.Is(err, fault.Forbidden) || !strings.Contains(fmt.Sprint(err), "Confirm") {
		t.Errorf("sign in before it is confirmed: %v", err)
	}
	if _, err := p.SignIn(ctx, "eve@home.example", "wrong sesame", "192.0.2.7"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("with a wrong password: %v", err)
	}
	again := eve()
	again.Email = "other@home.example"
	if err := p.SignUp(ctx, again); !fault.Is(err, fault.Conflict) {
		t.Errorf("a name that somebody waits for: %v", err)
	}
	ticket := p.ticket(t, "eve@home.example")
	for wrong, what := range map[string]string{"": "none", ticket + "x": "longer", "0-" + ticket: "another's", ticket[:len(ticket)-1] + "1": "changed"} {
		if _, _, err := p.Confirm(ctx, wrong, "open sesame", "192.0.2.7"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a ticket that is %s: %v", what, err)
		}
	}
	if _, _, err := p.Confirm(ctx, ticket, "not mine", "192.0.2.8"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("whoever reads the mail and did not ask: %v", err)
	}
	m, waiting, err := p.Confirm(ctx, ticket, "open sesame", "192.0.2.7")
	if err != nil || waiting || m.Name != "eve" || m.Title != "Eve" || m.Language != "en" || m.Admin {
		t.Fatalf("confirmed: %+v, %v, %v", m, waiting, err)
	}
	if _, _, err := p.Confirm(ctx, ticket, "open sesame", "192.0.2.7"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link works twice: %v", err)
	}
	if _, err := p.SignIn(ctx, "eve", "open sesame", "192.0.2.7"); err != nil {
		t.Error(err)
	}
	if a, err := p.dir.ByName(ctx, "eve"); err != nil || a.Discoverable || a.Indexable {
		t.Errorf("the actor is %+v, %v", a, err)
	}
}

// TestSignUpIsTheSameForAKnownAddress in answers and in what is written; only its owner learns.
func TestSignUpIsTheSameForAKnownAddress(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	known, fresh := eve(), eve()
	known.Name, known.Email = "annie", "ANA@town.example"
	written := func(a accounts.Asked) string {
		t.Helper()
		before := [...]int{p.rows(t, "sign_ups"), p.rows(t, "tries"), p.rows(t, "jobs"), p.rows(t, "members"), p.rows(t, "actors")}
		check(t, p.SignUp(t.Context(), a))
		after := [...]int{p.rows(t, "sign_ups"), p.rows(t, "tries"), p.rows(t, "jobs"), p.rows(t, "members"), p.rows(t, "actors")}
		return fmt.Sprint(after[0]-before[0], after[1]-before[1], after[2]-before[2], after[3]-before[3], after[4]-before[4])
	}
	if a, b := written(known), written(fresh); a != b {
		t.Errorf("a known address writes %s, another %s", a, b)
	}
	for _, a := range []accounts.Asked{known, fresh} {
		for _, login := range []string{a.Email, a.Name} {
			if _, err := p.SignIn(t.Context(), login, a.Password, a.Address); !strings.Contains(fmt.Sprint(err), "Confirm your e-mail address first") {
				t.Errorf("sign in as %s: %v", login, err)
			}
		}
	}
	mails := p.caught(t, "Ana@town.example")
	if len(mails) != 1 || !strings.Contains(mails[0].Subject, "Vous avez déjà un compte") || strings.Contains(mails[0].Body, "/confirm/") {
		t.Errorf("Ana gets %+v", mails)
	}
	if mails := p.caught(t, "eve@home.example"); len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, "Confirm your address") {
		t.Errorf("Eve gets %+v", mails)
	}
}

func TestUnconfirmedSignUpsVanish(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	check(t, p.SignUp(t.Context(), eve()))
	ticket := p.ticket(t, "eve@home.example")
	p.clock.pass(7*24*time.Hour - time.Minute)
	check(t, p.Sweep(t.Context()))
	if p.rows(t, "sign_ups") != 1 {
		t.Error("it vanished too soon")
	}
	p.clock.pass(2 * time.Minute)
	check(t, p.Sweep(t.Context()))
	if _, _, err := p.Confirm(t.Context(), ticket, "open sesame", "192.0.2.7"); !fault.Is(err, fault.NotFound) {
		t.Errorf("after seven days: %v", err)
	}
	if p.rows(t, "tries") != 0 {
		t.Error("tries are kept for more than a day")
	}
	again := eve()
	again.Email = "other@home.example"
	check(t, p.SignUp(t.Context(), again))
}

func TestSignUpModes(t *testing.T) {
	t.Parallel()
	p := newPosted(t, "")
	ctx := t.Context()
	if err := p.SignUp(ctx, eve()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("when nobody set it: %v", err)
	}
	if err := p.SetMode(ctx, acts.By{}, "anything"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a mode that is none: %v", err)
	}
	check(t, p.SetMode(ctx, acts.By{}, accounts.Invitation))
	if err := p.SignUp(ctx, eve()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("without an invitation: %v", err)
	}
	i, err := p.Invite(ctx, acts.By{}, "for Eve", 1, time.Hour)
	check(t, err)
	_, ticket, _ := strings.Cut(i.Link, "invitation=")
	a := eve()
	for _, wrong := range []string{ticket + "a", "1-2", "x"} {
		a.Invitation = wrong
		if err := p.SignUp(ctx, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("with the invitation %s: %v", wrong, err)
		}
	}
	a.Invitation = ticket
	check(t, p.SignUp(ctx, a))
	if m, waiting, err := p.Confirm(ctx, p.ticket(t, a.Email), a.Password, a.Address); err != nil || waiting || m.Name != "eve" {
		t.Errorf("with an invitation: %+v, %v, %v", m, waiting, err)
	}
	a.Name, a.Email = "mallory", "mallory@home.example"
	if err := p.SignUp(ctx, a); !fault.Is(err, fault.Forbidden) {
		t.Errorf("with one that was used: %v", err)
	}
	late, err := p.Invite(ctx, acts.By{}, "", 5, time.Hour)
	check(t, err)
	_, a.Invitation, _ = strings.Cut(late.Link, "invitation=")
	p.clock.pass(61 * time.Minute)
	if may, err := p.MayInvited(ctx, a.Invitation); may || err != nil {
		t.Errorf("one that has ended lets in: %v, %v", may, err)
	}
	if err := p.SignUp(ctx, a); !fault.Is(err, fault.Forbidden) {
		t.Errorf("with one that has ended: %v", err)
	}
}

func TestSignUpOnApproval(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Approval)
	ctx := t.Context()
	chef, err := p.Create(ctx, accounts.New{Name: "chef", Email: "chef@town.example", Password: password, Admin: true})
	check(t, err)
	a := eve()
	a.Words = "I run a cooperative."
	check(t, p.SignUp(ctx, a))
	if list, err := p.Waiting(ctx); err != nil || len(list) != 0 {
		t.Errorf("before the address is confirmed there wait %+v, %v", list, err)
	}
	ticket := p.ticket(t, a.Email)
	for range 2 {
		if _, waiting, err := p.Confirm(ctx, ticket, a.Password, a.Address); err != nil || !waiting {
			t.Fatalf("confirmed: waiting %v, %v", waiting, err)
		}
	}
	if _, err := p.SignIn(ctx, "eve", a.Password, a.Address); !strings.Contains(fmt.Sprint(err), "waits for an answer") {
		t.Errorf("sign in while it waits: %v", err)
	}
	if _, err := p.dir.ByName(ctx, "eve"); !fault.Is(err, fault.NotFound) {
		t.Errorf("while it waits the name shows %v", err)
	}
	if mails := p.caught(t, chef.Email); len(mails) != 1 || strings.Contains(mails[0].Body, "cooperative") || strings.Contains(mails[0].Body, a.Email) {
		t.Errorf("the administrator gets %+v", mails)
	}
	list, err := p.Waiting(ctx)
	if err != nil || len(list) != 1 || list[0].Words != a.Words || list[0].Name != "eve" {
		t.Fatalf("there wait %+v, %v", list, err)
	}
	if _, err := p.Accept(ctx, acts.By{}, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Accept(ctx, acts.By{}, list[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("accepted twice: %v", err)
	}
	if _, err := p.SignIn(ctx, "eve", a.Password, a.Address); err != nil {
		t.Error(err)
	}
	if mails := p.caught(t, a.Email); len(mails) != 2 || mails[0].Subject != "Your account on La ville is open" {
		t.Errorf("Eve gets %+v", mails)
	}

	a.Name, a.Email = "mallory", "mallory@home.example"
	check(t, p.SignUp(ctx, a))
	_, _, err = p.Confirm(ctx, p.ticket(t, a.Email), a.Password, a.Address)
	check(t, err)
	list, err = p.Waiting(ctx)
	check(t, err)
	check(t, p.Decline(ctx, acts.By{}, list[0].ID, "We do not know you."))
	if mails := p.caught(t, a.Email); len(mails) != 2 || !strings.Contains(mails[0].Body, "We do not know you.") {
		t.Errorf("Mallory gets %+v", mails)
	}
	if _, err := p.SignIn(ctx, "mallory", a.Password, a.Address); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("sign in after a no: %v", err)
	}
	p.clock.pass(25 * time.Hour)
	check(t, p.Sweep(ctx))
	if n := p.rows(t, "sign_ups"); n != 0 {
		t.Errorf("%d sign-ups are left", n)
	}
}

func TestSignUpLimits(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	try := func(i int, email, address string) error {
		a := eve()
		a.Name, a.Email, a.Address = fmt.Sprintf("eve_%d", i), email, address
		return p.SignUp(t.Context(), a)
	}
	for i, email := range []string{"v@home.example", "V+1@home.example", "v+2@HOME.example", "v+3@home.example"} {
		check(t, try(i, email, fmt.Sprintf("192.0.2.%d", i)))
	}
	if err := try(5, "v+4@home.example", "192.0.2.5"); !fault.Is(err, fault.TooMany) || fault.After(err) != time.Hour {
		t.Errorf("a fifth letter to one mailbox: %v after %v", err, fault.After(err))
	}
	for i := range 10 {
		check(t, try(10+i, fmt.Sprintf("u%d@home.example", i), "192.0.2.9"))
	}
	if err := try(30, "w@home.example", "192.0.2.9"); !fault.Is(err, fault.TooMany) {
		t.Errorf("an eleventh from one address: %v", err)
	}
	p.clock.pass(time.Hour)
	check(t, try(31, "v@home.example", "192.0.2.9"))
}

// TestInvitationAllAtOnce lets nobody in too many, and gives back what nobody confirmed.
func TestInvitationAllAtOnce(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Invitation)
	i, err := p.Invite(t.Context(), acts.By{}, "three", 3, 240*time.Hour)
	check(t, err)
	_, ticket, _ := strings.Cut(i.Link, "invitation=")
	var in atomic.Int64
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			a := eve()
			a.Name, a.Email, a.Address, a.Invitation = fmt.Sprintf("eve_%d", n), fmt.Sprintf("e%d@home.example", n), fmt.Sprintf("192.0.2.%d", n), ticket
			if err := p.SignUp(t.Context(), a); err == nil {
				in.Add(1)
			} else if !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if in.Load() != 3 || p.rows(t, "sign_ups") != 3 {
		t.Errorf("an invitation for three let in %d", in.Load())
	}
	p.clock.pass(8 * 24 * time.Hour)
	check(t, p.Sweep(t.Context()))
	if list, err := p.Invitations(t.Context()); err != nil || len(list) != 1 || list[0].Used != 0 || list[0].Link != i.Link {
		t.Errorf("after they vanished: %+v, %v", list, err)
	}
}

// TestSignUpAllAtOnce gives a name once.
func TestSignUpAllAtOnce(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Open)
	var in atomic.Int64
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			a := eve()
			a.Email, a.Address = fmt.Sprintf("e%d@home.example", n), fmt.Sprintf("192.0.2.%d", n)
			if err := p.SignUp(t.Context(), a); err == nil {
				in.Add(1)
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("one name was given to %d", in.Load())
	}
	for _, name := range []string{"admin", "inbox", "ana", "Eve", "well_known", "èvè"} {
		a := eve()
		a.Name, a.Address = name, "192.0.3.1"
		if err := p.SignUp(t.Context(), a); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
			t.Errorf("the name %s: %v", name, err)
		}
	}
}
