package moderation_test

import (
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

// TestABanTellsNobodyOfWhatTheyDoNotKnow: a confidential community keeps out who was never in it,
// before they come. Neither they nor their server learn by it that there is one; who was a member
// reads why they are none any more.
func TestABanTellsNobodyOfWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := t.Context()
	c, err := w.Communities.Create(ctx, communities.New{Name: "cercle", Title: "Cercle", Access: actors.Confidential, Animator: w.ana})
	w.check(err)
	w.exec(`INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', now())`, c.Actor.ID, w.leo)
	for _, who := range []actors.ID{w.bob, w.zoe.ID, w.leo} {
		w.check(w.Ban(ctx, communities.Ban{Community: c.Actor.ID, Who: who, By: w.ana, Reason: "en secret"}))
	}
	w.check(w.Unban(ctx, w.ana, c.Actor.ID, w.zoe.ID))

	about := func(who actors.ID) []communities.Ruling {
		all, err := w.Communities.RulingsAbout(ctx, who)
		w.check(err)
		return all
	}
	if all := about(w.bob); len(all) != 0 {
		t.Errorf("who was never a member reads of it: %+v", all)
	}
	var ids []int64
	rows, err := w.DB.Query(ctx, `SELECT id FROM rulings WHERE person = $1`, w.bob)
	w.check(err)
	for rows.Next() {
		var id int64
		w.check(rows.Scan(&id))
		ids = append(ids, id)
	}
	w.check(rows.Err())
	if len(ids) != 1 {
		t.Fatalf("recorded %v", ids)
	}
	if _, err := w.Communities.RulingByID(ctx, w.DB, w.bob, ids[0]); !fault.Is(err, fault.NotFound) {
		t.Errorf("its page: %v", err)
	}
	if err := w.Appeal(ctx, w.bob, ids[0], "pourquoi?"); !fault.Is(err, fault.NotFound) {
		t.Errorf("its appeal: %v", err)
	}
	var left int
	w.check(w.DB.QueryRow(ctx, `SELECT count(*) FROM deliveries`).Scan(&left))
	if left != 0 {
		t.Errorf("%d deliveries left for a server where nobody is a member", left)
	}
	if all := about(w.leo); len(all) != 1 || all[0].Reason != "en secret" {
		t.Errorf("who was a member reads %+v", all)
	}
}
