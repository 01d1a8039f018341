package mastodon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/oauth"
	"passerelles/text"
)

const largestBody = 1 << 20 // bytes, of what is no file

// call is one request of an app.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	access *oauth.Access // nil: it came without a token
	params url.Values    // of the address and of the body, whatever its form

	within   bool                  // what is shown stands within another status
	accounts map[actors.ID]account // of whom this answer showed already
}

// member is for whom the app acts; nil: for nobody.
func (c *call) member() *accounts.Member {
	if c.access == nil {
		return nil
	}
	return c.access.Member
}

// reader is who asks, as the rules of access know it.
func (c *call) reader() access.Reader {
	if m := c.member(); m != nil {
		return access.Reader{ID: m.ID}
	}
	return access.Reader{}
}

// addressParams are what stands in the address.
func addressParams(r *http.Request) url.Values {
	params := url.Values{}
	for name, values := range r.URL.Query() {
		params[plain(name)] = append(params[plain(name)], values...)
	}
	return params
}

// readParams reads what an app sends, as JSON or as a form; what stands in the address counts
// where the body says nothing.
func readParams(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	params := addressParams(r)
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return params, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, largestBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // none, or none that is read: a form
	body, err := url.Values{}, error(nil)
	switch kind {
	case "application/json":
		body, err = readJSON(r)
	case "multipart/form-data":
		if err = r.ParseMultipartForm(largestBody); err == nil {
			body = url.Values(r.MultipartForm.Value)
		}
	default:
		body, err = readForm(r)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.Wrap(fault.TooLarge, "This is more than a request can take.", err)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, "This request cannot be read.", err)
	}
	lay(params, body)
	return params, nil
}

// readForm reads a form, also of DELETE, where the library reads none.
func readForm(r *http.Request) (url.Values, error) {
	if r.Method != http.MethodDelete {
		err := r.ParseForm()
		return r.PostForm, err
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return url.ParseQuery(string(text))
}

// lay puts what the body says over what the address says. An empty list is one, too.
func lay(params, body url.Values) {
	for name := range body {
		params[plain(name)] = nil
	}
	for name, values := range body {
		for _, value := range values {
			params[plain(name)] = append(params[plain(name)], text.Storable(value))
		}
	}
}

// plain is the name of a list without its brackets: id[] and id are one.
func plain(name string) string { return strings.TrimSuffix(name, "[]") }

// readJSON reads an object; of {"a": {"b": 1}} it makes a[b]=1, as a form would have it.
func readJSON(r *http.Request) (url.Values, error) {
	var body map[string]any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return nil, err
	}
	params := url.Values{}
	for name, value := range body {
		flatten(params, name, value, 0)
	}
	return params, nil
}

const deepest = 4

func flatten(params url.Values, name string, value any, depth int) {
	if depth > deepest {
		return
	}
	switch v := value.(type) {
	case nil:
	case []any:
		if params[name] == nil {
			params[name] = []string{} // an empty list, too, is there
		}
		for i, one := range v {
			if _, object := one.(map[string]any); object {
				flatten(params, name+"["+strconv.Itoa(i)+"]", one, depth+1)
				continue
			}
			flatten(params, name, one, depth+1)
		}
	case map[string]any:
		for key, one := range v {
			flatten(params, name+"["+key+"]", one, depth+1)
		}
	default:
		params.Add(name, fmt.Sprint(v))
	}
}

// yes reads a truth as any client writes it.
func (c *call) yes(name string) bool { return truth(c.params.Get(name)) }

func truth(text string) bool {
	switch strings.ToLower(text) {
	case "true", "1", "on", "yes":
		return true
	}
	return false
}

// numbers reads ids, at most so many, without those that can be none.
func numbers(texts []string, most int) (ids []int64) {
	for _, text := range texts[:min(len(texts), most)] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
			ids = append(ids, n)
		}
	}
	return ids
}

// rowName is the name of a value in a list of objects: a[0][b], or a[][b] of each in turn.
var rowName = regexp.MustCompile(`^([a-z_]+)\[(\d{0,3})\]\[([a-z_]+)\]$`)

// rows reads a list of objects, in its order.
func (c *call) rows(name string) (all []map[string]string) {
	rows := map[int]map[string]string{}
	put := func(at int, key, value string) {
		if rows[at] == nil {
			rows[at] = map[string]string{}
		}
		rows[at][key] = value
	}
	for param, values := range c.params {
		m := rowName.FindStringSubmatch(param)
		if m == nil || m[1] != name || len(values) == 0 {
			continue
		}
		if m[2] != "" {
			at, _ := strconv.Atoi(m[2]) // three digits at most
			put(at, m[3], values[0])
			continue
		}
		for at, value := range values {
			put(at, m[3], value)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, rows[at])
	}
	return all
}

// number reads an id, 0 for none that can be one.
func (c *call) number(name string) int64 {
	n, _ := strconv.ParseInt(c.params.Get(name), 10, 64) // 0 is answered as none
	return max(n, 0)
}

// path reads an id in the address, 0 for none that can be one.
func (c *call) path(name string) int64 {
	n, _ := strconv.ParseInt(pathVar(c.r, name), 10, 64) // 0 is nobody's
	return max(n, 0)
}

// limit is how many of a list are wanted.
func (c *call) limit(usual, most int) int {
	n, err := strconv.Atoi(c.params.Get("limit"))
	if err != nil || n < 1 {
		return usual
	}
	return min(n, most)
}
