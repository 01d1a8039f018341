package posts_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// names are what differs from one run to the next.
var names = regexp.MustCompile(`(activities|posts|actors)/[a-z0-9]+`)

// TestDocuments compares what we send with the files in testdata.
func TestDocuments(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "A lathe & more", Language: "en",
		Text: "Who has *one*? @zoe@lemmy.example #tools"})
	check(t, err)
	_, err = tw.posts.Edit(ctx, tw.ana.ID, p.ID, posts.Draft{Title: "A lathe", Text: "Found.", Language: "en"})
	check(t, err)
	soup, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.cooks.ID, Text: "Soup?", Language: "en", Summary: "food"})
	check(t, err)
	tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "hi", vocab.Public, tw.cooks.IRI)))
	hi := tw.byIRI(t, tw.bob.IRI+"/1")
	reply, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{InReplyTo: hi.ID, Text: "Hello", Language: "en"})
	check(t, err)
	check(t, tw.posts.Like(ctx, tw.ana.ID, hi.ID))
	check(t, tw.posts.Unlike(ctx, tw.ana.ID, hi.ID))
	said := map[string][]byte{} // what the deletion erases
	for _, a := range tw.about(t, p.IRI) {
		said[a.IRI] = a.Body
	}
	check(t, tw.posts.Delete(ctx, tw.ana.ID, p.ID))
	_, err = tw.accounts.Follow(ctx, tw.ana.ID, tw.cooks)
	check(t, err)
	check(t, tw.accounts.Unfollow(ctx, tw.ana.ID, tw.cooks))

	for file, of := range map[string]struct {
		by           actors.Actor
		kind, object string
		last         bool
	}{
		"create":          {tw.ana, "Create", p.IRI, false},
		"update":          {tw.ana, "Update", p.IRI, false},
		"delete":          {tw.ana, "Delete", p.IRI, false},
		"create_there":    {tw.ana, "Create", soup.IRI, false},
		"create_reply":    {tw.ana, "Create", reply.IRI, false},
		"like":            {tw.ana, "Like", hi.IRI, false},
		"undo_like":       {tw.ana, "Undo", hi.IRI, false},
		"announce_create": {tw.makers, "Announce", p.IRI, false},
		"announce_delete": {tw.makers, "Announce", p.IRI, true},
		"undo_announce":   {tw.makers, "Undo", p.IRI, false},
		"follow":          {tw.ana, "Follow", tw.cooks.IRI, false},
	} {
		t.Run(file, func(t *testing.T) {
			order := "id"
			if of.last {
				order = "id DESC"
			}
			var iri string
			var body []byte
			check(t, tw.db.QueryRow(ctx, `SELECT iri, body FROM activities WHERE actor = $1 AND type = $2 AND object = $3
				ORDER BY `+order+` LIMIT 1`, of.by.ID, of.kind, of.object).Scan(&iri, &body))
			if len(body) == 0 {
				body = said[iri]
			}
			compare(t, file, body)
		})
	}
}

// compare numbers our names in the order in which they come, so that files stay the same.
func compare(t *testing.T, file string, body []byte) {
	t.Helper()
	numbers := map[string]string{}
	text := names.ReplaceAllStringFunc(string(body), func(name string) string {
		if numbers[name] == "" {
			kind, _, _ := strings.Cut(name, "/")
			numbers[name] = kind + "/" + string(rune('A'+len(numbers)))
		}
		return numbers[name]
	})
	text = regexp.MustCompile(`"20\d\d-[^"]*"`).ReplaceAllString(text, `"TIME"`)
	text = regexp.MustCompile(`"proofValue":\s*"z[^"]*"`).ReplaceAllString(text, `"proofValue": "PROOF"`)
	var tidy any
	check(t, json.Unmarshal([]byte(text), &tidy))
	var written bytes.Buffer
	e := json.NewEncoder(&written)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	check(t, e.Encode(tidy))
	got := written.String()
	path := filepath.Join("testdata", file+".json")
	if *update {
		check(t, os.MkdirAll("testdata", 0o755))
		check(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	check(t, err)
	if string(want) != got {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}
