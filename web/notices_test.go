package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage"
)

// hears does what is due, and gives the mails that went to somebody since the last time, the
// first first.
func (w *town) hears(who accounts.Member) (mails []notifications.Caught) {
	w.t.Helper()
	if err := w.engine.DoDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	all, err := w.Mails.Caught(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		if m.To == who.Email {
			mails = append([]notifications.Caught{m}, mails...)
		}
	}
	if _, err := w.DB.Exec(w.t.Context(), `DELETE FROM caught_mails WHERE recipient = $1`, who.Email); err != nil {
		w.t.Fatal(err)
	}
	return mails
}

// told gives the kinds of what a member was told and may still know, the latest first.
func (w *town) toldTo(who accounts.Member) string {
	w.t.Helper()
	if err := w.engine.DoDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	all, err := w.Mails.For(w.t.Context(), who.ID, notifications.Page{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var kinds []string
	for _, n := range all {
		kinds = append(kinds, n.Kind)
	}
	return strings.Join(kinds, " ")
}

func (w *town) chooses(who accounts.Member, list string, community actors.ID, how string) {
	w.t.Helper()
	if err := w.Mails.Choose(w.t.Context(), who.ID, notifications.Choice{List: list, Community: community, How: how}); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhoIsToldOfAPost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	eve, mia := w.member("eve", "Ève"), w.member("mia", "Mia")
	w.chooses(mia, notifications.Posts, w.makers.Actor.ID, notifications.ByMail)
	p := w.says(w.bob, posts.Draft{Title: "Qui a une scie?", Text: "Pour samedi, @eve."})
	reply := w.says(eve, posts.Draft{InReplyTo: p.ID, Text: "Moi, **demain**. @ana aussi, je crois, @bob."})
	w.says(w.bob, posts.Draft{InReplyTo: p.ID, Text: "Je me réponds."})
	for who, want := range map[*accounts.Member]string{&w.bob: "reply", &w.ana: "mention", &eve: "mention", &mia: "new new new"} {
		if got := w.toldTo(*who); got != want {
			t.Errorf("%s is told %q, want %q", who.Name, got, want)
		}
	}
	mails := w.hears(w.bob)
	if len(mails) != 1 || mails[0].Subject != "Ève vous répond" || !strings.Contains(mails[0].Body, "Moi, demain.") || !strings.Contains(mails[0].Body, "Ateliers partagés") {
		t.Errorf("Bob is written %+v", mails)
	}
	if mails := w.hears(mia); len(mails) != 3 || !slices.ContainsFunc(mails, func(m notifications.Caught) bool { return m.Subject == "Qui a une scie?" }) {
		t.Errorf("Mia is written %+v", mails)
	}
	if n, err := w.Mails.Unread(t.Context(), w.bob.ID, nil); n != 1 || err != nil {
		t.Errorf("Bob has %d unread, %v", n, err)
	}
	bob := w.as(w.bob)
	page := bob.get("/notifications").shows(t, http.StatusOK, "Ève répond à votre publication", "Nouveau", "Tout marquer comme lu", `class="count-badge">1`)
	link := regexp.MustCompile(`/notifications/[0-9]+`).FindString(page.body)
	w.as(eve).get(link).shows(t, http.StatusNotFound)
	bob.get(link).leads(t, place(reply))
	bob.get("/notifications").lacks(t, "Nouveau</span>", "count-badge\">")
	w.says(eve, posts.Draft{InReplyTo: p.ID, Text: "Encore."})
	w.hears(w.bob)
	last := regexp.MustCompile(`name="last" value="([0-9]+)"`).FindStringSubmatch(bob.get("/notifications").body)
	if last == nil {
		t.Fatal("there is no button")
	}
	bob.post("/notifications/read", url.Values{"last": {last[1]}}).leads(t, "/notifications")
	bob.get("/notifications").lacks(t, "Nouveau</span>")
}

// TestWhoIsNotTold: who shuns the author, is suspended, wants nothing, or read it already.
func TestWhoIsNotTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	eve := w.member("eve", "Ève")
	bob, err := w.Directory.ByID(t.Context(), w.bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	mention := func() { w.says(w.bob, posts.Draft{Title: "Scie", Text: "Pour @eve."}) }
	mention()
	if mails := w.hears(eve); len(mails) != 1 {
		t.Fatalf("Ève is written %+v", mails)
	}
	w.chooses(eve, notifications.Answers, w.makers.Actor.ID, notifications.Site)
	mention()
	if mails, told := w.hears(eve), w.toldTo(eve); len(mails) != 0 || told != "mention mention" {
		t.Errorf("on the site only: %+v, %s", mails, told)
	}
	w.chooses(eve, notifications.Answers, w.makers.Actor.ID, notifications.None)
	mention()
	if told := w.toldTo(eve); told != "mention mention" {
		t.Errorf("she wants nothing: %s", told)
	}
	w.chooses(eve, notifications.Answers, w.makers.Actor.ID, "")
	mention()
	if mails := w.hears(eve); len(mails) != 1 {
		t.Errorf("as everywhere: %+v", mails)
	}
	if err := w.Accounts.Mute(t.Context(), eve.ID, bob); err != nil {
		t.Fatal(err)
	}
	mention()
	if mails, told := w.hears(eve), w.toldTo(eve); len(mails) != 0 || told != "" {
		t.Errorf("she mutes him: %+v, %s", mails, told)
	}
	if err := w.Accounts.Unmute(t.Context(), eve.ID, bob); err != nil {
		t.Fatal(err)
	}
	// Written, and read on the site before the mail left.
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		return w.Mails.Tell(t.Context(), tx, notifications.Notice{Kind: notifications.Settled, Ref: 7}, eve.ID)
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Mails.ReadAll(t.Context(), eve.ID, 1<<62); err != nil {
		t.Fatal(err)
	}
	if mails := w.hears(eve); len(mails) != 0 {
		t.Errorf("she read it: %+v", mails)
	}
	mention()
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		_, err := access.Suspend(t.Context(), tx, eve.ID, 0, "x", w.now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if mails := w.hears(eve); len(mails) != 0 {
		t.Errorf("she is suspended: %+v", mails)
	}
}

// TestWhatIsNotForEverybodyIsNotInAMail, and is not told to whom it is not for any more.
func TestWhatIsNotForEverybodyIsNotInAMail(t *testing.T) {
	t.Parallel()
	for _, level := range []actors.Access{actors.ForMembers, actors.Confidential} {
		w := newTown(t)
		c, eve := w.club(level), w.member("eve", "Ève") // who is no member
		if err := w.Communities.Invite(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
			t.Fatal(err)
		}
		secret := func(m notifications.Caught, what string) {
			t.Helper()
			if all := m.Subject + m.Body; strings.Contains(all, "canari") || strings.Contains(all, "Ana Tremblay") ||
				level == actors.Confidential && strings.Contains(all, "cercle") || !strings.Contains(all, "/notifications/") {
				t.Errorf("%s: a mail about %s says %s\n%s", level, what, m.Subject, m.Body)
			}
		}
		mails := w.hears(w.bob)
		if len(mails) != 1 {
			t.Fatalf("the invitation: %+v", mails)
		}
		secret(mails[0], "the invitation")
		if _, err := w.Communities.Ask(t.Context(), c.Actor.ID, w.bob.ID, ""); err != nil {
			t.Fatal(err)
		}
		w.chooses(w.bob, notifications.Posts, 0, notifications.ByMail)
		w.says(w.ana, posts.Draft{Community: c.Actor.ID, Title: "Un canari", Text: "Il chante, le canari."})
		p := w.says(w.ana, posts.Draft{Community: c.Actor.ID, Title: "Un autre", Text: "Canari pour @bob et @eve : canari."})
		if mails = w.hears(w.bob); len(mails) != 2 {
			t.Fatalf("the posts: %+v", mails)
		}
		for _, m := range mails {
			secret(m, "a post")
		}
		if mails, told := w.hears(eve), w.toldTo(eve); len(mails) != 0 || told != "" {
			t.Errorf("%s: who is named and may not see it is told %s, %+v", level, told, mails)
		}
		bob := w.as(w.bob)
		bob.get("/notifications").shows(t, http.StatusOK, "Un canari", "Un autre", "count-badge\">3")
		link := regexp.MustCompile(`/notifications/[0-9]+`).FindString(mails[1].Body)
		w.says(w.ana, posts.Draft{InReplyTo: p.ID, Text: "Et encore @bob."})
		if err := w.Communities.Remove(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
			t.Fatal(err)
		}
		for _, m := range w.hears(w.bob) {
			if secret(m, "the removal"); !strings.Contains(m.Subject, "plus membre") {
				t.Errorf("%s: who was removed is written %s", level, m.Subject)
			}
		}
		bob.get("/notifications").shows(t, http.StatusOK).lacks(t, "canari", "Un autre")
		bob.get(link).shows(t, http.StatusNotFound)
		if mails := w.hears(w.ana); len(mails) != 0 {
			t.Errorf("Ana is written %+v", mails)
		}
	}
}

// TestMailsAreEnded by whoever holds one, without signing in, and no others.
func TestMailsAreEnded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.chooses(w.bob, notifications.Posts, 0, notifications.ByMail)
	w.says(w.ana, posts.Draft{Title: "Scie", Text: "Pour @bob."})
	mails := w.hears(w.bob)
	if len(mails) != 1 {
		t.Fatalf("Bob is written %+v", mails)
	}
	address := regexp.MustCompile(`/unsubscribe/\S+`).FindString(mails[0].Body)
	anybody := w.visitor()
	anybody.get(address).shows(t, http.StatusOK, "Ne plus recevoir ces courriels?", "Réponses et mentions", "Ateliers partagés")
	if mails := w.says(w.ana, posts.Draft{Title: "Scie", Text: "Encore @bob."}); mails.ID == 0 || len(w.hears(w.bob)) != 1 {
		t.Error("to look ends them")
	}
	anybody.get(address+"x").shows(t, http.StatusNotFound)
	anybody.get(strings.Replace(address, "-0-", "-1-", 1)).shows(t, http.StatusNotFound)
	anybody.headers.Set("Origin", "https://mail.example") // a mail program's own page
	anybody.post(address, url.Values{"List-Unsubscribe": {"One-Click"}}).shows(t, http.StatusOK, "Vous ne recevrez plus ces courriels")
	anybody.post(address, url.Values{"List-Unsubscribe": {"One-Click"}}).shows(t, http.StatusOK)
	w.says(w.ana, posts.Draft{Title: "Scie", Text: "Toujours @bob."})
	if mails, told := w.hears(w.bob), w.toldTo(w.bob); len(mails) != 0 || told != "mention mention mention" {
		t.Errorf("ended: %+v, %s", mails, told)
	}
	w.says(w.ana, posts.Draft{Community: w.club(actors.Open).Actor.ID, Title: "Ailleurs", Text: "Et ici @bob."})
	if mails := w.hears(w.bob); len(mails) != 1 {
		t.Errorf("elsewhere: %+v", mails)
	}
	if _, err := w.Communities.Ask(t.Context(), w.makers.Actor.ID, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.says(w.ana, posts.Draft{Title: "Tournevis", Text: "À prendre."})
	if mails := w.hears(w.bob); len(mails) != 1 {
		t.Errorf("the posts of the same community: %+v", mails)
	}
	bob := w.as(w.bob)
	field := choiceField(notifications.Answers, w.makers.Actor.ID)
	bob.get("/settings/notifications").shows(t, http.StatusOK, field, "Nouvelles publications")
	bob.post("/settings/notifications", url.Values{field: {""}}).leads(t, "/settings/notifications")
	w.says(w.ana, posts.Draft{Title: "Scie", Text: "De nouveau @bob."})
	if mails := w.hears(w.bob); len(mails) != 1 {
		t.Errorf("taken again: %+v", mails)
	}
}

// TestAFirstPostIsToldOnce it is let in; until then to those who let it in alone.
func TestAFirstPostIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if _, err := w.DB.Exec(t.Context(), `UPDATE communities SET first_posts = 1 WHERE actor = $1`, w.makers.Actor.ID); err != nil {
		t.Fatal(err)
	}
	zoe := w.member("zoe", "Zoé")
	p := w.says(zoe, posts.Draft{Title: "Bonjour", Text: "Je salue @bob."})
	if ana, bob := w.toldTo(w.ana), w.toldTo(w.bob); ana != "held" || bob != "" {
		t.Errorf("Ana is told %q, Bob %q", ana, bob)
	}
	w.as(w.ana).get("/notifications").shows(t, http.StatusOK, "Une première publication attend dans Ateliers partagés")
	if err := w.Posts.Rule(t.Context(), w.ana.ID, p.ID, posts.Ruling{Act: communities.Admit}); err != nil {
		t.Fatal(err)
	}
	if ana, bob := w.toldTo(w.ana), w.toldTo(w.bob); ana != "" || bob != "mention" {
		t.Errorf("Ana is told %q, Bob %q", ana, bob)
	}
}

// TestWhoIsToldOfMembershipAndOrder: who asks and who answers, who reports and who settles.
func TestWhoIsToldOfMembershipAndOrder(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	c := w.club(actors.ForMembers)
	ask := func() {
		t.Helper()
		if _, err := w.Communities.Ask(t.Context(), c.Actor.ID, w.bob.ID, "Bonjour."); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
	}
	tells := func(who accounts.Member, subject string) { // whose spaces are plain: it is one line
		t.Helper()
		mails := w.hears(who)
		if len(mails) != 1 || mails[0].Subject != subject {
			t.Errorf("%s is written %+v, want %q", who.Name, mails, subject)
		}
	}
	ask()
	tells(w.ana, "Une demande d’adhésion attend : Le cercle des relais")
	w.as(w.ana).get("/notifications").shows(t, http.StatusOK, "Bob Roy demande à devenir membre de Le cercle des relais")
	if err := w.Communities.Decline(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	tells(w.bob, "Votre demande n’est pas acceptée : Le cercle des relais")
	if told := w.toldTo(w.ana); told != "" {
		t.Errorf("what was answered still waits: %s", told)
	}
	ask()
	tells(w.ana, "Une demande d’adhésion attend : Le cercle des relais")
	if err := w.Communities.Approve(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	tells(w.bob, "Votre demande est acceptée : Le cercle des relais")
	if told := w.toldTo(w.bob); told != "approved" {
		t.Errorf("he is told %s", told)
	}
	if err := w.Communities.SetRole(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID, communities.RoleAnimator); err != nil {
		t.Fatal(err)
	}
	tells(w.bob, "Vous animez maintenant Le cercle des relais")
	p := w.says(w.ana, posts.Draft{Title: "Scie", Text: "Ma scie."})
	r, err := w.Moderation.Report(t.Context(), moderation.Complaint{By: w.bob.ID, Post: p.ID, Words: "Trop de scies.", Animators: true})
	if err != nil {
		t.Fatal(err)
	}
	if mails := w.hears(w.ana); len(mails) != 0 { // it is about her
		t.Errorf("she is written %+v", mails)
	}
	tells(rita, "A report waits")
	if err := w.Moderation.Settle(t.Context(), moderation.Judge{ID: rita.ID, Admin: true}, r.ID, "Une scie va."); err != nil {
		t.Fatal(err)
	}
	tells(w.bob, "Votre signalement est réglé")
	if told := w.toldTo(rita); told != "" {
		t.Errorf("what was settled still waits: %s", told)
	}
}

// TestWhatBecomesOfAMember: each change of a role by another is told, the last one stands.
func TestWhatBecomesOfAMember(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.joins("makers", w.bob)
	for _, step := range []struct{ role, kind, page, mail string }{
		{communities.RoleAnimator, notifications.Promoted, "Vous animez maintenant Ateliers partagés", "Vous animez maintenant Ateliers partagés"},
		{communities.RoleOwner, notifications.Owner, "Ateliers partagés : vous en êtes maintenant propriétaire", "Ateliers partagés : vous en êtes maintenant propriétaire"},
		{communities.RoleMember, notifications.Demoted, "Vous n’animez plus Ateliers partagés", "Votre rôle a changé dans Ateliers partagés"},
	} {
		if err := w.Communities.SetRole(t.Context(), w.ana.ID, w.makers.Actor.ID, w.bob.ID, step.role); err != nil {
			t.Fatal(err)
		}
		if got := w.toldTo(w.bob); got != step.kind {
			t.Errorf("made %s, bob is told %q", step.role, got)
		}
		w.as(w.bob).get("/notifications").shows(t, http.StatusOK, step.page)
		if mails := w.hears(w.bob); len(mails) != 1 || mails[0].Subject != step.mail {
			t.Errorf("made %s, bob hears %+v", step.role, mails)
		}
	}
	if err := w.Communities.SetRole(t.Context(), w.bob.ID, w.makers.Actor.ID, w.bob.ID, communities.RoleMember); err != nil {
		t.Fatal(err)
	}
	if got := w.toldTo(w.ana); got != "" {
		t.Errorf("ana, who did it, is told %q", got)
	}
}
