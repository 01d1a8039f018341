package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// acts has who may not read what is for members act upon it all the same, on the pages and by
// activities that they sign: each is answered as if there were nothing, and changes nothing.
func (m *matrix) acts() {
	m.t.Helper()
	before := m.standing()
	for _, who := range m.readers() {
		for _, c := range m.canaries {
			if who.sees(c.scope) || c.scope == posts.Public {
				continue
			}
			m.tries(who, c)
		}
	}
	for _, from := range []struct {
		at   *shire
		name string
	}{{m.near, "mal"}, {m.far, "zed"}, {m.far, "dan"}} {
		for _, c := range m.canaries {
			if c.scope != posts.Public {
				m.tells(from.at, from.name, c)
			}
		}
	}
	m.await("home has looked at all that was said", func() bool {
		return number(m.t, &soaked{Server: m.home.Server}, `SELECT count(*) FROM inbox_queue`) == 0
	})
	if after := m.standing(); after != before {
		m.t.Errorf("what they did changed something: %s, before %s", after, before)
	}
}

// standing counts all that an act might have left.
func (m *matrix) standing() string {
	m.t.Helper()
	var counts []string
	for _, table := range []string{"posts", "post_versions", "likes", "early_likes", "dislikes", "reports", "post_marks", "rulings", "tombstones",
		"memberships", "quotes", "quotations"} {
		counts = append(counts, fmt.Sprintf("%s %d", table, number(m.t, &soaked{Server: m.home.Server}, `SELECT count(*) FROM `+table)))
	}
	return strings.Join(counts, ", ")
}

// tries acts upon a post by every form of the pages.
func (m *matrix) tries(who onlooker, c canary) {
	m.t.Helper()
	for act, form := range map[string]url.Values{
		"like": {}, "unlike": {}, "vote": {"choice": {"0"}}, "delete": {}, "replies": {"text": {"Bien."}}, "edit": {"text": {"Autre chose."}},
		"report": {"words": {"Non."}}, "rule": {"act": {"lock"}, "reason": {"Non."}}, "quotes/1/end": {},
	} {
		status := m.does(who, "/posts/"+id(c.post.ID)+"/"+act, form)
		if unknown := m.does(who, "/posts/"+unknownID+"/"+act, form); status != unknown {
			m.t.Errorf("%s: %s upon what is for %s is answered %d, upon nothing %d", who.name, act, c.scope, status, unknown)
		}
	}
}

func (m *matrix) does(who onlooker, path string, form url.Values) int {
	m.t.Helper()
	q, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.home.Config.Origin+path, strings.NewReader(form.Encode()))
	m.must(err)
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", m.home.Config.Origin)
	who.as(q)
	res, err := http.DefaultTransport.RoundTrip(q)
	m.must(err)
	m.must(res.Body.Close())
	return res.StatusCode
}

// tells signs every activity that might do something to a post.
func (m *matrix) tells(at *shire, name string, c canary) {
	m.t.Helper()
	who, err := at.Directory.ByID(m.t.Context(), m.people[name].ID)
	m.must(err)
	note := map[string]any{"id": who.IRI + "/notes/" + c.word, "type": "Note", "attributedTo": who.IRI, "inReplyTo": c.post.IRI,
		"content": "Bien.", "to": []string{vocab.Public, m.group.Actor.IRI}, "audience": m.group.Actor.IRI}
	like := map[string]any{"id": who.IRI + "/likes/" + c.word, "type": "Like", "actor": who.IRI, "object": c.post.IRI}
	quoting := map[string]any{"id": who.IRI + "/quotes/" + c.word, "type": "Note", "attributedTo": who.IRI, "quote": c.post.IRI,
		"content": "Voyez.", "to": []string{vocab.Public}}
	for i, a := range []map[string]any{
		{"type": "Like", "object": c.post.IRI}, {"type": "Dislike", "object": c.post.IRI}, {"type": "Create", "object": note},
		{"type": "Announce", "object": c.post.IRI}, {"type": "Delete", "object": c.post.IRI}, {"type": "Undo", "object": like},
		{"type": "Lock", "object": c.post.IRI}, {"type": "Flag", "object": c.post.IRI, "content": "Non."},
		{"type": "Add", "object": c.post.IRI, "target": m.group.Actor.Featured},
		{"type": "QuoteRequest", "object": c.post.IRI, "instrument": quoting},
	} {
		a["@context"], a["id"], a["actor"], a["to"] = "https://www.w3.org/ns/activitystreams", fmt.Sprintf("%s/acts/%s-%d", who.IRI, c.word, i), who.IRI, []string{vocab.Public}
		body, err := json.Marshal(a)
		m.must(err)
		q, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.home.Config.Origin+"/inbox", bytes.NewReader(body))
		m.must(err)
		q.Header.Set("Content-Type", vocab.MediaType)
		m.must(federation.Sign(q, body, m.key(at, name), time.Now()))
		res, err := http.DefaultTransport.RoundTrip(q)
		m.must(err)
		m.must(res.Body.Close())
		if res.StatusCode != http.StatusAccepted && res.StatusCode != http.StatusForbidden {
			m.t.Errorf("%s of %s is answered %d", a["type"], name, res.StatusCode)
		}
	}
}
