package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
)

// Apps that do not say "standard" read what Mastodon's servers send them: the draft on which RFC 8291 was made
// (draft-ietf-webpush-encryption-04, aesgcm), where salt and keys stand in the head of the request.

// older seals body anew, over what the library made of it, and signs in the words of that draft.
func (s *Service) older(sub Subscription, body []byte) doer {
	return func(r *http.Request) (*http.Response, error) {
		sealed, salt, public, err := seal(sub, body)
		if err != nil {
			return nil, err
		}
		encode := base64.RawURLEncoding.EncodeToString
		token, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "vapid t="), ",")
		r.Header.Set("Authorization", "WebPush "+token)
		r.Header.Set("Content-Encoding", "aesgcm")
		r.Header.Set("Encryption", "salt="+encode(salt))
		r.Header.Set("Crypto-Key", "dh="+encode(public)+";p256ecdsa="+s.public)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(sealed)), int64(len(sealed))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sealed)), nil }
		return s.Do(r)
	}
}

// seal encrypts for the app alone, with a key of this message.
func seal(sub Subscription, body []byte) (sealed, salt, public []byte, err error) {
	theirs, err := ecdh.P256().NewPublicKey(sub.P256dh)
	if err != nil {
		return nil, nil, nil, err
	}
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, nil, err
	}
	shared, err := ours.ECDH(theirs)
	if err != nil {
		return nil, nil, nil, err
	}
	salt, public = make([]byte, 16), ours.PublicKey().Bytes()
	_, _ = rand.Read(salt) // never fails
	ikm, err := hkdf.Key(sha256.New, shared, sub.Auth, "Content-Encoding: auth\x00", 32)
	if err != nil {
		return nil, nil, nil, err
	}
	about := "P-256\x00" + counted(sub.P256dh) + counted(public)
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aesgcm\x00"+about, 16)
	if err != nil {
		return nil, nil, nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00"+about, 12)
	if err != nil {
		return nil, nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, nil, err
	}
	unpadded := append([]byte{0, 0}, body...)
	return gcm.Seal(nil, nonce, unpadded, nil), salt, public, nil
}

// counted is a key after its length.
func counted(key []byte) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(len(key)))) + string(key) // 65 bytes
}
