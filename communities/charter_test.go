package communities_test

import (
	"slices"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// TestCharter: who joins accepts the charter as it stands; each version is kept, and members
// are asked again.
func TestCharter(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, club := t.Context(), tw.makers.Actor.ID
	eve := tw.member(t, "eve")
	join := func(version int) (communities.Standing, error) {
		return tw.Join(ctx, communities.Joining{Community: club, Who: eve.ID, Charter: version})
	}
	set := func(source string, want int) {
		t.Helper()
		c, err := tw.SetCharter(ctx, tw.ana.ID, club, source)
		check(t, err)
		if c.Version != want {
			t.Errorf("it is version %d, want %d", c.Version, want)
		}
	}
	if _, err := tw.SetCharter(ctx, eve.ID, club, "x"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate writes a charter: %v", err)
	}
	if _, err := tw.SetCharter(ctx, tw.ana.ID, club, strings.Repeat("x", 50_001)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too long: %v", err)
	}
	set("On s’écoute.", 1)
	set(" On s’écoute.\r\n", 1)
	set("On s’écoute, *toujours*.", 2)
	for version, kind := range map[int]fault.Kind{0: fault.Invalid, 1: fault.Conflict, 3: fault.Conflict} {
		if got, err := join(version); !fault.Is(err, kind) || got != communities.Stranger {
			t.Errorf("eve joins with version %d: %q, %v", version, got, err)
		}
	}
	if got, err := join(2); err != nil || got != communities.Member {
		t.Errorf("eve is %q: %v", got, err)
	}
	accepted := func(who actors.Actor) int {
		t.Helper()
		version, at, err := tw.Accepted(ctx, tw.db, club, who.ID)
		check(t, err)
		if (version == 0) != at.IsZero() {
			t.Errorf("version %d was accepted at %v", version, at)
		}
		return version
	}
	asks := func(who actors.Actor) int {
		t.Helper()
		c, err := tw.AsksAgain(ctx, tw.db, club, who.ID)
		check(t, err)
		return c.Version
	}
	if accepted(eve) != 2 || asks(eve) != 0 {
		t.Errorf("eve accepted %d, and is asked for %d", accepted(eve), asks(eve))
	}
	set("On s’écoute et on s’aide.", 3)
	if accepted(eve) != 2 || asks(eve) != 3 || accepted(tw.ana) != 3 || asks(tw.ana) != 0 {
		t.Errorf("eve accepted %d, and is asked for %d; ana accepted %d", accepted(eve), asks(eve), accepted(tw.ana))
	}
	if err := tw.MayPublish(ctx, tw.db, club, eve); err != nil || tw.standing(t, tw.makers, eve) != communities.Member {
		t.Errorf("who has not accepted yet loses something: %v", err)
	}
	if err := tw.AcceptCharter(ctx, eve.ID, club, 2); !fault.Is(err, fault.Conflict) {
		t.Errorf("eve accepts what no longer holds: %v", err)
	}
	if err := tw.AcceptCharter(ctx, tw.bob.ID, club, 3); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who is no member accepts: %v", err)
	}
	check(t, tw.AcceptCharter(ctx, eve.ID, club, 3))
	if accepted(eve) != 3 || asks(eve) != 0 {
		t.Errorf("eve accepted %d, and is asked for %d", accepted(eve), asks(eve))
	}
	set("", 4)
	all, err := tw.Charters(ctx, club)
	check(t, err)
	var sources []string
	for _, c := range all {
		sources = append(sources, c.Source)
	}
	if want := []string{"", "On s’écoute et on s’aide.", "On s’écoute, *toujours*.", "On s’écoute."}; !slices.Equal(sources, want) {
		t.Errorf("versions %q, want %q", sources, want)
	}
	check(t, tw.Leave(ctx, club, eve.ID))
	if accepted(eve) != 0 {
		t.Error("what who left had accepted is kept")
	}
	if got, err := join(0); err != nil || got != communities.Member {
		t.Errorf("without a charter, eve is %q: %v", got, err)
	}
}

// TestQuestions: who asks answers, those who animate read, and with the request it is gone.
func TestQuestions(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	eve := tw.member(t, "eve")
	if err := tw.SetQuestions(ctx, eve.ID, c.Actor.ID, []string{"Pourquoi?"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate asks: %v", err)
	}
	if err := tw.SetQuestions(ctx, tw.ana.ID, c.Actor.ID, []string{"1", "2", "3", "4", "5", "6"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("six questions: %v", err)
	}
	check(t, tw.SetQuestions(ctx, tw.ana.ID, c.Actor.ID, []string{"Autre?"}))
	check(t, tw.SetQuestions(ctx, tw.ana.ID, c.Actor.ID, []string{" Où   œuvrez-vous? ", "", "Pourquoi?"}))
	ask := func(answers ...string) error {
		_, err := tw.Join(ctx, communities.Joining{Community: c.Actor.ID, Who: eve.ID, Words: "Bonjour", Answers: answers})
		return err
	}
	for _, answers := range [][]string{nil, {"À Gaspé"}, {"À Gaspé", "  "}} {
		if err := ask(answers...); !fault.Is(err, fault.Invalid) {
			t.Errorf("answers %q: %v", answers, err)
		}
	}
	check(t, ask("À Gaspé", "Pour voir"))
	check(t, ask("À Gaspé", "Pour apprendre"))
	list, err := tw.Requests(ctx, tw.ana.ID, c.Actor.ID, 10)
	check(t, err)
	want := []communities.Answer{{Question: "Où œuvrez-vous?", Words: "À Gaspé"}, {Question: "Pourquoi?", Words: "Pour apprendre"}}
	if len(list) != 1 || !slices.Equal(list[0].Answers, want) {
		t.Errorf("asking: %+v, want %+v", list, want)
	}
	check(t, tw.Approve(ctx, tw.ana.ID, c.Actor.ID, eve.ID))
	var left int
	check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM join_answers`).Scan(&left))
	if left != 0 {
		t.Errorf("%d answers are kept without their request", left)
	}
}

// letters gives the notes that were sent to people elsewhere.
func (tw *town) letters(t *testing.T) (all []vocab.Note) {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `SELECT body FROM activities WHERE type = 'Create' ORDER BY id`)
	var body []byte
	for rows.Next() {
		check(t, rows.Scan(&body))
		a, err := vocab.ReadActivity(body)
		check(t, err)
		d, err := a.Object.Document()
		check(t, err)
		n, err := d.Note()
		check(t, err)
		if !slices.Equal(a.To, n.To) || len(a.Cc)+len(n.Cc) > 0 || a.Actor != n.AttributedTo {
			t.Errorf("the activity is for %q, its note for %q", slices.Concat(a.To, a.Cc), slices.Concat(n.To, n.Cc))
		}
		all = append(all, n)
	}
	check(t, rows.Err())
	return all
}

// TestLetter: who asks from elsewhere is told once, alone, what to do, and answers in a reply.
func TestLetter(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	check(t, tw.comes(t, c, "Follow", "0"))
	if got := tw.letters(t); len(got) != 0 {
		t.Errorf("a community that asks nothing wrote %+v", got)
	}
	_, err := tw.SetCharter(ctx, tw.ana.ID, c.Actor.ID, "On s’écoute.")
	check(t, err)
	check(t, tw.SetQuestions(ctx, tw.ana.ID, c.Actor.ID, []string{"Où est <b>votre</b> four?"}))
	check(t, tw.comes(t, c, "Follow", "1"))
	check(t, tw.comes(t, c, "Join", "2"))
	got := tw.letters(t)
	if len(got) != 1 {
		t.Fatalf("bob was written to %d times, want once", len(got))
	}
	n := got[0]
	if !slices.Equal(n.To, []string{tw.bob.IRI}) || len(n.Tags) != 1 || n.Tags[0].Type != "Mention" || n.Tags[0].Href != tw.bob.IRI ||
		n.Tags[0].Name != "@bob@remote.example" || n.AttributedTo != c.Actor.IRI || n.Language != "fr" {
		t.Errorf("the letter is %+v", n)
	}
	for _, words := range []string{"https://town.example/c/" + c.Actor.Name + "/charter", "Où est &lt;b&gt;votre&lt;/b&gt; four?", "(version 1)"} {
		if !strings.Contains(n.Content, words) {
			t.Errorf("the letter lacks %q:\n%s", words, n.Content)
		}
	}
	reply := func(by actors.Actor, iri string) error {
		return tw.db.Write(ctx, func(tx storage.Tx) error {
			return tw.ReceiveReply(ctx, tx, by, iri, "<p>D’accord, <br>au village.</p>")
		})
	}
	mia := tw.remote(t, "https://other.example/mia")
	if err := reply(mia, n.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody else answers: %v", err)
	}
	if err := reply(tw.bob, "https://town.example/activities/x#note"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an answer to nothing: %v", err)
	}
	if !tw.IsLetter(n.ID) || tw.IsLetter("https://remote.example/activities/x#note") {
		t.Error("a letter is not told from what is none")
	}
	check(t, reply(tw.bob, n.ID))
	check(t, tw.comes(t, c, "Follow", "3")) // says nothing, and takes nothing back
	list, err := tw.Requests(ctx, tw.ana.ID, c.Actor.ID, 10)
	check(t, err)
	if len(list) != 1 || !strings.Contains(list[0].Words, "au village") || list[0].Charter != 1 {
		t.Errorf("asking: %+v", list)
	}
	check(t, tw.Approve(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	check(t, tw.Remove(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	if err := reply(tw.bob, n.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("who is removed answers: %v", err)
	}
	if version, _, err := tw.Accepted(ctx, tw.db, c.Actor.ID, tw.bob.ID); err != nil || version != 0 {
		t.Errorf("removed, bob accepts %d: %v", version, err)
	}
	if got := tw.letters(t); len(got) != 1 {
		t.Errorf("bob was written to %d times, want once", len(got))
	}
}

// TestLetterToMembers: an open community welcomes who joins it from elsewhere, in its own language;
// a confidential one sends the charter along, which nobody elsewhere can open.
func TestLetterToMembers(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	secret := tw.found(t, actors.Confidential)
	for _, c := range []communities.Community{tw.makers, secret} {
		_, err := tw.UpdateProfile(ctx, tw.ana.ID, c.Actor.ID, communities.Profile{Title: "Club", Language: "en"})
		check(t, err)
		_, err = tw.SetCharter(ctx, tw.ana.ID, c.Actor.ID, "We *listen*.")
		check(t, err)
	}
	check(t, tw.ShowTo(ctx, tw.ana.ID, secret.Actor.ID, "remote.example"))
	check(t, tw.Invite(ctx, tw.ana.ID, secret.Actor.ID, tw.bob.ID))
	check(t, tw.comes(t, tw.makers, "Follow", "1"))
	check(t, tw.comes(t, tw.makers, "Join", "2"))
	check(t, tw.comes(t, secret, "Join", "3"))
	check(t, tw.comes(t, secret, "Join", "4"))
	got := tw.letters(t)
	if len(got) != 2 {
		t.Fatalf("%d letters, want one of each: %+v", len(got), got)
	}
	if !strings.Contains(got[0].Content, "You are now a member") || !strings.Contains(got[0].Content, "/c/makers/charter") {
		t.Errorf("makers wrote %s", got[0].Content)
	}
	if !strings.Contains(got[1].Content, "We <em>listen</em>.") || strings.Contains(got[1].Content, "/charter") {
		t.Errorf("the confidential one wrote %s", got[1].Content)
	}
	tw.write(t, func(tx storage.Tx) error { return tw.ReceiveReply(ctx, tx, tw.bob, got[0].ID, "Yes") })
	if version, _, err := tw.Accepted(ctx, tw.db, tw.makers.Actor.ID, tw.bob.ID); err != nil || version != 1 {
		t.Errorf("bob accepts %d: %v", version, err)
	}
}
