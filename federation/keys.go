package federation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"passerelles/fault"
)

// Sizes of RSA keys. Below, the signature proves nothing; above, verifying it
// would let a stranger spend our processor.
const (
	rsaBits    = 2048
	maxRSABits = 8192
	maxPEM     = 16 << 10
)

// PublicKey is a key of somebody elsewhere, as its owner published it.
type PublicKey struct {
	ID, Owner string
	Key       crypto.PublicKey
}

// PrivateKey is a key of ours and the id under which others find its public half.
type PrivateKey struct {
	ID     string
	Signer crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
}

// NewRSAKey makes a key of 2048 bits, the one kind that every peer verifies.
func NewRSAKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) }

// ParsePublicPEM reads a public key that somebody published: RSA of 2048 to
// 8192 bits, in PKIX or PKCS#1, or Ed25519 in PKIX.
func ParsePublicPEM(text string) (crypto.PublicKey, error) {
	block, err := onlyBlock(text)
	if err != nil {
		return nil, err
	}
	// The label is not believed: PKCS#1 bytes are met under "PUBLIC KEY".
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "this public key cannot be read", err)
	}
	return key, checkPublic(key)
}

func onlyBlock(text string) (*pem.Block, error) {
	if len(text) > maxPEM {
		return nil, fault.New(fault.Invalid, "this key is too long")
	}
	block, rest := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return nil, fault.New(fault.Invalid, "this key is not in PEM")
	}
	if len(strings.TrimSpace(string(rest))) > 0 {
		return nil, fault.New(fault.Invalid, "this is more than one key")
	}
	return block, nil
}

func checkPublic(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < rsaBits || n > maxRSABits {
			return fault.New(fault.Invalid, fmt.Sprintf("an RSA key of %d bits is refused", n))
		}
		if k.N.Bit(0) == 0 || k.E < 3 || k.E&1 == 0 || k.E > 1<<31-1 {
			return fault.New(fault.Invalid, "this RSA key is absurd")
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return fault.New(fault.Invalid, fmt.Sprintf("a key of type %T is refused", key))
}

// PublicPEM writes a public key in PKIX, as it goes in an actor's document.
func PublicPEM(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("write public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// PrivatePEM writes a private key in PKCS#8, not encrypted: its keeper does that.
func PrivatePEM(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("write private key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// ParsePrivatePEM reads a private key of ours, in PKCS#8.
func ParsePrivatePEM(text string) (crypto.Signer, error) {
	block, err := onlyBlock(text)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "this private key cannot be read", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Invalid, "this private key does not sign")
	}
	return signer, checkPublic(signer.Public())
}

// OwnerOf is the actor under whose address a key of ours lies.
func OwnerOf(keyID string) string {
	owner, _, _ := strings.Cut(keyID, "#")
	return owner
}
