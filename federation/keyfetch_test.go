package federation

import (
	"encoding/json"
	"strings"
	"testing"

	"passerelles/fault"
)

func TestFetchKey(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	c := clientFor(t, nil, p.Server, q.Server)
	pemText, err := PublicPEM(eveKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(pemText)
	if err != nil {
		t.Fatal(err)
	}
	// KEY(a,b) is a key of id a and owner b.
	says := func(p *peer, path, document string) {
		for {
			before, rest, found := strings.Cut(document, "KEY(")
			if !found {
				break
			}
			args, after, _ := strings.Cut(rest, ")")
			id, owner, _ := strings.Cut(args, ",")
			document = before + `{"id":"` + id + `","owner":"` + owner + `","publicKeyPem":` + string(quoted) + `}` + after
		}
		p.says(path, document)
	}
	actor := func(path, keys string) string {
		return `{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"URL` + path + `","preferredUsername":"x","inbox":"URL/inbox","publicKey":` + keys + `}`
	}
	says(p, "/u/a", actor("/u/a", "KEY(URL/u/a#main-key,URL/u/a)"))
	says(p, "/u/b", actor("/u/b", "[KEY(URL/u/b#one,URL/u/b),KEY(URL/u/b#two,URL/u/b)]"))
	says(p, "/u/g", actor("/u/g", "KEY(URL/u/g/main-key,URL/u/g)"))
	says(p, "/u/g/main-key", actor("/u/g", "KEY(URL/u/g/main-key,URL/u/g)")) // GoToSocial's stub
	says(p, "/u/k", actor("/u/k", "KEY(URL/key,URL/u/k)"))
	says(p, "/key", "KEY(URL/key,URL/u/k)")
	says(p, "/u/w", actor("/u/w", `{"id":"URL/u/w#k","owner":"URL/u/w","publicKeyPem":"-----BEGIN PUBLIC KEY-----"}`))
	says(p, "/u/n", actor("/u/n", "KEY(URL/u/n#k,"+q.URL+"/u/v)"))
	says(p, "/u/l", actor("/u/other", "KEY(URL/u/l#k,URL/u/l)"))
	// eve says that the victim owns her key
	says(q, "/u/v", actor("/u/v", "KEY(URL/u/v#main-key,URL/u/v)"))
	says(p, "/k1", "KEY(URL/k1,"+q.URL+"/u/v)")
	says(p, "/k2", "KEY("+q.URL+"/u/v#main-key,"+q.URL+"/u/v)")
	says(p, "/k3", "KEY(URL/k3,URL/u/a)") // an owner that does not list it
	p.redirects("/k4", q.URL+"/u/v", 302)
	q.redirects("/k5", p.URL+"/k6", 302)
	says(p, "/k6", "KEY("+q.URL+"/k5,"+q.URL+"/u/v)")
	says(p, "/k9", "KEY(URL/k9,"+q.URL+"/u/w)") // both say so, on two servers
	says(q, "/u/w", actor("/u/w", "KEY("+p.URL+"/k9,URL/u/w)"))
	p.redirects("/u/r", q.URL+"/forged", 302)
	says(q, "/forged", strings.ReplaceAll(actor("/u/r", "KEY(URL/u/r#k,URL/u/r)"), "URL", p.URL))
	says(p, "/u/m", actor("/u/m2", "KEY(URL/u/m#k,URL/u/m2)"))
	says(p, "/u/m2", actor("/u/m3", "KEY(URL/u/m#k,URL/u/m2)"))
	p.redirects("/k7", "https://127.0.0.1/", 302)
	p.redirects("/k8", "/k8", 302)

	for keyID, want := range map[string]struct {
		owner string
		kind  fault.Kind
	}{
		p.URL + "/u/a#main-key":    {owner: p.URL + "/u/a"},
		p.URL + "/u/b#two":         {owner: p.URL + "/u/b"},
		p.URL + "/u/g/main-key":    {owner: p.URL + "/u/g"},
		p.URL + "/key":             {owner: p.URL + "/u/k"},
		p.URL + "/u/a#evil":        {kind: fault.Invalid}, // HS-11
		p.URL + "/u/w#k":           {kind: fault.Invalid},
		p.URL + "/u/n#k":           {kind: fault.Invalid},
		p.URL + "/u/l#k":           {kind: fault.NotFound},
		p.URL + "/k1":              {kind: fault.Invalid}, // HS-09
		p.URL + "/k2":              {kind: fault.Invalid}, // HS-10
		p.URL + "/k3":              {kind: fault.Invalid},
		p.URL + "/k4":              {kind: fault.Invalid}, // HS-12
		q.URL + "/k5":              {kind: fault.Invalid}, // HS-12, the reverse
		p.URL + "/k9":              {kind: fault.Invalid},
		p.URL + "/u/r#k":           {kind: fault.Invalid},
		p.URL + "/u/m#k":           {kind: fault.Invalid},
		p.URL + "/k7":              {kind: fault.Unavailable}, // HS-12, to a port that is closed
		p.URL + "/k8":              {kind: fault.Unavailable},
		p.URL + "/u/gone#main-key": {kind: fault.NotFound},
	} {
		key, document, err := c.FetchKey(t.Context(), keyID)
		if key.Owner != want.owner || document.ID != want.owner && err == nil || fault.KindOf(err) != want.kind || (err == nil) != (want.owner != "") {
			t.Errorf("%s: %+v, %v, want %+v", keyID, key, err, want)
		}
		if err == nil && (key.ID != keyID || !eveKey().PublicKey.Equal(key.Key)) {
			t.Errorf("%s: got another key, %+v", keyID, key)
		}
	}
}
