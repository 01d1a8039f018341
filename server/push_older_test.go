package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/posts"
)

// openedOlder reads what is sealed as the draft of RFC 8291 has it (aesgcm).
func (p *courier) openedOlder(head http.Header, body []byte) []byte {
	must := func(b []byte, err error) []byte {
		if err != nil {
			p.t.Error(err)
		}
		return b
	}
	salt := must(base64.RawURLEncoding.DecodeString(strings.TrimPrefix(head.Get("Encryption"), "salt=")))
	key, _, _ := strings.Cut(strings.TrimPrefix(head.Get("Crypto-Key"), "dh="), ";")
	theirs := must(base64.RawURLEncoding.DecodeString(key))
	public, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	ikm := must(hkdf.Key(sha256.New, must(p.key.ECDH(public)), p.auth, "Content-Encoding: auth\x00", 32))
	about := "P-256\x00\x00\x41" + string(p.key.PublicKey().Bytes()) + "\x00\x41" + string(theirs)
	block, err := aes.NewCipher(must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aesgcm\x00"+about, 16)))
	if err != nil {
		p.t.Error(err)
		return nil
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	plain := must(gcm.Open(nil, must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00"+about, 12)), body, nil))
	return plain[min(2, len(plain)):] // there is no padding
}

// TestPushOlder has an app told that does not ask for the standard form.
func TestPushOlder(t *testing.T) {
	t.Parallel()
	p := newCourier(t)
	r := newPushRiver(t, p, "ana", "eve")
	town := r.group("ville", actors.Open, "ana", "eve")
	form := p.form("mention")
	form.Del("subscription[standard]")
	if status, said := r.asksPush("POST", r.token("eve", "read", "push"), form); status != http.StatusOK || said["standard"] != false {
		t.Fatalf("it asks: %d %v", status, said)
	}
	r.says("ana", posts.Draft{Community: town.Actor.ID, Title: "Scie", Text: "Qui vient, @eve?"})
	got := p.next()
	if got.Type != "mention" || !strings.Contains(got.Body, "Qui vient") {
		t.Errorf("it is told %+v", got)
	}
	token, signed := strings.CutPrefix(got.head.Get("Authorization"), "WebPush ")
	if !signed || strings.Count(token, ".") != 2 || strings.ContainsAny(token, " ,") || !strings.HasSuffix(got.head.Get("Crypto-Key"), ";p256ecdsa="+r.Push.PublicKey()) {
		t.Errorf("it is signed by %v", got.head)
	}
}
