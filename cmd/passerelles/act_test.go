package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"passerelles/acts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// reading are the commands without --as that change nothing, or nothing that an administrator decides.
var reading = []string{
	"account list", "account waiting", "act kinds", "act list", "community charter", "community list", "community members",
	"community ownerless", "community questions", "community show", "community themes list", "deliveries list", "doctor",
	"domain export", "domain list", "migrate", "serve", "version", "work",
}

// order is something that an administrator has done on the command line.
type order struct {
	args  string // in words; what is typed is "une phrase assez longue"
	kind  acts.Kind
	about string // "": not looked at
	rows  int    // 0: one
	first string // a statement that goes before
}

const (
	waits = `INSERT INTO sign_ups (id, name, email, title, language, password, words, created_at, confirmed_at)
		VALUES (77, 'eve', 'eve@elsewhere.example', '', 'fr', 'x', '', now(), now())`
	dead = `WITH h AS (INSERT INTO hosts (name) VALUES ('dead.example') ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id),
		i AS (INSERT INTO inboxes (host, url, shared) SELECT id, 'https://dead.example/' || random(), true FROM h RETURNING id, host)
		INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at)
		SELECT i.host, (SELECT max(id) FROM activities), i.id, 0, 9, 'r', now() FROM i`
	reported = `INSERT INTO reports (id, iri, by, person, about, reason, to_server, at) OVERRIDING SYSTEM VALUE
		SELECT 5, 'https://here.example/activities/5', id, id, ARRAY[iri], 'r', true, now() FROM actors WHERE name = 'ana'`
)

// orders are in the order in which they are done.
var orders = []order{
	{args: "account create ana --admin --email ana@here.example", kind: acts.CreateAccount, about: "@ana"},
	{args: "account create bob --email bob@here.example", kind: acts.CreateAccount, about: "@bob"},
	{args: "account password bob", kind: acts.SetPassword, about: "@bob"},
	{args: "account address bob b@here.example", kind: acts.SetAddress, about: "@bob"},
	{args: "account take-factor bob", kind: acts.TakeFactor, about: "@bob",
		first: `INSERT INTO second_factors (member, secret, last_step, at) SELECT id, '', 0, now() FROM actors WHERE name = 'bob'`},
	{args: "account picture bob", kind: acts.SetPicture, about: "@bob"},
	{args: "account token bob", kind: acts.IssueToken, about: "@bob"},
	{args: "account suspend bob --reason pourriel", kind: acts.SuspendAccount, about: "@bob"},
	{args: "account restore bob", kind: acts.RestoreAccount, about: "@bob"},
	{args: "account export bob $DIR/bob.zip", kind: acts.ExportAccount, about: "@bob"},
	{args: "account sign-up approval", kind: acts.ChangeSettings},
	{args: "account invite --label a@b.example", kind: acts.MakeInvitation},
	{args: "account decline 77 --word non", kind: acts.DeclineSignUp, about: "77", first: waits},
	{args: "account accept 77", kind: acts.AcceptSignUp, about: "@eve", first: `DELETE FROM sign_ups; ` + waits},
	{args: "community create jardins --title Jardins --animator ana", kind: acts.CreateCommunity, about: "@jardins"},
	{args: "community founders members", kind: acts.ChangeSettings},
	{args: "community appoint jardins bob", kind: acts.AppointOwner, about: "@bob",
		first: `INSERT INTO memberships (community, who, role, since) SELECT c.id, p.id, 'member', now() FROM actors c, actors p WHERE c.name = 'jardins' AND p.name = 'bob'`},
	{args: "deliveries retry dead.example", kind: acts.RetryLetters, about: "dead.example", first: dead},
	{args: "deliveries drop dead.example --waiting", kind: acts.DropLetters, about: "dead.example", first: dead},
	{args: "deliveries pause", kind: acts.Pause},
	{args: "deliveries resume", kind: acts.Resume},
	{args: "domain silence evil.example", kind: acts.SilenceServer, about: "evil.example"},
	{args: "domain suspend evil.example", kind: acts.SuspendServer, about: "evil.example"},
	{args: "domain reject-media evil.example", kind: acts.RejectMedia, about: "evil.example"},
	{args: "domain restore evil.example", kind: acts.RestoreServer, about: "evil.example"},
	{args: "domain allow good.example", kind: acts.AllowServer, about: "good.example"},
	{args: "domain disallow good.example", kind: acts.DisallowServer, about: "good.example"},
	{args: "domain mode list", kind: acts.ChangeMode},
	{args: "domain import $DIR/list.csv", kind: acts.SuspendServer, rows: 2},
	{args: "report settle 5 --words fait", kind: acts.SettleReport, about: "5", first: reported},
	{args: "keys rotate jardins", kind: acts.RotateKeys, about: "@jardins"},
	{args: "keys rotate --all", kind: acts.RotateKeys, rows: 5},
	{args: "backup $DIR/whole.tar", kind: acts.Backup},
	{args: "restore $DIR/whole.tar", kind: acts.Restore},
	{args: "account delete bob --yes", kind: acts.DeleteAccount},
}

// leaves are the commands that do something.
func leaves(cmd *cobra.Command) (all []*cobra.Command) {
	if !cmd.HasSubCommands() {
		return []*cobra.Command{cmd}
	}
	for _, sub := range cmd.Commands() {
		all = append(all, leaves(sub)...)
	}
	return all
}

// TestEachCommandIsJudged: what is done as a member is a member's; of the rest, each command reads, or leaves a row.
func TestEachCommandIsJudged(t *testing.T) {
	t.Parallel()
	kinds := []acts.Kind{acts.EndInvitation} // on the site only
	for _, o := range orders {
		kinds = append(kinds, o.kind)
	}
	for _, kind := range acts.Kinds() {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no command is tried that leaves %s", kind)
		}
	}
	for _, cmd := range leaves((&app{}).root()) {
		path := strings.TrimPrefix(cmd.CommandPath(), "passerelles ")
		tried := slices.ContainsFunc(orders, func(o order) bool { return strings.HasPrefix(o.args+" ", path+" ") })
		reads := slices.Contains(reading, path)
		if member := cmd.Flags().Lookup("as") != nil; !member && tried == reads {
			t.Errorf("%s: tried for the row that it leaves: %v, reads: %v; it is one of both", path, tried, reads)
		}
	}
}

// desk is a command line of a server.
type desk struct {
	t       *testing.T
	db      *storage.DB
	environ []string
	dir     string
}

func newDesk(t *testing.T, address string, data string) *desk {
	t.Helper()
	db, err := storage.Open(t.Context(), address, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return &desk{t, db, []string{"DATABASE_URL=" + address, "REDIS_URL=" + storagetest.Redis(t), "PASSERELLES_DATA=" + data,
		"PASSERELLES_ORIGIN=https://here.example", "HOME=" + data}, t.TempDir()}
}

func (d *desk) run(args string) (int, string) {
	words := strings.Fields(strings.ReplaceAll(args, "$DIR", d.dir))
	out, bad := &bytes.Buffer{}, &bytes.Buffer{}
	code := run(d.t.Context(), words, d.environ, strings.NewReader("une phrase assez longue\n"), out, bad)
	return code, out.String() + bad.String()
}

func (d *desk) exec(statement string) {
	d.t.Helper()
	if _, err := d.db.Exec(d.t.Context(), statement); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

func (d *desk) rows() []acts.Act {
	d.t.Helper()
	all, err := acts.List(d.t.Context(), d.db, acts.Wanted{Limit: 1000})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// TestCommandsLeaveARow gives each order once while nothing can be noted, then in earnest.
func TestCommandsLeaveARow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, storagetest.URL(t), t.TempDir())
	if err := os.WriteFile(filepath.Join(d.dir, "list.csv"), []byte("#domain,#severity\nx.example,suspend\ny.example,suspend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range orders {
		if o.kind == acts.Restore {
			d.restores(o)
			continue
		}
		if o.first != "" {
			d.exec(o.first)
		}
		before := len(d.rows())
		d.exec(`ALTER TABLE acts ADD CONSTRAINT full_up CHECK (false) NOT VALID`)
		if code, said := d.run(o.args); code != 1 || len(d.rows()) != before {
			t.Errorf("%s while nothing can be noted: %d, %s", o.args, code, said)
		}
		d.exec(`ALTER TABLE acts DROP CONSTRAINT full_up`)
		if code, said := d.run(o.args); code != 0 {
			t.Fatalf("%s: %d, %s", o.args, code, said)
		}
		d.noted(o, d.rows()[:len(d.rows())-before])
	}
}

func (d *desk) noted(o order, all []acts.Act) {
	d.t.Helper()
	if len(all) != max(o.rows, 1) {
		d.t.Fatalf("%s left %+v", o.args, all)
	}
	for _, a := range all {
		if a.Kind != o.kind || !a.By.Line || a.By.Account != 0 || o.about != "" && a.About != o.about || strings.Contains(a.About+a.Words, "@here") || strings.Contains(a.About+a.Words, "@b.") {
			d.t.Errorf("%s left %+v", o.args, a)
		}
	}
}

// restores has a backup restored into another database, which then has all rows of the first and one more.
func (d *desk) restores(o order) {
	d.t.Helper()
	kept := d.rows()
	kept = kept[slices.IndexFunc(kept, func(a acts.Act) bool { return a.Kind == acts.Backup })+1:]
	other := newDesk(d.t, storagetest.Empty(d.t), d.t.TempDir())
	other.dir = d.dir
	if code, said := other.run(o.args); code != 0 {
		d.t.Fatalf("%s: %d, %s", o.args, code, said)
	}
	got := other.rows()
	if len(got) == 0 || got[0].Kind != acts.Restore || !got[0].By.Line || !slices.EqualFunc(got[1:], kept, sameAct) {
		d.t.Errorf("restored %+v, want one more than %+v", got, kept)
	}
	if _, err := other.db.Exec(d.t.Context(), `DELETE FROM acts`); err == nil {
		d.t.Error("what was restored can be deleted")
	}
}

func sameAct(a, b acts.Act) bool {
	a.At, b.At = a.At.Truncate(time.Microsecond), b.At.Truncate(time.Microsecond)
	same := a.At.Equal(b.At)
	a.At, b.At = time.Time{}, time.Time{}
	return same && a == b
}
