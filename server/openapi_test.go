package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/moderation"
	"passerelles/oauth"
	"passerelles/posts"
)

const described = "/api/passerelles/v1/openapi.json"

// description is the document as the server gives it.
func (s *site) description(t *testing.T) *openapi3.T {
	t.Helper()
	status, _, body := s.ask(t, http.MethodGet, described, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(body))
	if err == nil {
		err = doc.Validate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

var onlyDigits = regexp.MustCompile(`:\[0-9\]\+`)

// TestTheDescriptionAndTheRouterAgree on each address, and on the right that it needs.
func TestTheDescriptionAndTheRouterAgree(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc := s.description(t)
	var routed, told, needed []string
	for _, name := range routeNames(t, s.routes()) {
		if name, ok := strings.CutSuffix(name, "{slash:/?}"); ok && strings.Contains(name, "/api/passerelles/") && !strings.HasPrefix(name, http.MethodOptions) {
			routed = append(routed, onlyDigits.ReplaceAllString(name, ""))
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			told = append(told, method+" "+path)
			needed = append(needed, fmt.Sprint(method+" "+path, " ", security(op)))
		}
	}
	var listed []string
	for _, r := range rightsIn(t, "../docs/api.md") {
		want := map[string]string{"anybody": "{} ", "a member": ""}[r.who]
		if len(r.any) == 0 {
			want = ""
		}
		listed = append(listed, fmt.Sprint(onlyDigits.ReplaceAllString(r.route, ""), " ", want+strings.Join(r.any, " ")))
	}
	for name, pair := range map[string][2][]string{"router": {routed, told}, "table": {listed, needed}} {
		slices.Sort(pair[0])
		slices.Sort(pair[1])
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("the %s has %q, the document %q", name, pair[0], pair[1])
		}
	}
}

// security writes what an operation needs: {} for anybody, then a right.
func security(op *openapi3.Operation) string {
	var words []string
	for _, one := range *op.Security {
		if len(one) == 0 {
			words = append(words, "{}")
		}
		words = append(words, one["oauth"]...)
	}
	return strings.Join(words, " ")
}

// caller asks as somebody, and has each request and answer compared with the document.
type caller struct {
	t     *testing.T
	s     *site
	doc   routers.Router
	seen  map[string]bool // operations that were answered 200
	token string
}

// does asks, and gives the answer.
func (c caller) does(method, path string, body any, want int) (answer any, head http.Header) {
	c.t.Helper()
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	make := func() *http.Request {
		r, err := http.NewRequestWithContext(c.t.Context(), method, c.s.url+"/api/passerelles/v1"+path, bytes.NewReader(sent))
		if err != nil {
			c.t.Fatal(err)
		}
		if c.token != "" {
			with(c.token)(r)
		}
		if body != nil {
			r.Header.Set("Content-Type", "application/json")
		}
		return r
	}
	r, err := http.DefaultClient.Do(make())
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if r.StatusCode != want {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, r.StatusCode, text, want)
	}
	c.compare(make(), r, text)
	if err := json.Unmarshal(text, &answer); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer, r.Header
}

func (c caller) compare(asked *http.Request, r *http.Response, text []byte) {
	c.t.Helper()
	route, params, err := c.doc.FindRoute(asked)
	if err != nil {
		c.t.Fatalf("%s: %v", asked.URL, err)
	}
	in := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	if r.StatusCode == http.StatusOK {
		if err := openapi3filter.ValidateRequest(c.t.Context(), in); err != nil {
			c.t.Errorf("the request %s %s: %v", asked.Method, asked.URL.Path, err)
		}
		c.seen[route.Operation.OperationID] = true
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.StatusCode, Header: r.Header, Options: in.Options}
	if err := openapi3filter.ValidateResponse(c.t.Context(), out.SetBodyBytes(text)); err != nil {
		c.t.Errorf("the answer to %s %s: %v\n%s", asked.Method, asked.URL.Path, err, text)
	}
}

// field finds something deep in an answer.
func field(answer any, path ...any) any {
	for _, step := range path {
		switch at := step.(type) {
		case int:
			list, _ := answer.([]any) // nil is found to be no list
			if at >= len(list) {
				return nil
			}
			answer = list[at]
		case string:
			object, _ := answer.(map[string]any) // likewise
			answer = object[at]
		}
	}
	return answer
}

// TestOurOwnAPI tells the story of a community by it: each address is answered as the document says.
func TestOurOwnAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc := s.description(t)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	app, seen := newApp(t, s.Server), map[string]bool{}
	as := func(name string) caller {
		m, err := s.Accounts.ByName(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return caller{t, s, router, seen, app.token(m, oauth.Known()...)}
	}
	ana, chef, nobody := as("ana"), as("chef"), caller{t, s, router, seen, ""}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	me, err := s.Accounts.ByName(t.Context(), "ana")
	must(err)
	you, err := s.Accounts.ByName(t.Context(), "chef")
	must(err)
	club, err := s.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Le cercle", Access: actors.ForMembers, Animator: me.ID})
	must(err)
	_, err = s.Communities.SetCharter(t.Context(), me.ID, club.Actor.ID, "Soyons *bons*.")
	must(err)
	must(s.Communities.SetQuestions(t.Context(), me.ID, club.Actor.ID, []string{"Pourquoi?"}))
	at := "/communities/" + id(int64(club.Actor.ID))
	person := id(int64(you.ID))

	nobody.does("GET", "/openapi.json", nil, 200)
	list, head := nobody.does("GET", "/communities?limit=1", nil, 200)
	is(field(list, 0, "acct"), "cercle")
	is(field(list, 0, "followers_count"), nil)
	more := regexp.MustCompile(`^<` + regexp.QuoteMeta(s.url) + `/api/passerelles/v1(/communities\?\S+)>; rel="next"$`).FindStringSubmatch(head.Get("Link"))
	if more == nil {
		t.Fatalf("the list goes on at %s", head.Get("Link"))
	}
	list, head = nobody.does("GET", more[1], nil, 200)
	is(field(list, 0, "acct"), "makers")
	is(head.Get("Link"), "")

	shown, _ := chef.does("GET", at, nil, 200)
	is(field(shown, "level"), "members")
	is(field(shown, "standing"), "none")
	is(field(shown, "questions", 0), "Pourquoi?")
	is(field(shown, "charter", "html"), "<p>Soyons <em>bons</em>.</p>")
	chef.does("GET", at+"/members", nil, 403)
	chef.does("GET", at+"/requests", nil, 403)
	chef.does("POST", at+"/membership", map[string]any{"words": "Moi"}, 422)
	joined, _ := chef.does("POST", at+"/membership", map[string]any{"words": "Moi", "charter": 1, "answers": []string{"Pour voir"}}, 200)
	is(field(joined, "standing"), "asking")
	asks, _ := ana.does("GET", at+"/requests", nil, 200)
	is(field(asks, 0, "account", "acct"), "chef")
	is(field(asks, 0, "answers", 0, "words"), "Pour voir")
	ana.does("POST", at+"/requests/"+person+"/decline", nil, 200)
	ana.does("POST", at+"/requests/"+person+"/accept", nil, 404)
	chef.does("POST", at+"/membership", map[string]any{"charter": 1, "answers": []string{"Encore"}}, 200)
	ana.does("POST", at+"/requests/"+person+"/accept", nil, 200)
	mine, _ := chef.does("GET", "/memberships", nil, 200)
	is(field(mine, 0, "community", "acct"), "cercle")
	is(field(mine, 0, "role"), "member")
	inside, _ := chef.does("GET", at+"/members?limit=1", nil, 200)
	is(len(inside.([]any)), 1)
	chef.does("PATCH", at+"/members/"+id(int64(me.ID)), map[string]any{"role": "member"}, 403)
	ana.does("PATCH", at+"/members/"+person, map[string]any{"role": "animator"}, 200)
	shown, _ = chef.does("GET", at, nil, 200)
	is(field(shown, "role"), "animator")

	theme, _ := chef.does("POST", at+"/themes", map[string]any{"name": "Outils"}, 200)
	one := at + "/themes/" + fmt.Sprint(field(theme, "id"))
	theme, _ = chef.does("PATCH", one, map[string]any{"description": "Qui coupent"}, 200)
	is(field(theme, "name"), "Outils")
	theme, _ = chef.does("POST", one+"/retire", nil, 200)
	is(field(theme, "retired"), true)
	themes, _ := nobody.does("GET", at+"/themes", nil, 200)
	is(len(themes.([]any)), 0)
	chef.does("POST", one+"/restore", nil, 200)
	ana.does("POST", "/communities/"+id(int64(you.ID))+"/themes", map[string]any{"name": "x"}, 404) // no community

	p, err := s.Posts.Publish(t.Context(), you.ID, posts.Draft{Community: club.Actor.ID, Title: "Une scie", Text: "Bleue."})
	must(err)
	makers, err := s.Communities.ByName(t.Context(), "makers")
	must(err)
	q, err := s.Posts.Publish(t.Context(), you.ID, posts.Draft{Community: makers.Actor.ID, Title: "Une autre", Text: "Bleue."})
	must(err)
	eve, err := s.Accounts.Create(t.Context(), accounts.New{Name: "eve", Email: "eve@example.org", Password: anasPassword})
	must(err)
	r, err := s.Moderation.Report(t.Context(), moderation.Complaint{By: eve.ID, Post: q.ID, Words: "Elle est rouge", Animators: true})
	must(err)
	as("eve").does("GET", "/communities/"+id(int64(makers.Actor.ID))+"/reports", nil, 404)
	reports, _ := ana.does("GET", "/communities/"+id(int64(makers.Actor.ID))+"/reports", nil, 200)
	is(field(reports, 0, "reason"), "Elle est rouge")
	settled, _ := ana.does("POST", "/reports/"+id(r.ID)+"/settle", map[string]any{"words": "Merci"}, 200)
	is(field(settled, "answer"), "Merci")
	must(s.Posts.Rule(t.Context(), me.ID, p.ID, posts.Ruling{Act: communities.Pin}))
	rulings, head := ana.does("GET", at+"/rulings?limit=1", nil, 200)
	is(field(rulings, 0, "act"), "pin")
	is(field(rulings, 0, "status_id"), id(p.ID))
	if !strings.Contains(head.Get("Link"), "before=") {
		t.Errorf("the log goes on at %q", head.Get("Link"))
	}

	nobody.does("GET", at+"/members", nil, 401)
	chef.does("DELETE", at+"/members/"+id(int64(me.ID)), nil, 403)
	ana.does("DELETE", at+"/members/"+person, nil, 200)
	chef.does("GET", at+"/reports", nil, 404)
	chef.does("POST", at+"/membership", map[string]any{"charter": 1, "answers": []string{"Encore"}}, 200)
	left, _ := chef.does("DELETE", at+"/membership", nil, 200)
	is(field(left, "standing"), "none")

	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !seen[op.OperationID] {
				t.Errorf("%s was not seen", op.OperationID)
			}
		}
	}
}
