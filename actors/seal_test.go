package actors

import (
	"bytes"
	"testing"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	secret, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	box, err := seal(secret, []byte("private"), "key-1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(box, []byte("private")) {
		t.Error("the box shows what it holds")
	}
	text, err := open(secret, box, "key-1")
	if err != nil || string(text) != "private" {
		t.Errorf("open = %q, %v, want what was sealed", text, err)
	}
	again, _ := seal(secret, []byte("private"), "key-1") // sealed once without error above
	if bytes.Equal(box, again) {
		t.Error("sealing twice gives the same bytes: the nonce is not fresh")
	}

	spoiled := bytes.Clone(box)
	spoiled[len(spoiled)-1] ^= 1
	for name, try := range map[string]struct {
		secret, box []byte
		id          string
	}{
		"with another secret":   {other, box, "key-1"},
		"as another key":        {secret, box, "key-2"},
		"spoiled":               {secret, spoiled, "key-1"},
		"cut":                   {secret, box[:5], "key-1"},
		"empty":                 {secret, nil, "key-1"},
		"of an unknown version": {secret, append([]byte{9}, box[1:]...), "key-1"},
		"with a short secret":   {secret[:16], box, "key-1"},
	} {
		if text, err := open(try.secret, try.box, try.id); err == nil {
			t.Errorf("%s it opens: %q", name, text)
		}
	}
}
