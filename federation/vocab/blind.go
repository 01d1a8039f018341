package vocab

import (
	"bytes"
	"encoding/json"
	"slices"
)

// blind are the keys of those whom nobody else may know as recipients.
var blind = []string{"bto", "bcc", "as:bto", "as:bcc", activityStreams + "#bto", activityStreams + "#bcc"}

// WithoutBlind is a document without those to whom it was sent blindly, at whatever depth. Who sends it should have taken
// them out; what we keep and pass on holds none. All other documents stay as they came, byte for byte.
func WithoutBlind(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("bto")) && !bytes.Contains(raw, []byte("bcc")) && !bytes.Contains(raw, []byte(`\u00`)) {
		return raw
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var whole any
	if err := d.Decode(&whole); err != nil || !unblind(whole) { // what cannot be read is passed on nowhere
		return raw
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(whole); err != nil {
		return raw
	}
	return bytes.TrimSpace(out.Bytes())
}

// unblind takes them out, and says whether there were any.
func unblind(v any) (found bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if slices.Contains(blind, key) {
				delete(v, key)
				found = true
			} else if unblind(value) {
				found = true
			}
		}
	case []any:
		for _, one := range v {
			if unblind(one) {
				found = true
			}
		}
	}
	return found
}
