package server

import (
	"io"
	"net/http"
	"reflect"
	"strconv"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

// TestStreamsOfQuotes: what quotes reads in streams as it does elsewhere, to each reader.
func TestStreamsOfQuotes(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve", "dora", "gus", "hal")
	town := r.group("town", actors.Open, "ana", "eve", "dora", "gus")
	r.must(r.Accounts.Mute(t.Context(), r.people["eve"].ID, r.actor("gus")))
	r.must(r.Accounts.Block(t.Context(), r.people["hal"].ID, r.actor("gus")))
	_, err := r.Accounts.Follow(t.Context(), r.people["dora"].ID, r.actor("ana"))
	r.must(err)
	tokens, ears := map[string]string{}, map[string]*ear{}
	for name := range r.people {
		tokens[name] = r.token(name)
		ears[name] = r.listens("stream=public:local", tokens[name])
	}
	reads := func(name string, p posts.Post) thing {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Config.Origin+"/api/v1/statuses/"+strconv.FormatInt(p.ID, 10), nil)
		r.must(err)
		with(tokens[name])(q)
		answer, err := http.DefaultClient.Do(q)
		r.must(err)
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		r.must(err)
		return read[thing](t, string(body))
	}
	parts := func(s thing) []any { return []any{s["quote"], s["quote_approval"]} }
	same := func(what string, p posts.Post, quotes map[string]any) {
		t.Helper()
		for name, e := range ears {
			got, want := parts(read[thing](t, e.hears().Payload)), parts(reads(name, p))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s hears\n\t%v\nand reads\n\t%v", what, name, got, want)
			}
			if state, told := quotes[name]; told && got[0].(thing)["state"] != state {
				t.Errorf("%s: to %s the quote is %v, want %v", what, name, got[0], state)
			}
		}
	}
	says := func(d posts.Draft) posts.Post {
		t.Helper()
		d.Community = town.Actor.ID
		return r.says("ana", d)
	}

	hers := r.says("gus", posts.Draft{Text: "Une scie."})
	quoting := says(posts.Draft{Text: "Voyez.", Quote: hers.ID})
	same("of somebody shunned", quoting, map[string]any{"eve": "muted_account", "hal": "muted_account", "dora": "accepted", "gus": "accepted"})
	same("of what quotes somebody shunned", says(posts.Draft{Text: "Voyez encore.", Quote: quoting.ID}), nil)
	fans := says(posts.Draft{Text: "Pour qui me suit.", Quotable: posts.QuotedByFollowers})
	same("for who follows", fans, nil)
	same("of what is for who follows", says(posts.Draft{Text: "Le mien.", Quote: fans.ID}), nil)
	same("for nobody", says(posts.Draft{Text: "À moi.", Quotable: posts.QuotedByNobody}), nil)

	r.must(r.Posts.Like(t.Context(), r.people["dora"].ID, hers.ID))
	same("of what one likes", says(posts.Draft{Text: "Et encore.", Quote: hers.ID}), nil)

	inTown := says(posts.Draft{Text: "Bientôt retiré."})
	same("that is open", inTown, nil)
	second := says(posts.Draft{Text: "Cité.", Quote: inTown.ID})
	same("of what is open", second, map[string]any{"ana": "accepted", "eve": "accepted"})
	r.must(r.Posts.Rule(t.Context(), r.people["ana"].ID, inTown.ID, posts.Ruling{Act: communities.Remove, Reason: "Doublon."}))
	for name, e := range ears {
		if name == "ana" { // who animates the community reads it still
			continue
		}
		if h := e.hears(); h.Event != "delete" {
			t.Errorf("of what is taken away: %+v", h)
		}
	}
	_, err = r.Posts.Edit(t.Context(), r.people["ana"].ID, second.ID, posts.Draft{Text: "Cité, et changé."})
	r.must(err)
	same("of what was taken away", second, map[string]any{"ana": "accepted", "eve": "unauthorized"})
}
