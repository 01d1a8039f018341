package config

import "testing"

func TestOrigin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		origin                    string
		host                      string
		secure, localhost, public bool
	}{
		{"http://localhost:8080", "localhost:8080", false, true, false},
		{"http://localhost", "localhost", false, true, false},
		{"https://localhost:8443", "localhost:8443", true, false, false},
		{"http://alpha.localhost:8080", "alpha.localhost:8080", false, false, false},
		{"https://passerelles.quebec", "passerelles.quebec", true, false, true},
		{"https://passerelles.quebec:8443", "passerelles.quebec:8443", true, false, true},
		{"https://example.org", "example.org", true, false, true},
		{"https://b.example", "b.example", true, false, false},
		{"https://notexample", "notexample", true, false, true},
		{"https://a.test", "a.test", true, false, false},
		{"https://a.invalid", "a.invalid", true, false, false},
		{"https://a.internal", "a.internal", true, false, false},
		{"https://a.local", "a.local", true, false, false},
		{"https://test.a.org", "test.a.org", true, false, true},
		{"https://192.0.2.7", "192.0.2.7", true, false, false},
		{"https://[2001:db8::7]:8443", "[2001:db8::7]:8443", true, false, false},
		{"https://127.1", "127.1", true, false, true}, // no address by the book: then it is a name
	} {
		t.Run(tc.origin, func(t *testing.T) {
			t.Parallel()
			c := Config{Origin: tc.origin}
			if got, err := canonicalOrigin(tc.origin); err != nil || got != tc.origin {
				t.Errorf("canonical = %q, %v, want it unchanged", got, err)
			}
			if got := c.Host(); got != tc.host {
				t.Errorf("Host = %q, want %q", got, tc.host)
			}
			got, want := [3]bool{c.Secure(), c.Localhost(), c.PublicName()}, [3]bool{tc.secure, tc.localhost, tc.public}
			if got != want {
				t.Errorf("Secure, Localhost, PublicName = %v, want %v", got, want)
			}
		})
	}
}
