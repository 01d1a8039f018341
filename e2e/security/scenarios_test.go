package security

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	scenario = regexp.MustCompile(`(?m)^\| (C\d\d) \| ([^|]+) \| ([^|]+) \|$`)
	tried    = regexp.MustCompile("^`[^`]+`(?:, `[^`]+`)*(?: \\(.+\\))?$")
	notHere  = regexp.MustCompile(`^not here: .+`)
	named    = regexp.MustCompile("`([^`]+)`")
)

// scenarios is how many there are.
const scenarios = 47

// TestScenarios holds docs/chaos.md to its word: each scenario once, each test there, the
// counts right.
func TestScenarios(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/chaos.md")
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	count := map[string]int{}
	for _, m := range scenario.FindAllStringSubmatch(string(text), -1) {
		if _, twice := states[m[1]]; twice {
			t.Errorf("%s stands there twice", m[1])
		}
		states[m[1]] = m[3]
		count[kindOf(t, m[1], m[3])]++
	}
	for i := range scenarios {
		if id := fmt.Sprintf("C%02d", i+1); states[id] == "" {
			t.Errorf("%s is missing", id)
		}
	}
	want := fmt.Sprintf("Of %d scenarios %d are tried, %d wait for a later issue, %d cannot be tried here.",
		len(states), count["tried"], count["later"], count["not here"])
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("the page does not say: %s", want)
	}
}

// kindOf demands of a scenario that is tried that its tests exist.
func kindOf(t *testing.T, id, state string) string {
	t.Helper()
	switch {
	case later.MatchString(state):
		return "later"
	case notHere.MatchString(state):
		return "not here"
	case !tried.MatchString(state):
		t.Errorf("%s: %q is no state", id, state)
	}
	tests, _, _ := strings.Cut(state, " (")
	for _, m := range named.FindAllStringSubmatch(tests, -1) {
		if !exists(t, m[1]) {
			t.Errorf("%s: there is no test %s", id, m[1])
		}
	}
	return "tried"
}
