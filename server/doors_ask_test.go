package server

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"
)

// style is the name of a file that a page of ours holds.
func (s *site) style(t *testing.T) string {
	t.Helper()
	_, _, page := s.ask(t, http.MethodGet, "/about", nil)
	found := regexp.MustCompile(`/static/([^"]+\.css)`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no page has a style")
	}
	return found[1]
}

// ask makes a request, changed by each of the last, and gives its answer.
func (s *site) ask(t *testing.T, method, path string, body io.Reader, change ...func(*http.Request)) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.url)
	}
	for _, f := range change {
		f(r)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}
