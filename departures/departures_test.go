package departures_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/departures"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// town is a server with Ana, who owns Makers, Bob, and three servers that we know.
type town struct {
	*departures.Service
	db       *storage.DB
	engine   *jobs.Engine
	accounts *accounts.Service
	posts    *posts.Service
	media    *media.Service
	shelf    string // where files lie
	dir      *actors.Directory
	mu       sync.Mutex
	now      time.Time
	ana, bob accounts.Member
	makers   communities.Community
	far      actors.Actor
}

const password = "correct horse"

// canary stands in all that Bob tells this server.
const canary = "canari"

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (tw *town) clock() time.Time {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.now = tw.now.Add(time.Millisecond)
	return tw.now
}

func newTown(t *testing.T) *town {
	t.Helper()
	tw := &town{db: storagetest.New(t), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	iris := federation.IRIs{Origin: "https://town.example"}
	client := federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test"})
	tw.dir = actors.New(actors.Options{DB: tw.db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tw.clock, Client: client})
	_, err := tw.dir.EnsureServer(t.Context())
	check(t, err)
	tw.accounts = accounts.NewService(accounts.Options{DB: tw.db, Directory: tw.dir, IRIs: iris, Now: tw.clock})
	groups := communities.NewService(communities.Options{DB: tw.db, Directory: tw.dir, IRIs: iris, Now: tw.clock})
	tw.shelf = t.TempDir()
	tw.media = media.New(media.Options{DB: tw.db, Client: client, Hosts: access.NewHosts(tw.db, tw.clock), Key: bytes.Repeat([]byte{9}, 32), Now: tw.clock,
		Shelf: tw.shelf, Files: media.Limits{Size: 1 << 20, Post: 4, Sum: 1 << 20, Member: 1 << 20}})
	tw.posts = posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: groups, Media: tw.media, Client: client, IRIs: iris, Now: tw.clock})
	tw.Service = departures.NewService(departures.Options{DB: tw.db, Directory: tw.dir, Accounts: tw.accounts, Posts: tw.posts, Communities: groups, Media: tw.media, IRIs: iris, Now: tw.clock})
	tw.engine, err = jobs.New(jobs.Options{DB: tw.db, RedisURL: "redis://127.0.0.1:1", Now: tw.clock})
	check(t, err)
	tw.Register(tw.engine)
	tw.media.Register(tw.engine)
	tw.ana = tw.member(t, accounts.New{Name: "ana", Email: "ana@town.example", Title: "Ana", Admin: true})
	tw.bob = tw.member(t, accounts.New{Name: "bob", Email: canary + "@town.example", Title: "Bob " + canary})
	tw.makers, err = groups.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: tw.ana.ID})
	check(t, err)
	_, err = groups.Ask(t.Context(), tw.makers.Actor.ID, tw.bob.ID, "")
	check(t, err)
	for _, host := range []string{"a.example", "b.example", "c.example"} {
		tw.knows(t, host)
	}
	tw.far, err = tw.dir.ByIRI(t.Context(), "https://a.example/u1")
	check(t, err)
	return tw
}

func (tw *town) member(t *testing.T, n accounts.New) accounts.Member {
	t.Helper()
	n.Password = password
	m, err := tw.accounts.Create(t.Context(), n)
	check(t, err)
	return m
}

// knows learns of two people on a server: of c.example no shared inbox.
func (tw *town) knows(t *testing.T, host string) {
	t.Helper()
	for n := range 2 {
		iri := fmt.Sprintf("https://%s/u%d", host, n+1)
		doc := vocab.Actor{ID: iri, Type: "Person", PreferredUsername: fmt.Sprintf("u%d", n+1), Inbox: iri + "/inbox", Raw: []byte(`{}`)}
		if host != "c.example" {
			doc.SharedInbox = "https://" + host + "/inbox"
		}
		_, err := tw.dir.Learn(t.Context(), doc)
		check(t, err)
	}
}

// lives has Bob do all that people do.
func (tw *town) lives(t *testing.T) (starter, reply, anas posts.Post) {
	t.Helper()
	ctx := t.Context()
	_, err := tw.accounts.UpdateProfile(ctx, tw.bob.ID, accounts.Profile{Title: "Bob " + canary, Source: "A " + canary + "."})
	check(t, err)
	anas, err = tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.Actor.ID, Title: "Saw", Text: "For @bob."})
	check(t, err)
	starter, err = tw.posts.Publish(ctx, tw.bob.ID, posts.Draft{Community: tw.makers.Actor.ID, Title: "A " + canary, Text: "It sings: " + canary})
	check(t, err)
	starter, err = tw.posts.Edit(ctx, tw.bob.ID, starter.ID, posts.Draft{Title: "A " + canary, Text: "It sings no more: " + canary, Kind: starter.Kind})
	check(t, err)
	for range 2 { // one hangs on a post, one still waits
		file, err := tw.media.Take(ctx, tw.bob.ID, canary+".pdf", strings.NewReader("%PDF-1.7 "+canary+" %%EOF"))
		check(t, err)
		if reply.ID == 0 {
			reply, err = tw.posts.Publish(ctx, tw.bob.ID, posts.Draft{InReplyTo: anas.ID, Text: "A " + canary + " too", Files: []media.Attach{{ID: file.ID}}})
			check(t, err)
		}
	}
	check(t, err)
	_, err = tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{InReplyTo: starter.ID, Text: "Thank you."})
	check(t, err)
	check(t, tw.posts.Like(ctx, tw.bob.ID, anas.ID))
	_, err = tw.accounts.Follow(ctx, tw.bob.ID, tw.far)
	check(t, err)
	second, err := tw.dir.ByIRI(ctx, "https://b.example/u2")
	check(t, err)
	check(t, tw.accounts.Block(ctx, tw.bob.ID, second))
	anaActor, err := tw.dir.ByID(ctx, tw.ana.ID)
	check(t, err)
	check(t, tw.accounts.Mute(ctx, tw.bob.ID, anaActor))
	_, err = tw.accounts.IssueToken(ctx, acts.By{}, tw.bob.ID, canary, 0)
	check(t, err)
	_, err = tw.accounts.BeginSession(ctx, tw.bob.ID, accounts.Visitor{Device: "Firefox " + canary, Address: "192.0.2.1"})
	check(t, err)
	_, err = tw.accounts.SignIn(ctx, canary+"@town.example", "wrong horse", "192.0.2.1")
	if !fault.Is(err, fault.Unauthenticated) {
		t.Fatal(err)
	}
	check(t, tw.accounts.AskReset(ctx, canary+"@town.example", "192.0.2.1"))
	return starter, reply, anas
}

// holds gives the rows of all tables in which a word stands, as text or in bytes.
func (tw *town) holds(t *testing.T, word string) (found []string) {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	check(t, err)
	if len(tables) < 30 {
		t.Fatalf("only %d tables", len(tables))
	}
	for _, table := range tables {
		rows, _ := tw.db.Query(t.Context(), `SELECT row.all FROM (SELECT t::text AS all FROM `+table+` t) row
			WHERE row.all ILIKE '%' || $1 || '%' OR row.all LIKE '%' || $2 || '%'`, word, hex.EncodeToString([]byte(word)))
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		check(t, err)
		for _, line := range lines {
			found = append(found, table+": "+line)
		}
	}
	return found
}

// onShelf gives the names of the files that lie on the disk.
func (tw *town) onShelf(t *testing.T) (names []string) {
	t.Helper()
	check(t, filepath.WalkDir(tw.shelf, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	}))
	return names
}

func TestLeave(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	starter, reply, anas := tw.lives(t)
	if len(tw.holds(t, canary)) < 8 {
		t.Fatal("the canary is not seen where it is")
	}
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
		return errors.Join(acts.Record(ctx, tx, acts.Act{At: tw.clock(), Kind: acts.SuspendAccount, Target: tw.bob.ID, Words: canary}),
			acts.Record(ctx, tx, acts.Act{At: tw.clock(), Kind: acts.AllowServer, By: acts.By{Account: tw.bob.ID}, About: "c.example"}))
	}))
	check(t, tw.Leave(ctx, tw.bob.ID))
	if _, err := tw.accounts.SignIn(ctx, "bob", password, "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("sign in while it is erased: %v", err)
	}
	if got := tw.onShelf(t); len(got) != 2 {
		t.Errorf("of his files there are %v", got)
	}
	check(t, tw.engine.DoDue(ctx))
	for _, line := range append(tw.holds(t, canary), tw.onShelf(t)...) {
		t.Errorf("still there: %s", line)
	}
	check(t, tw.Erase(ctx, tw.bob.ID))
	noted, err := acts.List(ctx, tw.db, acts.Wanted{Limit: 2})
	check(t, err)
	if len(noted) != 2 || noted[0].Name != "" || noted[0].By.Account != tw.bob.ID || noted[0].About != "c.example" ||
		noted[1].About != "" || noted[1].Words != "" || noted[1].Target != tw.bob.ID {
		t.Errorf("of what he did and was done to him is noted %+v", noted)
	}

	if a, err := tw.dir.ByID(ctx, tw.bob.ID); !fault.Is(err, fault.Gone) || a.Title != "" || a.Name != "bob" {
		t.Errorf("of Bob there is %+v, %v", a, err)
	}
	for _, p := range []posts.Post{starter, reply} {
		if _, err := tw.posts.ByID(ctx, access.Reader{ID: tw.ana.ID}, p.ID); !fault.Is(err, fault.Gone) {
			t.Errorf("the post %d: %v", p.ID, err)
		}
	}
	if p, err := tw.posts.ByID(ctx, access.Reader{ID: tw.ana.ID}, anas.ID); err != nil || p.Likes != 0 || p.Title != "Saw" {
		t.Errorf("what Ana wrote: %+v, %v", p, err)
	}
	if _, err := tw.accounts.Create(ctx, accounts.New{Name: "bob", Email: "b@town.example", Password: password}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the name is given again: %v", err)
	}
	tw.member(t, accounts.New{Name: "bobby", Email: canary + "@town.example"}) // the address is free

	var deletes, deliveries int
	var body []byte
	check(t, tw.db.QueryRow(ctx, `
		SELECT count(DISTINCT c.id), count(d.*), min(encode(c.body, 'escape'))
		FROM activities c
		JOIN deliveries d ON d.activity = c.id
		WHERE c.type = 'Delete'`).Scan(&deletes, &deliveries, &body))
	if deletes != 1 || deliveries != 4 { // a and b by their shared inboxes, both people on c
		t.Errorf("%d Deletes to %d inboxes", deletes, deliveries)
	}
	said, err := vocab.ReadActivity(body)
	check(t, err)
	if iri := "https://town.example/actors/" + fmt.Sprint(int64(tw.bob.ID)); said.Actor != iri || said.Object.ID != iri || !said.RemoveData {
		t.Errorf("said %s", body)
	}
	if key, err := tw.dir.Key(ctx, tw.bob.ID); err != nil || key.ID == "" {
		t.Errorf("nobody can sign the Delete: %v", err)
	}
}

func TestWhoMayNotLeave(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	chef := tw.member(t, accounts.New{Name: "chef", Email: "chef@town.example", Admin: true})
	check(t, tw.Leave(t.Context(), chef.ID))
	if err := tw.Leave(t.Context(), tw.ana.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "administrator") {
		t.Errorf("the last administrator: %v", err)
	}
	if _, err := tw.accounts.SignIn(t.Context(), "ana", password, "192.0.2.1"); err != nil {
		t.Errorf("who could not leave cannot sign in: %v", err)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	starter, _, anas := tw.lives(t)
	_, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{InReplyTo: starter.ID, Scope: posts.Members, Text: "Between us."})
	check(t, err)
	var b bytes.Buffer
	check(t, tw.Export(t.Context(), tw.bob, &b))
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	check(t, err)
	parts := map[string]string{}
	for _, file := range archive.File {
		r, err := file.Open()
		check(t, err)
		text, err := io.ReadAll(r)
		check(t, err)
		parts[file.Name] = string(text)
	}
	for name, want := range map[string]string{
		"following_accounts.csv": "Account address,Show boosts,Notify on new posts,Languages\nmakers@town.example,true,false,\nu1@a.example,true,false,\n",
		"blocked_accounts.csv":   "u2@b.example\n",
		"muted_accounts.csv":     "Account address,Hide notifications\nana@town.example,true\n",
	} {
		if parts[name] != want {
			t.Errorf("%s holds %q, want %q", name, parts[name], want)
		}
	}
	var outbox struct{ OrderedItems []vocabItem }
	check(t, json.Unmarshal([]byte(parts["outbox.json"]), &outbox))
	var types []string
	for _, item := range outbox.OrderedItems {
		types = append(types, item.Type)
	}
	if want := []string{"Update", "Create", "Update", "Create", "Like", "Follow"}; !slices.Equal(types, want) {
		t.Errorf("the outbox holds %v, want %v", types, want)
	}
	if !strings.Contains(parts["outbox.json"], starter.IRI) || strings.Contains(parts["outbox.json"], "Thank you.") {
		t.Error("the outbox holds what others wrote, or lacks what Bob did")
	}
	var likes struct{ OrderedItems []string }
	check(t, json.Unmarshal([]byte(parts["likes.json"]), &likes))
	if !slices.Equal(likes.OrderedItems, []string{anas.IRI}) {
		t.Errorf("likes = %v", likes.OrderedItems)
	}
	for _, want := range []string{canary + "@town.example", "Firefox", "192.0.2.1", tw.makers.Actor.IRI} {
		if !strings.Contains(parts["account.json"], want) {
			t.Errorf("account.json lacks %s", want)
		}
	}
	if _, err := vocab.ReadActor([]byte(parts["actor.json"])); err != nil {
		t.Errorf("actor.json: %v", err)
	}
	if !strings.Contains(parts["files.json"], canary+".pdf") || !strings.Contains(parts["files.json"], ".pdf\"") {
		t.Errorf("files.json: %s", parts["files.json"])
	}
	found := 0
	for name, content := range parts {
		if strings.HasPrefix(name, "files/") && strings.HasPrefix(content, "%PDF-1.7 "+canary) {
			found++
		}
	}
	if found != 1 { // the other waits for its post
		t.Errorf("%d files are in the archive", found)
	}
	all := fmt.Sprint(parts)
	if strings.Contains(all, "argon2") || strings.Contains(all, "PRIVATE") {
		t.Error("the archive holds secrets")
	}
	for _, others := range []string{"For @bob.", "Thank you.", "Between us."} { // in public, and among members
		if strings.Contains(all, others) {
			t.Errorf("the archive holds what another wrote: %s", others)
		}
	}
}

type vocabItem struct{ Type string }

// TestWhoIsDeletedElsewhere leaves nothing here but tombstones.
func TestWhoIsDeletedElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	anas, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.Actor.ID, Title: "Saw", Text: "To lend."})
	check(t, err)
	iri := tw.far.IRI + "/p1"
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO posts (id, iri, author, local, root, scope, content, published, arrived_at)
			VALUES (77, $1, $2, false, 77, 'public', $3, $4, $4)`, iri, tw.far.ID, "<p>"+canary+"</p>", tw.clock())
		if err != nil {
			return err
		}
		return tw.posts.ReceiveLike(ctx, tx, posts.Reaction{By: tw.far, Post: anas.IRI, Like: tw.far.IRI + "/l1"})
	}))
	check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
		if err := tw.dir.MarkGone(ctx, tx, tw.far.ID); err != nil {
			return err
		}
		return departures.Elsewhere(ctx, tx, tw.far.ID, tw.clock())
	}))
	check(t, tw.engine.DoDue(ctx))
	for _, line := range tw.holds(t, canary) {
		if !strings.HasPrefix(line, "actors: ") && !strings.HasPrefix(line, "members: ") { // Bob's
			t.Errorf("still there: %s", line)
		}
	}
	if p, err := tw.posts.ByID(ctx, access.Reader{ID: tw.ana.ID}, anas.ID); err != nil || p.Likes != 0 {
		t.Errorf("Ana's post has %d likes, %v", p.Likes, err)
	}
}

// TestWhatTheyOwnedPassesOn: nobody is kept from going by what they own.
func TestWhatTheyOwnedPassesOn(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	tw.member(t, accounts.New{Name: "chef", Email: "chef@town.example", Admin: true})
	check(t, tw.Communities.SetRole(ctx, tw.ana.ID, id, tw.bob.ID, communities.RoleAnimator))
	check(t, tw.Leave(ctx, tw.ana.ID))
	check(t, tw.engine.DoDue(ctx))
	if role, err := tw.Communities.RoleOf(ctx, tw.db, id, tw.bob.ID); err != nil || role != communities.RoleOwner {
		t.Errorf("Bob is %q, %v", role, err)
	}
	if all, err := tw.Communities.Ownerless(ctx); err != nil || len(all) != 0 {
		t.Errorf("ownerless: %v, %v", all, err)
	}
}
