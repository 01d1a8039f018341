package e2e

import (
	"strings"
	"testing"
)

// TestPost follows a conversation between three servers: the community lives
// on the first, its members write from the second, the third only follows.
func TestPost(t *testing.T) {
	t.Parallel()
	home, away, third := newTown(t), newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	third.member("cleo")
	makers := home.community("makers", "ana")
	away.follows("bob", makers)
	third.follows("cleo", makers)

	news := home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Samedi, *apportez* vos outils.").text("id")
	with := func(text string) func(answer) bool {
		return func(a answer) bool { return strings.Contains(a.text("content"), text) }
	}

	t.Run("what is posted at home is seen elsewhere", func(t *testing.T) {
		for _, s := range []*town{home, away, third} {
			a := s.sees(news, with("<em>apportez</em>"))
			if a.text("title") != "Atelier" || a.text("community") == "" {
				t.Errorf("%s sees %v, want its title and its community", s.host, a)
			}
		}
	})

	question := away.do("post", "new", "--as", "bob", "--community", makers, "--title", "Qui a une scie?", "--text", "Pour samedi.").text("id")
	t.Run("what is posted from elsewhere reaches the community and who follows it", func(t *testing.T) {
		for _, s := range []*town{away, home, third} {
			a := s.sees(question, with("Pour samedi."))
			if !strings.HasPrefix(a.text("community"), home.origin) {
				t.Errorf("%s sees it in %q, want the community of %s", s.host, a.text("community"), home.origin)
			}
		}
	})

	reply := home.do("post", "reply", question, "--as", "ana", "--text", "Moi.").text("id")
	t.Run("a reply joins the thread everywhere", func(t *testing.T) {
		for _, s := range []*town{away, third} {
			if a := s.sees(reply, with("Moi.")); a.text("inReplyTo") != question {
				t.Errorf("%s: inReplyTo = %q, want %q", s.host, a.text("inReplyTo"), question)
			}
		}
	})

	back := third.do("post", "reply", reply, "--as", "cleo", "--text", "Moi aussi.").text("id")
	t.Run("a reply from the third server too", func(t *testing.T) {
		home.sees(back, with("Moi aussi."))
		away.sees(back, with("Moi aussi."))
	})

	t.Run("an edit", func(t *testing.T) {
		away.do("post", "edit", question, "--as", "bob", "--text", "Pour dimanche.")
		home.sees(question, with("Pour dimanche."))
		third.sees(question, with("Pour dimanche."))
	})

	likes := func(n float64) func(answer) bool { return func(a answer) bool { return a["likes"] == n } }
	t.Run("a like, and its end", func(t *testing.T) {
		third.do("post", "like", question, "--as", "cleo")
		for _, s := range []*town{home, away, third} {
			s.sees(question, likes(1))
		}
		third.do("post", "unlike", question, "--as", "cleo")
		for _, s := range []*town{home, away, third} {
			s.sees(question, likes(0))
		}
	})

	t.Run("a deletion", func(t *testing.T) {
		away.do("post", "delete", question, "--as", "bob")
		for _, s := range []*town{away, home, third} {
			s.sees(question, func(a answer) bool { return a["deleted"] == true && a.text("content") == "" })
		}
	})
}
