package federation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"passerelles/fault"
)

func TestNodeInfo(t *testing.T) {
	t.Parallel()
	const (
		both = `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"URL/new"},
			{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"URL/old"},
			{"rel":"http://nodeinfo.diaspora.software/ns/schema/3.0","href":"URL/none"},
			{"rel":"https://www.w3.org/ns/activitystreams#Application","href":"URL/actor"}]}`
		one = `{"links":[{"rel":"https://nodeinfo.diaspora.software/ns/schema/1.0","href":"URL/new"}]}`
	)
	for name, c := range map[string]struct {
		links, document string
		want            NodeInfo
		kind            fault.Kind
	}{
		"the newest schema":   {both, `{"version":"2.1","software":{"name":"Lemmy","version":"0.19.3"}}`, NodeInfo{"lemmy", "0.19.3"}, 0},
		"an old schema":       {one, `{"software":{"name":"friendica","version":"x"}}`, NodeInfo{"friendica", "x"}, 0},
		"NodeBB's strings":    {one, `{"usage":{"users":{"total":"1"}},"software":{"name":"nodebb","version":"4.15.1"},"protocols":{"inbound":[]}}`, NodeInfo{"nodebb", "4.15.1"}, 0},
		"a version in number": {one, `{"software":{"name":"x","version":1.50}}`, NodeInfo{"x", "1.5"}, 0},
		"no version":          {one, `{"software":{"name":"x"}}`, NodeInfo{"x", ""}, 0},
		"a list":              {one, `{"software":{"name":["x"],"version":{"a":1}}}`, NodeInfo{"x", ""}, 0},
		"lines in the name":   {one, `{"software":{"name":"a\nb` + strings.Repeat("é", 90) + `"}}`, NodeInfo{"a b" + strings.Repeat("é", 30), ""}, 0},
		"no name":             {one, `{"software":{"version":"1"}}`, NodeInfo{}, fault.Invalid},
		"software in text":    {one, `{"software":"x"}`, NodeInfo{}, fault.Invalid},
		"not JSON":            {one, `<html>`, NodeInfo{}, fault.Invalid},
		"no link":             {`{"links":[]}`, "", NodeInfo{}, fault.Invalid},
		"links not JSON":      {`<html>`, "", NodeInfo{}, fault.Invalid},
		"link elsewhere":      {strings.Replace(one, "URL/new", "https://10.0.0.1/", 1), "", NodeInfo{}, fault.Unavailable},
		"link to nowhere":     {strings.Replace(one, "URL/new", "/new", 1), "", NodeInfo{}, fault.Invalid},
		"too much":            {one, strings.Repeat(" ", maxDiscovery+1), NodeInfo{}, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, "tcp4")
			p.says("/.well-known/nodeinfo", c.links)
			p.saysAs("/new", "application/json; profile=x", c.document)
			p.saysAs("/old", "application/json", `{"software":{"name":"old"}}`)
			got, err := clientFor(t, nil, p.Server).NodeInfo(t.Context(), strings.ToUpper(Host(p.URL)))
			if got != c.want || fault.KindOf(err) != c.kind || (err == nil) != (c.want != NodeInfo{}) {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		p := newPeer(t, "tcp4")
		if _, err := clientFor(t, nil, p.Server).NodeInfo(t.Context(), Host(p.URL)); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// TestNodeInfoCorpus reads what real servers answered, when the corpus is there.
func TestNodeInfoCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/corpus/*/*nodeinfo*.json")
	if err != nil || len(files) == 0 {
		t.Skip("the corpus of real answers is not here")
	}
	read := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, document := readNodeInfo(body)
		_, links := newestSchema(body)
		if document == nil || links == nil {
			read++
		}
	}
	if read < len(files)/2 {
		t.Errorf("only %d of %d answers are read", read, len(files))
	}
}
