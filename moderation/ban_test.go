package moderation_test

import (
	"slices"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// told gives the activities of a type that left, as they were written.
func (w *town) told(kind string) (all []vocab.Activity) {
	w.t.Helper()
	rows, err := w.DB.Query(w.t.Context(), `SELECT body FROM activities WHERE type = $1 AND body <> '' ORDER BY id`, kind)
	w.check(err)
	for rows.Next() {
		var body []byte
		w.check(rows.Scan(&body))
		a, err := vocab.ReadActivity(body)
		w.check(err)
		all = append(all, a)
	}
	w.check(rows.Err())
	return all
}

// TestBan: Ana bans Bob, with what he wrote; Léo, who neither did it nor is concerned, lets him in again.
func TestBan(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, p := t.Context(), w.says(w.bob, "criard")
	shown := func() bool {
		_, err := w.Posts.ByID(ctx, access.Reader{}, p.ID)
		return err == nil
	}
	until := w.now.Add(48 * time.Hour)
	b := communities.Ban{Community: w.makers.ID, Who: w.bob, By: w.ana, Reason: " crie ", Until: &until, Removed: true}
	if err := w.Ban(ctx, communities.Ban{Community: w.makers.ID, Who: w.bob, By: w.zoe.ID, Reason: "x"}); err == nil {
		t.Errorf("who does not animate bans: %v", err)
	}
	if err := w.Ban(ctx, communities.Ban{Community: w.makers.ID, Who: w.bob, By: w.ana}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	w.check(w.Ban(ctx, b))
	if shown() {
		t.Error("what bob wrote is shown")
	}
	block := w.told("Block")
	if len(block) != 1 || block[0].Actor == "" || block[0].Target.ID != w.makers.IRI || !block[0].RemoveData || block[0].Summary != " crie " && block[0].Summary != "crie" ||
		!block[0].EndTime.Equal(until.Truncate(time.Second)) || !slices.Equal(block[0].To, []string{vocab.Public}) {
		t.Fatalf("told: %+v", block)
	}
	announced := w.told("Announce")
	if last := announced[len(announced)-1]; last.Actor != w.makers.IRI || last.Object.ID != block[0].ID && !slices.ContainsFunc(announced, func(a vocab.Activity) bool { return a.Object.ID == block[0].ID }) {
		t.Errorf("the community announced %+v", last)
	}
	undone := w.told("Undo")
	if len(undone) != 1 || undone[0].Object.Type != "Announce" || undone[0].Actor != w.makers.IRI {
		t.Errorf("for microblogs: %+v", undone)
	}
	if _, err := w.Posts.Publish(ctx, w.bob, posts.Draft{Community: w.makers.ID, Text: "encore"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("banned, bob writes: %v", err)
	}
	q := w.says(w.ana, "calme")
	for name, do := range map[string]func() error{
		"answers": func() error {
			_, err := w.Posts.Publish(ctx, w.bob, posts.Draft{InReplyTo: q.ID, Text: "non"})
			return err
		},
		"likes": func() error { return w.Posts.Like(ctx, w.bob, q.ID) },
		"edits": func() error {
			_, err := w.Posts.Edit(ctx, w.bob, p.ID, posts.Draft{Text: "plus fort"})
			return err
		},
		"joins": func() error {
			_, err := w.Communities.Ask(ctx, w.makers.ID, w.bob, "")
			return err
		},
	} {
		if err := do(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("banned, bob %s: %v", name, err)
		}
	}
	about, err := w.Communities.RulingsAbout(ctx, w.bob)
	w.check(err)
	if len(about) != 1 || about[0].Act != communities.Banish || about[0].Person != w.bob || about[0].Reason != "crie" || about[0].Until == nil || !about[0].Until.Equal(until) {
		t.Fatalf("rulings about bob: %+v", about)
	}
	w.check(w.Appeal(ctx, w.bob, about[0].ID, "je chantais"))
	w.check(w.AnswerAppeal(ctx, w.leo, about[0].ID, true, "en effet"))
	undone = w.told("Undo")
	last := undone[len(undone)-1]
	inner, err := last.Object.Document()
	w.check(err)
	taken, err := inner.Activity()
	w.check(err)
	if taken.ID != block[0].ID || taken.Type != "Block" || taken.Target.ID != w.makers.IRI || last.Actor == w.makers.IRI {
		t.Errorf("taken back: %+v", last)
	}
	if _, err := w.Posts.Publish(ctx, w.bob, posts.Draft{Community: w.makers.ID, Text: "merci"}); err != nil {
		t.Errorf("let in again, bob writes: %v", err)
	}
	if err := w.Unban(ctx, w.ana, w.makers.ID, w.bob); !fault.Is(err, fault.NotFound) {
		t.Errorf("who is not banned is let in again: %v", err)
	}
}

// TestABanEnds: until then Bob neither follows, writes nor edits, and not a moment longer.
func TestABanEnds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, p := t.Context(), w.says(w.bob, "criard")
	until := w.now.Add(48 * time.Hour)
	w.check(w.Ban(ctx, communities.Ban{Community: w.makers.ID, Who: w.bob, By: w.ana, Reason: "crie", Until: &until}))
	tries := map[string]func() error{
		"follows": func() error {
			_, err := w.people.Follow(ctx, w.bob, w.makers)
			return err
		},
		"writes": func() error {
			_, err := w.Posts.Publish(ctx, w.bob, posts.Draft{Community: w.makers.ID, Text: "encore"})
			return err
		},
		"edits": func() error {
			_, err := w.Posts.Edit(ctx, w.bob, p.ID, posts.Draft{Text: "plus fort"})
			return err
		},
	}
	w.now = until.Add(-time.Minute)
	for name, do := range tries {
		if err := do(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("banned, bob %s: %v", name, err)
		}
	}
	w.now = until
	for name, do := range tries {
		if err := do(); err != nil {
			t.Errorf("the ban is over, and bob %s: %v", name, err)
		}
	}
}

// TestBanElsewhere: who lives elsewhere is told on their own server, and what waits for it is dropped
// but what takes away.
func TestBanElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := t.Context()
	w.exec(`UPDATE communities SET access = 'members' WHERE actor = $1`, w.makers.ID)
	w.exec(`INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', now())`, w.makers.ID, w.zoe.ID)
	w.exec(`INSERT INTO follows (followee, follower, state, iri, delivery, asked_at) SELECT $1, id, 'accepted', 'https://far.example/f', delivery, now() FROM actors WHERE id = $2`, w.makers.ID, w.zoe.ID)
	w.check(w.Ban(ctx, communities.Ban{Community: w.makers.ID, Who: w.zoe.ID, By: w.ana, Reason: "insiste"}))
	var to []string
	rows, err := w.DB.Query(ctx, `SELECT a.type || ' ' || h.name FROM deliveries d JOIN activities a ON a.id = d.activity JOIN hosts h ON h.id = d.host ORDER BY a.id`)
	w.check(err)
	for rows.Next() {
		var line string
		w.check(rows.Scan(&line))
		to = append(to, line)
	}
	if want := []string{"Reject far.example", "Remove far.example", "Remove far.example", "Block far.example"}; !slices.Equal(to, want) {
		t.Errorf("sent %q, want %q", to, want)
	}
	f, err := w.Directory.FollowOf(ctx, w.DB, w.makers.ID, w.zoe.ID)
	if err != nil || f.State != actors.Rejected {
		t.Errorf("her follow is %q: %v", f.State, err)
	}
}
