package acts_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// office is a server with Rita, who administers it, Bob, an open community and a confidential one.
type office struct {
	db *storage.DB
}

const (
	rita actors.ID = iota + 1
	bob
	makers
	circle
)

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{storagetest.New(t)}
	o.exec(t, `
		INSERT INTO actors (id, iri, kind, name, published, refreshed_at) VALUES
			(1, 'https://town.example/actors/1', 'person', 'rita', $1, $1),
			(2, 'https://town.example/actors/2', 'person', 'bob', $1, $1),
			(3, 'https://town.example/actors/3', 'group', 'makers', $1, $1),
			(4, 'https://town.example/actors/4', 'group', 'circle_12345678', $1, $1)`, noon)
	o.exec(t, `
		INSERT INTO communities (actor, created_by, access, created_at)
		VALUES (3, 1, 'open', $1), (4, 1, 'confidential', $1)`, noon)
	return o
}

func (o *office) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := o.db.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func (o *office) record(t *testing.T, all ...acts.Act) {
	t.Helper()
	err := o.db.Write(t.Context(), func(tx storage.Tx) error {
		for _, a := range all {
			a.At = noon
			if err := acts.Record(t.Context(), tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) list(t *testing.T, w acts.Wanted) []acts.Act {
	t.Helper()
	all, err := acts.List(t.Context(), o.db, w)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].At = all[i].At.UTC()
	}
	return all
}

func TestRecordNamesWhomItIsAbout(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.record(t,
		acts.Act{Kind: acts.SuspendAccount, By: acts.By{Account: rita}, Target: bob, Words: " it\n is   spam "},
		acts.Act{Kind: acts.CreateCommunity, By: acts.By{Line: true}, Target: makers},
		acts.Act{Kind: acts.CreateCommunity, By: acts.By{Line: true, Account: rita}, Target: circle},
		acts.Act{Kind: acts.SuspendServer, About: "evil.example", Words: strings.Repeat("é", 600)},
	)
	want := []acts.Act{
		{ID: 4, At: noon, Kind: acts.SuspendServer, About: "evil.example", Words: strings.Repeat("é", 499) + "…"},
		{ID: 3, At: noon, Kind: acts.CreateCommunity, By: acts.By{Line: true, Account: rita}, Name: "rita", Target: circle, About: "https://town.example/actors/4"},
		{ID: 2, At: noon, Kind: acts.CreateCommunity, By: acts.By{Line: true}, Target: makers, About: "@makers"},
		{ID: 1, At: noon, Kind: acts.SuspendAccount, By: acts.By{Account: rita}, Name: "rita", Target: bob, About: "@bob", Words: "it is spam"},
	}
	if got := o.list(t, acts.Wanted{}); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := o.list(t, acts.Wanted{Name: "rita", Kind: acts.SuspendAccount}); !slices.Equal(got, want[3:]) {
		t.Errorf("of rita: %+v", got)
	}
	if got := o.list(t, acts.Wanted{Before: 4, Limit: 2}); !slices.Equal(got, want[1:3]) {
		t.Errorf("a page: %+v", got)
	}
	if _, err := acts.List(t.Context(), o.db, acts.Wanted{Kind: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("of no kind: %v", err)
	}
}

func TestRecordTakesEachKindAndNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, kind := range acts.Kinds() {
		o.record(t, acts.Act{Kind: kind})
	}
	if n := len(o.list(t, acts.Wanted{})); n != len(acts.Kinds()) {
		t.Errorf("%d kinds, want %d", n, len(acts.Kinds()))
	}
	err := o.db.Write(t.Context(), func(tx storage.Tx) error {
		return acts.Record(t.Context(), tx, acts.Act{At: noon, Kind: "account.adore"})
	})
	if err == nil {
		t.Error("a kind that is none was recorded")
	}
}

// TestAnActThatFailsLeavesNoRow: the row goes with the transaction.
func TestAnActThatFailsLeavesNoRow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	failed := errors.New("failed")
	err := o.db.Write(t.Context(), func(tx storage.Tx) error {
		if err := acts.Record(t.Context(), tx, acts.Act{At: noon, Kind: acts.Pause}); err != nil {
			return err
		}
		return failed
	})
	if got := o.list(t, acts.Wanted{}); !errors.Is(err, failed) || len(got) != 0 {
		t.Errorf("%v left %+v", err, got)
	}
}

// TestWhatWasDoneStays has PostgreSQL refuse whoever has its pen.
func TestWhatWasDoneStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.record(t, acts.Act{Kind: acts.SuspendAccount, By: acts.By{Account: rita}, Target: bob, Words: "spam"},
		acts.Act{Kind: acts.SuspendServer, By: acts.By{Account: rita}, About: "evil.example", Words: "spam"})
	before := o.list(t, acts.Wanted{})
	refused := func(query string) {
		t.Helper()
		if _, err := o.db.Exec(t.Context(), query); err == nil || !strings.Contains(err.Error(), "neither changed nor deleted") {
			t.Errorf("%s: %v", query, err)
		}
		if got := o.list(t, acts.Wanted{}); !slices.Equal(got, before) {
			t.Fatalf("after %s: %+v", query, got)
		}
	}
	rewrites := []string{
		`UPDATE acts SET at = at - interval '1 day'`, `UPDATE acts SET kind = 'keys.rotate'`, `UPDATE acts SET by_line = true`,
		`UPDATE acts SET account = 2`, `UPDATE acts SET account = NULL`, `UPDATE acts SET name = 'bob'`, `UPDATE acts SET target = 1`,
		`UPDATE acts SET about = 'good.example'`, `UPDATE acts SET words = 'ham'`, `UPDATE acts SET words = '' WHERE target IS NULL`,
		`DELETE FROM acts`, `DELETE FROM acts WHERE id = 1`, `TRUNCATE acts`, `TRUNCATE acts CASCADE`,
		`INSERT INTO acts (id, at, kind, by_line) OVERRIDING SYSTEM VALUE VALUES (1, now(), 'keys.rotate', true) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind`,
	}
	for _, query := range append(rewrites, `UPDATE acts SET name = ''`, `UPDATE acts SET about = '', words = ''`) {
		refused(query)
	}
	o.exec(t, `UPDATE actors SET gone_at = $1 WHERE id IN (1, 2)`, noon)
	for _, query := range rewrites { // those who are gone are blanked, and not rewritten
		refused(query)
	}
	refused(`UPDATE acts SET about = ''`)
}

// TestForgetBlanksWhoIsGone leaves that something was done, and by which id.
func TestForgetBlanksWhoIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.record(t, acts.Act{Kind: acts.SuspendAccount, By: acts.By{Account: rita}, Target: bob, Words: "spam"},
		acts.Act{Kind: acts.SuspendServer, By: acts.By{Account: bob}, About: "evil.example", Words: "spam"})
	forget := func(who actors.ID) error {
		return o.db.Write(context.Background(), func(tx storage.Tx) error { return acts.Forget(context.Background(), tx, who) })
	}
	if err := forget(bob); err == nil {
		t.Error("forgot somebody who is there")
	}
	o.exec(t, `UPDATE actors SET gone_at = $1 WHERE id = 2`, noon)
	for range 2 { // again it changes nothing
		if err := forget(bob); err != nil {
			t.Fatal(err)
		}
	}
	want := []acts.Act{
		{ID: 2, At: noon, Kind: acts.SuspendServer, By: acts.By{Account: bob}, About: "evil.example", Words: "spam"},
		{ID: 1, At: noon, Kind: acts.SuspendAccount, By: acts.By{Account: rita}, Name: "rita", Target: bob},
	}
	if got := o.list(t, acts.Wanted{}); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
