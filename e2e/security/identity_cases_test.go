package security

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/config"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// act is something that a peer says: what it is answered, and what becomes of it.
type act struct {
	name     string
	by       *remote
	activity object
	want     int    // 0: 202
	outcome  string // of what is taken; "" changes nothing, whatever it is called
}

// try sends each act in turn. Only what is applied may change anything, and does.
func (w *town) try(t *testing.T, acts []act) {
	t.Helper()
	for _, a := range acts {
		t.Run(a.name, func(t *testing.T) {
			before := w.state()
			want := a.want
			if want == 0 {
				want = http.StatusAccepted
			}
			l := letter{who: a.by, town: w, body: bytesOf(a.activity)}
			if got := w.request(l.request()); got.StatusCode != want {
				t.Fatalf("%d %q, want %d", got.StatusCode, got.text, want)
			}
			if want != http.StatusAccepted {
				if got := changes(before, w.state()); got != "" {
					t.Errorf("refused, it changed\n%s", got)
				}
				return
			}
			got := w.outcome(idOf(a.activity))
			changed := changes(before, w.state())
			if a.outcome == "applied" && (got != "applied" || changed == "") {
				t.Errorf("it is %s and changed %q, want it applied", got, changed)
			}
			if a.outcome != "applied" && changed != "" {
				t.Errorf("it is %s and changed\n%s", got, changed)
			}
		})
	}
}

// scene is a town where Eve, who is hostile, Vera, her victim, and their communities are known.
type scene struct {
	*town
	eve, vera, nora *remote    // Nora is Vera's neighbour
	club, den       *remote    // communities that Ana follows, Vera's and Eve's
	note            object     // by Vera, in makers
	own             posts.Post // by Ana, in makers
	like            object
	looked          int // how often something was looked for
}

func newScene(t *testing.T, change ...func(*config.Config)) *scene {
	t.Helper()
	w := newTown(t, change...)
	hers, theirs := newPeer(t), newPeer(t)
	s := &scene{town: w, eve: theirs.person("eve"), vera: hers.person("vera"), nora: hers.person("nora"),
		club: hers.lives("Group", "club"), den: theirs.lives("Group", "den")}
	s.follows(s.club)
	s.follows(s.den)
	var err error
	s.own, err = w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "Ours", Text: "Ours."})
	if err != nil {
		t.Fatal(err)
	}
	s.note = s.vera.note("Vera wrote this", object{"audience": w.makersIRI()})
	s.like = s.vera.does("Like", s.own.IRI)
	for _, a := range []struct {
		by *remote
		a  object
	}{{s.vera, s.vera.does("Create", s.note)}, {s.vera, s.like}, {s.vera, s.vera.does("Follow", w.makersIRI())},
		{s.eve, s.eve.writes(w, "Eve wrote this")}, {s.nora, s.nora.writes(w, "Nora wrote this")}} {
		if got := a.by.tells(w, a.a); got != "applied" {
			t.Fatalf("%v by %s is %s", a.a["type"], a.by.IRI, got)
		}
	}
	return s
}

// changed is a later version of a note.
func changed(note object, more object) object {
	n := object{"updated": "2026-03-15T12:00:00Z"}
	for _, o := range []object{note, more} {
		for k, v := range o {
			n[k] = v
		}
	}
	return n
}

// TestOthersThings lets Eve act on what is not hers, and its owner after her.
func TestOthersThings(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	pwned := changed(s.note, object{"content": "<p>pwned</p>"})
	follow := object{"id": s.vera.URL + "/follows/1", "type": "Follow", "actor": s.vera.IRI, "object": s.makersIRI()}
	profile := object{}
	for k, v := range s.vera.doc {
		profile[k] = v
	}
	profile["name"] = "Vera, renamed"
	s.follows(s.vera)
	block := s.nora.does("Block", s.anaIRI())
	s.eve.doc["alsoKnownAs"], s.club.doc["movedTo"] = []string{s.vera.IRI}, s.den.IRI
	names := func(list string, in string, a object) object { return with(with(a, "target", in+list), "audience", in) }
	s.try(t, []act{
		{"ID-08 an Update of another's post", s.eve, s.eve.does("Update", pwned), 0, ""},
		{"ID-08 an Update of another's post that is said to be a Question", s.eve, s.eve.does("Update", with(changed(pwned, nil), "type", "Question")), 0, ""},
		{"ID-08 an Update of another's post that is said to be an Event", s.eve, s.eve.does("Update", with(changed(pwned, nil), "type", "Event")), 0, ""},
		{"ID-08 an Update of another's post that is said to be one's own", s.eve, s.eve.does("Update", with(changed(pwned, nil), "attributedTo", s.eve.IRI)), 0, ""},
		{"ID-08 an Update of another person", s.eve, s.eve.does("Update", profile), 0, ""},
		{"ID-08 an Update of another person, in her name", s.eve, with(s.eve.does("Update", profile), "actor", s.vera.IRI), 401, ""},
		{"ID-08 twin: of one's own post", s.vera, s.vera.does("Update", changed(s.note, object{"content": "<p>Better</p>"})), 0, "applied"},
		{"ID-08 twin: of oneself", s.vera, s.vera.does("Update", profile), 0, "applied"},
		{"ID-09 an Update that gives the post to another", s.vera, s.vera.does("Update", with(changed(s.note, object{"updated": "2026-03-16T12:00:00Z"}), "attributedTo", s.nora.IRI)), 0, ""},
		{"ID-10 a Delete of another's post", s.eve, s.eve.does("Delete", idOf(s.note)), 0, ""},
		{"ID-10 a Delete of another person", s.eve, s.eve.does("Delete", s.vera.IRI), 0, ""},
		{"ID-10 a Delete of a post of ours", s.eve, s.eve.does("Delete", s.own.IRI), 0, ""},
		{"ID-10 a Delete of a person of ours", s.eve, s.eve.does("Delete", s.anaIRI()), 0, ""},
		{"ID-11 an Undo of another's Like", s.eve, s.eve.does("Undo", s.like), 0, ""},
		{"ID-11 an Undo of another's Like, said to be one's own", s.eve, s.eve.does("Undo", with(changed(s.like, nil), "actor", s.eve.IRI)), 0, ""},
		{"ID-11 an Undo that names another's Like", s.eve, s.eve.does("Undo", idOf(s.like)), 0, ""},
		{"ID-11 an Undo of another's Follow", s.eve, s.eve.does("Undo", follow), 0, ""},
		{"ID-11 twin: a Block, to be undone", s.nora, block, 0, "applied"},
		{"ID-11 an Undo of another's Block", s.eve, s.eve.does("Undo", block), 0, ""},
		{"ID-11 an Undo of another's Block, said to be one's own", s.eve, s.eve.does("Undo", with(changed(block, nil), "actor", s.eve.IRI)), 0, ""},
		{"ID-11 twin: of one's own Block", s.nora, s.nora.does("Undo", block), 0, "applied"},
		{"ID-11 twin: of one's own Like", s.vera, s.vera.does("Undo", s.like), 0, "applied"},
		{"ID-11 twin: of one's own Follow", s.vera, s.vera.does("Undo", follow), 0, "applied"},
		{"ID-12 a Like in another's name", s.eve, s.vera.does("Like", s.own.IRI), 403, ""},
		{"ID-12 an Announce in another's name", s.eve, s.club.does("Announce", s.eve.note("x", nil)["id"]), 403, ""},
		{"ID-12 a Like by a neighbour", s.nora, s.vera.does("Like", s.own.IRI), 403, ""},
		{"ID-12 twin: one's own Like", s.vera, s.vera.does("Like", s.own.IRI), 0, "applied"},
		{"ID-12 the same Like under another id", s.vera, s.vera.does("Like", s.own.IRI), 0, ""},
		{"ID-13 a Create of what another wrote", s.eve, s.eve.does("Create", s.eve.note("x", object{"attributedTo": s.vera.IRI, "audience": s.makersIRI()})), 0, ""},
		{"ID-13 a Create of what two wrote, one elsewhere", s.eve, s.eve.does("Create", s.eve.note("x", object{"attributedTo": []string{s.eve.IRI, s.vera.IRI}, "audience": s.makersIRI()})), 0, ""},
		{"ID-13 twin: two of one server", s.vera, s.vera.does("Create", s.vera.note("both", object{"attributedTo": []string{s.vera.IRI, s.nora.IRI}, "audience": s.makersIRI()})), 0, "applied"},
		{"ID-33 an activity whose id is another's", s.eve, with(s.eve.writes(s.town, "x"), "id", s.vera.URL+"/activities/9"), 401, ""},
		{"ID-38 a report in another's name", s.eve, s.vera.does("Flag", []string{s.own.IRI}), 403, ""},
		{"ID-38 a report of ten thousand things", s.eve, s.eve.does("Flag", many(10_000, s.own.IRI)), 400, ""},
		{"ID-19 a moderator put in by nobody", s.eve, names("/moderators", s.makersIRI(), s.eve.does("Add", s.eve.IRI)), 0, ""},
		{"ID-19 a moderator taken out by nobody", s.eve, names("/moderators", s.makersIRI(), s.eve.does("Remove", s.anaIRI())), 0, ""},
		{"ID-19 a post pinned by nobody", s.eve, names("/featured", s.makersIRI(), s.eve.does("Add", s.own.IRI)), 0, ""},
		{"ID-19 a moderator put in elsewhere", s.eve, names("/moderators", s.club.IRI, s.eve.does("Add", s.eve.IRI)), 0, ""},
		{"ID-19 a moderator put in by another community", s.den, names("/moderators", s.club.IRI, s.den.does("Add", s.eve.IRI)), 0, ""},
		{"ID-19 a post pinned elsewhere", s.eve, names("/featured", s.club.IRI, s.eve.does("Add", idOf(s.note))), 0, ""},
		{"ID-19 twin: a moderator put in by the community itself", s.club, names("/moderators", s.club.IRI, s.club.does("Add", s.nora.IRI)), 0, "applied"},
		{"ID-18 a Move of another", s.eve, with(s.vera.does("Move", s.vera.IRI), "target", s.eve.IRI), 403, ""},
		{"ID-18 a Move of another, in one's own name", s.eve, with(s.eve.does("Move", s.vera.IRI), "target", s.eve.IRI), 0, ""},
		{"ID-18 a Move to who knows nothing of it", s.club, with(s.club.does("Move", s.club.IRI), "target", s.den.IRI), 0, ""},
	})
}

func many(n int, item string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = item
	}
	return list
}

// TestNamesOfActivities sends ids that are not what they seem.
func TestNamesOfActivities(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, port, _ := strings.Cut(s.host, ":")
	ours := func(id string) object { return with(s.eve.writes(s.town, "x"), "id", id) }
	acts := []act{
		{"ID-07 an actor of ours", s.eve, with(with(s.eve.writes(s.town, "x"), "actor", s.anaIRI()), "id", s.origin+"/activities/1"), 403, ""},
		{"ID-07 an id of ours", s.eve, ours(s.origin + "/activities/1"), 403, ""},
		{"ID-07 an id of ours, in capitals", s.eve, ours("HTTPS://" + s.host + "/activities/1"), 400, ""},
		{"ID-07 an id of ours, with a dot", s.eve, ours("https://" + strings.Replace(s.host, ":", ".:", 1) + "/1"), 400, ""},
		{"ID-07 a post of ours", s.eve, s.eve.does("Create", object{"id": s.origin + "/posts/1", "type": "Note", "attributedTo": s.eve.IRI, "content": "x", "audience": s.makersIRI()}), 0, ""},
		{"ID-07 a post by somebody of ours", s.eve, s.eve.does("Create", s.eve.note("x", object{"attributedTo": s.anaIRI(), "audience": s.makersIRI()})), 0, ""},
		{"ID-31 a user before the host", s.eve, ours("https://" + s.vera.host() + "@" + s.eve.host() + "/1"), 400, ""},
		{"ID-31 a backslash", s.eve, ours("https://" + s.vera.host() + `\@` + s.eve.host() + "/1"), 400, ""},
		{"ID-31 a zero byte", s.eve, ours("https://" + s.vera.host() + "%00." + s.eve.host() + "/1"), 400, ""},
		{"ID-31 digits of another script", s.eve, ours("https://①②⑦.66.0.1:" + port + "/1"), 400, ""},
		{"ID-31 an address in octal", s.eve, ours("https://0177.66.0.1:" + port + "/1"), 400, ""},
		{"ID-06 twin: a post with a page elsewhere", s.eve, s.eve.does("Create", s.eve.note("paged", object{"url": s.vera.URL + "/@vera/1", "audience": s.makersIRI()})), 0, "applied"},
		{"ID-39 an Application that speaks for a person elsewhere", s.eve.lives("Application", "robot"), object{}, 0, ""},
		{"ID-39 an Application that follows for a neighbour", s.vera.lives("Application", "robot"), object{}, 403, ""},
		{"ID-39 twin: an Application that brings its neighbour's post", s.vera.lives("Application", "robot2"), object{}, 0, "applied"},
	}
	acts[12].activity = acts[12].by.does("Create", s.vera.note("x", object{"audience": s.makersIRI()}))
	acts[12].activity["object"] = with(acts[12].activity["object"].(object), "id", acts[12].by.URL+"/notes/forged")
	acts[13].activity = s.vera.does("Follow", s.makersIRI())
	acts[14].activity = s.vera.writes(s.town, "brought")
	for i := range acts[12:] { // they are known before, so that only what they do counts
		acts[12+i].by.tells(s.town, acts[12+i].by.does("Like", "https://x.example/1"))
	}
	for name, id := range map[string]any{
		"null": nil, "an array": []string{s.eve.URL + "/1"}, "a number": 7, "data:": "data:,x", "javascript:": "javascript:alert(1)",
		"ten thousand letters": s.eve.URL + "/" + strings.Repeat("x", 10_000), "relative": "/activities/1", "empty": "", "a NUL": s.eve.URL + "/\x00",
	} {
		acts = append(acts, act{"ID-36 an id that is " + name, s.eve, with(s.eve.writes(s.town, "x"), "id", id), 400, ""})
	}
	noID := s.eve.writes(s.town, "x")
	delete(noID, "id")
	acts = append(acts, act{"ID-36 no id", s.eve, noID, 400, ""})
	s.try(t, acts)
	if n := s.number(`SELECT count(*) FROM posts WHERE content LIKE '%paged%' AND url = ''`); n != 1 {
		t.Errorf("ID-06: %d posts without the page elsewhere, want one", n)
	}
}

// TestWhatCommunitiesTell lets a hostile community tell of what others wrote.
func TestWhatCommunitiesTell(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	tell := func(what any) object { return s.den.does("Announce", what) }
	inDen := object{"audience": s.den.IRI, "to": []string{s.den.IRI, vocab.Public}}
	true1, true2, true3 := s.vera.note("true words", inDen), s.vera.note("true words", inDen), s.vera.note("true words", inDen)
	secret := s.vera.note("not to be had", inDen)
	s.vera.shows(strings.TrimPrefix(idOf(secret), s.vera.URL), http.StatusForbidden)
	for path, id := range map[string]string{"/n/1": idOf(true2), "/n/5": s.vera.URL + "/n/none"} {
		s.den.shows(path, changed(s.note, object{"id": id, "content": "<p>false words</p>"}))
	}
	for path, id := range map[string]string{"/n/2": "/n/3", "/n/3": "/n/4", "/n/4": "/n/4"} { // all by Eve, whose words are true only where they are
		s.den.shows(path, changed(s.eve.note("x", inDen), object{"id": s.eve.URL + id}))
	}
	s.vera.redirects("/open", s.den.URL+"/forged")
	s.den.shows("/forged", changed(s.note, object{"id": s.vera.URL + "/open", "content": "<p>false words</p>"}))
	stranger := newPeer(t).lives("Group", "stranger")
	stranger.tells(s.town, stranger.does("Like", "https://x.example/1"))
	s.try(t, []act{
		{"ID-14 a post with other words, which its server does not show", s.den, tell(changed(secret, object{"content": "<p>false words</p>"})), 0, ""},
		{"ID-21 a Create of a post that its server does not show", s.den, tell(s.vera.does("Create", changed(secret, object{"content": "<p>false words</p>"}))), 0, ""},
		{"ID-14 twin: a post with other words is read where it is", s.den, tell(changed(true1, object{"content": "<p>false words</p>"})), 0, "applied"},
		{"ID-01 twin: a document that names another server is read there", s.den, tell(s.den.URL + "/n/1"), 0, "applied"},
		{"ID-01 a document that names another server, which does not have it", s.den, tell(s.den.URL + "/n/5"), 0, ""},
		{"ID-02 an address whose document names another, and so on", s.den, tell(s.den.URL + "/n/2"), 0, ""},
		{"ID-02 twin: an address whose document names another, which is there", s.den, tell(s.den.URL + "/n/3"), 0, "applied"},
		{"ID-03 an open redirect of the victim's", s.den, tell(s.vera.URL + "/open"), 0, ""},
		{"ID-22 a Delete of what its server still shows", s.den, tell(s.vera.does("Delete", idOf(true1))), 0, ""},
		{"ID-22 a Delete of a post of ours", s.den, tell(s.vera.does("Delete", s.own.IRI)), 0, ""},
		{"ID-22 a Like of a post that is not in it", s.den, tell(s.nora.does("Like", s.own.IRI)), 0, ""},
		{"ID-22 twin: a Like of a post that is in it", s.den, tell(s.vera.does("Like", idOf(true1))), 0, "applied"},
		{"ID-23 a post of our community", s.den, tell(s.vera.does("Create", s.vera.note("x", object{"audience": s.makersIRI()}))), 0, ""},
		{"ID-25 a post of a community that nobody here follows", stranger, stranger.does("Announce", stranger.note("x", object{"audience": stranger.IRI})), 0, ""},
		{"ID-21 twin: a Create of a post that its server shows", s.den, tell(s.vera.does("Create", true3)), 0, "applied"},
	})
	s.vera.shows(strings.TrimPrefix(idOf(true1), s.vera.URL), http.StatusGone)
	s.try(t, []act{
		{"ID-22 twin: a Delete of what its server has deleted", s.den, tell(s.vera.does("Delete", idOf(true1))), 0, "applied"},
		{"ID-37 the Create of what was deleted", s.vera, s.vera.does("Create", true1), 0, ""},
		{"ID-37 an Update of what was deleted", s.vera, s.vera.does("Update", changed(true1, nil)), 0, ""},
	})
	if n := s.number(`SELECT count(*) FROM posts WHERE content LIKE '%false words%'`); n != 0 {
		t.Errorf("%d posts with false words", n)
	}
}

// TestAnswersToFollows lets others answer what Ana asked.
func TestAnswersToFollows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	vera, err := s.Directory.Resolve(t.Context(), s.vera.IRI)
	if err != nil {
		t.Fatal(err)
	}
	asks := func() {
		t.Helper()
		if _, err := s.Accounts.Follow(t.Context(), s.ana.ID, vera); err != nil {
			t.Fatal(err)
		}
	}
	follow := func(whom string) object { return object{"type": "Follow", "actor": s.anaIRI(), "object": whom} }
	asks()
	var iri string
	if err := s.DB.QueryRow(t.Context(), `SELECT iri FROM follows WHERE followee = $1 AND follower = $2`, vera.ID, s.ana.ID).Scan(&iri); err != nil {
		t.Fatal(err)
	}
	s.try(t, []act{
		{"ID-15 an Accept by another", s.eve, s.eve.does("Accept", follow(s.vera.IRI)), 0, ""},
		{"ID-15 an Accept by another, which names the Follow", s.eve, s.eve.does("Accept", iri), 0, ""},
		{"ID-15 an Accept by a neighbour", s.nora, s.vera.does("Accept", follow(s.vera.IRI)), 403, ""},
		{"ID-15 an Accept of what was never asked", s.eve, s.eve.does("Accept", follow(s.eve.IRI)), 0, ""},
		{"ID-15 twin: the Accept of who was asked", s.vera, s.vera.does("Accept", follow(s.vera.IRI)), 0, "applied"},
		{"ID-16 the Accept again", s.vera, s.vera.does("Accept", follow(s.vera.IRI)), 0, ""},
	})
	if err := s.Accounts.Unfollow(t.Context(), s.ana.ID, vera); err != nil {
		t.Fatal(err)
	}
	s.try(t, []act{{"ID-16 the Accept of what was taken back", s.vera, s.vera.does("Accept", iri), 0, ""}})
	asks()
	s.try(t, []act{{"ID-16 twin: the Accept of what was asked anew", s.vera, s.vera.does("Accept", follow(s.vera.IRI)), 0, "applied"}})
}

// TestOnceForEver sends ids that were, or will be, another's or used twice.
func TestOnceForEver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	genuine := s.vera.writes(s.town, "genuine")
	first := s.eve.writes(s.town, "the first")
	again := with(s.eve.writes(s.town, "the second"), "id", idOf(first))
	doomed := s.vera.note("doomed", object{"audience": s.makersIRI()})
	s.try(t, []act{
		{"ID-34 another's id, taken before her", s.eve, with(s.eve.writes(s.town, "x"), "id", idOf(genuine)), 401, ""},
		{"ID-34 another's activity, forwarded with a false proof", s.eve, with(changed(genuine, object{"object": s.eve.note("x", nil)}), "signature", object{}), 0, ""},
		{"ID-34 twin: the genuine one", s.vera, genuine, 0, "applied"},
		{"ID-35 twin: an id, used once", s.eve, first, 0, "applied"},
		{"ID-35 the same id with other words", s.eve, again, 0, ""},
		{"ID-37 twin: a Delete before its Create", s.vera, s.vera.does("Delete", idOf(doomed)), 0, "applied"},
		{"ID-37 a Create after its Delete", s.vera, s.vera.does("Create", doomed), 0, ""},
	})
}

// TestWhoTheyAre reads what hostile servers say of their people.
func TestWhoTheyAre(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	n := 0
	find := func(who string) answer { return s.get("/follow?who="+who, true) }
	lives := func(change object) *remote {
		n++
		who := s.eve.person("who" + strconv.Itoa(n))
		for k, v := range change {
			who.doc[k] = v
		}
		return who
	}
	for _, tc := range []struct {
		name   string
		change object
		want   int
	}{
		{"ID-04 an inbox of another", object{"inbox": s.vera.IRI + "/inbox"}, 422},
		{"ID-04 an inbox in private", object{"inbox": "https://127.0.0.1/inbox"}, 422},
		{"ID-04 twin: a shared inbox in private, which is left out", object{"endpoints": object{"sharedInbox": "https://127.0.0.1/inbox"}}, 200},
		{"ID-28 a name that is of ours", object{"preferredUsername": "ana@" + s.host}, 200},
		{"ID-30 a name that turns the direction", object{"name": "evil\u202ecipohs", "preferredUsername": "a\u202eb"}, 200},
		{"ID-30 ten thousand marks", object{"name": "z" + strings.Repeat("\u0300", 10_000)}, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			who := lives(tc.change)
			got := find(who.IRI)
			if tc.want == 200 != (got.StatusCode == 200) {
				t.Fatalf("%d, want %d", got.StatusCode, tc.want)
			}
			if strings.Contains(got.text, "\u202e") || strings.Count(got.text, "\u0300") > 500 {
				t.Error("the page shows what deceives")
			}
			if s.number(`SELECT count(*) FROM actors WHERE iri = $1 AND (shared_inbox LIKE '%127.0.0.1%' OR name LIKE '%@%')`, who.IRI) != 0 {
				t.Error("it is kept as it was said")
			}
			if got.StatusCode == 200 && !strings.Contains(got.text, "@"+s.eve.host()) {
				t.Error("the page does not say of which server")
			}
		})
	}
	jrd := func(subject, self string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/jrd+json")
			fmt.Fprintf(w, `{"subject":%q,"links":[{"rel":"self","type":"application/activity+json","href":%q}]}`, subject, self)
		}
	}
	evil := "eve@" + s.eve.host()
	for _, tc := range []struct {
		name string
		says http.HandlerFunc
		want int // 0: whatever is no answer
	}{
		{"ID-27 twin: a handle, confirmed", jrd("acct:"+evil, s.eve.IRI), 200},
		{"ID-29 a handle that is another server's", jrd("acct:vera@"+s.vera.host(), s.eve.IRI), 0},
		{"ID-27 a handle of somebody who does not say so", jrd("acct:"+evil, s.vera.IRI), 0},
		{"ID-28 a link that is a script", jrd("acct:"+evil, "javascript:alert(1)"), 0},
		{"ID-28 a link without TLS", jrd("acct:"+evil, strings.Replace(s.eve.IRI, "https", "http", 1)), 0},
		{"ID-28 five megabytes", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"subject":"acct:` + evil + `","links":[{"rel":"self","type":"application/activity+json","href":"` + s.eve.IRI + `"}]` + strings.Repeat(" ", 5<<20) + "}")) // it is not read to its end
		}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fresh := newPeer(t)
			whom := evil
			if tc.want == 0 { // nobody that is known already, who would be given
				whom = "eve@" + fresh.host()
			}
			s.eve.shows("/.well-known/webfinger", tc.says)
			fresh.shows("/.well-known/webfinger", tc.says)
			if got := find(whom); tc.want == 200 != (got.StatusCode == 200) {
				t.Errorf("%d, want %d", got.StatusCode, tc.want)
			}
		})
	}
	t.Run("ID-26 a person who becomes a community", func(t *testing.T) {
		s.pass(25 * time.Hour)
		s.eve.doc["type"], s.eve.doc["name"] = "Group", "Club"
		s.eve.tells(s.town, s.eve.does("Update", s.eve.IRI))
		if a, err := s.Directory.ByIRI(t.Context(), s.eve.IRI); err != nil || a.Kind != actors.Person {
			t.Errorf("it is a %v, %v, want the person that it was", a.Kind, err)
		}
	})
}

// TestSuspendedByAnyWay brings what a suspended server wrote by every way.
func TestSuspendedByAnyWay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := newPeer(t).person("other")
	other.tells(s.town, other.writes(s.town, "before"))
	s.await("nothing is on its way", func() bool {
		return s.number(`SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM lanes WHERE lease_until > $1)`, s.now()) == 0
	})
	if err := s.Hosts.Suspend(t.Context(), s.vera.host(), "spam"); err != nil {
		t.Fatal(err)
	}
	asked := s.vera.asked("")
	inDen := s.vera.note("by way of the den", object{"audience": s.den.IRI, "to": []string{s.den.IRI, vocab.Public}})
	s.den.redirects("/detour", idOf(inDen))
	s.try(t, []act{
		{"ID-32 from itself", s.vera, s.vera.writes(s.town, "x"), 403, ""},
		{"DF-11 announced by a community", s.den, s.den.does("Announce", inDen), 0, ""},
		{"DF-11 announced by its address", s.den, s.den.does("Announce", idOf(inDen)), 0, ""},
		{"ID-32 by a redirect", s.den, s.den.does("Announce", s.den.URL+"/detour"), 0, ""},
		{"DF-11 by a like that a community tells", s.den, s.den.does("Announce", s.vera.does("Like", s.own.IRI)), 0, ""},
		{"DF-11 twin: from a server that is not suspended", other, other.writes(s.town, "x"), 0, "applied"},
		{"DF-11 twin: a reply to what cannot be had", other, other.does("Create", other.note("reply", object{"inReplyTo": idOf(inDen), "audience": s.makersIRI()})), 0, "applied"},
	})
	t.Run("DF-11 searched for", func(t *testing.T) {
		if got := s.get("/follow?who="+s.vera.URL+"/u/unknown", true); got.StatusCode == 200 {
			t.Errorf("%d, want a refusal", got.StatusCode)
		}
	})
	if n := s.vera.asked("") - asked; n != 0 {
		t.Errorf("a suspended server was asked %d times, want never", n)
	}
	if n := s.number(`SELECT count(*) FROM posts WHERE content LIKE '%by way of%'`); n != 0 {
		t.Errorf("%d posts of a suspended server", n)
	}
}
