package federation

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"passerelles/fault"
	"passerelles/federation/vocab"
)

// The key of the test vectors of FEP-8b32 and FEP-521a.
const (
	vectorSecret = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
	vectorPublic = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
)

func vectorKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	raw, err := parseMultibase(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	seed, ok := bytes.CutPrefix(raw, []byte{0x80, 0x26}) // multicodec ed25519-priv
	if !ok {
		t.Fatalf("the secret begins with %x", raw[:2])
	}
	return ed25519.NewKeyFromSeed(seed)
}

func TestMultikey(t *testing.T) {
	t.Parallel()
	key := vectorKey(t).Public().(ed25519.PublicKey)
	if got := Multikey(key); got != vectorPublic {
		t.Errorf("written %s, want %s", got, vectorPublic)
	}
	for _, text := range []string{vectorPublic, "u7QGwDY2Tjn93PVFWWq02piP1NE9_XRlg-c8-jhJiDqKBDw"} {
		if read, err := ParseKey(vocab.PublicKey{Multibase: text}); err != nil || !key.Equal(read) {
			t.Errorf("%s is read %v, %v", text, read, err)
		}
	}
	for what, text := range map[string]string{
		"nothing":                  "",
		"another base":             "m" + vectorPublic[1:],
		"a letter of no base58":    "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ0",
		"a key cut short":          vectorPublic[:40],
		"a key and more":           vectorPublic + "11",
		"a private key":            vectorSecret,
		"more than anybody writes": "z" + string(bytes.Repeat([]byte("6"), 100_000)),
	} {
		if k, err := ParseKey(vocab.PublicKey{Multibase: text}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", what, k, err)
		}
	}
}

func FuzzMultibase(f *testing.F) {
	f.Add(vectorPublic)
	f.Add("z11")
	f.Add("z")
	f.Add("u7QGwDY2Tjn93PVFWWq02piP1NE9_XRlg-c8-jhJiDqKBDw")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := parseMultibase(text)
		if err != nil {
			return
		}
		written := multibase(raw)
		if text[0] == 'z' && written != text {
			t.Errorf("%q is written %q", text, written)
		}
		if again, err := parseMultibase(written); len(written) <= maxMultibase && (err != nil || !bytes.Equal(again, raw)) {
			t.Errorf("%x is read again as %x, %v", raw, again, err)
		}
	})
}
