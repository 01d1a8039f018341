package documents

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// neighbour is another server, which signs as itself, and where people live.
type neighbour struct {
	*httptest.Server
	sign func(*http.Request)
}

func (w *town) neighbour(people ...string) neighbour {
	w.t.Helper()
	private, err := federation.NewRSAKey()
	if err != nil {
		w.t.Fatal(err)
	}
	pem, err := federation.PublicPEM(private.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	n := neighbour{}
	kinds := map[string]string{"/actor": "Application"}
	for _, name := range people {
		kinds["/"+name] = "Person"
	}
	n.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		kind, found := kinds[r.URL.Path]
		if !found {
			http.NotFound(rw, r)
			return
		}
		iri := n.URL + r.URL.Path
		rw.Header().Set("Content-Type", vocab.MediaType)
		_ = json.NewEncoder(rw).Encode(map[string]any{
			"@context": "https://www.w3.org/ns/activitystreams", "id": iri, "type": kind,
			"preferredUsername": r.URL.Path[1:], "inbox": iri + "/inbox",
			"publicKey": map[string]any{"id": iri + "#main-key", "owner": iri, "publicKeyPem": pem},
		})
	}))
	w.t.Cleanup(n.Close)
	n.sign = func(r *http.Request) {
		if err := federation.Sign(r, nil, federation.PrivateKey{ID: n.URL + "/actor#main-key", Signer: private}, w.at); err != nil {
			w.t.Fatal(err)
		}
	}
	return n
}

// TestIsFollower: the server of a member may ask who else reads what is for members, as Lemmy does;
// for everybody else there is nobody.
func TestIsFollower(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	near, far := w.neighbour("zoe", "yan"), w.neighbour("eve")
	asked := func(who string, change ...func(*http.Request)) got {
		return w.ask("GET", w.makers.Actor.IRI+"/followers?is_follower="+url.QueryEscape(who), vocab.MediaType, change...)
	}
	if g := asked(near.URL+"/zoe", near.sign); g.StatusCode != 400 {
		t.Errorf("of an open community: %d %s, want 400", g.StatusCode, g.body)
	}
	zoe, err := w.Directory.Resolve(t.Context(), near.URL+"/zoe")
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE communities SET access = 'members' WHERE actor = $1`,
		`INSERT INTO memberships (community, who, role, since) SELECT $1, id, 'member', now() FROM actors WHERE iri = '` + zoe.IRI + `'`} {
		if _, err := w.DB.Exec(t.Context(), sql, w.makers.Actor.ID); err != nil {
			t.Fatal(err)
		}
	}
	nobody := w.get(w.server.URL + "/actors/1/followers")
	for _, c := range []struct {
		name, who string
		sign      func(*http.Request)
		want      int
	}{
		{"of a member", near.URL + "/zoe", near.sign, 200},
		{"of a member's server", near.URL + "/actor", near.sign, 200},
		{"of a member here", w.IRIs.Actor(int64(w.ana.ID)), near.sign, 200},
		{"of another on that server", near.URL + "/yan", near.sign, 404},
		{"of somebody elsewhere", far.URL + "/eve", near.sign, 404},
		{"of another server", far.URL + "/actor", near.sign, 404},
		{"of nobody", near.URL + "/none", near.sign, 404},
		{"of what is no address", "zoe", near.sign, 404},
		{"by a server without members", near.URL + "/zoe", far.sign, 404},
		{"by nobody", near.URL + "/zoe", func(*http.Request) {}, 404},
	} {
		g := asked(c.who, c.sign)
		if g.StatusCode != c.want || c.want == 404 && string(g.body) != string(nobody.body) {
			t.Errorf("%s: %d %q, want %d", c.name, g.StatusCode, g.body, c.want)
		}
	}
	err = w.DB.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM memberships WHERE who = $1`, zoe.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if g := asked(near.URL+"/zoe", near.sign); g.StatusCode != 404 {
		t.Errorf("once she has left: %d, want 404", g.StatusCode)
	}
	if yes, err := access.Belongs(t.Context(), w.DB, access.Reader{ID: actors.ID(w.ana.ID)}, w.makers.Actor.ID); err != nil || !yes {
		t.Errorf("ana belongs: %v, %v", yes, err)
	}
}
