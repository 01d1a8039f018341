package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
)

// guarded is a town in which Ana has a second factor.
type guarded struct {
	*posted
	secret    string
	recovery  []string
	sessionID int64 // in which she turned it on
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{posted: newPosted(t, accounts.Closed)}
	g.sessionID = g.begins(t, g.member.ID, "Firefox")
	g.turnOn(t)
	return g
}

func (g *guarded) turnOn(t *testing.T) {
	t.Helper()
	offer, err := g.OfferFactor(g.member)
	check(t, err)
	g.secret = offer.Secret
	g.recovery, err = g.TurnOnFactor(t.Context(), g.member, accounts.Turning{Sealed: offer.Sealed, Session: g.sessionID,
		Credentials: accounts.Credentials{Password: password, Code: g.code(t, 0), Address: "192.0.2.1"}})
	check(t, err)
}

// code is what the app of Ana shows after some time.
func (g *guarded) code(t *testing.T, after time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(g.secret, g.clock.Now().Add(after))
	check(t, err)
	return code
}

// half is what the password opens.
func (g *guarded) half(t *testing.T) int64 {
	t.Helper()
	e, err := g.BeginSession(t.Context(), g.member.ID, accounts.Visitor{Address: "192.0.2.1"})
	check(t, err)
	if e.Half == 0 || e.Session != 0 {
		t.Fatalf("the password opens %+v", e)
	}
	return e.Half
}

func (g *guarded) passes(t *testing.T, half int64, code string) error {
	t.Helper()
	m, session, err := g.Pass(t.Context(), half, code, accounts.Visitor{Device: "Firefox", Address: "192.0.2.1"})
	if err == nil {
		if in, err := g.BySession(t.Context(), session); err != nil || in.ID != m.ID || m.ID != g.member.ID || !in.Factor {
			t.Errorf("signed in as %+v, %v", in, err)
		}
	}
	return err
}

func TestTurnOnFactor(t *testing.T) {
	t.Parallel()
	p := newPosted(t, accounts.Closed)
	g := &guarded{posted: p}
	eve, err := p.Create(t.Context(), accounts.New{Name: "eve", Email: "eve@town.example", Password: password})
	check(t, err)
	offer, err := p.OfferFactor(p.member)
	check(t, err)
	g.secret = offer.Secret
	if !strings.Contains(offer.Address, "secret="+offer.Secret) || !strings.Contains(offer.Address, "issuer=town.example") || len(offer.Picture) == 0 {
		t.Errorf("offered %s", offer.Address)
	}
	o := p.opens(t)
	turn := func(m accounts.Member, sealed, with, code string) error {
		_, err := p.TurnOnFactor(t.Context(), m, accounts.Turning{Sealed: sealed, Session: o.sessions[0],
			Credentials: accounts.Credentials{Password: with, Code: code, Address: "192.0.2.1"}})
		return err
	}
	for name, err := range map[string]error{
		"a wrong password":    turn(p.member, offer.Sealed, "another horse", g.code(t, 0)),
		"a wrong code":        turn(p.member, offer.Sealed, password, "000000"),
		"no code":             turn(p.member, offer.Sealed, password, ""),
		"a code of later":     turn(p.member, offer.Sealed, password, g.code(t, 2*time.Minute)),
		"a made up offer":     turn(p.member, "x"+offer.Sealed, password, g.code(t, 0)),
		"an offer to another": turn(eve, offer.Sealed, password, g.code(t, 0)),
		"no offer":            turn(p.member, "", password, g.code(t, 0)),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if stand, err := p.Factor(t.Context(), p.member.ID); err != nil || stand.On || len(stand.Changes) != 0 {
		t.Errorf("before: %+v, %v", stand, err)
	}
	check(t, turn(p.member, offer.Sealed, password, g.code(t, 0)))
	if stand, err := p.Factor(t.Context(), p.member.ID); err != nil || !stand.On || stand.Left != 10 || len(stand.Changes) != 1 || stand.Changes[0].Kind != accounts.TurnedOn {
		t.Errorf("after: %+v, %v", stand, err)
	}
	if _, err := p.BySession(t.Context(), o.sessions[0]); err != nil {
		t.Errorf("the session in which it was done: %v", err)
	}
	for name, err := range map[string]error{"another session": second(p.BySession(t.Context(), o.sessions[1])), "a token": second(p.ByToken(t.Context(), o.token))} {
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.clock.pass(time.Minute)
	if err := turn(p.member, offer.Sealed, password, g.code(t, 0)); !fault.Is(err, fault.Conflict) {
		t.Errorf("again: %v", err)
	}
	p.told(t, "deux étapes est activée")
}

// told looks for what Ana is told.
func (p *posted) told(t *testing.T, subject string) {
	t.Helper()
	var subjects []string
	for _, m := range p.caught(t, anas) {
		subjects = append(subjects, m.Subject)
	}
	if !slices.ContainsFunc(subjects, func(s string) bool { return strings.Contains(s, subject) }) {
		t.Errorf("Ana is told %q, want %s", subjects, subject)
	}
}

func second(_ accounts.Member, err error) error { return err }

func TestAnOldOfferIsNone(t *testing.T) {
	t.Parallel()
	g := &guarded{posted: newPosted(t, accounts.Closed)}
	offer, err := g.OfferFactor(g.member)
	check(t, err)
	g.secret = offer.Secret
	g.clock.pass(61 * time.Minute)
	_, err = g.TurnOnFactor(t.Context(), g.member, accounts.Turning{Sealed: offer.Sealed, Credentials: accounts.Credentials{Password: password, Code: g.code(t, 0)}})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("after an hour: %v", err)
	}
}

// TestNothingOfAFactorIsKeptInClear, nor of the codes that stand for it.
func TestNothingOfAFactorIsKeptInClear(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for _, secret := range append([]string{g.secret}, g.recovery...) {
		var n int
		check(t, g.db.QueryRow(t.Context(), `
			SELECT count(*)
			FROM (SELECT f::text || encode(secret, 'escape') FROM second_factors f
				UNION ALL SELECT r::text || encode(hash, 'escape') FROM recovery_codes r
				UNION ALL SELECT j::text FROM jobs j
				UNION ALL SELECT c::text FROM factor_changes c) AS kept (words)
			WHERE position($1 IN words) > 0 OR position(replace($1, '-', '') IN words) > 0`, secret).Scan(&n))
		if n != 0 {
			t.Errorf("%s is kept", secret)
		}
	}
}

func TestPass(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	refused := func(why string, half int64, code string) {
		t.Helper()
		if err := g.passes(t, half, code); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", why, err)
		}
	}
	refused("the code with which it was turned on", g.half(t), g.code(t, 0))
	check(t, g.passes(t, g.half(t), g.code(t, 30*time.Second))) // of a clock that is fast
	refused("the same code again", g.half(t), g.code(t, 30*time.Second))
	refused("one of before it", g.half(t), g.code(t, 0))
	g.clock.pass(5 * time.Minute)
	refused("two steps late", g.half(t), g.code(t, -time.Minute))
	refused("two steps early", g.half(t), g.code(t, time.Minute))
	typed := g.code(t, -30*time.Second) // of a clock that is slow, and as people type it
	check(t, g.passes(t, g.half(t), " "+typed[:3]+" "+typed[3:]))
	half := g.half(t)
	if err := g.passes(t, half, "  "); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing: %v", err)
	}
	check(t, g.passes(t, half, g.code(t, 0)))
	g.clock.pass(time.Minute)
	refused("a half that is whole", half, g.code(t, 0))
	half = g.half(t)
	g.clock.pass(11 * time.Minute)
	refused("a half of before", half, g.code(t, 0))
	refused("no half", 4711, g.code(t, 0))
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	if len(g.recovery) != 10 {
		t.Fatalf("%d codes", len(g.recovery))
	}
	check(t, g.passes(t, g.half(t), strings.ToUpper(strings.ReplaceAll(g.recovery[3], "-", " "))))
	g.told(t, "code de secours a servi")
	if err := g.passes(t, g.half(t), g.recovery[3]); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("used twice: %v", err)
	}
	if stand, err := g.Factor(t.Context(), g.member.ID); err != nil || stand.Left != 9 {
		t.Errorf("left: %+v, %v", stand, err)
	}
	more, err := g.NewRecoveries(t.Context(), g.member, accounts.Credentials{Password: password, Code: g.recovery[0], Address: "192.0.2.1"})
	check(t, err)
	if err := g.passes(t, g.half(t), g.recovery[1]); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("one of those before: %v", err)
	}
	check(t, g.passes(t, g.half(t), more[1]))
	eve, err := g.Create(t.Context(), accounts.New{Name: "eve", Email: "eve@town.example", Password: password})
	check(t, err)
	if _, err := g.NewRecoveries(t.Context(), eve, knows(password)); !fault.Is(err, fault.NotFound) {
		t.Errorf("of who has no factor: %v", err)
	}
}

// TestACodeOpensOnce, however many show it at the same time.
func TestACodeOpensOnce(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	for name, shown := range map[string]func() string{"of the app": func() string { return g.code(t, 0) }, "of recovery": func() string { return g.recovery[0] }} {
		g.clock.pass(16 * time.Minute)
		code := shown()
		halves := make([]int64, 50)
		for i := range halves {
			halves[i] = g.half(t)
		}
		var in atomic.Int64
		var all sync.WaitGroup
		for _, half := range halves {
			all.Go(func() {
				_, session, err := g.Pass(t.Context(), half, code, accounts.Visitor{Address: "192.0.2.1"})
				switch {
				case err == nil && session != 0:
					in.Add(1)
				case !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.TooMany):
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		if n := in.Load(); n != 1 {
			t.Errorf("a code %s opened %d times", name, n)
		}
	}
}

// TestAHalfIsMadeWholeOnce, whatever right codes are shown for it at the same time.
func TestAHalfIsMadeWholeOnce(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	half := g.half(t)
	var all sync.WaitGroup
	var in atomic.Int64
	for _, code := range g.recovery {
		all.Go(func() {
			if _, _, err := g.Pass(t.Context(), half, code, accounts.Visitor{Address: "192.0.2.1"}); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if stand, err := g.Factor(t.Context(), g.member.ID); in.Load() != 1 || err != nil || stand.Left != 9 {
		t.Errorf("it opened %d times; %d codes are left, %v", in.Load(), stand.Left, err)
	}
}

// TestGuessingCodes leaves five tries, and twenty a day, to who knows the password; their owner
// still comes in by a recovery code.
func TestGuessingCodes(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.clock.pass(time.Minute)
	for day := range 4 {
		var all sync.WaitGroup
		var tried atomic.Int64
		half := g.half(t)
		for i := range 50 {
			all.Go(func() {
				_, _, err := g.Pass(t.Context(), half, fmt.Sprintf("%06d", i), accounts.Visitor{Address: fmt.Sprint("192.0.2.", i)})
				if fault.Is(err, fault.Unauthenticated) {
					tried.Add(1)
				} else if !fault.Is(err, fault.TooMany) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := tried.Load(); n != 5 {
			t.Errorf("quarter %d: %d codes were tried, want 5", day, n)
		}
		if err := g.passes(t, g.half(t), g.code(t, 0)); !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 {
			t.Errorf("the right code, after too many: %v", err)
		}
		g.clock.pass(16 * time.Minute)
	}
	if err := g.passes(t, g.half(t), g.code(t, 0)); !fault.Is(err, fault.TooMany) || fault.After(err) < 20*time.Hour {
		t.Errorf("after twenty: %v, %v", err, fault.After(err))
	}
	if _, err := g.NewRecoveries(t.Context(), g.member, accounts.Credentials{Password: password, Code: g.code(t, 0)}); !fault.Is(err, fault.TooMany) {
		t.Errorf("elsewhere than at the sign-in: %v", err)
	}
	check(t, g.passes(t, g.half(t), g.recovery[0]))
	g.clock.pass(23 * time.Hour)
	check(t, g.passes(t, g.half(t), g.code(t, 0)))
}

// TestWhatAsksThePasswordAsksTheCode too, of who has one.
func TestWhatAsksThePasswordAsksTheCode(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(g *guarded, p accounts.Credentials) error{
		"another password": func(g *guarded, p accounts.Credentials) error {
			return g.ChangePassword(t.Context(), g.member, accounts.Change{Credentials: p, New: "another horse", Session: g.sessionID})
		},
		"another address": func(g *guarded, p accounts.Credentials) error {
			return g.AskAddress(t.Context(), g.member, accounts.NewAddress{Email: "ana@ailleurs.example", Credentials: p})
		},
		"other codes": func(g *guarded, p accounts.Credentials) error {
			_, err := g.NewRecoveries(t.Context(), g.member, p)
			return err
		},
		"no factor": func(g *guarded, p accounts.Credentials) error { return g.TurnOffFactor(t.Context(), g.member, p) },
		"to go":     func(g *guarded, p accounts.Credentials) error { return g.CheckCredentials(t.Context(), g.member, p) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t)
			g.clock.pass(time.Minute)
			for _, p := range []accounts.Credentials{{Password: password}, {Password: password, Code: "000000"},
				{Password: "another horse", Code: g.code(t, 0)}, {Password: password, Code: g.code(t, 2*time.Minute)}} {
				if err := do(g, p); !fault.Is(err, fault.Invalid) {
					t.Errorf("with %+v: %v", p, err)
				}
			}
			check(t, do(g, accounts.Credentials{Password: password, Code: g.code(t, 0), Address: "192.0.2.1"}))
		})
	}
}

// TestEachEndOfAFactor ends what was half begun, and what an administrator ends, ends what was open.
func TestEachEndOfAFactor(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	token, err := g.IssueToken(t.Context(), acts.By{}, g.member.ID, "script", 0)
	check(t, err)
	g.clock.pass(time.Minute)
	half := g.half(t)
	check(t, g.TakeFactor(t.Context(), acts.By{Line: true}, g.member.ID))
	if err := g.passes(t, half, g.code(t, 0)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("what was half begun: %v", err)
	}
	for name, err := range map[string]error{"the session": second(g.BySession(t.Context(), g.sessionID)), "a token": second(g.ByToken(t.Context(), token))} {
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.told(t, "retirée de votre compte")
	done, err := acts.List(t.Context(), g.db, acts.Wanted{Kind: acts.TakeFactor})
	if err != nil || len(done) != 1 || done[0].Target != g.member.ID {
		t.Errorf("noted: %+v, %v", done, err)
	}
	if err := g.TakeFactor(t.Context(), acts.By{Line: true}, g.member.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("again: %v", err)
	}
	g.sessionID = g.begins(t, g.member.ID, "")
	g.turnOn(t)
	g.clock.pass(time.Minute)
	half = g.half(t)
	check(t, g.TurnOffFactor(t.Context(), g.member, accounts.Credentials{Password: password, Code: g.recovery[0]}))
	if err := g.passes(t, half, g.code(t, 0)); err == nil {
		t.Error("what was half begun goes on")
	}
	g.begins(t, g.member.ID, "")
}

// TestHalvesEnd when the password changes, when who began is suspended, or goes.
func TestHalvesEnd(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(g *guarded) error{
		"another password": func(g *guarded) error { return g.SetPassword(t.Context(), acts.By{}, g.member.ID, "another horse") },
		"suspended":        func(g *guarded) error { return g.Suspend(t.Context(), acts.By{}, g.member.ID, "") },
		"gone": func(g *guarded) error {
			return g.db.Write(t.Context(), func(tx storage.Tx) error { return g.Close(t.Context(), tx, g.member.ID) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t)
			g.clock.pass(time.Minute)
			half := g.half(t)
			check(t, do(g))
			if err := g.passes(t, half, g.code(t, 0)); !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("comes in: %v", err)
			}
		})
	}
}

// TestAFactorOutlivesItsOwnersKeys, and each is sealed for its owner alone.
func TestAFactorOutlivesItsOwnersKeys(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.write(t, func(tx storage.Tx) error {
		_, err := g.dir.RotateKeys(t.Context(), tx, g.member.ID)
		return err
	})
	g.clock.pass(time.Minute)
	check(t, g.passes(t, g.half(t), g.code(t, 0)))
	eve, err := g.Create(t.Context(), accounts.New{Name: "eve", Email: "eve@town.example", Password: password})
	check(t, err)
	_, err = g.db.Exec(t.Context(), `INSERT INTO second_factors SELECT $1, secret, 0, at FROM second_factors`, eve.ID)
	check(t, err)
	e, err := g.BeginSession(t.Context(), eve.ID, accounts.Visitor{})
	check(t, err)
	g.clock.pass(time.Minute)
	if _, _, err := g.Pass(t.Context(), e.Half, g.code(t, 0), accounts.Visitor{}); err == nil {
		t.Error("a row in the place of another opens")
	}
}
