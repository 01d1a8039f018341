package server

import (
	"strings"
	"testing"
)

// checkPolicy demands of a page that nothing is loaded from elsewhere, and no script from the
// page itself.
func checkPolicy(t *testing.T, policy string) {
	t.Helper()
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("its policy is %q", policy)
	}
	for rule := range strings.SplitSeq(policy, ";") {
		for _, source := range strings.Fields(rule)[1:] {
			if source != "'none'" && source != "'self'" && (source != "data:" || !strings.Contains(rule, "img-src")) {
				t.Errorf("its policy lets in %s: %q", source, policy)
			}
		}
	}
}
