package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/outbox"
	"passerelles/storage"
)

// administered is a town with an administrator, a pause, and a host that rests,
// for which something waits and something was given up.
func administered(t *testing.T) (w *town, admin accounts.Member) {
	t.Helper()
	w = newTown(t)
	admin, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO hosts (id, name) OVERRIDING SYSTEM VALUE VALUES (901, 'loin.example'), (902, 'pres.example')`,
		`INSERT INTO inboxes (id, host, url, shared) OVERRIDING SYSTEM VALUE VALUES (901, 901, 'https://loin.example/inbox', true), (902, 902, 'https://pres.example/inbox', true)`,
		`INSERT INTO activities (id, iri, actor, type, body, listed, published) OVERRIDING SYSTEM VALUE
			SELECT n, 'https://here.example/activities/' || n, 1, 'Create', 'b', false, $1::timestamptz FROM generate_series(9001, 9004) n`,
		`INSERT INTO deliveries (host, activity, inbox, slot) VALUES (901, 9001, 901, 0)`,
		`INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at) VALUES
			(901, 9002, 901, 0, 12, '502 Bad Gateway', $1), (901, 9003, 901, 0, 11, '502 Bad Gateway', $1), (902, 9004, 902, 0, 3, '403 Forbidden', $1)`,
		`INSERT INTO host_states (host, resting_until, failing_since, failures, slow, signature, error)
			VALUES (901, $1::timestamptz + interval '2 hours', $1::timestamptz - interval '3 days', 9, true, 'rfc9421', '502 Bad Gateway')`,
	} {
		var args []any
		if strings.Contains(sql, "$1") {
			args = append(args, w.now())
		}
		if _, err := w.DB.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		return outbox.Hold(t.Context(), tx, acts.By{}, "une panne", w.now().Add(-time.Hour))
	}); err != nil {
		t.Fatal(err)
	}
	return w, admin
}

func (w *town) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := w.DB.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	w, root := administered(t)
	admin, far := w.as(root), url.Values{"host": {"loin.example"}}

	t.Run("is not there for anybody else", func(t *testing.T) {
		for _, v := range []*guest{w.visitor(), w.as(w.ana)} {
			v.get("/admin/deliveries").shows(t, http.StatusNotFound).lacks(t, "loin.example", "Livraisons")
			for _, act := range []string{"retry", "drop", "resume"} {
				v.post("/admin/deliveries/"+act, far).shows(t, http.StatusNotFound)
			}
		}
		if letters, pauses := w.count(t, `SELECT count(*) FROM dead_letters`), w.count(t, `SELECT count(*) FROM pauses`); letters != 3 || pauses != 1 {
			t.Errorf("%d letters and %d pauses, want 3 and 1", letters, pauses)
		}
	})
	t.Run("tells what waits, for whom and why", func(t *testing.T) {
		admin.get("/admin/deliveries").shows(t, 200, "loin.example", "pres.example", "une panne", "502 Bad Gateway", "403 Forbidden",
			"Ne répond plus depuis", "Laissé en paix jusqu’à", "lent", "rfc9421", "https://here.example/activities/9002")
		admin.get("/").shows(t, 200, `href="/admin/deliveries"`)
	})
	t.Run("refuses a form from another site, or for no server", func(t *testing.T) {
		evil := w.as(root)
		evil.headers.Set("Origin", "https://evil.example")
		evil.headers.Set("Sec-Fetch-Site", "cross-site")
		evil.post("/admin/deliveries/drop", far).shows(t, http.StatusForbidden)
		admin.post("/admin/deliveries/drop", url.Values{}).shows(t, http.StatusBadRequest, "Dites pour quel serveur")
		if n := w.count(t, `SELECT count(*) FROM dead_letters`); n != 3 {
			t.Errorf("%d letters, want 3", n)
		}
	})
	t.Run("resumes", func(t *testing.T) {
		admin.post("/admin/deliveries/resume", url.Values{}).leads(t, "/admin/deliveries")
		admin.get("/admin/deliveries").shows(t, 200, "Les livraisons ont repris").lacks(t, "une panne")
		admin.post("/admin/deliveries/resume", url.Values{}).shows(t, http.StatusConflict, "ne sont pas en pause")
	})
	t.Run("sends again what was given up for one server", func(t *testing.T) {
		admin.post("/admin/deliveries/retry", far).leads(t, "/admin/deliveries")
		if waiting, dead := w.count(t, `SELECT count(*) FROM deliveries WHERE host = 901`), w.count(t, `SELECT count(*) FROM dead_letters`); waiting != 3 || dead != 1 {
			t.Errorf("%d wait and %d are dead, want 3 and the one of the other server", waiting, dead)
		}
	})
	t.Run("forgets it", func(t *testing.T) {
		admin.post("/admin/deliveries/drop", url.Values{"host": {"pres.example"}}).leads(t, "/admin/deliveries")
		if n := w.count(t, `SELECT count(*) FROM dead_letters`); n != 0 {
			t.Errorf("%d letters, want none", n)
		}
		admin.get("/admin/deliveries").shows(t, 200, "loin.example").lacks(t, "pres.example")
	})
}

// TestDeliveriesInABrowser presses the buttons, and has axe judge the page.
func TestDeliveriesInABrowser(t *testing.T) {
	t.Parallel()
	w, _ := administered(t)
	b := newBrowser(t, w)
	b.visits("/sign-in")
	b.fills("#login", "rita")
	b.fills("#password", password)
	b.presses(`main form button`)
	b.judges(axe(t), "administrator", "/admin/deliveries")
	b.presses(`form[action$="/resume"] button`)
	b.finds("Les livraisons ont repris")
	b.presses(`form[action$="/retry"] button`)
	b.finds("C’est remis en route")
	b.misses("Rien n’est envoyé")
	b.presses(`form[action$="/drop"] button`)
	b.finds("abandonné pour de bon")
}
