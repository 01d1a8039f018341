package communities_test

import (
	"context"
	"runtime"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// waits gives once another connection waits for what a transaction of this test holds, or what it
// does ended.
func (tw *town) waits(t *testing.T, done <-chan error) {
	t.Helper()
	for {
		var n int
		check(t, tw.db.QueryRow(t.Context(), `
			SELECT count(*)
			FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
		if n > 0 || len(done) > 0 {
			return
		}
		runtime.Gosched()
	}
}

// TestWhoBecomesTheOwnerStays: while somebody is made the owner, who animates removes or bans them.
// Whoever was a member when that began is an owner when it ends, and nobody acts so against those.
func TestWhoBecomesTheOwnerStays(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	id := tw.makers.Actor.ID
	leo := tw.joins(t, tw.makers, "leo")
	check(t, tw.SetRole(t.Context(), tw.ana.ID, id, leo.ID, communities.RoleAnimator))
	for how, act := range map[string]func(ctx context.Context, who actors.Actor) error{
		"removes": func(ctx context.Context, who actors.Actor) error { return tw.Remove(ctx, leo.ID, id, who.ID) },
		"bans": func(ctx context.Context, who actors.Actor) error {
			return tw.db.Write(ctx, func(tx storage.Tx) error {
				_, err := tw.Ban(ctx, tx, communities.Ban{Community: id, Who: who.ID, By: leo.ID, Reason: "x"},
					communities.Told{IRI: "https://town.example/activities/" + who.Name, Type: "Block"})
				return err
			})
		},
	} {
		eve, done := tw.joins(t, tw.makers, "eve_"+how), make(chan error, 1)
		tw.write(t, func(tx storage.Tx) error { // what SetRole does, and then looks around
			if _, err := tx.Exec(t.Context(), `SELECT FROM communities WHERE actor = $1 FOR UPDATE`, id); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `UPDATE memberships SET role = 'owner' WHERE community = $1 AND who = $2`, id, eve.ID); err != nil {
				return err
			}
			go func() { done <- act(t.Context(), eve) }()
			tw.waits(t, done)
			return nil
		})
		if err := <-done; !fault.Is(err, fault.Forbidden) {
			t.Errorf("leo %s who owns it now: %v", how, err)
		}
		if role := tw.role(t, tw.makers, eve); role != communities.RoleOwner {
			t.Errorf("leo %s eve, who is %q", how, role)
		}
	}
}

// TestTheLastOfTwoOwnersHasAnHeir: one owner steps down while the other goes for ever.
func TestTheLastOfTwoOwnersHasAnHeir(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	id, done := tw.makers.Actor.ID, make(chan error, 1)
	leo, eve := tw.joins(t, tw.makers, "leo"), tw.joins(t, tw.makers, "eve")
	check(t, tw.SetRole(t.Context(), tw.ana.ID, id, leo.ID, communities.RoleOwner))
	check(t, tw.SetRole(t.Context(), tw.ana.ID, id, eve.ID, communities.RoleAnimator))
	tw.write(t, func(tx storage.Tx) error { // what SetRole does, and then looks around
		if _, err := tx.Exec(t.Context(), `SELECT FROM communities WHERE actor = $1 FOR UPDATE`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `UPDATE memberships SET role = 'member' WHERE community = $1 AND who = $2`, id, leo.ID); err != nil {
			return err
		}
		go func() {
			done <- tw.db.Write(t.Context(), func(tx storage.Tx) error { return tw.Forget(t.Context(), tx, tw.ana.ID) })
		}()
		tw.waits(t, done)
		return nil
	})
	check(t, <-done)
	if role := tw.role(t, tw.makers, eve); role != communities.RoleOwner {
		t.Errorf("nobody owns it, eve is %q", role)
	}
}
