package security

import (
	"net/http"
	"strings"
	"testing"
)

// TestNothingInsideShows looks for what is ours alone on the public listener.
func TestNothingInsideShows(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{
		"/asynqmon", "/debug/pprof/", "/debug/pprof/profile", "/debug/vars", "/metrics", "//metrics", "/Metrics", "/metrics/", "/%6detrics",
		"/admin", "//admin", "/admin/..;/", "/%2fadmin", "/ADMIN", "/.git/config", "/.env", "/secret", "/backup.tar", "/config.toml", "/server-status",
	} {
		t.Run("AD-01 "+path, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodGet, w.origin+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Opaque = path
			if strings.HasPrefix(path, "//") {
				r.URL.Opaque = "//" + w.host + path
			}
			if got := w.request(r); got.StatusCode != http.StatusNotFound {
				t.Errorf("%d, want 404", got.StatusCode)
			}
		})
	}
	t.Run("AD-01 twin: what is for all", func(t *testing.T) {
		if got := w.get("/healthz", false); got.StatusCode != http.StatusOK {
			t.Errorf("%d, want 200", got.StatusCode)
		}
	})
	t.Run("AD-05 no answer tells a setting or a stack", func(t *testing.T) {
		told := ""
		for _, path := range []string{"/", "/about", "/nothing", "/posts/99999999999999999999", "/c/%00", "/nodeinfo/2.1", "/readyz", "/actors/1"} {
			got := w.get(path, false)
			told += got.text
			for name := range got.Header {
				if name == "Server" || name == "X-Powered-By" {
					t.Errorf("%s tells %s", path, name)
				}
			}
		}
		for _, secret := range []string{w.Config.DatabaseURL, w.Config.RedisURL, w.Config.Data, "goroutine ", ".go:", "postgres://"} {
			if secret != "" && strings.Contains(told, secret) {
				t.Errorf("somewhere stands %q", secret)
			}
		}
	})
}
