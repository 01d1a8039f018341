package vocab

import "testing"

func TestWithoutBlind(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"type":"Create","bto":["https://a.example/eve"],"object":{"content":"<b>","bcc":"https://a.example/gus","n":1.50}}`: `{"object":{"content":"<b>","n":1.50},"type":"Create"}`,
		`{"object":[{"\u0062to":"https://a.example/eve"}]}`:                                                                   `{"object":[{}]}`,
		`{"as:bto":"x","https://www.w3.org/ns/activitystreams#bcc":"y"}`:                                                      `{}`,
		`{ "content": "bto is a word, \u00e9 too" }`:                                                                          `{ "content": "bto is a word, \u00e9 too" }`,
		`{ "to": [] }`: `{ "to": [] }`,
	} {
		if got := string(WithoutBlind([]byte(in))); got != want {
			t.Errorf("%s is kept as %s, want %s", in, got, want)
		}
	}
}
