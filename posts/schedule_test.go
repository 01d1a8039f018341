package posts_test

import (
	"testing"
	"time"

	"passerelles/fault"
	"passerelles/media"
	"passerelles/posts"
)

// TestAPostForLater is published once, at its time, as its author wrote it; one that is refused then is kept.
func TestAPostForLater(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, dora := t.Context(), tw.member(t, "dora")
	count := func() (n int) {
		t.Helper()
		check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM posts WHERE deleted_at IS NULL`).Scan(&n))
		return n
	}
	due := tw.clock.Now().Add(20 * time.Hour)
	draft := posts.Draft{Text: "Later @makers", Language: "fr", Summary: "Soon", Files: []media.Attach{tw.takes(t, tw.ana, "plan.pdf")}, Key: "k",
		Poll: asking("a", "b")}
	p, err := tw.posts.Schedule(ctx, tw.ana.ID, draft, due)
	check(t, err)
	if again, err := tw.posts.Schedule(ctx, tw.ana.ID, draft, due); err != nil || again.ID != p.ID {
		t.Errorf("twice: %v %v", again.ID, err)
	}
	check(t, tw.posts.PublishScheduled(ctx, p.ID))
	if count() != 0 {
		t.Error("it is published before its time")
	}
	tw.clock.pass(20 * time.Hour)
	check(t, tw.media.Sweep(ctx))
	check(t, tw.posts.PublishScheduled(ctx, p.ID))
	check(t, tw.posts.PublishScheduled(ctx, p.ID))
	left, err := tw.posts.ScheduledFor(ctx, tw.ana.ID)
	if err != nil || len(left) != 0 || count() != 1 {
		t.Fatalf("%d posts, %d wait: %v", count(), len(left), err)
	}
	if got := tw.question(t, "Create"); got.Language != "fr" || got.Summary != "Soon" || len(got.Attachments) != 1 || got.Poll == nil {
		t.Errorf("it is %+v", got)
	}

	if _, err := tw.posts.Schedule(ctx, tw.ana.ID, posts.Draft{Text: "x"}, tw.clock.Now().Add(4*time.Minute)); !fault.Is(err, fault.Invalid) {
		t.Errorf("in four minutes: %v", err)
	}
	if _, err := tw.posts.Schedule(ctx, dora.ID, posts.Draft{Text: "x", Files: draft.Files}, tw.clock.Now().Add(time.Hour)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a file of somebody else: %v", err)
	}
	parent, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "Gone soon"})
	check(t, err)
	p, err = tw.posts.Schedule(ctx, dora.ID, posts.Draft{Text: "An answer", InReplyTo: parent.ID}, tw.clock.Now().Add(time.Hour))
	check(t, err)
	if _, err := tw.posts.ScheduledBy(ctx, tw.ana.ID, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("Ana reads Dora's: %v", err)
	}
	if err := tw.posts.Unschedule(ctx, tw.ana.ID, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("Ana takes Dora's back: %v", err)
	}
	check(t, tw.posts.Delete(ctx, tw.ana.ID, parent.ID))
	tw.clock.pass(2 * time.Hour)
	check(t, tw.posts.PublishScheduled(ctx, p.ID))
	if p, err = tw.posts.ScheduledBy(ctx, dora.ID, p.ID); err != nil || p.Refused == "" || p.Draft.Text != "An answer" {
		t.Errorf("what was refused is %+v, %v", p, err)
	}
	if p, err = tw.posts.Reschedule(ctx, dora.ID, p.ID, tw.clock.Now().Add(time.Hour)); err != nil || p.Refused != "" {
		t.Errorf("with another time it is %+v, %v", p, err)
	}
	check(t, tw.posts.Unschedule(ctx, dora.ID, p.ID))
	day := tw.clock.Now().Add(48 * time.Hour).Truncate(24 * time.Hour)
	for i := range 26 {
		_, err := tw.posts.Schedule(ctx, dora.ID, posts.Draft{Text: "x"}, day.Add(time.Duration(i)*time.Minute))
		if (i < 25) != (err == nil) {
			t.Errorf("number %d of one day: %v", i, err)
		}
	}
}
