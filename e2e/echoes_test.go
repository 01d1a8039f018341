package e2e

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
)

// TestEchoes follows a community that is for its members from a microblog, whose software
// shows nothing of such a one, and beside it from a server of ours.
func TestEchoes(t *testing.T) {
	t.Parallel()
	home, away := newTown(t), newTown(t)
	home.member("ana")
	away.member("bob")
	cercle := home.do("community", "create", "cercle", "--title", "Le cercle", "--animator", "ana", "--access", "members").text("id")
	p := newPeer(t, "mastodon", home)
	p.words["cercle"] = cercle
	alice := p.lives("person", "alice")
	instance := p.lives("person", "instance")

	p.tells(home, "ask")
	home.approves("cercle", "alice@"+p.host)
	p.got(`"type":"Accept"`, alice)
	_, _ = away.try("follow", cercle, "--as", "bob") // it waits for an answer
	home.approves("cercle", "bob@"+away.host)
	away.follows("bob", cercle)

	plan := filepath.Join(t.TempDir(), "plan.pdf")
	must(t, os.WriteFile(plan, []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"), 0o600))
	post := home.do("post", "new", "--as", "ana", "--community", "cercle", "--title", "Bail", "--text", "Le loyer baisse.", "--file", plan).text("id")
	away.shows("bob", post, says("loyer"))
	note := p.echoOf("ana", "Le cercle")
	link := linkIn(t, note)
	p.words["echo"] = note.text("id")

	t.Run("a member is sent a link, and reads by it", func(t *testing.T) {
		text, err := json.Marshal(note)
		must(t, err)
		if text := string(text); strings.Contains(text, "loyer") || strings.Contains(text, "Bail") {
			t.Errorf("the note tells what is for members: %s", text)
		}
		if page := read(t, link, nil); page.status != http.StatusOK || !strings.Contains(page.text, "Le loyer baisse.") {
			t.Errorf("the link shows %d: %s", page.status, page.text)
		} else if file := fileLink.FindStringSubmatch(page.text); file == nil || !strings.HasPrefix(read(t, home.origin+html.UnescapeString(file[1]), nil).text, "%PDF") {
			t.Errorf("it leads to no file: %v", file)
		}
		for _, other := range []string{note.text("id"), link[:len(link)-2] + "aa", strings.Replace(link, "?key=", "?key=a", 1)} {
			if page := read(t, other, nil); page.status != http.StatusNotFound || strings.Contains(page.text, "loyer") {
				t.Errorf("%s shows %d", other, page.status)
			}
		}
	})
	t.Run("their server reads the note, and no other does", func(t *testing.T) {
		as := func(id string) func(*http.Request) {
			return func(r *http.Request) {
				r.Header.Set("Accept", vocab.MediaType)
				must(t, federation.Sign(r, nil, p.keys[id], time.Now()))
			}
		}
		if page := read(t, note.text("id"), as(alice)); page.status != http.StatusOK || strings.Contains(page.text, "loyer") {
			t.Errorf("its reader reads %d %s", page.status, page.text)
		}
		nobody := func(r *http.Request) { r.Header.Set("Accept", vocab.MediaType) }
		for name, who := range map[string]func(*http.Request){"who lives beside them": as(instance), "anybody": nobody} {
			if page := read(t, note.text("id"), who); page.status != http.StatusNotFound {
				t.Errorf("%s reads %d", name, page.status)
			}
		}
	})
	answer := p.origin + "/users/alice/statuses/9"
	t.Run("an answer to the note lands in the thread, everywhere", func(t *testing.T) {
		p.words["words"] = "Enfin une bonne nouvelle."
		p.tells(home, "answer")
		got := home.shows("ana", answer, says("Enfin"))
		if got.text("inReplyTo") != post {
			t.Errorf("it answers %v, want %s", got["inReplyTo"], post)
		}
		if _, err := home.try("post", "show", answer); err == nil {
			t.Error("anybody reads the answer")
		}
		await(t, "the other server shows the answer in the thread", func() bool {
			return strings.Contains(away.threadFor("bob", post), "Enfin une bonne nouvelle.")
		})
		p.words["words"] = "Une très bonne nouvelle."
		p.tells(home, "reword")
		await(t, "the other server shows it reworded", func() bool {
			return strings.Contains(away.threadFor("bob", post), "Une très bonne nouvelle.")
		})
	})
	t.Run("who takes part is told of what is answered there", func(t *testing.T) {
		spoken := away.spoken(t, post)
		reply := away.do("post", "reply", spoken, "--as", "bob", "--text", "Je confirme.").text("id")
		got := home.shows("ana", reply, says("confirme"))
		if got.text("inReplyTo") != answer {
			t.Errorf("it answers %v, want %s", got["inReplyTo"], answer)
		}
		p.echoOf("bob", "Le cercle")
	})
	t.Run("liking the note likes the post", func(t *testing.T) {
		p.words["post"] = p.words["echo"]
		p.tells(home, "like")
		home.shows("ana", post, likes(1))
		p.tells(home, "unlike")
		home.shows("ana", post, likes(0))
	})
	t.Run("what is taken back is taken back everywhere", func(t *testing.T) {
		p.tells(home, "withdraw")
		await(t, "the other server shows it no more", func() bool {
			return !strings.Contains(away.threadFor("bob", post), "bonne nouvelle")
		})
		home.do("post", "delete", post, "--as", "ana")
		p.got(`"type":"Delete"`, note.text("id"))
		if page := read(t, link, nil); page.status != http.StatusNotFound {
			t.Errorf("the link of a deleted post shows %d", page.status)
		}
	})
	t.Run("who is removed reads nothing more", func(t *testing.T) {
		second := home.do("post", "new", "--as", "ana", "--community", "cercle", "--title", "Clés", "--text", "Sous le pot.").text("id")
		away.shows("bob", second, says("pot"))
		last := linkIn(t, p.newest("ana", "Le cercle", note))
		home.do("community", "remove", "cercle", "alice@"+p.host, "--as", "ana")
		if page := read(t, last, nil); page.status != http.StatusNotFound {
			t.Errorf("the link of who was removed shows %d", page.status)
		}
		before := p.count(`"type":"Create"`)
		third := home.do("post", "new", "--as", "ana", "--community", "cercle", "--title", "Fin", "--text", "Entre nous.").text("id")
		away.shows("bob", third, says("Entre nous"))
		p.got(`"type":"Reject"`, alice)
		if n := p.count(`"type":"Create"`); n != before {
			t.Errorf("who was removed was sent %d notes more", n-before)
		}
	})
}

// approves waits for somebody to ask, and lets them in.
func (s *town) approves(community, who string) {
	s.t.Helper()
	await(s.t, who+" is let in", func() bool {
		_, err := s.try("community", "approve", community, who, "--as", "ana")
		return err == nil
	})
}

// shows waits until a member reads a post so.
func (s *town) shows(who, post string, so func(answer) bool) (a answer) {
	s.t.Helper()
	await(s.t, s.host+" shows "+post+" to "+who, func() bool {
		var err error
		a, err = s.try("post", "show", post, "--as", who)
		return err == nil && so(a)
	})
	return a
}

// threadFor is the page of a thread as a member sees it.
func (s *town) threadFor(who, post string) string {
	s.t.Helper()
	db := openDB(s.t, s)
	var id, token string
	must(s.t, db.QueryRow(s.t.Context(), `SELECT id FROM posts WHERE iri = $1`, post).Scan(&id))
	token = s.do("account", "token", who).text("token")
	page := read(s.t, s.origin+"/posts/"+id, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
	return page.text
}

// spoken is the address under which the community tells what a member answered.
func (s *town) spoken(t *testing.T, post string) (iri string) {
	t.Helper()
	must(t, openDB(t, s).QueryRow(t.Context(), `SELECT iri FROM posts WHERE parent_iri = $1 AND iri LIKE '%/echoes/%'`, post).Scan(&iri))
	return iri
}

// echoOf waits for a note that names who wrote and where.
func (p *peer) echoOf(words ...string) answer {
	p.t.Helper()
	body := p.got(append([]string{`"type":"Create"`, "/echoes/", `"type":"Mention"`}, words...)...)
	note, _ := jsonOf(p.t, []byte(body))["object"].(map[string]any)
	return note
}

// newest waits for such a note after others.
func (p *peer) newest(who, community string, before answer) (note answer) {
	p.t.Helper()
	await(p.t, "another note has come", func() bool {
		note = p.echoOf(who, community)
		return note.text("id") != before.text("id")
	})
	return note
}

// count counts what came and holds the words.
func (p *peer) count(words string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, body := range p.received {
		if strings.Contains(body, words) {
			n++
		}
	}
	return n
}

var fileLink = regexp.MustCompile(`href="(/files/[^"]+)"`)

var personalLink = regexp.MustCompile(`https://localhost:[0-9]+/echoes/[0-9]+\?key=[A-Za-z0-9_-]+`)

func linkIn(t *testing.T, note answer) string {
	t.Helper()
	link := personalLink.FindString(note.text("content"))
	if link == "" || link != note.text("url") {
		t.Fatalf("the note holds no link of its own: %v", note)
	}
	return link
}

type seenPage struct {
	status int
	text   string
}

func read(t *testing.T, address string, as func(*http.Request)) seenPage {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	r.Header.Set("Accept", "text/html")
	if as != nil {
		as(r)
	}
	response, err := client().Do(r)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return seenPage{response.StatusCode, string(body)}
}
