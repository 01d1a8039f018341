package actors_test

import (
	"testing"
)

// TestImplements learns from an actor which signatures its server verifies (FEP-844e).
func TestImplements(t *testing.T) {
	t.Parallel()
	const ed25519 = "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25"
	says := func(href string) map[string]any {
		return map[string]any{"type": "Application", "implements": []any{map[string]any{"href": href, "name": "words"}}}
	}
	for name, tc := range map[string]struct {
		kind string
		doc  map[string]any
		want bool
	}{
		"an actor by its generator":       {"Person", map[string]any{"generator": says(ed25519)}, true},
		"the server itself":               {"Application", map[string]any{"implements": says(ed25519)["implements"]}, true},
		"only RFC 9421":                   {"Person", map[string]any{"generator": says("https://datatracker.ietf.org/doc/html/rfc9421")}, false},
		"nothing":                         {"Person", nil, false},
		"a generator that is only a name": {"Person", map[string]any{"generator": "https://apps.example/1"}, false},
	} {
		p := newPeer(t)
		tw := newTown(t, p)
		a := tw.resolve(t, p.actor(tc.kind, "ana", tc.doc))
		var got bool
		if err := tw.db.QueryRow(t.Context(), `SELECT ed25519 FROM hosts WHERE id = $1`, a.HostID).Scan(&got); err != nil || got != tc.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tc.want)
		}
	}
}
