package server

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/posts"
)

// TestStreams has an app hear what others do in another process.
func TestStreams(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve", "dora")
	makers := r.group("makers", actors.Open, "ana", "eve")
	number := func(p posts.Post) string { return strconv.FormatInt(p.ID, 10) }
	boost := func(p posts.Post) string { return strconv.FormatInt(p.ID^1, 10) }

	e := r.listens("stream=user", r.token("eve"))
	d := r.listens("stream=user", r.token("dora"))
	saw := r.says("ana", posts.Draft{Community: makers.Actor.ID, Title: "Scie", Text: "Qui en a une?"})
	h := e.hears()
	s := h.status(t)
	if h.Event != "update" || len(h.Stream) != 1 || h.Stream[0] != "user" || s.ID != boost(saw) || s.Account.Acct != "makers" || s.Reblog == nil || s.Reblog.ID != number(saw) {
		t.Errorf("a follower hears %+v: %+v", h, s)
	}

	if _, err := r.beside.Posts.Edit(t.Context(), r.people["ana"].ID, saw.ID, posts.Draft{Title: "Scie", Text: "Qui en a deux?"}); err != nil {
		t.Fatal(err)
	}
	h = e.hears()
	if s = h.status(t); h.Event != "status.update" || s.ID != number(saw) || !strings.Contains(s.Content, "deux") {
		t.Errorf("of an edit: %+v", h)
	}

	named := r.says("ana", posts.Draft{Community: makers.Actor.ID, InReplyTo: saw.ID, Text: "@eve, la tienne?"})
	h = e.hears()
	if s = h.status(t); h.Event != "notification" || s.Type != "mention" || s.Account.Acct != "ana" || s.Status == nil || s.Status.ID != number(named) {
		t.Errorf("who is named hears %+v: %+v", h, s)
	}

	if err := r.beside.Posts.Delete(t.Context(), r.people["ana"].ID, saw.ID); err != nil {
		t.Fatal(err)
	}
	if first, second := e.hears(), e.hears(); first.Event != "delete" || first.Payload != number(saw) || second.Event != "delete" || second.Payload != boost(saw) {
		t.Errorf("of a deletion: %+v %+v", first, second)
	}

	// Who follows nobody hears herself alone.
	own := r.says("dora", posts.Draft{Text: "Pour moi."})
	if h = d.hears(); h.Event != "update" || h.status(t).ID != number(own) {
		t.Errorf("who follows nobody hears %+v first", h)
	}
}

// TestStreamsAsked hears several streams on one socket, and one less.
func TestStreamsAsked(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve")
	makers := r.group("makers", actors.Open, "ana", "eve")
	e := r.listens("", r.token("eve"))
	e.asks(map[string]string{"type": "subscribe", "stream": "public:local"})
	e.asks(map[string]string{"type": "subscribe", "stream": "user"})
	e.asks(map[string]string{"type": "subscribe", "stream": "none"})
	if h := e.hears(); h.Error == "" {
		t.Fatalf("of a stream that there is not: %+v", h)
	}
	r.says("ana", posts.Draft{Community: makers.Actor.ID, Text: "Un"})
	got := map[string]bool{}
	for range 2 {
		h := e.hears()
		s := h.status(t)
		got[strings.Join(h.Stream, " ")+" "+s.Account.Acct] = true
	}
	if !got["public:local ana"] || !got["user makers"] {
		t.Errorf("heard %v", got)
	}
	e.asks(map[string]string{"type": "unsubscribe", "stream": "user"})
	e.asks(map[string]string{"type": "subscribe", "stream": "hashtag"})
	if h := e.hears(); h.Error == "" {
		t.Fatalf("of the stream of no tag: %+v", h)
	}
	r.says("ana", posts.Draft{Community: makers.Actor.ID, Text: "Deux"})
	r.says("ana", posts.Draft{Community: makers.Actor.ID, Text: "Trois"})
	for _, words := range []string{"Deux", "Trois"} {
		if h := e.hears(); h.Stream[0] != "public:local" || !strings.Contains(h.Payload, words) {
			t.Errorf("after taking one back: %+v", h)
		}
	}
}

// TestStreamsTokens opens streams with a token wherever apps put it.
func TestStreamsTokens(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana")
	token := r.token("ana")
	for name, way := range map[string]struct {
		query string
		head  http.Header
	}{
		"in the address":     {"stream=user&access_token=" + token, nil},
		"as the subprotocol": {"stream=user", http.Header{"Sec-Websocket-Protocol": {token}}},
		"as elsewhere":       {"stream=user", http.Header{"Authorization": {"Bearer " + token}}},
	} {
		conn, answer, err := r.dial(way.query, way.head)
		if err != nil {
			t.Errorf("%s: %v %v", name, err, answer)
			continue
		}
		if want := way.head.Get("Sec-Websocket-Protocol"); conn.Subprotocol() != want {
			t.Errorf("%s: the subprotocol is %q, want %q", name, conn.Subprotocol(), want)
		}
	}
	for name, way := range map[string]struct {
		query  string
		status int
		head   http.Header
	}{
		"none":                      {"stream=user", 401, nil},
		"one that does not hold":    {"stream=user&access_token=none", 401, nil},
		"one of another right":      {"stream=user&access_token=" + r.token("ana", "read:accounts"), 403, nil},
		"one of half the right":     {"stream=user:notification&access_token=" + r.token("ana", "read:statuses"), 403, nil},
		"a stream that there isn't": {"stream=x", 422, http.Header{"Authorization": {"Bearer " + token}}},
		"a list of nobody":          {"stream=list&list=7", 404, http.Header{"Authorization": {"Bearer " + token}}},
	} {
		_, answer, err := r.dial(way.query, way.head)
		if err == nil || answer == nil || answer.StatusCode != way.status || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %v %v", name, err, answer)
		}
	}
	if said := r.log.String(); strings.Contains(said, token) || !strings.Contains(said, "/api/v1/streaming") {
		t.Errorf("the log holds the token, or nothing of the request:\n%s", said)
	}
}

// TestStreamsOfEvents reads server-sent events.
func TestStreamsOfEvents(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve")
	makers := r.group("makers", actors.Open, "ana", "eve")
	lines, answer := r.lines("user", r.token("eve"))
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, kind)
	}
	r.says("ana", posts.Draft{Community: makers.Actor.ID, Text: "Bonjour"})
	var got []string
	for lines.Scan() && len(got) < 2 {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, ":") {
			got = append(got, line)
		}
	}
	if len(got) != 2 || got[0] != "event: update" || !strings.HasPrefix(got[1], `data: {"id":`) {
		t.Errorf("heard %q", got)
	}
	_, answer = r.lines("health", "")
	if text, err := io.ReadAll(answer.Body); string(text) != "OK" || err != nil {
		t.Errorf("health: %q %v", text, err)
	}
}

// TestStreamsOfWhoMay: who may not read it does not hear of it, from the very next event on.
func TestStreamsOfWhoMay(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve", "gus", "dora")
	circle := r.group("cercle", actors.ForMembers, "ana", "eve", "gus")
	town := r.group("ville", actors.Open, "ana", "eve", "gus", "dora")
	ears := map[string]*ear{}
	for _, name := range []string{"eve", "gus", "dora"} {
		ears[name] = r.listens("stream=user", r.token(name))
		ears[name].asks(map[string]string{"type": "subscribe", "stream": "public"})
		ears[name].asks(map[string]string{"type": "subscribe", "stream": ""})
		ears[name].hears() // both are asked for
	}
	// hear gives the words of what each heard until something that all hear.
	round := 0
	hear := func() map[string]string {
		t.Helper()
		round++
		last := "Fin " + strconv.Itoa(round)
		r.says("ana", posts.Draft{Community: town.Actor.ID, Title: last, Text: "."})
		got := map[string]string{}
		for name, e := range ears {
			seen := map[string]bool{}
			var words []string
			for len(seen) < 2 { // on both streams
				h := e.hears()
				if strings.Contains(h.Payload, last) && h.Event == "update" {
					seen[h.Stream[0]] = true
					continue
				}
				word := h.Event
				for _, canary := range []string{"Secret", "Ouvert", "Réponse"} {
					if strings.Contains(h.Payload, canary) {
						word += " " + canary
					}
				}
				words = append(words, h.Stream[0]+" "+word)
			}
			got[name] = strings.Join(words, ", ")
		}
		return got
	}
	check := func(what string, want map[string]string) {
		t.Helper()
		for name, got := range hear() {
			if got != want[name] {
				t.Errorf("%s: %s hears %q, want %q", what, name, got, want[name])
			}
		}
	}
	first := r.says("ana", posts.Draft{Community: circle.Actor.ID, Title: "Secret", Text: ".", Scope: posts.Members})
	check("for members", map[string]string{"eve": "user update Secret", "gus": "user update Secret"})

	r.must(r.Communities.Remove(t.Context(), r.people["ana"].ID, circle.Actor.ID, r.people["gus"].ID))
	r.says("ana", posts.Draft{Community: circle.Actor.ID, Title: "Secret", Text: ".", Scope: posts.Members})
	check("after one was removed", map[string]string{"eve": "user update Secret"})
	r.must(r.Posts.Delete(t.Context(), r.people["ana"].ID, first.ID))
	check("of a deletion", map[string]string{"eve": "user delete, user delete"})

	r.must(r.Accounts.Mute(t.Context(), r.people["eve"].ID, r.actor("gus")))
	r.must(r.Accounts.Block(t.Context(), r.people["dora"].ID, r.actor("gus")))
	r.says("gus", posts.Draft{Community: town.Actor.ID, Title: "Ouvert", Text: "."})
	check("of somebody shunned", map[string]string{"gus": "user update Ouvert, public update Ouvert"})

	open := r.says("ana", posts.Draft{Community: town.Actor.ID, Title: "Ouvert", Text: "."})
	all := "user update Ouvert, public update Ouvert"
	check("of an open one", map[string]string{"eve": all, "gus": all, "dora": all})
	r.must(r.Posts.Rule(t.Context(), r.people["ana"].ID, open.ID, posts.Ruling{Act: communities.Remove, Reason: "Doublon."}))
	gone := "user delete, user delete, public delete"
	check("of what is taken away", map[string]string{"eve": gone, "gus": gone, "dora": gone})
	if _, err := r.Posts.ByID(t.Context(), access.Reader{ID: r.people["eve"].ID}, open.ID); err == nil {
		t.Error("it is still there")
	}
}

// TestStreamsEnd: what ends a token ends its streams, in each process.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "bob", "cyd", "dan", "eve")
	tokens := map[string]string{}
	ears := map[string]*ear{}
	for name := range r.people {
		tokens[name] = r.token(name)
		ears[name] = r.listens("stream=user", tokens[name])
	}
	lines, _ := r.lines("user", tokens["ana"])
	r.must(r.beside.Apps.Revoke(t.Context(), r.app.client.Client, r.app.secret, tokens["ana"]))
	r.must(r.beside.Accounts.SetPassword(t.Context(), acts.By{}, r.people["bob"].ID, "another horse battery"))
	r.must(r.beside.Accounts.Suspend(t.Context(), acts.By{}, r.people["cyd"].ID, "Trop."))
	r.must(r.beside.Departures.Leave(t.Context(), r.people["dan"].ID))
	for _, name := range []string{"ana", "bob", "cyd", "dan"} {
		if why := ears[name].ends(); !strings.Contains(why, "does not hold") {
			t.Errorf("%s: %s", name, why)
		}
	}
	for lines.Scan() { // it ends
	}
	r.says("eve", posts.Draft{Text: "Je reste."})
	if h := ears["eve"].hears(); h.Event != "update" {
		t.Errorf("who may stay hears %+v", h)
	}
	t.Run("with the server", func(t *testing.T) {
		r.stop()
		if why := ears["eve"].ends(); !strings.Contains(why, "1001") {
			t.Errorf("it ends with %s", why)
		}
	})
}
