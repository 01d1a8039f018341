package e2e

import (
	"bytes"
	"image"
	_ "image/jpeg" // one of the kinds in which pictures are shown
	_ "image/png"  // the other
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLooks has a server show a community of another as it is at home: its themes, what is
// under them, its picture and that of who writes.
func TestLooks(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	makers := home.community("makers", "ana")
	away.follows("bob", makers)
	home.do("community", "themes", "add", "makers", "Économie sociale", "--as", "ana")
	home.do("community", "themes", "add", "makers", "Outils", "--as", "ana")

	t.Run("its themes are those of its home", func(t *testing.T) {
		away.awaitsThemes(makers, "Économie sociale", "Outils")
		home.do("community", "themes", "rename", "makers", "Outils", "Outillage", "--as", "ana")
		home.do("community", "themes", "move", "makers", "Outillage", "1", "--as", "ana")
		away.awaitsThemes(makers, "Outillage", "Économie sociale")
	})

	t.Run("a thread is under them on both", func(t *testing.T) {
		post := away.do("post", "new", "--as", "bob", "--community", makers, "--title", "Une scie", "--text", "À prêter.", "--theme", "Outillage").text("id")
		home.sees(post, under("Outillage"))
		home.do("post", "themes", post, "Économie sociale", "--as", "ana")
		away.sees(post, under("Économie sociale"))
	})

	t.Run("its picture and that of who writes are shown there, from there", func(t *testing.T) {
		away.follows("bob", "ana@"+home.host)
		home.do("community", "picture", "makers", painted(t, 200), "--as", "ana")
		home.do("account", "picture", "ana", painted(t, 90))
		if group, person := away.portrait("/c/"+strings.TrimPrefix(makers, "@")), away.portrait("/@ana@"+home.host); bytes.Equal(group, person) {
			t.Error("both are the same")
		}
		home.do("account", "picture", "ana")
		await(t, "hers is taken away there too", func() bool { return away.linkTo("/@ana@"+home.host) == "" })
	})
}

// awaitsThemes waits until a community elsewhere has these, in this order.
func (s *town) awaitsThemes(community string, want ...string) {
	s.t.Helper()
	await(s.t, s.host+" has the themes "+strings.Join(want, ", "), func() bool {
		var names []string
		all, _ := s.do("community", "themes", "list", community)["themes"].([]any)
		for _, one := range all {
			theme, _ := one.(map[string]any)
			names = append(names, answer(theme).text("name"))
		}
		return slices.Equal(names, want)
	})
}

func under(theme string) func(answer) bool {
	return func(a answer) bool {
		all, _ := a["themes"].([]any)
		return len(all) == 1 && all[0] == theme
	}
}

// painted is a file with a picture of one colour.
func painted(t *testing.T, shade uint8) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "portrait.png")
	must(t, os.WriteFile(path, small(t, shade), 0o600))
	return path
}

// portrait waits until a page shows a picture of whom it is about, and gives its bytes.
func (s *town) portrait(page string) (content []byte) {
	s.t.Helper()
	await(s.t, page+" shows a picture", func() bool {
		link := s.linkTo(page)
		if link == "" {
			return false
		}
		_, content = s.get(link)
		_, _, err := image.Decode(bytes.NewReader(content))
		return err == nil
	})
	return content
}

// linkTo is where the head of a page has its picture from; "" if it shows none.
func (s *town) linkTo(page string) string {
	return s.linkBefore(page, "/media/remote/", "</h1>")
}
