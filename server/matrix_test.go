package server

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/federation"
	"passerelles/media"
	"passerelles/oauth"
	"passerelles/posts"
)

// TestWhoReadsWhat walks every route for every sort of reader, at each level of access. A
// canary stands in all that is said: it is found where its reader may see it, and nowhere
// else: in no answer, log, request to others, in no Redis, no other server's database. For
// whom a confidential community does not exist, each answer is that of an unknown name.
func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	for _, level := range []actors.Access{actors.Open, actors.ForMembers, actors.Confidential} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			r := newRealm(t, level)
			m := &matrix{realm: r}
			for _, who := range r.readers() {
				m.walk(who)
			}
			m.abroad()
			m.acts()
			m.lives()
			m.sweep()
			if !m.named {
				t.Error("no member learns who is one")
			}
			t.Logf("%d requests, of which %d showed what is not for everybody", m.asked, m.shown)
		})
	}
}

// onlooker is who reads at home, and what they may.
type onlooker struct {
	name             string
	as               func(*http.Request)
	member, animator bool
	knows            bool // of a confidential community
}

func (r *realm) readers() []onlooker {
	lens := newApp(r.t, r.home.Server)
	token := func(name string) func(*http.Request) {
		site, err := r.home.Accounts.IssueToken(r.t.Context(), acts.By{}, r.people[name].ID, "test", 0)
		r.must(err)
		m, err := r.home.Accounts.ByID(r.t.Context(), r.people[name].ID)
		r.must(err)
		app := lens.token(m, oauth.Known()...)
		return func(q *http.Request) {
			if strings.HasPrefix(q.URL.Path, "/api/") {
				with(app)(q)
				return
			}
			with(site)(q)
		}
	}
	signed := func(at *shire, name string) func(*http.Request) {
		key := r.key(at, name)
		return func(q *http.Request) {
			if err := federation.Sign(q, nil, key, time.Now()); err != nil {
				r.t.Error(err)
			}
		}
	}
	return []onlooker{
		{name: "anybody", as: func(*http.Request) {}},
		{name: "who is no member", as: token("dora")},
		{name: "who follows", as: token("flo")},
		{name: "who was removed", as: token("gus")},
		{name: "who is banned", as: token("hal")},
		{name: "a member", as: token("eve"), member: true, knows: true},
		{name: "who animates", as: token("ana"), member: true, animator: true, knows: true},
		{name: "a member abroad", as: signed(r.near, "bob"), member: true, knows: true},
		{name: "who lives beside them", as: signed(r.near, "mal")},
		{name: "their server", as: signed(r.near, ""), member: true, knows: true},
		{name: "who was removed, abroad", as: signed(r.far, "dan")},
		{name: "a stranger abroad", as: signed(r.far, "zed")},
		{name: "a stranger's server", as: signed(r.far, "")},
	}
}

func (o onlooker) sees(scope string) bool {
	switch scope {
	case posts.Public:
		return true
	case posts.Members:
		return o.member
	}
	return o.animator
}

type matrix struct {
	*realm
	samples []string // addresses, made once
	asked   int
	shown   int
	named   bool // members see who is one
}

// eve is the page of a member who said nothing in public.
func (m *matrix) eve() string { return "/@" + m.people["eve"].Name }

const (
	unknownID   = "4611686018427387904"
	unknownName = "cercle_abcdefgh"
	unknownKey  = "abcdefghijklmnopqrstuvwxyz"
)

// addresses are those of every route with everything that it may name.
func (m *matrix) addresses() []string {
	if m.samples != nil {
		return m.samples
	}
	ids, names := []string{id(int64(m.group.Actor.ID)), id(int64(m.people["ana"].ID))}, []string{m.group.Actor.Name, "ana"}
	var postIDs, keys []string
	for _, c := range m.canaries {
		here, err := m.home.DB.Query(m.t.Context(), `SELECT id FROM posts WHERE iri = $1`, c.post.IRI)
		m.must(err)
		var n int64
		for here.Next() {
			m.must(here.Scan(&n))
			postIDs = append(postIDs, id(n))
		}
		m.must(here.Err())
	}
	rows, err := m.home.DB.Query(m.t.Context(), `SELECT iri FROM activities`)
	m.must(err)
	for rows.Next() {
		var iri string
		m.must(rows.Scan(&iri))
		keys = append(keys, strings.TrimPrefix(iri, m.home.Config.Origin+"/activities/"))
	}
	m.must(rows.Err())
	for _, route := range routeNames(m.t, m.home.routes()) {
		_, template, _ := strings.Cut(route, " ")
		values := map[string][]string{"{id:[0-9]+}": ids, "{name:[A-Za-z0-9_]+}": names, "{name}": names, "{key}": keys,
			"{quote:[0-9]+}": {"1"}, "{quoting:[0-9]+}": postIDs, `{version:2\.[01]}`: {"2.1"}, "{file}": {"none.css"}, "{signature}": {"none"}, "{picture}": {"none"}, "{ticket}": {"none"},
			"{token}": {"none"}, "{attached}": m.files(), "{notice:[0-9]+}": {"1"}, "{end}": {"none"},
			"{tag}": {"scie"}, "{theme:[0-9]+}": {id(m.theme.ID)}, "{who:[0-9]+}": {id(int64(m.people["eve"].ID))}, "{report:[0-9]+}": {"1"}, "{portrait}": {strings.TrimPrefix(m.portrait.Path(), media.PortraitPath)}}
		if strings.HasPrefix(template, "/posts/{id") || strings.HasPrefix(template, "/api/v1/statuses/{id") {
			values["{id:[0-9]+}"] = postIDs
		}
		if strings.HasPrefix(template, "/api/v1/timelines/tag/") { // elsewhere the answer tells the word that was asked
			values["{tag}"] = []string{m.theme.Name}
		}
		template = strings.TrimSuffix(template, "{slash:/?}")
		m.samples = append(m.samples, m.fill(template, values)...)
	}
	handle := "acct:" + m.group.Actor.Name + "@" + m.home.Config.Host()
	m.samples = append(m.samples, "/.well-known/webfinger?resource="+url.QueryEscape(handle),
		"/.well-known/webfinger?resource="+url.QueryEscape(m.group.Actor.IRI), "/search?q="+url.QueryEscape(m.group.Actor.Name),
		"/follow?who="+url.QueryEscape("@"+m.group.Actor.Name), "/actors/"+ids[0]+"/outbox?page=true",
		"/c/"+m.group.Actor.Name+"?theme="+id(m.theme.ID),
		"/api/v1/accounts/lookup?acct="+m.group.Actor.Name, "/api/v1/accounts/search?q="+m.group.Actor.Name,
		"/api/v1/accounts/relationships?id[]="+ids[0], "/api/v2/search?q="+m.group.Actor.Name, "/api/v1/timelines/home?limit=40")
	for _, c := range m.canaries {
		m.samples = append(m.samples, "/search?q="+c.word, "/search?q="+url.QueryEscape(c.post.IRI),
			"/api/v2/search?q="+c.word, "/api/v2/search?q="+url.QueryEscape(c.post.IRI))
	}
	slices.Sort(m.samples)
	m.samples = slices.Compact(m.samples)
	return m.samples
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func (m *matrix) fill(template string, values map[string][]string) []string {
	for place, all := range values {
		if !strings.Contains(template, place) {
			continue
		}
		var filled []string
		for _, v := range all {
			filled = append(filled, m.fill(strings.Replace(template, place, v, 1), values)...)
		}
		return filled
	}
	if strings.Contains(template, "{") {
		m.t.Errorf("nothing stands for %s", template)
	}
	return []string{template}
}

// walk reads every address as a page and as a document, and tries to write to it.
func (m *matrix) walk(who onlooker) {
	m.t.Helper()
	found := map[string]bool{}
	for _, address := range m.addresses() {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			m.look(who, http.MethodGet, address, accept, found)
		}
		m.look(who, http.MethodPost, address, "text/html", found)
	}
	if (who.knows || m.group.Access != actors.Confidential) && !found[m.theme.Name] {
		m.t.Errorf("%s nowhere sees the theme", who.name)
	}
	status, _ := m.request(m.home, http.MethodGet, m.portrait.Path(), "image/*", who.as)
	if sees := status == http.StatusOK; sees != (who.knows || m.group.Access != actors.Confidential) {
		m.t.Errorf("%s has the picture of the community: %v (%d)", who.name, sees, status)
	}
	for _, c := range m.canaries {
		if who.sees(c.scope) && !found[c.word] {
			m.t.Errorf("%s nowhere sees what is for %s", who.name, c.scope)
		}
		if !who.sees(c.scope) {
			m.hidden(who, c)
		}
		if c.file.ID == 0 || c.at != m.home {
			continue
		}
		status, text := m.request(m.home, http.MethodGet, c.file.Path(), "*/*", who.as)
		if sees := status == http.StatusOK && strings.Contains(text, c.word); sees != who.sees(c.scope) {
			m.t.Errorf("%s has the file of what is for %s: %v (%d)", who.name, c.scope, sees, status)
		}
	}
}

// files are the last parts of the addresses of what hangs on posts at home.
func (m *matrix) files() (last []string) {
	for _, c := range m.canaries {
		if c.at == m.home {
			last = append(last, strings.TrimPrefix(c.file.Path(), media.FilePath))
		}
	}
	return last
}

func (m *matrix) look(who onlooker, method, address, accept string, found map[string]bool) {
	m.t.Helper()
	if method == http.MethodPost && who.member {
		return // who may, would change what the others read
	}
	if method == http.MethodPost && m.group.Access == actors.Open && strings.HasSuffix(address, "/membership") {
		return // everybody may join an open one, and reads as a member then
	}
	status, text := m.request(m.home, method, address, accept, who.as)
	for _, c := range m.canaries {
		told := strings.Contains(text, c.word) && !strings.Contains(address, c.word)
		if told && !who.sees(c.scope) {
			m.t.Errorf("%s reads what is for %s at %s %s (%s, %d)", who.name, c.scope, method, address, accept, status)
		}
		if told && c.scope != posts.Public {
			m.shown++
			m.unkept(who, method+" "+address, text)
		}
		found[c.word] = found[c.word] || told
	}
	if !who.member && strings.Contains(text, m.eve()) {
		m.t.Errorf("%s learns at %s %s (%s, %d) that Eve is a member", who.name, method, address, accept, status)
	}
	m.named = m.named || strings.Contains(text, m.eve())
	themed := strings.Contains(text, m.theme.Name)
	found[m.theme.Name] = found[m.theme.Name] || themed
	if m.group.Access == actors.Confidential && !who.knows {
		if themed {
			m.t.Errorf("%s reads a theme at %s %s (%s, %d)", who.name, method, address, accept, status)
		}
		m.alike(who, method, address, accept, status, text)
	}
}

// unkept sees that nobody on the way keeps what was shown to a reader, nor the browser.
func (m *matrix) unkept(who onlooker, asked, text string) {
	m.t.Helper()
	if !strings.Contains(text, "Cache-Control: private, no-store\n") {
		head, _, _ := strings.Cut(text, "\n\n")
		m.t.Errorf("what %s is shown at %s may be kept: %s", who.name, asked, head)
	}
}

// hidden sees that what is not for a reader is answered as what never was, and no otherwise to
// who says that they have it.
func (m *matrix) hidden(who onlooker, c canary) {
	m.t.Helper()
	own := column[string](m.t, &soaked{Server: m.home.Server}, `SELECT id::text FROM posts WHERE iri = $1`, c.post.IRI)
	if len(own) == 0 {
		return
	}
	for _, tail := range []string{"", "/replies", "/likes", "/context", "/edit", "/report", "/rule"} {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			m.missing(who, c, own[0], tail, accept)
		}
	}
	m.missing(who, c, own[0], "", "*/*", "*")
	for _, tail := range []string{"", "/context", "/source"} {
		m.missingAt("/api/v1/statuses/", who, c, own[0], tail, "application/json")
	}
}

// missing compares the answers at an address of a post and of none, to who has something of it.
func (m *matrix) missing(who onlooker, c canary, own, tail, accept string, has ...string) {
	m.t.Helper()
	m.missingAt("/posts/", who, c, own, tail, accept, has...)
}

func (m *matrix) missingAt(at string, who onlooker, c canary, own, tail, accept string, has ...string) {
	m.t.Helper()
	as := func(q *http.Request) {
		for _, tag := range has {
			q.Header.Set("If-None-Match", tag)
		}
		who.as(q)
	}
	status, text := m.request(m.home, http.MethodGet, at+own+tail, accept, as)
	missing, none := m.request(m.home, http.MethodGet, at+unknownID+tail, accept, as)
	if text = strings.ReplaceAll(text, own, unknownID); status != missing || text != none {
		m.t.Errorf("%s: %s of what is for %s (%s, has %q) is %d, of nothing %d: %q, %q", who.name, tail, c.scope, accept, has,
			status, missing, clip(text, none), clip(none, text))
	}
}

// alike sees that an address of the community is answered as one of nothing.
func (m *matrix) alike(who onlooker, method, address, accept string, status int, text string) {
	m.t.Helper()
	stranger := m.strange(address)
	if stranger == address {
		if strings.Contains(text, m.group.Actor.Name) || strings.Contains(text, id(int64(m.group.Actor.ID))) {
			m.t.Errorf("%s hears of the community at %s %s", who.name, method, address)
		}
		return
	}
	other, unlike := m.request(m.home, method, stranger, accept, who.as)
	if status != other || m.strange(text) != m.strange(unlike) {
		m.t.Errorf("%s: %s %s (%s) is %d, and %s %d; the answers differ: %q, %q", who.name, method, address, accept, status, stranger, other,
			clip(m.strange(text), m.strange(unlike)), clip(m.strange(unlike), m.strange(text)))
	}
}

// clip is what a text says from where it differs from another.
func clip(text, other string) string {
	n := 0
	for n < min(len(text), len(other)) && text[n] == other[n] {
		n++
	}
	return text[max(0, n-40):min(len(text), n+80)]
}

// strange replaces in a text all that is of the community by what is not.
func (m *matrix) strange(text string) string {
	pairs := []string{m.group.Actor.Name, unknownName, id(int64(m.group.Actor.ID)), unknownID, id(m.theme.ID), unknownID,
		id(m.portrait.ID), unknownID}
	for _, c := range m.canaries {
		pairs = append(pairs, id(c.post.ID), unknownID, id(c.file.ID), unknownID)
	}
	for _, address := range m.samples {
		if key, found := strings.CutPrefix(address, "/activities/"); found {
			pairs = append(pairs, key, unknownKey)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (m *matrix) request(at *shire, method, address, accept string, as func(*http.Request)) (int, string) {
	m.t.Helper()
	m.asked++
	q, err := http.NewRequestWithContext(m.t.Context(), method, at.Config.Origin+address, nil)
	m.must(err)
	q.Header.Set("Accept", accept)
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", at.Config.Origin)
	}
	as(q)
	res, err := http.DefaultTransport.RoundTrip(q)
	m.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	m.must(err)
	var head strings.Builder
	for name, values := range res.Header {
		if name != "Date" && name != "Content-Length" && name != "X-Request-Id" {
			head.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
		}
	}
	lines := strings.Split(strings.TrimSpace(head.String()), "\n")
	slices.Sort(lines)
	return res.StatusCode, strings.Join(lines, "\n") + "\n" + string(body)
}

// abroad reads on the member's server, as the member and as who lives beside them.
func (m *matrix) abroad() {
	m.t.Helper()
	handle := m.group.Actor.Name + "@" + m.home.Config.Host()
	var addresses []string
	for _, c := range m.canaries {
		rows, err := m.near.DB.Query(m.t.Context(), `SELECT id FROM posts WHERE iri = $1`, c.post.IRI)
		m.must(err)
		for rows.Next() {
			var n int64
			m.must(rows.Scan(&n))
			addresses = append(addresses, "/posts/"+id(n), "/posts/"+id(n)+"/edit", "/posts/"+id(n)+"/context")
		}
		addresses = append(addresses, "/search?q="+c.word, "/search?q="+url.QueryEscape(c.post.IRI))
	}
	addresses = append(addresses, "/", "/c/"+handle, "/c/"+handle+"/feed.atom", "/@bob", "/@ana@"+m.home.Config.Host(), "/communities", "/sitemap.xml")
	for _, who := range []struct {
		name   string
		member bool
	}{{"", false}, {"mal", false}, {"bob", true}} {
		as := func(*http.Request) {}
		if who.name != "" {
			token, err := m.near.Accounts.IssueToken(m.t.Context(), acts.By{}, m.people[who.name].ID, "test", 0)
			m.must(err)
			as = func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token) }
		}
		found := false
		for _, address := range addresses {
			for _, accept := range []string{"text/html", "application/activity+json"} {
				status, text := m.request(m.near, http.MethodGet, address, accept, as)
				for _, c := range m.canaries {
					if !strings.Contains(text, c.word) || strings.Contains(address, c.word) || c.scope == posts.Public {
						continue
					}
					found = true
					if !who.member || c.scope == posts.Animators {
						m.t.Errorf("on the other server %q reads what is for %s at %s (%d)", who.name, c.scope, address, status)
					}
				}
			}
		}
		if found != who.member {
			m.t.Errorf("on the other server %q reads what is for members: %v", who.name, found)
		}
		m.pictured(who.name, who.member, as)
	}
}

// pictured looks at the pictures of what is for members as the other server shows them: it
// asks for them by its own name, and gives them to members alone.
func (m *matrix) pictured(name string, member bool, as func(*http.Request)) {
	m.t.Helper()
	for _, c := range m.canaries {
		if c.scope != posts.Members || c.at != m.home {
			continue
		}
		p, err := m.near.Posts.ByIRI(m.t.Context(), access.Reader{ID: m.people["bob"].ID}, c.post.IRI)
		m.must(err)
		if len(p.Pictures) != 1 || p.Pictures[0].Alt != "Un plan" {
			m.t.Fatalf("the other server knows the pictures %+v", p.Pictures)
		}
		status, _ := m.request(m.near, http.MethodGet, m.near.Media.Address(p.Pictures[0].Ref(), p.Pictures[0].URL), "image/*", as)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[member]; status != want {
			m.t.Errorf("on the other server %q gets the picture of what is for members: %d, want %d", name, status, want)
		}
	}
}

// sweep looks for canaries wherever they might have been left.
func (m *matrix) sweep() {
	m.t.Helper()
	if m.group.Access == actors.Confidential {
		m.notIn(m.far, "far", canary{word: m.theme.Name, scope: "those who know of the community"})
	}
	for name, at := range map[string]*shire{"home": m.home, "near": m.near, "far": m.far} {
		for _, c := range m.canaries {
			if strings.Contains(at.log.String(), c.word) {
				m.t.Errorf("the log of %s holds what is for %s", name, c.scope)
			}
			if c.scope == posts.Public {
				continue
			}
			if name != "home" && c.scope == posts.Animators || name == "far" {
				if strings.Contains(at.tried.String(), c.word) {
					m.t.Errorf("%s was sent what is for %s", name, c.scope)
				}
				m.notIn(at, name, c)
			}
			if strings.Contains(m.inRedis(at), c.word) {
				m.t.Errorf("the Redis of %s holds what is for %s", name, c.scope)
			}
		}
	}
}

// notIn looks through a whole database, what is kept as bytes included.
func (m *matrix) notIn(at *shire, name string, c canary) {
	m.t.Helper()
	for _, table := range column[string](m.t, &soaked{Server: at.Server}, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) {
		n := number(m.t, &soaked{Server: at.Server}, `SELECT count(*) FROM `+table+` AS t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || $2 || '%'`,
			c.word, hex.EncodeToString([]byte(c.word)))
		if n > 0 {
			m.t.Errorf("%s of %s holds what is for %s", table, name, c.scope)
		}
	}
}

func (m *matrix) inRedis(at *shire) string {
	m.t.Helper()
	option, err := asynq.ParseRedisURI(at.redis)
	m.must(err)
	client := option.MakeRedisClient().(redis.UniversalClient)
	defer client.Close()
	ctx := m.t.Context()
	keys, err := client.Keys(ctx, "*").Result()
	m.must(err)
	all := strings.Join(keys, "\n")
	for _, key := range keys { // one command reads each kind; the others fail
		all += client.Get(ctx, key).Val() + strings.Join(client.LRange(ctx, key, 0, -1).Val(), "\n") +
			strings.Join(client.ZRange(ctx, key, 0, -1).Val(), "\n") + strings.Join(client.SMembers(ctx, key).Val(), "\n")
		for _, value := range client.HGetAll(ctx, key).Val() {
			all += value
		}
	}
	return all
}
