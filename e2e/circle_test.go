package e2e

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// TestCircle lets a community that is for its members live on one server and its members on
// three: who asks from abroad is let in, who is removed hears nothing more, who animates from
// abroad keeps order, and who is invited comes.
func TestCircle(t *testing.T) {
	t.Parallel()
	home, away, third := newTown(t), newTown(t), newTown(t)
	home.member("ana")
	home.member("eve")
	away.member("bob")
	away.member("mal")
	third.member("cleo")
	cercle := home.do("community", "create", "cercle", "--title", "Le cercle", "--animator", "ana", "--access", "members").text("id")
	bob, cleo := "bob@"+away.host, "cleo@"+third.host
	says := func(text string) string {
		return home.do("post", "new", "--as", "ana", "--community", "cercle", "--title", "Fil", "--text", text).text("id")
	}

	t.Run("who asks from abroad waits to be let in, and reads what others there do not", func(t *testing.T) {
		if state := away.do("follow", cercle, "--as", "bob").text("state"); state != "pending" {
			t.Errorf("the follow is %s", state)
		}
		home.approves("cercle", bob)
		away.follows("bob", cercle)
		p := says("Entre membres.")
		away.shows("bob", p, inWords("Entre membres"))
		for _, who := range []string{"mal", ""} {
			if away.reads(who, p) {
				t.Errorf("%q reads it there", who)
			}
		}
		if n := count(t, openDB(t, third), `SELECT count(*) FROM posts`); n != 0 {
			t.Errorf("the third server holds %d posts", n)
		}
	})
	t.Run("a member whose server runs what we did not write reads and answers, and nobody beside them", func(t *testing.T) {
		circleWithFedify(t, home, away, cercle)
	})
	t.Run("who is removed while something is on its way does not get it", func(t *testing.T) {
		_, _ = third.try("follow", cercle, "--as", "cleo") // it waits for an answer
		home.approves("cercle", cleo)
		third.follows("cleo", cercle)
		third.served.stop(syscall.SIGKILL)
		p := says("Plus pour Cleo.")
		away.shows("bob", p, inWords("Plus pour Cleo"))
		home.do("community", "remove", "cercle", cleo, "--as", "ana")
		third.start()
		home.wakes()
		await(t, "the third server knows that she was removed", func() bool {
			return count(t, openDB(t, third), `SELECT count(*) FROM follows WHERE state = 'accepted'`) == 0
		})
		home.idles()
		if n := count(t, openDB(t, third), `SELECT count(*) FROM received WHERE position('Plus pour Cleo'::bytea IN body) > 0`); n != 0 {
			t.Error("what was on its way came")
		}
	})
	t.Run("who animates from abroad locks, takes away and bans", func(t *testing.T) {
		home.do("community", "join", "cercle", "--as", "eve")
		home.approves("cercle", "eve")
		p := home.do("post", "new", "--as", "eve", "--community", "cercle", "--title", "Vente", "--text", "Achetez!").text("id")
		away.shows("bob", p, inWords("Achetez"))
		home.do("community", "role", "cercle", bob, "animator", "--as", "ana")
		await(t, "bob locks the thread", func() bool {
			_, err := away.try("post", "lock", p, "--as", "bob", "--reason", "assez")
			return err == nil
		})
		await(t, "home refuses replies", func() bool {
			_, err := home.try("post", "reply", p, "--as", "ana", "--text", "Une réponse.")
			return err != nil
		})
		away.do("post", "remove", p, "--as", "bob", "--reason", "publicité")
		await(t, "it is taken away", func() bool {
			return count(t, openDB(t, home), `SELECT count(*) FROM post_marks WHERE post = $1 AND mark = 'removed' AND holds`, p) == 1
		})
		away.do("community", "ban", cercle, "eve@"+home.host, "--as", "bob", "--reason", "publicité")
		await(t, "eve is kept out", func() bool {
			_, err := home.try("community", "join", "cercle", "--as", "eve")
			return err != nil && count(t, openDB(t, home), `SELECT count(*) FROM bans`) == 1
		})
		await(t, "bob lets her in again", func() bool {
			_, err := away.try("community", "unban", cercle, "eve@"+home.host, "--as", "bob")
			return err == nil
		})
		await(t, "eve may join again", func() bool {
			_, err := home.try("community", "join", "cercle", "--as", "eve")
			return err == nil
		})
	})
	t.Run("who asks from abroad in words is written to, and what they answer is read by who animates", func(t *testing.T) {
		third.member("dan")
		home.do("community", "set-questions", "cercle", "Quel atelier?", "--as", "ana")
		third.do("community", "join", cercle, "--as", "dan", "--words", "Bonjour à vous")
		says := func(words string) func() bool {
			return func() bool {
				return count(t, openDB(t, home), `SELECT count(*) FROM join_requests WHERE words LIKE '%' || $1 || '%'`, words) == 1
			}
		}
		await(t, "his words are here", says("Bonjour à vous"))
		var letter string
		await(t, "the letter is there", func() bool {
			err := openDB(t, third).QueryRow(t.Context(), `SELECT iri FROM posts WHERE scope = 'direct' AND content LIKE '%Quel atelier%'`).Scan(&letter)
			return err == nil
		})
		third.shows("dan", letter, inWords("Quel atelier"))
		third.do("post", "reply", letter, "--as", "dan", "--text", "Celui de vélo")
		await(t, "his answer is here", says("Celui de vélo"))
		home.approves("cercle", "dan@"+third.host)
		await(t, "dan is a member", func() bool {
			a, err := third.try("community", "join", cercle, "--as", "dan")
			return err == nil && a.text("standing") == "member"
		})
	})
	t.Run("who is invited across servers comes in", func(t *testing.T) {
		secret := home.do("community", "create", "secret", "--title", "Secret", "--animator", "ana", "--access", "confidential")
		name := secret.text("name")
		if a, err := fetched(secret.text("id")); err != nil || a["status"] != http.StatusNotFound {
			t.Errorf("anybody is answered %v, %v", a, err)
		}
		home.do("community", "allow-host", name, third.host, "--as", "ana")
		home.do("community", "invite", name, cleo, "--as", "ana")
		await(t, "cleo accepts", func() bool {
			a, err := third.try("follow", secret.text("id"), "--as", "cleo")
			return err == nil && a.text("state") == "accepted"
		})
		p := home.do("post", "new", "--as", "ana", "--community", name, "--title", "Chut", "--text", "À trois.").text("id")
		third.shows("cleo", p, inWords("À trois"))
		if away.reads("bob", p) {
			t.Error("who was not invited reads it")
		}
	})
}

// circleWithFedify has judith of a Fedify server ask, read, write, and be removed.
func circleWithFedify(t *testing.T, home, away *town, cercle string) {
	j := newJudith(t)
	follow := j.does("follow", answer{"target": cercle})
	home.approves("cercle", j.handle)
	j.got("Accept", follow.text("id"))
	says := func(text string) string {
		return home.do("post", "new", "--as", "ana", "--community", "cercle", "--title", "Fil", "--text", text).text("id")
	}
	p := says("Pour Judith aussi.")
	j.got("Announce", p, "Pour Judith aussi")
	if a := j.does("lookup", answer{"target": p}); !strings.Contains(a.text("content"), "Pour Judith aussi") {
		t.Errorf("she fetches %v", a)
	}
	if said := string(j.control("lookup", answer{"target": p, "as": "holger"})); !strings.Contains(said, "cannot find") {
		t.Errorf("who is beside her on her server, and no member, fetches %s", said)
	}
	reply := j.does("post", answer{"target": cercle, "content": "<p>Judith répond</p>", "inReplyTo": p, "among": true}).text("object")
	away.shows("bob", reply, inWords("Judith répond"))
	for _, who := range []string{"mal", ""} {
		if away.reads(who, reply) {
			t.Errorf("%q reads her answer", who)
		}
	}
	home.do("community", "remove", "cercle", j.handle, "--as", "ana")
	later := says("Sans Judith.")
	away.shows("bob", later, inWords("Sans Judith"))
	home.idles()
	if strings.Contains(string(j.control("received", answer{})), later) {
		t.Error("she got what was said after she was removed")
	}
	for _, what := range []string{p, later} {
		if said := string(j.control("lookup", answer{"target": what})); !strings.Contains(said, "cannot find") {
			t.Errorf("removed, she fetches %s", said)
		}
	}
}

func inWords(text string) func(answer) bool {
	return func(a answer) bool { return strings.Contains(a.text("content"), text) }
}

// reads says whether somebody of a server reads a post there now; "": anybody.
func (s *town) reads(who, post string) bool {
	s.t.Helper()
	args := []string{"post", "show", post}
	if who != "" {
		args = append(args, "--as", who)
	}
	_, err := s.try(args...)
	return err == nil
}

// wakes ends the rest of the hosts to which nothing could be delivered.
func (s *town) wakes() {
	s.t.Helper()
	_, err := openDB(s.t, s).Exec(s.t.Context(), `UPDATE host_states SET resting_until = NULL`)
	must(s.t, err)
}

// idles waits until nothing is left to do.
func (s *town) idles() {
	s.t.Helper()
	db := openDB(s.t, s)
	await(s.t, s.host+" has nothing left to do", func() bool { return backlogOf(s.t, db) == (backlog{}) })
}
