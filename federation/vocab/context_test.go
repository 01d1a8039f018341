package vocab

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	ap "github.com/go-ap/activitypub"
)

// preloaded are the contexts that servers keep a copy of; any other would have to be fetched by
// whoever reads us, and an activity that cannot be read is lost.
var preloaded = []string{
	activityStreams, securityContext, cidContext, webfingerContext, "https://w3id.org/security/data-integrity/v1",
	"https://w3id.org/security/data-integrity/v2", "https://w3id.org/security/multikey/v1", "https://join-lemmy.org/context.json",
}

// TestGoldensAreDefined wants each property that we write to be defined by the context beside it.
func TestGoldensAreDefined(t *testing.T) {
	t.Parallel()
	core := map[string]bool{}
	for _, known := range []any{ap.Actor{}, ap.Activity{}, ap.Place{}, ap.Question{}, ap.Tombstone{}, ap.Link{}, ap.CollectionPage{}, ap.OrderedCollection{}, ap.Endpoints{}, ap.Source{}} {
		for _, f := range planOf(reflect.TypeOf(known)) {
			core[f.key] = true
		}
	}
	beside := map[string][]string{
		activityStreams:  {"@context", "nameMap", "summaryMap", "contentMap", "alsoKnownAs"},
		securityContext:  {"publicKey", "owner", "publicKeyPem"},
		cidContext:       {"assertionMethod", "controller", "publicKeyMultibase"},
		webfingerContext: {"webfinger"},
	}
	files, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		tree, err := scan(twin(t, strings.TrimPrefix(file, "testdata/")), maxDepth)
		if err != nil {
			t.Fatal(err)
		}
		root, defined := value{tree, 0}, map[string]bool{}
		root.get("@context").each(func(c value) bool {
			if c.is('"') && !slices.Contains(preloaded, c.plain()) {
				t.Errorf("%s: context %s is not preloaded", file, c.plain())
			}
			for _, key := range beside[c.plain()] {
				defined[key] = true
			}
			c.members(func(key string, _ value) { defined[key] = true })
			return true
		})
		if first := root.get("@context").text(); first != activityStreams {
			t.Errorf("%s: first context = %q, want %q", file, first, activityStreams)
		}
		root.children(func(key string, v value) { checkDefined(t, file, key, v, core, defined) })
	}
}

func checkDefined(t *testing.T, file, key string, v value, core, defined map[string]bool) {
	t.Helper()
	prefix, _, _ := strings.Cut(key, ":")
	if key != "" && !core[key] && !defined[key] && !defined[prefix] {
		t.Errorf("%s: %q is not defined", file, key)
	}
	if key == "@context" || strings.HasSuffix(key, "Map") || v.get("@context").present() {
		return
	}
	if v.is('{') || v.is('[') {
		v.children(func(key string, v value) { checkDefined(t, file, key, v, core, defined) })
	}
}
