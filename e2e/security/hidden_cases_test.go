package security

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

const blindly = "https://blind.example/u/canary"

// TestHiddenRecipients sends what is for some people blindly: nobody else reads for whom.
func TestHiddenRecipients(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if got := s.vera.tells(s.town, s.vera.does("Follow", s.makersIRI())); got != "applied" {
		t.Fatalf("the Follow is %s", got)
	}
	note := s.eve.note("", object{"content": "<p>honest words</p>", "audience": s.makersIRI(), "bto": []string{blindly}, "bcc": blindly})
	create := with(with(s.eve.does("Create", note), "bto", blindly), "bcc", []string{blindly})
	if got := s.eve.tells(s.town, create); got != "applied" {
		t.Fatalf("it is %s", got)
	}
	later := changed(note, object{"content": "<p>newer words</p>", "updated": "2026-03-16T12:00:00Z"})
	if got := s.eve.tells(s.town, with(s.eve.does("Update", later), "bcc", blindly)); got != "applied" {
		t.Fatalf("the Update is %s", got)
	}
	for what, query := range map[string]string{
		"the post":          `SELECT count(*) FROM posts WHERE position('honest words'::bytea in document) + position('newer words'::bytea in document) > 0 AND position($1::bytea in document) > 0`,
		"what is passed on": `SELECT count(*) FROM activities WHERE position($1::bytea in body) > 0`,
	} {
		if n := s.number(query, []byte("canary")); n != 0 {
			t.Errorf("CF-31 %s tells it", what)
		}
	}
	if n := s.number(`SELECT count(*) FROM activities WHERE position($1::bytea in body) > 0`, []byte("honest words")); n == 0 {
		t.Error("CF-31 twin: nothing is passed on")
	}
	id := strconv.Itoa(s.number(`SELECT id FROM posts WHERE iri = $1`, idOf(note)))
	for where, path := range map[string]string{
		"the page": "/posts/" + id, "the API": "/api/v1/statuses/" + id,
		"the API's history": "/api/v1/statuses/" + id + "/history", "its source": "/api/v1/statuses/" + id + "/source",
	} {
		got := s.get(path, false)
		if strings.Contains(got.text, "canary") {
			t.Errorf("CF-31 %s tells it", where)
		}
		if where != "its source" && got.StatusCode != http.StatusOK {
			t.Errorf("CF-31 %s: %d", where, got.StatusCode)
		}
	}
}

// TestNamesThatLie has words pass for somebody's name, or for a hashtag, that lead elsewhere.
func TestNamesThatLie(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lies := `<p><a class="u-url mention" href="https://evil.example/@ana">@ana@bank.example</a>` +
		` <a class="u-url mention" href="https://evil.example/pay">@ana</a> <a class="mention hashtag" href="https://evil.example/pay">#coop</a></p>` +
		`<p><a class="u-url mention" href="https://honest.example/@lea">@lea</a> <a class="mention hashtag" href="https://honest.example/tags/bois">#bois</a></p>`
	note := s.eve.note("", object{"content": lies, "audience": s.makersIRI(), "tag": []any{
		object{"type": "Mention", "name": "@ana@bank.example", "href": "https://evil.example/@ana"},
		object{"type": "Mention", "name": "@ana", "href": "https://evil.example/pay"},
		object{"type": "Hashtag", "name": "#coop", "href": "https://evil.example/pay"},
	}})
	if got := s.eve.tells(s.town, s.eve.does("Create", note)); got != "applied" {
		t.Fatalf("it is %s", got)
	}
	id := strconv.Itoa(s.number(`SELECT id FROM posts WHERE iri = $1`, idOf(note)))
	var shown struct {
		Content        string
		Mentions, Tags []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(s.get("/api/v1/statuses/"+id, false).text), &shown); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"the page": s.get("/posts/"+id, false).text, "the API": shown.Content} {
		if strings.Contains(text, `evil.example/@ana`) {
			t.Errorf("CT-05 %s: a name leads to another host", where)
		}
		for _, part := range strings.Split(text, "<a ")[1:] {
			tag, _, _ := strings.Cut(part, ">")
			if strings.Contains(tag, "evil.example") && strings.Contains(tag, "class=") {
				t.Errorf("CT-05 %s: what leads elsewhere passes for a name: %s", where, tag)
			}
		}
		for _, honest := range []string{`class="u-url mention" href="https://honest.example/@lea"`, `class="mention hashtag" href="https://honest.example/tags/bois"`} {
			if !strings.Contains(text, honest) {
				t.Errorf("CT-05 twin %s: there is no %s", where, honest)
			}
		}
	}
	if len(shown.Tags) != 1 {
		t.Errorf("CT-05 twin: there are tags %v, want one", shown.Tags)
	}
	for _, m := range append(shown.Mentions, shown.Tags...) {
		if !strings.HasPrefix(m.URL, s.Config.Origin) {
			t.Errorf("CT-05 beside the text %s leads elsewhere", m.URL)
		}
	}
}
