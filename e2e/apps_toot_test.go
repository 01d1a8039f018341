package e2e

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"passerelles/e2e/programs"
)

// tooter is toot with a member signed in.
type tooter struct {
	t    *testing.T
	path string
	env  []string
}

func (s *town) tooter(t *testing.T, who string) *tooter {
	t.Helper()
	path := programs.Need(t, "toot", "toot")
	a := s.app(t, path, "login", "--instance", s.host)
	a.agrees(who, "n") // it would open a browser
	rest, err := io.ReadAll(a.rest)
	must(t, err)
	if err := a.cmd.Wait(); err != nil {
		t.Fatalf("login: %v: %s%s", err, rest, a.errs)
	}
	return &tooter{t, path, a.cmd.Env}
}

// says runs a command and gives what it says, which must hold some words.
func (r *tooter) says(words string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(r.path, append(args, "--no-color")...)
	cmd.Env = r.env
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), words) {
		r.t.Errorf("toot %v: %v: %s, without %q", args, err, out, words)
	}
	return string(out)
}

// posts gives the id of what it posts.
func (r *tooter) posts(args ...string) string {
	r.t.Helper()
	out := r.says("posted", append([]string{"post"}, args...)...)
	number := regexp.MustCompile(`/(\d+)\s*$`).FindStringSubmatch(strings.TrimSpace(out))
	if number == nil {
		r.t.Fatalf("no address of a post in %s", out)
	}
	return number[1]
}

// toot does what its commands do, but for its screens.
func (s *stage) toot(t *testing.T) {
	tom, tess := s.home.tooter(t, "tom"), s.home.tooter(t, "tess")
	tom.says("@tom", "whoami")
	tom.says("makers", "whois", "@makers")
	tom.says("", "instance")
	tom.says("tom", "auth")

	scie := filepath.Join(t.TempDir(), "scie.png")
	must(t, os.WriteFile(scie, small(t, 13), 0o600))
	tom.says("", "upload", scie, "--description", "Une scie")
	for visibility, text := range map[string]string{"public": "Bonjour", "unlisted": "Tout bas", "private": "@makers Entre nous", "direct": "@tess psst"} {
		tom.posts(text, "--visibility", visibility, "--spoiler-text", "Attention", "--language", "fr")
	}
	p := tom.posts("Un #tarabiscot", "--media", scie, "--description", "Une scie", "--sensitive")
	tom.says("scheduled", "post", "Plus tard", "--scheduled-in", "1 hour")
	answer := tess.posts("Merci", "--reply-to", p)
	tom.says("Merci", "thread", p)
	for _, act := range []string{"reblog", "unreblog", "favourite", "unfavourite", "bookmark"} {
		tess.says("", act, p)
	}
	tess.says("tarabiscot", "bookmarks", "--once")
	tess.says("", "unbookmark", p)
	tess.says("", "reblog", p)
	tom.says("tess", "reblogged_by", p)
	tom.says("", "pin", p)
	tom.says("", "unpin", p)
	tess.says("", "delete", answer)

	for _, act := range []string{"follow", "mute", "unmute", "block", "unblock", "follow"} {
		tess.says("", act, "tom")
	}
	tess.says("@tom", "following", "tess")
	tom.says("@tess", "followers", "tom")
	await(t, "tom is told of tess", func() bool { return strings.Contains(tom.says("", "notifications"), "tess") })
	tom.says("", "notifications", "--clear")
	tess.says("", "unfollow", "tom")
	tess.says(s.remote[1:], "search", "--resolve", s.remote)
	tess.says("", "tags_follow", "tarabiscot")
	tess.says("tarabiscot", "tags_followed")
	tess.says("", "tags_unfollow", "tarabiscot")
	tess.says("tarabiscot", "timeline", "--once", "--tag", "tarabiscot")
	tess.says("", "timeline", "--once", "--public", "--local")
	tess.says("", "timeline", "--once")
	tess.says("", "logout", "tess@"+s.home.host)
}
