package mastodon

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"passerelles/fault"
)

// TestParams reads the same from each way in which apps send it.
func TestParams(t *testing.T) {
	t.Parallel()
	want := url.Values{"status": {"Bonjour"}, "media_ids": {"1", "2"}, "poll[options]": {"a", "b"}, "sensitive": {"true"}}
	multipart := "--x\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nBonjour\r\n--x\r\nContent-Disposition: form-data; name=\"media_ids[]\"\r\n\r\n1\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"media_ids[]\"\r\n\r\n2\r\n--x\r\nContent-Disposition: form-data; name=\"poll[options][]\"\r\n\r\na\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"poll[options][]\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"sensitive\"\r\n\r\ntrue\r\n--x--\r\n"
	for name, c := range map[string]struct{ address, kind, body string }{
		"a form":             {"/", "application/x-www-form-urlencoded", "status=Bonjour&media_ids[]=1&media_ids[]=2&poll[options][]=a&poll[options][]=b&sensitive=true"},
		"without brackets":   {"/", "application/x-www-form-urlencoded; charset=utf-8", "status=Bonjour&media_ids=1&media_ids=2&poll[options]=a&poll[options]=b&sensitive=true"},
		"in parts":           {"/", "multipart/form-data; boundary=x", multipart},
		"JSON":               {"/", "application/json; charset=utf-8", `{"status":"Bonjour","media_ids":["1",2],"poll":{"options":["a","b"]},"sensitive":true,"language":null}`},
		"the address":        {"/?status=Bonjour&media_ids[]=1&media_ids[]=2&poll[options][]=a&poll[options][]=b&sensitive=true", "", ""},
		"both, the body won": {"/?status=Salut&sensitive=true", "application/x-www-form-urlencoded", "status=Bonjour&media_ids[]=1&media_ids[]=2&poll[options][]=a&poll[options][]=b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", c.address, strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			got, err := readParams(httptest.NewRecorder(), r)
			if err != nil || !cmp.Equal(got, want) {
				t.Errorf("%v %s", err, cmp.Diff(want, got))
			}
		})
	}
	for name, c := range map[string]struct {
		kind, body string
		want       fault.Kind
	}{
		"JSON that ends early": {"application/json", `{"status":`, fault.Invalid},
		"a list":               {"application/json", `[1]`, fault.Invalid},
		"a form that is none":  {"application/x-www-form-urlencoded", "a=%zz", fault.Invalid},
		"parts of no boundary": {"multipart/form-data", "--x\r\n", fault.Invalid},
		"more than is taken":   {"application/json", `{"status":"` + strings.Repeat("x", largestBody) + `"}`, fault.TooLarge},
		"a form without end":   {"application/x-www-form-urlencoded", "status=" + strings.Repeat("x", largestBody), fault.TooLarge},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			if _, err := readParams(httptest.NewRecorder(), r); !fault.Is(err, c.want) {
				t.Errorf("%v, want of kind %d", err, c.want)
			}
		})
	}
}
