package inbox

import (
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/posts"
)

// TestApprovedReply has GoToSocial's people allow a reply of ours, and others try.
func TestApprovedReply(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	peer := newPeer(t)
	bob, near, eve := peer.person("bob"), peer.person("near"), newPeer(t).person("eve")
	bob.tells(w, bob.does("Follow", w.anaIRI))
	note := bob.note("who can help?", object{"interactionPolicy": object{"canReply": object{
		"automaticApproval": []string{bob.IRI}, "manualApproval": []string{"https://www.w3.org/ns/activitystreams#Public"}}}, "cc": []string{w.anaIRI}})
	bob.tells(w, bob.does("Create", note))
	asked, err := w.post(note["id"])
	if err != nil {
		t.Fatal(err)
	}
	reply, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{InReplyTo: asked.ID, Text: "I can", Scope: posts.Public})
	if err != nil {
		t.Fatal(err)
	}
	proof := peer.URL + "/authorizations/1"
	accept := func(by *remote, result string) object {
		return with(by.does("Accept", reply.IRI), object{"result": result, "target": note["id"]})
	}
	creates := func() int {
		return w.number(`SELECT count(*) FROM activities WHERE type = 'Create' AND object = $1`, reply.IRI)
	}
	document := func() string {
		p, err := w.Posts.ByIRI(t.Context(), access.Reader{}, reply.IRI)
		if err != nil {
			t.Fatal(err)
		}
		body, err := posts.Document(p, w.IRIs).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}

	for _, tc := range []struct {
		name string
		by   *remote
		act  object
	}{
		{"somebody else", eve, accept(eve, eve.URL+"/authorizations/1")},
		{"a neighbour", near, accept(near, proof)},
		{"by what another server shows", bob, accept(bob, eve.URL+"/authorizations/1")},
		{"a post that answers none of theirs", bob, with(bob.does("Accept", w.glue().IRI), object{"result": proof})},
	} {
		tc.by.tells(w, tc.act)
		if got := w.outcomeOf(tc.act); got != "refused" {
			t.Errorf("%s: %s, want refused", tc.name, got)
		}
	}
	bob.tells(w, bob.does("Reject", reply.IRI))
	if creates() != 1 || strings.Contains(document(), "approvedBy") {
		t.Fatalf("told %d times, %s", creates(), document())
	}
	bob.tells(w, accept(bob, proof))
	bob.tells(w, accept(bob, proof))
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Create' AND position($1::bytea in body) > 0`, []byte(proof)); n != 1 || creates() != 2 {
		t.Errorf("told %d times, %d with the proof; want once before and once with it", creates(), n)
	}
	for _, word := range []string{`"approvedBy":"` + proof + `"`, `"replyAuthorization":"` + proof + `"`} {
		if d := document(); !strings.Contains(d, word) {
			t.Errorf("no %s in %s", word, d)
		}
	}

	takesBack := func(by *remote, leave string) object {
		return by.does("Delete", object{"id": leave, "type": "ReplyAuthorization", "attributedTo": bob.IRI,
			"interactingObject": reply.IRI, "interactionTarget": note["id"]})
	}
	for name, tc := range map[string]struct {
		by  *remote
		act object
	}{
		"somebody else":     {eve, takesBack(eve, proof)},
		"a neighbour":       {near, takesBack(near, proof)},
		"another leave":     {bob, takesBack(bob, proof+"2")},
		"a refusal, by eve": {eve, eve.does("Reject", reply.IRI)},
	} {
		tc.by.tells(w, tc.act)
		if got := w.outcomeOf(tc.act); got != "ignored" || !strings.Contains(document(), proof) {
			t.Errorf("taken back by %s: %s, %s", name, got, document())
		}
	}
	for _, over := range []object{takesBack(bob, proof), bob.does("Reject", reply.IRI)} {
		bob.tells(w, accept(bob, proof))
		bob.tells(w, over)
		if d := document(); w.outcomeOf(over) != "applied" || strings.Contains(d, proof) || !w.shown(reply.IRI) {
			t.Errorf("%v: %s, %s", over["type"], w.outcomeOf(over), d)
		}
	}
}
