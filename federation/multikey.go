package federation

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"passerelles/fault"
	"passerelles/federation/vocab"
)

// Keys as FEP-521a publishes them: a Multikey holds a number that tells the kind and the
// bytes of the key, in base58btc after "z", or in base64url after "u".

const (
	base58       = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	maxMultibase = 128 // characters; an Ed25519 signature takes 88
)

var ed25519Codec = []byte{0xed, 0x01}

// NewEd25519Key makes a key for proofs, and for peers that verify such signatures.
func NewEd25519Key() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

// ParseKey reads a key that somebody published, in either form.
func ParseKey(k vocab.PublicKey) (crypto.PublicKey, error) {
	if k.PEM != "" {
		return ParsePublicPEM(k.PEM)
	}
	return parseMultikey(k.Multibase)
}

func parseMultikey(text string) (crypto.PublicKey, error) {
	raw, err := parseMultibase(text)
	if err != nil {
		return nil, err
	}
	key, ed := bytes.CutPrefix(raw, ed25519Codec)
	if !ed || len(key) != ed25519.PublicKeySize {
		return nil, fault.New(fault.Invalid, "a Multikey that is not of Ed25519 is refused")
	}
	return ed25519.PublicKey(key), nil
}

// Multikey writes the public half of an Ed25519 key.
func Multikey(key ed25519.PublicKey) string {
	return multibase(slices.Concat(ed25519Codec, key))
}

// multibase writes bytes in base58btc; a zero at the beginning is a digit of its own.
func multibase(raw []byte) string {
	digits := []byte{}
	rest, radix, digit := new(big.Int).SetBytes(raw), big.NewInt(58), new(big.Int)
	for rest.Sign() > 0 {
		rest.DivMod(rest, radix, digit)
		digits = append(digits, base58[digit.Int64()])
	}
	for _, b := range raw {
		if b != 0 {
			break
		}
		digits = append(digits, base58[0])
	}
	slices.Reverse(digits)
	return "z" + string(digits)
}

// parseMultibase reads the two bases that keys and proofs are written in.
func parseMultibase(text string) ([]byte, error) {
	unreadable := fault.New(fault.Invalid, "this is neither in base58btc nor in base64url")
	if len(text) > maxMultibase {
		return nil, unreadable
	}
	if digits, ok := strings.CutPrefix(text, "u"); ok {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(digits)
		if err != nil || strings.ContainsAny(digits, "\r\n") {
			return nil, unreadable
		}
		return raw, nil
	}
	digits, ok := strings.CutPrefix(text, "z")
	if !ok {
		return nil, unreadable
	}
	number, radix := new(big.Int), big.NewInt(58)
	for _, r := range digits {
		digit := strings.IndexRune(base58, r)
		if digit < 0 {
			return nil, unreadable
		}
		number.Add(number.Mul(number, radix), big.NewInt(int64(digit)))
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, base58[:1]))
	return append(make([]byte, zeros), number.Bytes()...), nil
}
