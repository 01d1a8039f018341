package federation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"passerelles/fault"
)

// fingers answers WebFinger for some accounts: resource without acct: → JRD.
// HOST stands for the peer's own host and URL for its origin.
func (p *peer) fingers(path string, accounts map[string]string) {
	own := strings.NewReplacer("URL", p.URL, "HOST", Host(p.URL))
	p.pages[path] = func(w http.ResponseWriter, r *http.Request) {
		answer, ok := accounts[strings.TrimSuffix(strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:"), "@"+Host(p.URL))]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		_, _ = w.Write([]byte(own.Replace(answer))) // the asker sees what is missing
	}
}

// selfJRD is the usual answer.
func selfJRD(subject, href string) string {
	return fmt.Sprintf(`{"subject":"acct:%s","aliases":[1],"links":[
		{"rel":"http://webfinger.net/rel/profile-page","type":"text/html","href":"URL/@x"},
		{"rel":"self","type":"text/html","href":"URL/wrong"},
		{"rel":"self","type":"application/activity+json","href":"%s","properties":{"x":null}},
		{"rel":"self","type":"application/activity+json","href":"URL/second"}]}`, subject, href)
}

const wellKnown = "/.well-known/webfinger"

func TestFindHandle(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	c := clientFor(t, nil, p.Server, q.Server)
	here, there := Host(p.URL), Host(q.URL)
	p.fingers(wellKnown, map[string]string{
		"bob":     selfJRD("bob@HOST", "URL/u/1"),
		"Caps":    selfJRD("caps@HOST", "URL/u/2"),
		"profile": strings.Replace(selfJRD("profile@HOST", "URL/u/3"), `"application/activity+json"`, `"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""`, 1),
		"other":   selfJRD("other@HOST", q.URL+"/u/1"),
		"moved":   selfJRD("here@"+there, "URL/u/4"),
		"victim":  selfJRD("victim@"+there, "URL/u/eve"),
		"chain":   selfJRD("chain@"+there, "URL/u/5"),
		"denied":  selfJRD("nobody@"+there, "URL/u/5"),
		"http":    selfJRD("http@HOST", "http://"+here+"/u/1"),
		"script":  selfJRD("script@HOST", "javascript:alert(1)"),
		"noself":  `{"subject":"acct:noself@HOST","links":[]}`,
		"typed":   `{"subject":"acct:typed@HOST","links":[{"rel":"self","type":"application/activity+json; charset=utf-8","href":"URL/u"}]}`,
		"nosubj":  `{"links":[{"rel":"self","type":"application/activity+json","href":"URL/u/1"}]}`,
		"subject": strings.Replace(selfJRD("x", "URL/u"), "acct:x", "URL/u", 1),
		"empty":   ``,
		"array":   `[]`,
		"fat":     selfJRD("fat@HOST", "URL/u/1") + strings.Repeat(" ", 5<<20),
		"naïve":   selfJRD("naïve@HOST", "URL/u/6"),
	})
	q.fingers(wellKnown, map[string]string{
		"here":   selfJRD("here@HOST", p.URL+"/u/4"),
		"victim": selfJRD("victim@HOST", "URL/u/v"),
		"chain":  selfJRD("further@"+here, "URL/u/5"),
	})
	for handle, want := range map[string]struct {
		found Found
		kind  fault.Kind
	}{
		"@bob@" + here:         {found: Found{p.URL + "/u/1", "bob@" + here}},
		"bob@" + here:          {found: Found{p.URL + "/u/1", "bob@" + here}},
		"acct:bob@" + here:     {found: Found{p.URL + "/u/1", "bob@" + here}},
		" !bob@" + here:        {found: Found{p.URL + "/u/1", "bob@" + here}},
		"@Caps@" + here:        {found: Found{p.URL + "/u/2", "caps@" + here}},
		"@profile@" + here:     {found: Found{p.URL + "/u/3", "profile@" + here}},
		"@naïve@" + here:       {found: Found{p.URL + "/u/6", "naïve@" + here}},
		"@other@" + here:       {found: Found{q.URL + "/u/1", "other@" + here}}, // the actor itself must confirm: HandleOf
		"@moved@" + here:       {found: Found{p.URL + "/u/4", "here@" + there}},
		"@victim@" + here:      {found: Found{q.URL + "/u/v", "victim@" + there}}, // ID-29: what the other says
		"@chain@" + here:       {kind: fault.Invalid},
		"@denied@" + here:      {kind: fault.NotFound},
		"@http@" + here:        {kind: fault.Invalid},
		"@script@" + here:      {kind: fault.Invalid},
		"@noself@" + here:      {kind: fault.NotFound},
		"@typed@" + here:       {kind: fault.NotFound},
		"@nosubj@" + here:      {kind: fault.Invalid},
		"@subject@" + here:     {kind: fault.Invalid},
		"@empty@" + here:       {kind: fault.Invalid},
		"@array@" + here:       {kind: fault.Invalid},
		"@fat@" + here:         {kind: fault.Invalid},
		"@nobody@" + here:      {kind: fault.NotFound},
		"@bob":                 {kind: fault.Invalid},
		"bob":                  {kind: fault.Invalid},
		"@@" + here:            {kind: fault.Invalid},
		"":                     {kind: fault.Invalid},
		"@bob@a@" + here:       {kind: fault.Invalid},
		"@b/b@" + here:         {kind: fault.Invalid},
		"@bob@x.example/y":     {kind: fault.Invalid},
		"@bob@x.example.":      {kind: fault.Invalid},
		"@bob@x:y@z":           {kind: fault.Invalid},
		"@b\r\nX: y@" + here:   {kind: fault.Invalid},
		"@bob@ours.example":    {kind: fault.Invalid},
		"@bob@10.0.0.1":        {kind: fault.Unavailable},
		"@bob@169.254.169.254": {kind: fault.Unavailable},
	} {
		got, err := c.FindHandle(t.Context(), handle)
		if got != want.found || fault.KindOf(err) != want.kind || (err == nil) != (want.found != Found{}) {
			t.Errorf("%q: %+v, %v, want %+v", handle, got, err, want)
		}
	}
	for _, r := range append(p.requests(), q.requests()...) {
		if r.Header["Signature"] != nil {
			t.Fatal("WebFinger is asked with a signature")
		}
	}
}

func TestFindHandleByHostMeta(t *testing.T) {
	t.Parallel()
	const (
		xrd = `<?xml version="1.0" encoding="UTF-8"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
			<Link rel="other" template="https://x.example/{uri}"/><Link rel="lrdd" template="%s"/></XRD>`
		jsonMeta = `{"links":[{"rel":"lrdd","template":"%s"}]}`
		bomb     = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><XRD><Link rel="lrdd" template="&b;%s"/></XRD>`
	)
	q := newPeer(t, "tcp6")
	for name, c := range map[string]struct {
		meta, template string
		kind           fault.Kind
	}{
		"XML":               {xrd, "URL/wf?r={uri}", 0},
		"JSON":              {jsonMeta, "URL/wf?r={uri}", 0},
		"on another server": {jsonMeta, q.URL + "/wf?r={uri}", 0},
		"without {uri}":     {jsonMeta, "URL/wf", fault.NotFound},
		"not an address":    {jsonMeta, "wf?{uri}", fault.Invalid},
		"file":              {jsonMeta, "file:///etc/{uri}", fault.Invalid},
		"private":           {jsonMeta, "https://10.0.0.1/{uri}", fault.Unavailable},
		"entities":          {bomb, "URL/wf?r={uri}", fault.NotFound},
		"garbage":           {"<%s", "x", fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, "tcp4")
			cl := clientFor(t, nil, p.Server, q.Server)
			handle := "bob@" + Host(p.URL)
			p.says("/.well-known/host-meta", fmt.Sprintf(c.meta, c.template))
			answer := strings.ReplaceAll(selfJRD(handle, "URL/u/1"), "URL", p.URL)
			if strings.HasPrefix(c.template, q.URL) {
				q.saysAs("/wf", "application/jrd+json", answer)
			} else {
				p.saysAs("/wf", "application/jrd+json", answer)
			}
			got, err := cl.FindHandle(t.Context(), handle)
			if fault.KindOf(err) != c.kind || err == nil && got != (Found{p.URL + "/u/1", handle}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	t.Run("gone is gone", func(t *testing.T) {
		t.Parallel()
		p := newPeer(t, "tcp4")
		p.pages[wellKnown] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }
		if _, err := clientFor(t, nil, p.Server).FindHandle(t.Context(), "bob@"+Host(p.URL)); !fault.Is(err, fault.Gone) || len(p.requests()) != 1 {
			t.Errorf("got %v, want gone", err)
		}
	})
}

func TestHandleOf(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	c := clientFor(t, nil, p.Server, q.Server)
	here, there := Host(p.URL), Host(q.URL)
	p.fingers(wellKnown, map[string]string{
		"bob":   selfJRD("bob@HOST", "URL/u/1"),
		"split": selfJRD("split@"+there, "URL/u/2"),
		"eve":   selfJRD("eve@HOST", "URL/u/eve"),
		"alien": selfJRD("alien@HOST", q.URL+"/u/v"),
	})
	q.fingers(wellKnown, map[string]string{
		"split":  selfJRD("split@HOST", p.URL+"/u/2"),
		"victim": selfJRD("victim@HOST", "URL/u/v"),
	})
	for _, want := range []struct {
		iri, name, webfinger string
		handle               string
	}{
		{p.URL + "/u/1", "bob", "", "bob@" + here},
		{p.URL + "/u/1", "Bob", "bob@" + here, "bob@" + here},
		{p.URL + "/u/2", "split", "", "split@" + there},
		{p.URL + "/u/2", "other", "split@" + there, "split@" + there},
		{p.URL + "/u/1", "bob", "nobody@" + there, "bob@" + here}, // a wrong property does not hide the right name
		{p.URL + "/u/eve", "victim", "victim@" + there, ""},       // ID-27
		{p.URL + "/u/eve", "bob", "", ""},
		{q.URL + "/u/v", "alien", "alien@" + here, "alien@" + here}, // its actor asks for that handle
		{p.URL + "/u/1", "", "", ""},
		{p.URL + "/u/1", "nobody", "", ""},
		{"nonsense", "bob", "", ""},
	} {
		name, host, err := c.HandleOf(t.Context(), want.iri, want.name, want.webfinger)
		if got := name + "@" + host; err == nil && got != want.handle || (err == nil) != (want.handle != "") {
			t.Errorf("%s %s %s: %s, %v, want %s", want.iri, want.name, want.webfinger, got, err, want.handle)
		}
	}
}

// TestDiscoverByHTTP is for servers on a developer's machine.
func TestDiscoverByHTTP(t *testing.T) {
	t.Parallel()
	p := &peer{t: t, pages: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Server.Close)
	handle := "bob@" + Host(p.URL)
	p.saysAs(wellKnown, "application/jrd+json", strings.ReplaceAll(selfJRD(handle, "URL/u/1"), "URL", p.URL))
	c := clientFor(t, func(o *Options) { o.AllowHTTP = true }, p.Server)
	if got, err := c.FindHandle(t.Context(), handle); err != nil || got.IRI != p.URL+"/u/1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := clientFor(t, nil, p.Server).FindHandle(t.Context(), handle); !fault.Is(err, fault.Unavailable) {
		t.Errorf("not allowed: %v", err)
	}
}

// TestJRDCorpus reads what real servers answered, when the corpus is there.
func TestJRDCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/corpus/*/*webfinger*.json")
	if err != nil || len(files) == 0 {
		t.Skip("the corpus of real answers is not here")
	}
	c := NewClient(Options{AllowHTTP: true})
	read := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := c.readJRD(body)
		if err == nil {
			read++
			continue
		}
		var any struct {
			Subject string
			Links   []link
		}
		whole := json.Unmarshal(body, &any) == nil
		for _, l := range any.Links {
			if whole && l.Rel == "self" && l.Type == activityJSON && strings.HasPrefix(any.Subject, "acct:") && CheckIRI(l.Href) == nil {
				t.Errorf("%s: %+v, %v", filepath.Base(file), found, err)
			}
		}
	}
	if read < 10 {
		t.Errorf("only %d of %d answers are read", read, len(files))
	}
}
