package actors

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// sealed is the first byte of what seal writes: AES-256-GCM, a nonce of 12 bytes.
const sealed = 1

var errNotOpened = errors.New("the secret does not open it")

// Seal encrypts what only this server may read, under its secret. The name is bound to it,
// so that one row cannot be put in the place of another.
func (d *Directory) Seal(text []byte, name string) ([]byte, error) {
	return seal(d.secret, text, name)
}

// Open gives what was sealed under that name.
func (d *Directory) Open(box []byte, name string) ([]byte, error) {
	return open(d.secret, box, name)
}

// seal encrypts a private key under the server's secret. The key's id is bound
// to it, so that one row cannot be put in the place of another.
func seal(secret, text []byte, keyID string) ([]byte, error) {
	gcm, err := newGCM(secret)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1+gcm.NonceSize(), 1+gcm.NonceSize()+len(text)+gcm.Overhead())
	out[0] = sealed
	if _, err := rand.Read(out[1:]); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return gcm.Seal(out, out[1:], text, []byte(keyID)), nil
}

func open(secret, box []byte, keyID string) ([]byte, error) {
	gcm, err := newGCM(secret)
	if err != nil {
		return nil, err
	}
	head := 1 + gcm.NonceSize()
	if len(box) < head || box[0] != sealed {
		return nil, errNotOpened
	}
	text, err := gcm.Open(nil, box[1:head], box[head:], []byte(keyID))
	if err != nil {
		return nil, errNotOpened
	}
	return text, nil
}

func newGCM(secret []byte) (cipher.AEAD, error) {
	if len(secret) != 32 {
		return nil, fmt.Errorf("the secret has %d bytes, not 32", len(secret))
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
